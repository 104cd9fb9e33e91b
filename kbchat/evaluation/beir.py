"""A set of documents, questions and judgements in BEIR's layout (Thakur et al., NeurIPS 2021): `corpus.jsonl`,
`queries.jsonl`, `qrels/SPLIT.tsv`."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from kbchat.core.errors import Invalid

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BeirDocument:
    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class BeirQuestion:
    """`judged`: grade by document id; what is not there was judged worthless, or not at all."""

    id: str
    text: str
    judged: dict[str, int]


@dataclass(frozen=True, slots=True)
class BeirSet:
    """`questions`: those that the split judges, in the order of the file."""

    name: str
    documents: tuple[BeirDocument, ...]
    questions: tuple[BeirQuestion, ...]

    def asking(self, most: int | None) -> "BeirSet":
        """The same with so many questions at most, evenly chosen."""
        return replace(self, questions=tuple(evenly(self.questions, most)))


def evenly(found: Sequence[T], most: int | None) -> Sequence[T]:
    """So many of them at most, evenly chosen; None: all."""
    count = len(found)
    if most is None or not 0 < most < count:
        return found
    return [found[n * count // most] for n in range(most)]


def read_answers(folder: Path) -> dict[str, tuple[str, ...]]:
    """The short answers of `answers.jsonl` by question; {} without one. Raises Invalid("dataset_unreadable")."""
    path = folder / "answers.jsonl"
    if not path.exists():
        return {}
    told: dict[str, tuple[str, ...]] = {}
    for question, answer in _rows(path, lambda row: (str(row["_id"]), str(row["answer"]))):
        told[question] = (*told.get(question, ()), answer)
    return told


def read_beir_set(folder: Path, split: str = "test") -> BeirSet:
    """Raises Invalid("dataset_unreadable") with the file, and the line where there is one."""
    documents = tuple(_rows(folder / "corpus.jsonl", _document))
    judged = _judgements(folder / "qrels" / f"{split}.tsv")
    asked = _rows(folder / "queries.jsonl", lambda row: (str(row["_id"]), str(row["text"])))
    questions = tuple(BeirQuestion(id_, text, judged[id_]) for id_, text in asked if id_ in judged)
    if not documents or not questions:
        raise Invalid("dataset_unreadable", name=folder.name)
    return BeirSet(folder.name, documents, questions)


def _rows(path: Path, made: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    for number, line in enumerate(_lines(path), 1):
        if line.strip():
            try:
                row = made(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise Invalid("dataset_unreadable", name=path.name, line=number) from error
            yield row


def _document(row: dict[str, Any]) -> BeirDocument:
    return BeirDocument(str(row["_id"]), str(row.get("title") or ""), str(row["text"]))


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    """With or without the header that BEIR writes. A grade of 0 is no judgement."""
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for number, row in enumerate(csv.reader(_lines(path), delimiter="\t"), 1):
        if number == 1 and row[:1] == ["query-id"]:
            continue
        try:
            question, document, grade = row
            if int(grade) > 0:
                judged[question][document] = int(grade)
        except ValueError as error:
            raise Invalid("dataset_unreadable", name=path.name, line=number) from error
    return dict(judged)


def _lines(path: Path) -> list[str]:
    try:
        # Not splitlines, which ends lines at characters that JSON holds unescaped.
        return path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("dataset_unreadable", name=path.name) from error
