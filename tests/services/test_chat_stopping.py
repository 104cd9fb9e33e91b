"""Stop closes the request to the model, whatever Redis loses of it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from pytest_django import Settings

from kbchat.chat.record import NumberedEvent
from kbchat.chat.redis_clients import client
from kbchat.chat.runner import Limits
from kbchat.chat.turn_log import TurnLogWriter
from kbchat.chat.turns import request_stop
from tests.company import Company
from tests.contracts.server_process import ScriptedServer
from tests.services.chat_support import (
    LONG,
    QUESTION,
    answering,
    ask,
    check_stream,
    followed,
    has_text,
    row_of,
    script,
    text_of,
)
from tests.waiting import allowed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]


BY_DOORBELL_ALONE = Limits(beat_seconds=60, lease_seconds=120)


@pytest.mark.timed
def test_stop_closes_the_upstream_request_within_a_second(company: Company, server: ScriptedServer) -> None:
    script(server, reply=LONG, tokens_per_second=20)
    with answering(server.base_url, limits=BY_DOORBELL_ALONE):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20))
        request_stop(company.reader, turn.turn_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, allowed(1.0))
        events = followed(company.reader, turn)
    check_stream(events)
    row = row_of(company.reader, turn)
    assert row.state == "stopped"
    assert row.answer == text_of(events)
    assert 20 <= len(row.answer) < len(LONG)


@pytest.mark.timed
def test_a_stop_that_is_lost_while_redis_is_waited_for_counts(
    company: Company, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = TurnLogWriter.write

    async def losing(log: TurnLogWriter, events: Sequence[NumberedEvent], **more: bool) -> None:
        await write(log, events, **more)
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.0 if more else 0.2)

    monkeypatch.setattr(TurnLogWriter, "write", losing)
    script(server, reply=LONG * 5, tokens_per_second=20)
    with answering(server.base_url, limits=BY_DOORBELL_ALONE):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20))
        request_stop(company.reader, turn.turn_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, allowed(1.0))
    assert row_of(company.reader, turn).state == "stopped"


@pytest.mark.timed
def test_a_stop_that_the_doorbell_lost_is_learned_when_it_is_back(
    company: Company, server: ScriptedServer
) -> None:
    script(server, reply=LONG, tokens_per_second=20)
    with answering(server.base_url, limits=BY_DOORBELL_ALONE):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20))
        assert client().client_kill_filter(_type="pubsub") >= 1
        request_stop(company.reader, turn.turn_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, allowed(2.0))


@pytest.mark.timed
def test_stop_is_heard_without_a_doorbell(
    company: Company, server: ScriptedServer, settings: Settings
) -> None:
    script(server, reply=LONG, tokens_per_second=20)
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20))
        settings.REDIS_URL = "unix:///nowhere.sock"
        request_stop(company.reader, turn.turn_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, allowed(1.0))
