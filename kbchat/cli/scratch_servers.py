"""Servers of its own for measuring, in a folder of its own: what the company has is neither touched nor looked at,
whatever the settings name. Knows no Django: it comes before.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from kbchat.settings.environment import PROJECT_ROOT

_OPTION: Final = "--library"
# What would lead to the company's own servers, or make people in the scratch one.
_LEFT_OUT: Final = (
    "DATABASE_URL",
    "KBCHAT_OWNER_DATABASE_URL",
    "KBCHAT_WORKER_DATABASE_URL",
    "REDIS_URL",
    "KBCHAT_STORAGE_BACKEND",
    "KBCHAT_STORAGE_OPTIONS",
    "KBCHAT_ADMIN_EMAIL",
    "KBCHAT_ADMIN_PASSWORD",
    "PROMETHEUS_MULTIPROC_DIR",
)


def is_judged_set(path: Path) -> bool:
    """Whether it is a folder in BEIR's layout."""
    return (path / "corpus.jsonl").is_file()


def add_library_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        _OPTION,
        type=Path,
        help="a folder that keeps the scratch library for the next time (default: none does)",
    )


@contextmanager
def scratch_environment(arguments: Sequence[str]) -> Iterator[None]:
    """Before Django is set up: inside, the settings name a folder of its own, and no server that is the company's."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    add_library_option(parser)
    kept: Path | None = parser.parse_known_args(list(arguments))[0].library
    with ExitStack() as folders:
        folder = kept or Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="kbchat-scratch-")))
        for name in _LEFT_OUT:
            os.environ.pop(name, None)
        os.environ["KBCHAT_DATA_DIR"] = str(folder.resolve())
        os.environ["KBCHAT_SAMPLE_COMPANY"] = "false"
        yield


def migrate_scratch_servers() -> None:
    """By the role that owns the tables, in a process of its own: this one has the application's."""
    environment = os.environ | {"KBCHAT_PROCESS": "owner"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=PROJECT_ROOT,
        env=environment,
        check=True,
    )
