"""Accepting a question: once, for its owner only, within limits; conversations are listed, renamed and deleted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connections

from kbchat.chat.conversations import (
    change_conversation,
    conversation,
    delete_conversation,
    list_conversations,
)
from kbchat.chat.models import Turn
from kbchat.chat.searching import search
from kbchat.chat.turns import Ask, open_turn, request_stop
from kbchat.core.errors import Busy, Invalid, NotFound
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.parsing.file_kinds import FileKind
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, found_company
from tests.services.chat_support import (
    ask,
    check_stream,
    detail_of,
    followed,
    row_of,
    withdraw_grants,
)


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.mark.django_db(transaction=True)
def test_a_question_sent_many_times_at_once_is_accepted_once(company: Company) -> None:
    sent = Ask(uuid4(), "How many days of leave?")

    def send(_: int) -> object:
        try:
            return open_turn(company.reader, sent)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        accepted = set(threads.map(send, range(8)))
    assert len(accepted) == 1
    assert len(list_conversations(company.reader)) == 1


@pytest.mark.django_db
def test_the_same_message_id_of_another_person_is_another_turn(company: Company) -> None:
    sent = Ask(uuid4(), "How many days of leave?")
    assert open_turn(company.reader, sent) != open_turn(company.editor, sent)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "code"),
    [("", "question_empty"), (" \n\0 ", "question_empty"), ("x" * 8001, "question_too_long")],
)
def test_a_question_that_cannot_be_asked_is_refused(company: Company, question: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(company.reader, question)
    assert refused.value.code == code
    assert list_conversations(company.reader) == []


@pytest.mark.django_db
def test_the_longest_question_and_odd_characters_are_kept(company: Company) -> None:
    longest = "长" * settings.LIMITS.most_question_characters
    assert row_of(company.reader, ask(company.reader, longest)).question == longest
    assert row_of(company.reader, ask(company.reader, "a\0b \ud800 c")).question == "ab ? c"


@pytest.mark.django_db
def test_the_fourth_unfinished_question_is_turned_away(company: Company) -> None:
    turns = [ask(company.reader, f"Question {number}?") for number in range(3)]
    with pytest.raises(Busy) as refused:
        ask(company.reader, "One more?")
    assert (refused.value.code, refused.value.facts) == ("too_many_turns", {"most": 3, "wait_seconds": 10})
    ask(company.editor, "Somebody else?")
    request_stop(company.reader, turns[0].turn_id)
    ask(company.reader, "One more?")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("  How many days?\nPlease be short.", "How many days?"),
        ("word " * 40, ("word " * 15).strip() + "…"),
        ("年" * 100, "年" * 79 + "…"),
    ],
)
def test_a_conversation_is_named_by_the_first_line(company: Company, question: str, title: str) -> None:
    ask(company.reader, question)
    assert [row.title for row in list_conversations(company.reader)] == [title]


@pytest.mark.django_db
def test_a_turn_follows_its_parent_in_the_same_conversation_only(company: Company) -> None:
    first, other = ask(company.reader, "First?"), ask(company.reader, "Other?")
    second = ask(company.reader, "Second?", after=first)
    assert second.conversation_id == first.conversation_id
    assert detail_of(company.reader, second).parent_id == first.turn_id
    request_stop(company.reader, first.turn_id)
    crossed = Ask(uuid4(), "Crossed?", conversation_id=first.conversation_id, parent_turn_id=other.turn_id)
    orphan = Ask(uuid4(), "Orphan?", parent_turn_id=first.turn_id)
    for wrong in (crossed, orphan):
        with pytest.raises(NotFound):
            open_turn(company.reader, wrong)


@pytest.mark.django_db
def test_a_scope_holds_only_what_the_asker_can_see(company: Company) -> None:
    visible = Scope(collection_ids=(company.handbook.id, company.handbook.id))
    turn = ask(company.reader, "In here?", scope=visible)
    seen = conversation(company.reader, turn.conversation_id).scope
    assert seen == Scope(collection_ids=(company.handbook.id,))
    for hidden in (Scope(collection_ids=(company.salaries.id,)), Scope(document_ids=(uuid4(),))):
        with pytest.raises(NotFound):
            ask(company.reader, "In there?", scope=hidden)


@pytest.mark.django_db
def test_turn_and_conversation_keep_the_whole_scope_as_far_as_it_is_still_seen(company: Company) -> None:
    chosen = Scope(
        collection_ids=(company.handbook.id,),
        kinds=(FileKind.PDF, FileKind.SHEET),
        languages=("zh",),
        since=date(2025, 1, 1),
        until=date(2025, 12, 31),
    )
    turn = ask(company.reader, "In here?", scope=chosen)
    assert conversation(company.reader, turn.conversation_id).scope == chosen
    ask(company.reader, "Everywhere?", after=turn)
    assert detail_of(company.reader, turn).scope == chosen
    assert conversation(company.reader, turn.conversation_id).scope == Scope()
    withdraw_grants(company.admin, company.handbook)
    assert detail_of(company.reader, turn).scope == replace(chosen, collection_ids=())


@pytest.mark.django_db
def test_a_scope_does_not_end_before_it_begins(company: Company) -> None:
    reversed_days = Scope(since=date(2025, 2, 1), until=date(2025, 1, 31))
    with pytest.raises(Invalid, match="scope_days_reversed"):
        ask(company.reader, "When?", scope=reversed_days)
    retriever = PostgresRetriever(only(HashEmbedder()))
    with pytest.raises(Invalid, match="scope_days_reversed"):
        search(company.reader, "When?", scope=reversed_days, limit=1, retriever=retriever)


@pytest.mark.django_db(transaction=True)
def test_stopping_a_waiting_turn_ends_it_at_once(company: Company) -> None:
    turn = ask(company.reader, "How many days?")
    request_stop(company.reader, turn.turn_id)
    request_stop(company.reader, turn.turn_id)
    assert row_of(company.reader, turn).state == "stopped"
    check_stream(followed(company.reader, turn))


@pytest.mark.django_db
def test_conversations_are_listed_renamed_and_deleted(company: Company) -> None:
    leave, travel = ask(company.reader, "How many days of leave?"), ask(company.reader, "差旅费怎么报销？")
    ask(company.reader, "And trains?", after=travel)
    newest_first = [row.id for row in list_conversations(company.reader)]
    assert newest_first == [travel.conversation_id, leave.conversation_id]
    change_conversation(company.reader, leave.conversation_id, title=" Holidays ")
    assert [row.title for row in list_conversations(company.reader)][1] == "Holidays"
    for title, code in ((" ", "title_empty"), ("x" * 201, "title_too_long")):
        with pytest.raises(Invalid) as refused:
            change_conversation(company.reader, leave.conversation_id, title=title)
        assert refused.value.code == code
    delete_conversation(company.reader, travel.conversation_id)
    assert [row.id for row in list_conversations(company.reader)] == [leave.conversation_id]
    with pytest.raises(NotFound):
        conversation(company.reader, travel.conversation_id)
    assert not Turn.objects.filter(conversation=travel.conversation_id).exists()
