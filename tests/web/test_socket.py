"""The websocket: who gets in, what it says, and when it is closed (T8, T18, T25, T27, T46, D6)."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import User
from kbchat.asgi import application
from kbchat.chat.turns import Ask, open_turn
from kbchat.core.database_threads import in_database
from kbchat.web.ws import seats, socket
from tests.waiting import allowed
from tests.web.conftest import ORIGIN, Company, SignIn
from tests.web.page_socket import connected, dial

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        None,
        "http://kb.localhost:8000",
        "https://localhost:8000",
        "http://localhost:8001",
        "http://localhost",
    ],
)
async def test_a_foreign_page_does_not_get_in(
    company: Company, session: Callable[[User], str], origin: str | None
) -> None:
    """T25: with a good cookie."""
    _, answer = await dial(await asyncio.to_thread(session, company.owner), origin=origin)
    assert answer == {"type": "websocket.close", "code": 1008}


async def test_nobody_is_told_to_sign_in(company: Company) -> None:
    async with connected() as page:
        assert await page.closed() == 4401


async def test_an_api_key_needs_no_origin_and_no_cookie(company: Company) -> None:
    _, key = await asyncio.to_thread(create_api_key, company.reader, "script")
    async with connected(origin=None, key=key) as page:
        await page.send(type="ping")
        assert await page.frame() == {"type": "pong"}


async def test_a_question_is_accepted_once_and_followed(
    company: Company, session: Callable[[User], str]
) -> None:
    cookie = await asyncio.to_thread(session, company.reader)
    command = {
        "type": "ask",
        "client_message_id": str(uuid4()),
        "conversation_id": None,
        "parent_turn_id": None,
        "question": "年假有几天？",
        "scope": {"collection_ids": [], "document_ids": []},
    }
    async with connected(cookie) as page, connected(cookie) as other:
        await page.send(**command)
        accepted = await page.frame()
        assert accepted["type"] == "accepted"
        assert accepted["client_message_id"] == command["client_message_id"]
        await other.send(**command)
        assert await other.frame() == accepted
        # Nobody answers here: the question waits, and can be stopped while it is followed.
        await page.send(type="stop", turn_id=accepted["turn_id"])
        for one in (page, other):
            ended = await one.frame()
            assert (ended["type"], ended["turn_id"], ended["number"]) == (
                "turn_event",
                accepted["turn_id"],
                1,
            )
            assert (ended["event"]["type"], ended["event"]["state"]) == ("turn_finished", "stopped")


async def test_following_begins_after_what_was_seen(company: Company, session: Callable[[User], str]) -> None:
    viewer = company.viewer(company.reader)
    turn = await in_database(open_turn, viewer, Ask(uuid4(), "How many days?"))
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        await page.send(type="follow", turn_id=turn.turn_id, after=0)
        assert await page.silent(0.3)
        await page.send(type="unfollow", turn_id=turn.turn_id)
        await page.send(type="stop", turn_id=turn.turn_id)
        assert await page.silent()
        await page.send(type="follow", turn_id=turn.turn_id, after=0)
        assert (await page.frame())["number"] == 1


async def test_another_person_s_turn_is_not_there(company: Company, session: Callable[[User], str]) -> None:
    """T18: neither followed nor stopped, nor asked into."""
    owner = company.viewer(company.owner)
    turn = await in_database(open_turn, owner, Ask(uuid4(), "How many days?"))
    message = str(uuid4())
    async with connected(await asyncio.to_thread(session, company.stranger)) as page:
        for command in (
            {"type": "follow", "turn_id": turn.turn_id, "after": 0},
            {"type": "stop", "turn_id": turn.turn_id},
            {
                "type": "ask",
                "client_message_id": message,
                "conversation_id": turn.conversation_id,
                "question": "x",
            },
            {
                "type": "ask",
                "client_message_id": message,
                "question": "x",
                "scope": {"collection_ids": [company.collection_id]},
            },
        ):
            await page.send(**command)
            refused = await page.frame()
            assert (refused["type"], refused["code"]) == ("refused", "not_found")
            assert refused["message"] == "This does not exist, or you may not see it."
            about = "turn_id" if "turn_id" in command else "client_message_id"
            assert refused[about] == str(command[about])
    async with connected(await asyncio.to_thread(session, company.owner)) as page:
        await page.send(type="follow", turn_id=turn.turn_id, after=0)
        assert await page.silent()


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"type": "make_me_administrator"}',
        '{"type": "stop"}',
        '{"type": "stop", "turn_id": "1"}',
        '{"type": "ping", "user_id": "somebody"}',
    ],
)
async def test_what_it_does_not_know_is_refused_and_nothing_breaks(
    company: Company, session: Callable[[User], str], text: str
) -> None:
    """T8."""
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        await page.raw(text)
        refused = await page.frame()
        assert (refused["type"], refused["code"]) == ("refused", "unknown_command")
        assert refused["message"] == "服务器不认识此指令。"
        await page.send(type="ping")
        assert (await page.frame())["type"] == "pong"


@pytest.mark.parametrize("scope", [{"since": "20255-01-01"}, {"collection_ids": ["abc"]}, "everywhere"])
async def test_a_question_that_cannot_be_read_is_refused_by_its_name(
    company: Company, session: Callable[[User], str], scope: object
) -> None:
    """Or whoever waits for its answer would wait for ever."""
    message = str(uuid4())
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        await page.send(type="ask", client_message_id=message, question="年假有多少天？", scope=scope)
        refused = await page.frame()
        assert (refused["code"], refused["client_message_id"]) == ("unknown_command", message)
        await page.raw('{"type": "ask", "client_message_id": "mine", "turn_id": 7}')
        refused = await page.frame()
        assert (refused["client_message_id"], refused["turn_id"]) == (None, None)


async def test_a_frame_that_is_too_large_ends_it(company: Company, session: Callable[[User], str]) -> None:
    """T46."""
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        await page.raw(json.dumps({"type": "ping", "filler": "好" * 30_000}))
        assert await page.closed() == 1009


async def test_one_person_has_so_many_sockets(
    company: Company, session: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.LIMITS, "most_sockets", 1)
    cookie = await asyncio.to_thread(session, company.reader)
    async with connected(cookie) as first:
        await first.send(type="ping")
        await first.frame()
        async with connected(cookie) as second:
            assert await second.closed() == 1013
        async with connected(await asyncio.to_thread(session, company.owner)) as other:
            await other.send(type="ping")
            assert (await other.frame())["type"] == "pong"
    async with connected(cookie) as again:
        await again.send(type="ping")
        assert (await again.frame())["type"] == "pong"


async def test_whoever_leaves_at_once_leaves_nothing_behind(
    company: Company, session: Callable[[User], str]
) -> None:
    """T46: nor is he counted as one who is here."""
    cookie = await asyncio.to_thread(session, company.reader)
    for _ in range(5):
        communicator, answer = await dial(cookie)
        assert answer == {"type": "websocket.accept"}
        await communicator.send_input({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait({communicator.future}, timeout=4)
        assert communicator.future.done()
    assert not seats._here


async def test_so_many_turns_are_followed_at_once(
    company: Company, session: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.LIMITS, "most_followed", 2)
    viewer = company.viewer(company.reader)
    turns = [await in_database(open_turn, viewer, Ask(uuid4(), "x")) for _ in range(3)]
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        for turn in turns:
            await page.send(type="follow", turn_id=turn.turn_id, after=0)
        refused = await page.frame()
        assert (refused["code"], refused["turn_id"]) == ("too_many_followed", str(turns[2].turn_id))


async def test_a_client_that_takes_nothing_is_let_go(
    company: Company, session: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """F25: nothing is heaped up for it."""
    monkeypatch.setattr(settings.LIMITS, "socket_send_seconds", 0.3)
    cookie = await asyncio.to_thread(session, company.reader)
    closed: list[int] = []
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    inbox.put_nowait({"type": "websocket.connect"})
    inbox.put_nowait({"type": "websocket.receive", "text": '{"type": "ping"}'})

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            await asyncio.Event().wait()
        if message["type"] == "websocket.close":
            closed.append(message["code"])

    headers = [(b"cookie", f"kbchat_session={cookie}".encode()), (b"origin", ORIGIN.encode())]
    async with asyncio.timeout(5):
        await application({"type": "websocket", "path": "/ws/v1", "headers": headers}, inbox.get, send)
    assert closed == [1013]


@pytest.mark.timed
async def test_deactivation_closes_it_within_seconds(
    company: Company, session: Callable[[User], str]
) -> None:
    """T27, and nothing announces it: the socket looks by itself."""
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        await page.send(type="ping")
        await page.frame()
        await asyncio.to_thread(User.objects.filter(pk=company.reader.pk).update, is_active=False)
        assert await page.closed(socket.RECHECK_SECONDS + allowed(2.0)) == 4401


async def test_the_next_command_after_deactivation_is_not_done(
    company: Company, session: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "RECHECK_SECONDS", 60)
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        await asyncio.to_thread(User.objects.filter(pk=company.reader.pk).update, is_active=False)
        await page.send(type="ask", client_message_id=uuid4(), question="still here?")
        assert await page.closed() == 4401


@pytest.mark.timed
async def test_signing_out_closes_the_session_s_sockets_and_no_others(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "RECHECK_SECONDS", 60)
    here = await asyncio.to_thread(signed_in, company.reader)
    there = await asyncio.to_thread(signed_in, company.reader)
    async with (
        connected(here.cookies["kbchat_session"].value) as page,
        connected(there.cookies["kbchat_session"].value) as other,
    ):
        await page.send(type="ping")
        await page.frame()
        await asyncio.sleep(0.3)
        await asyncio.to_thread(here.delete, "/api/v1/session")
        assert await page.closed(allowed(2.0)) == 4401
        await other.send(type="ping")
        assert (await other.frame())["type"] == "pong"


async def test_a_question_that_waits_is_told_its_place_and_no_other_s(
    company: Company, session: Callable[[User], str]
) -> None:
    """Nothing answers here: both wait."""
    cookies = [await asyncio.to_thread(session, one) for one in (company.reader, company.stranger)]
    async with connected(cookies[0]) as first, connected(cookies[1]) as second:
        for place, page in ((1, first), (2, second)):
            await page.send(type="ask", client_message_id=str(uuid4()), question="How many days of leave?")
            accepted = await page.frame()
            told = await page.frame()
            assert told == {"type": "waiting", "turn_id": accepted["turn_id"], "place": place}
        await second.send(type="stop", turn_id=accepted["turn_id"])
        assert (await second.frame())["type"] == "turn_event"
        assert await first.silent(1.5)
