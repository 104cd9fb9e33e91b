"""What a schedule may start, by the name that stands in its row."""

from collections.abc import Mapping
from typing import Final

from kbchat.library.sources.rows import RUN_SOURCE
from kbchat.library.sources.runs import start_by_schedule
from kbchat.scheduling.starting import Starter
from kbchat.upkeep.runs import starters

STARTERS: Final[Mapping[str, Starter]] = {RUN_SOURCE: start_by_schedule, **starters()}
