"""A right that goes in the source goes here at its next run, everywhere: out of search, answers, prompts, the panel and
what was answered before. With a bucket on a real S3 server.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from kbchat.access.models import Grant
from kbchat.accounts.models import User
from kbchat.accounts.people import ensure_group
from kbchat.chat.searching import search
from kbchat.chat.sources import original_file, source_content
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import document_detail, list_documents
from kbchat.library.models import PermissionsFrom, SourceRun
from kbchat.library.sources.keeping import SourceWish, keep_source, list_source_runs, start_source
from kbchat.library.sources.rows import SourceRow
from kbchat.retrieval.port import EVERYTHING
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.sources.access_file import ACCESS_FILE
from tests.company import Company, ingest
from tests.contracts.s3_server import S3Server
from tests.contracts.server_process import ScriptedServer
from tests.rules.web_support import reach
from tests.security.answers import LONG, QUESTION, check_masked
from tests.servers import everything_in_the_database
from tests.services.chat_support import LEAVE, answering, ask, detail_of, followed, has_text, text_of
from tests.services.sources_support import work
from tests.waiting import allowed

pytestmark = pytest.mark.django_db(transaction=True)

STAFF = b'[[rule]]\npath = "**"\ngroups = ["Staff"]\n'
BOARD = b'[[rule]]\npath = "**"\ngroups = ["Board"]\n'
CANARY = "zwiebelfisch"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


@pytest.fixture
def source(company: Company, s3: S3Server, request: pytest.FixtureRequest) -> SourceRow:
    """Of the handbook's: one page, for the staff alone, which everybody reads now who may."""
    ensure_group("Board", [User.objects.get(pk=company.stranger.user_id)])
    name = request.node.name.replace("_", "-")[:40].strip("-")
    s3.bucket(name, **{ACCESS_FILE: STAFF, "leave.md": LEAVE.encode()})
    wish = SourceWish("bucket", name, s3.place(name), permissions_from=PermissionsFrom.SOURCE)
    made = keep_source(company.admin, company.handbook.id, wish, reach(s3.origin))
    run(company, made, s3)
    ingest()
    return made


def run(company: Company, source: SourceRow, s3: S3Server) -> SourceRun:
    """Without what becomes of the files that it takes in."""
    start_source(company.admin, source.id)
    work(reach(s3.origin))
    return list_source_runs(company.admin, source.id)[0]


def withdraw(s3: S3Server, source: SourceRow) -> None:
    """From the staff; and the page says something new."""
    s3.put(source.name, ACCESS_FILE, BOARD)
    s3.put(
        source.name,
        "leave.md",
        f"{LEAVE}\n## {CANARY}\n\nThe {CANARY} has 40 days of annual leave.\n".encode(),
    )


def found(viewer: Viewer) -> list[str]:
    retriever = PostgresRetriever(only(HashEmbedder()))
    sources = search(
        viewer, f"annual leave days {CANARY}", scope=EVERYTHING, limit=20, retriever=retriever
    ).sources
    return [each.quote for each in sources]


def shut(company: Company, document_id: UUID, version_id: UUID) -> bool:
    for look in (
        lambda: source_content(company.reader, version_id),
        lambda: original_file(company.reader, version_id),
        lambda: document_detail(company.reader, document_id),
    ):
        with pytest.raises(NotFound):
            look()
    return True


def test_what_is_withdrawn_in_the_source_is_found_and_told_nowhere(
    company: Company, source: SourceRow, s3: S3Server, server: ScriptedServer
) -> None:
    (row,) = list_documents(company.reader, company.handbook.id)
    assert len(found(company.reader)) == 2
    source_content(company.reader, row.version_id)
    server.script(log_probabilities=False, default={"reply": LONG[:160]})
    with answering(server.base_url):
        before = ask(company.reader, QUESTION)
        assert followed(company.reader, before)[-1].event.state == "done"
    assert not detail_of(company.reader, before).masked

    s3.put(source.name, ACCESS_FILE, BOARD)
    made = run(company, source, s3)
    assert (made.state, made.unchanged, made.readers_changed, made.withheld) == ("succeeded", 1, 1, 0)
    assert found(company.reader) == []
    withdraw(s3, source)
    assert run(company, source, s3).changed == 1
    # While the new text still waits, and when it is there.
    for step in (lambda: None, ingest):
        step()
        assert found(company.reader) == []
        assert list_documents(company.reader, company.handbook.id) == []
        assert shut(company, row.id, row.version_id)
    (newest,) = list_documents(company.admin, company.handbook.id)
    assert newest.state == "ready"
    assert shut(company, row.id, newest.version_id)
    assert any(CANARY in quote for quote in found(company.admin))
    check_masked(company.reader, before, "28 days")
    server.script(log_probabilities=False, default={"reply": "Nothing is said of it."})
    with answering(server.base_url):
        asked = ask(company.reader, f"How many days of leave has the {CANARY}?")
        told = followed(company.reader, asked)
    assert not [item for item in told if item.event.type == "sources_found" and item.event.sources]
    prompts = json.dumps(server.requests())
    assert "28 days" not in prompts
    assert "40 days" not in prompts
    # Nor does the group that the source names now get it: it does not read the collection.
    assert found(company.stranger) == []
    Grant.objects.create(collection_id=company.handbook.id, group=ensure_group("Board", []))
    assert any(CANARY in quote for quote in found(company.stranger))


@pytest.mark.timed
def test_an_answer_that_is_being_written_ends_with_the_run(
    company: Company, source: SourceRow, s3: S3Server, server: ScriptedServer
) -> None:
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 20})
    with answering(server.base_url), ThreadPoolExecutor(1) as thread:
        turn = ask(company.reader, QUESTION)
        following = thread.submit(followed, company.reader, turn)
        followed(company.reader, turn, until=has_text(30))
        withdraw(s3, source)
        run(company, source, s3)
        events = following.result(allowed(2.0))
    assert (events[-1].event.state, events[-1].event.reason) == ("revoked", "revoked")
    assert "text_withdrawn" in [item.event.type for item in events]
    assert len(text_of(events)) < len(LONG)
    check_masked(company.reader, turn, "28 days")


def test_a_source_whose_answer_cannot_be_understood_leaves_nothing_open(
    company: Company, source: SourceRow, s3: S3Server
) -> None:
    assert found(company.reader) != []
    s3.put(source.name, ACCESS_FILE, STAFF.replace(b"groups", b"group"))
    made = run(company, source, s3)
    assert (made.state, made.permissions_problem, made.withheld) == ("succeeded", "source_access_unusable", 1)
    assert found(company.reader) == []
    s3.remove(source.name, ACCESS_FILE)
    assert run(company, source, s3).permissions_problem == "source_access_missing"
    assert found(company.reader) == []
    s3.put(source.name, ACCESS_FILE, STAFF)
    run(company, source, s3)
    assert len(found(company.reader)) == 2


def test_its_keys_are_in_no_row_and_no_event(company: Company, source: SourceRow, s3: S3Server) -> None:
    stored = everything_in_the_database()
    assert s3.origin in stored
    assert s3.keys["secret_key"] not in stored
    assert s3.keys["access_key"] not in stored
