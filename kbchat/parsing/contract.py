"""What a parser of one format is: a module with a function ``parse``.

The contract is structural: nothing to inherit, nothing to register but a line in ``registry``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from kbchat.parsing.document import ParsedDocument
from kbchat.parsing.recognised import RecognisedPage


@dataclass(frozen=True, slots=True)
class Source:
    """The file as it came: its bytes, the name it was given, and an encoding if a person named one. ``recognised``:
    what was read of those of its pages that are pictures."""

    data: bytes
    filename: str
    encoding: str | None = None
    recognised: Mapping[int, RecognisedPage] = field(default_factory=dict)


class FormatParser(Protocol):
    """Reads one format.

    A parser gets everything through ``source``: it reads no settings, no files and no network, and keeps
    nothing between two calls. It turns every failure of its library into a ``ParseError``. It leaves the
    title empty when the file names none.
    """

    def parse(self, source: Source, /) -> ParsedDocument: ...
