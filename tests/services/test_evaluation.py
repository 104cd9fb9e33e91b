"""Golden questions asked of a real index: what search finds and what is said, from the command as well."""

import io
import json
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kbchat import composition
from kbchat.core.errors import NotFound
from kbchat.documents.models import Document
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.collections import collection_named
from kbchat.retrieval.releasing import ReleasingRetriever
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, add, found_company
from tests.servers import as_worker

pytestmark = pytest.mark.django_db(transaction=True)

LEAVE = """# Annual leave

Everybody has 28 days of annual leave in a year.

# Carrying over

At most five days of annual leave may be carried over into the next year.
"""


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    company = found_company()
    for name, text in (("leave.md", LEAVE), ("lunch.md", "# Canteen\n\nLunch is served at noon.\n")):
        document = add(company.admin, company.handbook, text, name)
        with as_worker():
            Document.objects.filter(pk=document.id).update(source_path=f"pages/{name}")
    embedder = HashEmbedder()
    monkeypatch.setattr(composition, "encoders", lambda: only(embedder))
    monkeypatch.setattr(
        composition, "retriever", lambda: ReleasingRetriever(PostgresRetriever(only(embedder)))
    )
    return company


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    rows = [
        {
            "id": "q1",
            "question": "How many days of annual leave does everybody have in a year?",
            "pages": ["leave.md"],
            "answers": ["28 days"],
        },
        {
            "id": "q2",
            "question": "How many days of annual leave does everybody have in a year?",
            "pages": ["absent.md"],
            "answers": ["30 days"],
        },
        {"id": "q3", "question": "Who won the chess championship in Oslo?", "pages": [], "answers": []},
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_the_command_shows_the_table_and_the_totals(
    company: Company, questions: Path, tmp_path: Path
) -> None:
    shown, told = io.StringIO(), tmp_path / "told.json"
    call_command(
        "evaluate",
        questions,
        "--collection",
        "Handbook",
        "--as",
        "reader@example.com",
        "--json",
        told,
        stdout=shown,
    )
    measured = json.loads(told.read_text(encoding="utf-8"))
    assert [one["found_at"] for one in measured["questions"]] == [1, None, None]
    assert [one["state"] for one in measured["questions"]] == ["done", "done", "refused"]
    assert [one["contains_answer"] for one in measured["questions"]] == [True, False, False]
    assert measured["totals"]["refused"] == 1
    for words in ("q1", "1 of 2", "1 of 1", "Who won"):
        assert words in shown.getvalue()
    assert _closed_in_time(), "the thread that answered gave its connection back"


def _closed_in_time() -> bool:
    """Whether this thread's connection is soon the only one: a server process ends a little after its client."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = session_user"
    )
    for _ in range(50):
        with connection.cursor() as cursor:
            cursor.execute(query)
            if cursor.fetchone() == (1,):
                return True
        time.sleep(0.1)
    return False


def test_who_may_not_read_the_collection_cannot_measure_it(company: Company, questions: Path) -> None:
    with pytest.raises(NotFound):
        collection_named(company.stranger, "Handbook")
    for person, message in (("stranger", "may read"), ("nobody", "no active person")):
        with pytest.raises(CommandError, match=message):
            call_command(
                "evaluate",
                questions,
                "--collection",
                "Handbook",
                "--as",
                f"{person}@example.com",
                stdout=io.StringIO(),
            )
