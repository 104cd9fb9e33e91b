"""Answers that nobody follows any more (F22): the model is let go after a grace, and not before."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.chat import attendance
from kbchat.chat.conversations import conversation_turn
from kbchat.chat.redis_clients import client
from kbchat.library.sharing import give_grant
from tests.company import Company, person
from tests.contracts.server_process import ScriptedServer
from tests.servers import redis_of_its_own
from tests.services.chat_support import (
    QUICK,
    answering,
    ask,
    check_stream,
    followed,
    has_text,
    row_of,
    text_of,
)
from tests.waiting import allowed, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]

QUESTION = "How many days of annual leave does everybody have?"
LONG = "Everybody has 28 days of annual leave in a year [1]. " * 30
SOON = replace(QUICK, abandoned_seconds=1.0)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> None:
    monkeypatch.setattr(attendance, "_FADES_SECONDS", 1)
    monkeypatch.setattr(attendance, "_AGAIN_SECONDS", 0.2)
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 40})


def is_let_go(server: ScriptedServer, requests: int = 1) -> bool:
    seen = [one for one in server.requests("/v1/chat/completions") if one["body"].get("stream")]
    return len(seen) == requests and all(one["closed_by_client_after_seconds"] for one in seen)


def test_an_answer_that_nobody_follows_is_stopped_and_kept(company: Company, server: ScriptedServer) -> None:
    with answering(server.base_url, limits=SOON):
        turn = ask(company.reader, QUESTION)
        begun = followed(company.reader, turn, until=has_text(20))
        wait_until(lambda: is_let_go(server), allowed(6))
        events = followed(company.reader, turn)
    check_stream(events)
    assert events[: len(begun)] == begun
    assert (events[-1].event.state, events[-1].event.reason) == ("stopped", "abandoned")
    assert row_of(company.reader, turn).answer == text_of(events)


def test_whoever_follows_keeps_it(company: Company, server: ScriptedServer) -> None:
    with answering(server.base_url, limits=SOON):
        turn = ask(company.reader, QUESTION)
        events = followed(company.reader, turn)
    assert events[-1].event.state == "done"


def test_whoever_asks_again_and_again_keeps_it_too(company: Company, server: ScriptedServer) -> None:
    with answering(server.base_url, limits=SOON):
        turn = ask(company.reader, QUESTION)
        states = set()

        def is_over() -> bool:
            states.add(conversation_turn(company.reader, turn.conversation_id, turn.turn_id).state)
            return bool(states - {"queued", "running"})

        wait_until(is_over, 60)
    assert states - {"queued", "running"} == {"done"}


def test_nobody_has_to_follow_where_the_grace_is_zero(company: Company, server: ScriptedServer) -> None:
    with answering(server.base_url, limits=replace(QUICK, abandoned_seconds=0)):
        turn = ask(company.reader, QUESTION)
        wait_until(lambda: row_of(company.reader, turn).state == "done", 60)


def test_without_redis_nobody_is_thought_gone(
    company: Company, server: ScriptedServer, settings: Settings, tmp_path: Path
) -> None:
    with redis_of_its_own(tmp_path) as (redis, address):
        settings.REDIS_URL = address
        with answering(server.base_url, limits=SOON):
            turn = ask(company.reader, QUESTION)
            followed(company.reader, turn, until=has_text(20))
            redis.kill()
            redis.wait()
            wait_until(lambda: row_of(company.reader, turn).state == "done", 60)


def test_many_abandoned_answers_leave_nothing_running(company: Company, server: ScriptedServer) -> None:
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 8})
    give_grant(company.admin, company.handbook.id, Principal("everyone"), Role.READER)
    people = [viewer_of(person(f"person{number}@example.com")) for number in range(4)]
    with answering(server.base_url, limits=replace(SOON, abandoned_seconds=12)):
        turns = [(one, ask(one, f"{QUESTION} ({number})")) for one in people for number in range(3)]
        wait_until(lambda: {row_of(one, turn).state for one, turn in turns} == {"stopped"}, 90)

    def closed() -> list[bool]:
        asked = [one for one in server.requests("/v1/chat/completions") if one["body"].get("stream")]
        return [bool(one["closed_by_client_after_seconds"]) for one in asked]

    # The other program notices it a moment later.
    wait_until(lambda: closed() == [True] * 12, 30)
    assert client().keys("followed:*") == []


def test_a_turn_ends_although_its_watch_lost_the_word_to_stop(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As redis-py loses a cancellation that comes with a reply."""

    async def deaf(self: attendance.Attendance) -> bool:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(5)
        return False

    monkeypatch.setattr(attendance.Attendance, "has_ended", deaf)
    with answering(limits=replace(QUICK, check_seconds=0)):
        turn = ask(company.reader, QUESTION)
        check_stream(followed(company.reader, turn, seconds=allowed(4)))
    assert row_of(company.reader, turn).state == "done"
