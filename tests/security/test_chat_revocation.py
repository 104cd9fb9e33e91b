"""Whoever loses a right, his account or his conversation while an answer is written: it ends, and nothing is kept."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.chat.conversations import delete_conversation
from kbchat.chat.models import Turn
from kbchat.chat.redis_clients import client
from kbchat.chat.turns import AcceptedTurn
from kbchat.core.errors import NotFound
from kbchat.library.documents import DocumentRow
from tests.company import Company
from tests.contracts.server_process import ScriptedServer
from tests.security.answers import LONG, QUESTION, check_masked
from tests.services.chat_support import (
    QUICK,
    answering,
    ask,
    check_stream,
    followed,
    has_text,
    row_of,
    text_of,
    withdraw_grants,
)
from tests.waiting import allowed

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def being_answered(
    company: Company, server: ScriptedServer, *, reply: str = LONG, **limits: float
) -> Iterator[AcceptedTurn]:
    """The reader's question, of whose answer he has seen the beginning."""
    server.script(log_probabilities=False, default={"reply": reply, "tokens_per_second": 20})
    with answering(server.base_url, limits=replace(QUICK, **limits)):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(10))
        yield turn


@pytest.mark.timed
def test_revocation_in_the_middle_withdraws_the_answer_within_seconds(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 20})
    with answering(server.base_url), ThreadPoolExecutor(1) as thread:
        turn = ask(company.reader, QUESTION)
        following = thread.submit(followed, company.reader, turn)
        followed(company.reader, turn, until=has_text(30))
        withdraw_grants(company.admin, company.handbook)
        events = following.result(allowed(2.0))
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
    with being_answered(company, server, reply=LONG[:160], check_seconds=60) as turn:
        withdraw_grants(company.admin, company.handbook)
        assert followed(company.reader, turn)[-1].event.state == "revoked"
    assert row_of(company.reader, turn).answer == ""


@pytest.mark.timed
def test_deactivating_a_person_ends_his_answer(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    with being_answered(company, server) as turn:
        User.objects.filter(pk=company.reader.user_id).update(is_active=False)
        assert followed(company.reader, turn, seconds=allowed(2.0))[-1].event.state == "revoked"
        waiting = ask(company.reader, "Anything else?")
        assert followed(company.reader, waiting, seconds=allowed(2.0))[-1].event.state == "revoked"
    assert row_of(company.reader, turn).answer == ""


@pytest.mark.timed
def test_deleting_a_conversation_ends_its_answer(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    with being_answered(company, server) as turn:
        delete_conversation(company.reader, turn.conversation_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, allowed(2.0))
        with pytest.raises(NotFound):
            followed(company.reader, turn)
    with viewing(company.reader):
        assert not Turn.objects.exists()


def test_a_deleted_conversation_leaves_no_log_where_the_stop_is_not_heard(
    company: Company, leave: DocumentRow, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kbchat.chat.conversations.ring_stop", lambda turn_id: None)
    with being_answered(company, server, beat_seconds=1.0) as turn:
        delete_conversation(company.reader, turn.conversation_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, allowed(2.0))
    assert client().exists(f"turn:{turn.turn_id}") == 0
