"""Whoever loses a right, his account or his conversation while an answer is written: it ends, and nothing is kept."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.chat.conversations import delete_conversation
from kbchat.chat.models import Turn
from kbchat.chat.redis_clients import client
from kbchat.chat.runner import Limits
from kbchat.core.errors import NotFound
from kbchat.library.documents import DocumentRow
from tests.company import Company
from tests.contracts.server_process import ScriptedServer
from tests.security.answers import LONG, QUESTION, check_masked
from tests.services.chat_support import (
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


def test_a_deleted_conversation_leaves_no_log_where_the_stop_is_not_heard(
    company: Company, leave: DocumentRow, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kbchat.chat.conversations.ring_stop", lambda turn_id: None)
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 20})
    with answering(server.base_url, limits=Limits(beat_seconds=1.0)):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(10))
        delete_conversation(company.reader, turn.conversation_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, 5.0)
    assert client().exists(f"turn:{turn.turn_id}") == 0
