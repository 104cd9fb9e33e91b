"""What a reader is no longer allowed to see is not in his answers: not while one is written, not afterwards, not in a
prompt, a log or a source; and nobody reaches another person's conversation."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection

from kbchat.access.models import Grant
from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.chat.conversations import (
    conversation,
    delete_conversation,
    list_conversations,
    rename_conversation,
)
from kbchat.chat.models import Turn
from kbchat.chat.redis_clients import client
from kbchat.chat.runner import Limits
from kbchat.chat.searching import search
from kbchat.chat.sources import original_file, source_boxes, source_content
from kbchat.chat.starters import starters
from kbchat.chat.turns import AcceptedTurn, Ask, open_turn, request_stop
from kbchat.core.errors import NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Section
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import DocumentRow, delete_document
from kbchat.library.purging import purge_deleted
from kbchat.library.uploading import replace
from kbchat.retrieval.port import EVERYTHING
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, add, found_company, ingest, markdown
from tests.contracts.server_process import ScriptedServer
from tests.servers import as_worker
from tests.services.chat_support import (
    LEAVE,
    answering,
    ask,
    check_stream,
    detail_of,
    followed,
    has_text,
    row_of,
    text_of,
    withdraw_grants,
)

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "quincunx"
SALARIES = (
    f"# Salaries\n\nThe annual leave allowance of the director is {CANARY}; everybody else has less leave.\n"
)
QUESTION = "How many days of annual leave does everybody have?"
LONG = "Everybody has 28 days of annual leave in a year [1]. " * 20


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def leave(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, LEAVE, "leave.md")


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def answered(company: Company, leave: DocumentRow) -> AcceptedTurn:
    """A question of the reader's, answered from the handbook."""
    with answering():
        turn = ask(company.reader, QUESTION)
        check_stream(followed(company.reader, turn))
    assert "28 days" in row_of(company.reader, turn).answer
    return turn


def check_masked(viewer: Viewer, turn: AcceptedTurn, *words: str) -> None:
    """Only the reader's own words are left of the turn."""
    detail = detail_of(viewer, turn)
    assert (detail.masked, detail.events, detail.question) == (True, [], QUESTION)
    assert [row.title for row in list_conversations(viewer)] == [QUESTION]
    for after in (0, 3, 99):
        told = followed(viewer, turn, after=after)
        assert [item.event.type for item in told] == ["text_withdrawn", "turn_finished"]
        assert [item.number for item in told] == [after + 1, after + 2]
        assert told[-1].event.state == "revoked"
        assert not any(word in repr(told) for word in words)


def test_another_persons_conversation_does_not_exist(company: Company, answered: AcceptedTurn) -> None:
    hidden, stranger = answered, company.admin
    attempts: list[Callable[[], object]] = [
        lambda: conversation(stranger, hidden.conversation_id),
        lambda: rename_conversation(stranger, hidden.conversation_id, "Mine"),
        lambda: delete_conversation(stranger, hidden.conversation_id),
        lambda: request_stop(stranger, hidden.turn_id),
        lambda: followed(stranger, hidden),
        lambda: followed(stranger, hidden, after=5),
        lambda: open_turn(stranger, Ask(uuid4(), "In yours?", conversation_id=hidden.conversation_id), "en"),
        lambda: ask(stranger, "After yours?", after=hidden),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert list_conversations(stranger) == []
    assert [turn.id for turn in conversation(company.reader, hidden.conversation_id).turns] == [
        hidden.turn_id
    ]


def test_a_strangers_stop_does_not_end_an_answer(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    server.script(log_probabilities=False, default={"reply": LONG[:400], "tokens_per_second": 60})
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20))
        with pytest.raises(NotFound):
            request_stop(company.admin, turn.turn_id)
        assert followed(company.reader, turn)[-1].event.state == "done"


def test_an_answer_is_masked_when_the_grant_is_taken_away(company: Company, answered: AcceptedTurn) -> None:
    withdraw_grants(company.admin, company.handbook)
    check_masked(company.reader, answered, "28 days", "Annual leave", "Handbook")


def test_an_answer_is_masked_when_its_document_is_deleted_and_after_it_is_purged(
    company: Company, leave: DocumentRow, answered: AcceptedTurn
) -> None:
    delete_document(company.admin, leave.id)
    check_masked(company.reader, answered, "28 days")
    with as_worker():
        purge_deleted()
    check_masked(company.reader, answered, "28 days")


def test_an_answer_of_an_editor_is_masked_when_the_document_is_deleted(
    company: Company, leave: DocumentRow
) -> None:
    with answering():
        turn = ask(company.editor, QUESTION)
        followed(company.editor, turn)
    delete_document(company.admin, leave.id)
    check_masked(company.editor, turn, "28 days")


def test_an_answer_is_masked_when_a_section_is_closed_and_the_sources_with_it(
    company: Company, leave: DocumentRow, answered: AcceptedTurn
) -> None:
    assert leave.version_id is not None
    assert source_content(company.reader, leave.version_id).title == "Annual leave"
    with viewing(company.admin):
        section = Section.objects.get(document_id=leave.id, path=["Annual leave"])
        Grant.objects.create(section=section, group=company.staff, deny=True)
    check_masked(company.reader, answered, "28 days")
    check_sources_closed(company.reader, leave.version_id)
    assert source_content(company.editor, leave.version_id).title == "Annual leave"


def check_sources_closed(viewer: Viewer, version: UUID) -> None:
    for attempt in (
        lambda: source_content(viewer, version),
        lambda: source_boxes(viewer, version, Span(0, 1)),
        lambda: original_file(viewer, version),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_sources_are_closed_to_a_stranger(company: Company, leave: DocumentRow) -> None:
    assert leave.version_id is not None
    check_sources_closed(company.stranger, leave.version_id)
    check_sources_closed(company.reader, uuid4())


def test_masks_of_a_conversation_take_one_query_however_long_it_is(
    company: Company, answered: AcceptedTurn
) -> None:
    def queries() -> int:
        connection.force_debug_cursor = True
        before = len(connection.queries_log)
        conversation(company.reader, answered.conversation_id)
        return len(connection.queries_log) - before

    alone = queries()
    with answering():
        last = answered
        for _ in range(3):
            last = ask(company.reader, QUESTION, after=last)
            followed(company.reader, last)
    assert queries() == alone


def test_a_written_answer_is_masked_with_the_earlier_answer_that_it_rests_on(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    other = add(
        company.admin, company.handbook, "# Trains\n\nTrains are booked by the office.\n", "trains.md"
    )
    server.script(log_probabilities=False, default={"reply": "Everybody has 28 days [1]."})
    with answering(server.base_url):
        first = ask(company.reader, QUESTION)
        followed(company.reader, first)
        second = ask(company.reader, "Make that shorter.", after=first)
        events = followed(company.reader, second)
    assert not any(item.event.type == "sources_found" for item in events), (
        "it rests on the conversation alone"
    )
    assert text_of(events)
    delete_document(company.admin, leave.id)
    assert [turn.masked for turn in conversation(company.reader, first.conversation_id).turns] == [True, True]
    server.script(log_probabilities=False, default={"reply": "By the office [1]."})
    with answering(server.base_url):
        third = ask(company.reader, "Who books trains?", after=second)
        followed(company.reader, third)
    assert not any("28 days" in seen["prompt"] for seen in server.requests())
    assert not detail_of(company.reader, third).masked
    assert other.id != leave.id


def test_prompts_hold_only_what_the_asker_may_read(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    add(company.admin, company.salaries, SALARIES, "salaries.md")
    server.script(default={"labels": {"A": 0.9}})
    question = f"What annual leave allowance has the director: {CANARY[:5]}?"
    with answering(server.base_url):
        turn = ask(company.reader, question)
        events = followed(company.reader, turn)
        check_stream(events)
        assert server.requests()
        assert not any(CANARY in json.dumps(seen) for seen in server.requests())
        assert CANARY not in repr(events)
        assert "Salaries" not in repr(events)
        followed(company.admin, ask(company.admin, question))
        assert any(CANARY in json.dumps(seen) for seen in server.requests()), "its owner's prompt has it"


def test_search_finds_only_what_the_viewer_may_read(company: Company, leave: DocumentRow) -> None:
    add(company.admin, company.salaries, SALARIES, "salaries.md")
    retriever = PostgresRetriever(HashEmbedder())

    def titles(viewer: Viewer) -> list[str]:
        found = search(viewer, "annual leave", scope=EVERYTHING, limit=10, retriever=retriever)
        assert [source.number for source in found] == list(range(1, len(found) + 1))
        return sorted({source.title for source in found})

    assert titles(company.admin) == ["Annual leave", "Salaries"]
    assert titles(company.reader) == ["Annual leave"]
    assert titles(company.stranger) == []
    assert search(company.reader, " \0", scope=EVERYTHING, limit=10, retriever=retriever) == []


def test_revocation_in_the_middle_withdraws_the_answer_within_seconds(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 20})
    with answering(server.base_url), ThreadPoolExecutor(1) as thread:
        turn = ask(company.reader, QUESTION)
        following = thread.submit(followed, company.reader, turn)
        followed(company.reader, turn, until=has_text(30))
        withdraw_grants(company.admin, company.handbook)
        events = following.result(3)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None)
        log = json.dumps(client().xrange(f"turn:{turn.turn_id}"))
    check_stream(events)
    assert len(text_of(events)) >= 30
    withdrawn, end = (item.event for item in events[-2:])
    assert (withdrawn.type, withdrawn.reason) == ("text_withdrawn", "revoked")
    assert (withdrawn.range.start, withdrawn.range.end) == (0, len(text_of(events)))
    assert (end.type, end.state, end.reason) == ("turn_finished", "revoked", "revoked")
    row = row_of(company.reader, turn)
    assert (row.state, row.answer) == ("revoked", "")
    for kept in (json.dumps(row.events), log):
        assert "28 days" not in kept
        assert "sources_found" not in kept
    check_masked(company.reader, turn, "28 days")


def test_an_answer_ends_revoked_when_the_grant_goes_between_its_last_check_and_its_end(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    server.script(log_probabilities=False, default={"reply": LONG[:160], "tokens_per_second": 20})
    with answering(server.base_url, limits=Limits(check_seconds=60)):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(10))
        withdraw_grants(company.admin, company.handbook)
        assert followed(company.reader, turn)[-1].event.state == "revoked"
    assert row_of(company.reader, turn).answer == ""


def test_deactivating_a_person_ends_his_answer(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 20})
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(10))
        User.objects.filter(pk=company.reader.user_id).update(is_active=False)
        assert followed(company.reader, turn, seconds=3)[-1].event.state == "revoked"
        waiting = ask(company.reader, "Anything else?")
        assert followed(company.reader, waiting, seconds=3)[-1].event.state == "revoked"
    assert row_of(company.reader, turn).answer == ""


def test_deleting_a_conversation_ends_its_answer(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 20})
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(10))
        delete_conversation(company.reader, turn.conversation_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, 2.0)
        with pytest.raises(NotFound):
            followed(company.reader, turn)
    with viewing(company.reader):
        assert not Turn.objects.exists()


def test_starters_come_from_what_the_person_may_read_in_his_language(company: Company) -> None:
    assert starters(company.reader) == []
    add(company.admin, company.handbook, LEAVE, "leave.md")
    add(
        company.admin,
        company.handbook,
        "# Travel\n\n## 1. Overview\n\nWords.\n\n## 2.1 Hotels\n\nHotels cost.\n",
    )
    add(
        company.admin, company.handbook, "# 差旅制度\n\n## 第二章 差旅报销\n\n差旅报销三十天。\n", "travel.md"
    )
    add(
        company.admin,
        company.salaries,
        "# Salaries\n\n## Director\n\nThe director has a salary.\n",
        "salaries.md",
    )
    english, chinese = starters(company.reader), starters(Viewer(company.reader.user_id, language="zh-hans"))
    assert english == [
        "What does “Travel” say about Hotels?",
        "What does “Annual leave” say about carrying over?",
    ]
    assert chinese == ["《差旅制度》对“差旅报销”有什么规定？"]
    assert starters(company.stranger) == []
    assert starters(company.admin)[0] == "What does “Salaries” say about director?"


def test_starters_tell_nothing_of_a_closed_section_or_of_an_earlier_version(company: Company) -> None:
    row = add(company.admin, company.handbook, LEAVE, "leave.md")
    with viewing(company.admin):
        section = Section.objects.get(document_id=row.id, path__len=2)
        Grant.objects.create(section=section, group=company.staff, deny=True)
    assert starters(company.reader) == ["What are the rules on annual leave?"]
    newer = markdown("# Annual leave\n\nAsk your manager.\n", "leave.md")
    replace(company.admin, row.id, newer, max_bytes=MAX_BYTES)
    assert starters(company.admin) == ["What does “Annual leave” say about carrying over?"]
    ingest()
    assert starters(company.admin) == []
