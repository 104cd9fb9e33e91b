"""What a reader is no longer allowed to see is not in his answers: not while one is written, not afterwards, not in a
prompt, a log or a source; and nobody reaches another person's conversation."""

import json
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import connection

from kbchat.access.models import Grant
from kbchat.access.viewing import viewing
from kbchat.chat.conversations import (
    change_conversation,
    conversation,
    delete_conversation,
    list_conversations,
)
from kbchat.chat.searching import search
from kbchat.chat.sources import original_file, source_boxes, source_content
from kbchat.chat.turns import AcceptedTurn, Ask, open_turn, request_stop
from kbchat.core.errors import NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Section
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow
from kbchat.library.purging import purge_deleted
from kbchat.retrieval.port import EVERYTHING
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, add
from tests.contracts.server_process import ScriptedServer
from tests.security.answers import LONG, QUESTION, check_masked
from tests.servers import as_worker
from tests.services.chat_support import (
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


@pytest.fixture
def answered(company: Company, leave: DocumentRow) -> AcceptedTurn:
    """A question of the reader's, answered from the handbook."""
    with answering():
        turn = ask(company.reader, QUESTION)
        check_stream(followed(company.reader, turn))
    assert "28 days" in row_of(company.reader, turn).answer
    return turn


def test_another_persons_conversation_does_not_exist(company: Company, answered: AcceptedTurn) -> None:
    hidden, stranger = answered, company.admin
    attempts: list[Callable[[], object]] = [
        lambda: conversation(stranger, hidden.conversation_id),
        lambda: change_conversation(stranger, hidden.conversation_id, title="Mine"),
        lambda: delete_conversation(stranger, hidden.conversation_id),
        lambda: request_stop(stranger, hidden.turn_id),
        lambda: followed(stranger, hidden),
        lambda: followed(stranger, hidden, after=5),
        lambda: open_turn(stranger, Ask(uuid4(), "In yours?", conversation_id=hidden.conversation_id)),
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
    retriever = PostgresRetriever(only(HashEmbedder()))

    def titles(viewer: Viewer) -> list[str]:
        found = search(viewer, "annual leave", scope=EVERYTHING, limit=10, retriever=retriever).sources
        assert [source.number for source in found] == list(range(1, len(found) + 1))
        return sorted({source.title for source in found})

    assert titles(company.admin) == ["Annual leave", "Salaries"]
    assert titles(company.reader) == ["Annual leave"]
    assert titles(company.stranger) == []
    assert search(company.reader, " \0", scope=EVERYTHING, limit=10, retriever=retriever).sources == []
