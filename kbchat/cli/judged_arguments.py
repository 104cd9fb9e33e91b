"""What commands that measure on judged sets are given: declared, and looked at before their scratch servers are made,
which takes a quarter of a minute. Loads no Django settings: it comes before."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from django.core.management.base import BaseCommand, CommandParser

from kbchat.cli.scratch_servers import add_library_option, is_judged_set
from kbchat.evaluation.leg_names import LEGS

_FILES: Final = ("corpus.jsonl", "queries.jsonl")


class WrongArguments(Exception):
    """The message says which, and what they take."""


def add_retrieval_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, help="a folder with corpus.jsonl, queries.jsonl and qrels/")
    _add_choice(parser)
    parser.add_argument("--legs", default=",".join(LEGS), help=f"some of {','.join(LEGS)} (default: all)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    add_library_option(parser)


def add_fusion_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", type=Path, help="folders with corpus.jsonl, queries.jsonl, qrels/"
    )
    _add_choice(parser)
    parser.add_argument("--json", type=Path, help="write what was fitted to this file, for set_fusion")
    add_library_option(parser)


def legs_of(written: str) -> list[str]:
    """Raises WrongArguments."""
    legs = [leg.strip() for leg in written.split(",") if leg.strip()]
    if not legs or set(legs) - set(LEGS):
        raise WrongArguments(f"--legs takes some of {','.join(LEGS)}, and not {written!r}.")
    return legs


def require_usable(arguments: Sequence[str]) -> None:
    """Of a command that is to have a scratch library. Raises WrongArguments; ends the process with what argparse says
    of options that there are none of."""
    command, *others = arguments
    if command in _DECLARED:
        options = _Declared(_DECLARED[command]).create_parser("manage.py", command).parse_args(others)
        folders = [options.path] if "path" in options else options.paths
        legs_of(getattr(options, "legs", LEGS[0]))
    else:
        # Its other options are looked at by the command itself.
        parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        _add_choice(parser)
        options, rest = parser.parse_known_args(others)
        folders = [Path(each) for each in rest if is_judged_set(Path(each))]
    if options.limit is not None and options.limit < 1:
        raise WrongArguments(f"--limit takes a number of questions from 1 on, and not {options.limit}.")
    for folder in folders:
        _require_judged_set(folder, options.split)


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--split", default="test", help="the file of judgements in qrels/ (default: test)")
    parser.add_argument("--limit", type=int, help="ask so many of each set, evenly chosen (default: all)")


def _require_judged_set(folder: Path, split: str) -> None:
    if not folder.is_dir():
        raise WrongArguments(f"There is no folder {folder}.")
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise WrongArguments(
            f"{folder} is no judged set in BEIR's layout: it has no {' and no '.join(missing)}."
        )
    splits = sorted(path.stem for path in (folder / "qrels").glob("*.tsv"))
    if split not in splits:
        there = f"there is {', '.join(splits)}" if splits else "there is none at all"
        raise WrongArguments(f"{folder} has no judgements qrels/{split}.tsv for --split {split}: {there}.")


class _Declared(BaseCommand):
    """Reads arguments as the command of these options will, and does nothing."""

    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def __init__(self, declare: Callable[[argparse.ArgumentParser], None]) -> None:
        super().__init__()
        self._declare = declare
        self._called_from_command_line = True

    def add_arguments(self, parser: CommandParser) -> None:
        self._declare(parser)


_DECLARED: Final[Mapping[str, Callable[[argparse.ArgumentParser], None]]] = {
    "evaluate_retrieval": add_retrieval_options,
    "tune_fusion": add_fusion_options,
}
