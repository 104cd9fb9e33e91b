"""The library in any size, for benches that are told the size on their command line."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.library import shelves_of
from bench.passages import Real, real_passages
from bench.permissions import PROJECT, QUESTIONS, library


@contextmanager
def sized_library(description: str | None) -> Iterator[tuple[Real, int]]:
    """By the command line's FOLDER, which keeps a library for each size, and --passages. Gives what is real in it, and
    how many passages it has."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="keeps the libraries for the next time")
    parser.add_argument("--passages", type=int, default=100_000)
    arguments = parser.parse_args()
    shared = Path(os.environ.get("KBCHAT_SHARED_DATA", PROJECT.parent / "shared" / "data"))
    real = real_passages(shared / "handbooks" / "18f" / "pages", QUESTIONS, arguments.folder / "real")
    folder = arguments.folder / f"{arguments.passages}"
    folder.mkdir(parents=True, exist_ok=True)
    with library(folder, real, shelves_of(arguments.passages)):
        yield real, arguments.passages
