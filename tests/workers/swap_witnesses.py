"""What an exchange of encoders is held to by others than who asks one question: golden questions at any moment, the
traces of all answers, and the disk."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from kbchat.embedded.database import DATABASE
from kbchat.embedded.folder import DataFolder
from kbchat.embedded.postgres import superuser_conninfo
from tests.waiting import wait_until
from tests.workers.program import Browser

_ASKED: Final = Path(__file__).parent.parent / "quality" / "sample_company_questions.jsonl"
MOST_LOST: Final = 0.02
"""Of the recall that they had before."""


@dataclass
class GoldenQuestions:
    """Questions on the sample company, each asked by whom it is for; found where one of the first ten passages holds
    words of its answer. `recalls`: of all of them, at each moment that it was looked at."""

    address: str
    recalls: list[float] = field(default_factory=list)
    lost: dict[str, int] = field(default_factory=dict)
    """How often each was not found that was found at the first look."""
    _found_first: set[str] | None = None
    _browsers: dict[str, Browser] = field(default_factory=dict)

    def look(self) -> None:
        asked = [
            question for question in map(json.loads, _ASKED.read_text().splitlines()) if question["answers"]
        ]
        found = {question["id"] for question in asked if self._is_found(question)}
        self.recalls.append(len(found) / len(asked))
        self._found_first = found if self._found_first is None else self._found_first
        for each in self._found_first - found:
            self.lost[each] = self.lost.get(each, 0) + 1

    def hold(self) -> None:
        assert min(self.recalls) >= self.recalls[0] - MOST_LOST, (self.recalls, self.lost)

    def _is_found(self, question: dict[str, Any]) -> bool:
        passages = self._browser(question["viewer"]).search(question["question"])
        quotes = [each["quote"] for each in passages[:10]]
        return any(answer in quote for answer in question["answers"] for quote in quotes)

    def _browser(self, email: str) -> Browser:
        if email not in self._browsers:
            self._browsers[email] = Browser(self.address)
            self._browsers[email].sign_in(email)
        return self._browsers[email]


@dataclass(frozen=True)
class Disk:
    """Bytes. `database`: of all its files."""

    database: int
    generation: int


@dataclass(frozen=True)
class Inside:
    """The program's database, seen by its superuser: nobody's rights hide anything."""

    data_dir: Path

    def traces(self) -> list[dict[str, Any]]:
        """Of all answers that are done: `pin`, and `searched`, the generations of its searches."""
        with self._connected() as connection:
            rows = connection.execute("SELECT pin_id, trace FROM chat_turn WHERE state = 'done'").fetchall()
        return [
            {
                "pin": pin,
                "searched": {each for step in trace["steps"] for each in step.get("generations", [])},
            }
            for pin, trace in rows
        ]

    def wait_until_answered_by(self, generations: set[int], within_seconds: float) -> None:
        wait_until(lambda: {each["pin"] for each in self.traces()} == generations, within_seconds)

    def disk(self, generation: int) -> Disk:
        with self._connected() as connection:
            row = connection.execute(
                "SELECT pg_database_size(current_database()), coalesce(sum(pg_total_relation_size(oid)), 0)::bigint"
                " FROM pg_class WHERE relkind = 'r' AND relname IN (%s, %s)",
                [f"indexing_embedding_g{generation}", f"indexing_posting_g{generation}"],
            ).fetchone()
        assert row is not None
        return Disk(*row)

    def wait_until_dropped(self, generation: int, within_seconds: float) -> None:
        wait_until(lambda: self.disk(generation).generation == 0, within_seconds)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        folder = DataFolder.open(self.data_dir)
        sockets = folder.running_sockets()
        assert sockets is not None
        with psycopg.connect(
            superuser_conninfo(sockets, folder.credentials(), database=DATABASE)
        ) as connection:
            yield connection
