"""Every command of the websocket, from everybody, with everybody's ids: no frame holds a word that its reader may not
read, and what is hidden from him is refused like what does not exist (T3, T8, T15, T16, T18, T27).

The commands are read from the socket's own union, so a new one is tried as soon as it is there.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from asgiref.testing import ApplicationCommunicator
from pytest_django import DjangoDbBlocker

from kbchat.access import viewing
from kbchat.chat import following
from kbchat.chat.models import Turn
from kbchat.core.database_threads import in_database
from kbchat.library.announcing import announce_document
from tests.security.canaries import CANARIES, MAY_READ, found_in
from tests.security.filling import Ids, Unknown, commands, filled_commands, fresh_ids
from tests.security.leakage_world import Person, World, absent, as_the_owner, standing_world
from tests.web.page_socket import dial

COMMANDS = commands()
NOBODY = ("deactivated", "anonymous")
SETTLED_SECONDS = 0.15
"""After so long without a frame none is to come."""
ANNOUNCED_SECONDS = 1.0
"""The library is watched by a task, and tells what it hears after looking it up."""
PING = '{"type": "ping"}'


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), standing_world() as made:
        yield made


@pytest.fixture(autouse=True)
def no_turn_waits(world: World) -> Iterator[None]:
    """Questions of one test must not fill the limit of the next."""
    yield
    for person in world.people.values():
        if person.viewer:
            with viewing.viewing(person.viewer):
                Turn.objects.filter(state="queued").delete()


class Line:
    """One person's open socket, and what came over it."""

    def __init__(self, communicator: ApplicationCommunicator) -> None:
        self._socket = communicator
        self._is_closed = False
        self.received: list[str] = []

    async def say(self, frame: str) -> list[str]:
        """What comes of it: the frames' texts, and a close as its code.

        Commands are done one after another, so the answer to a ping says that this one is done. Only what is followed
        is told later, by a task of its own, and always tells something.
        """
        kind = json.loads(frame)["type"]
        for text in (frame, PING):
            await self._socket.send_input({"type": "websocket.receive", "text": text})
        heard: list[str] = []
        while not self._is_closed and sum(map(_is_pong, heard)) < (2 if kind == "ping" else 1):
            heard.append(await self._next())
        while not self._is_closed and kind == "follow" and all(map(_is_pong, heard)):
            heard.append(await self._next())
        return [told for told in heard if kind == "ping" or not _is_pong(told)] + await self.hear()

    async def hear(self, seconds: float = SETTLED_SECONDS) -> list[str]:
        """What comes until it is quiet."""
        heard: list[str] = []
        while not self._is_closed and not await self._socket.receive_nothing(seconds, interval=0.05):
            heard.append(await self._next())
        return heard

    async def _next(self) -> str:
        message = await self._socket.receive_output(timeout=10)
        self._is_closed = message["type"] == "websocket.close"
        told: str = message.get("text") or json.dumps(message)
        if not _is_pong(told):
            self.received.append(told)
        return told


def _is_pong(told: str) -> bool:
    return json.loads(told)["type"] == "pong"


@asynccontextmanager
async def line(person: Person) -> AsyncIterator[Line]:
    communicator, answer = await dial(person.cookies.get("kbchat_session", ""))
    assert answer == {"type": "websocket.accept"}
    try:
        yield Line(communicator)
    finally:
        await communicator.send_input({"type": "websocket.disconnect", "code": 1001})
        await communicator.wait(timeout=5)


async def frames(world: World, person: Person, kind: str) -> list[str]:
    """Everything that he gets for this command while every document is said to have changed."""
    tried = {frame for ids in world.aimed_at(person) for frame in filled_commands(kind, ids | fresh_ids())}
    async with line(person) as open_line:
        for frame in tried:
            await open_line.say(frame)
        await open_line.hear(ANNOUNCED_SECONDS)
        for ids in world.targets:
            await in_database(announce_document, UUID(ids["collection_id"]), UUID(ids["document_id"]))
        await open_line.hear(ANNOUNCED_SECONDS)
    return open_line.received


async def unlike(world: World, person: Person, kind: str) -> list[str]:
    """The commands for which what is hidden is not answered like what is absent."""
    made, tried = fresh_ids(), {}
    for ids in world.targets:
        nothing = absent(person, ids)
        ones, others = (filled_commands(kind, each | made) for each in (ids, nothing))
        tried |= {one: (other, ids, nothing) for one, other in zip(ones, others, strict=True) if one != other}
    async with line(person) as open_line:
        return [
            f"{person.name}: {one}"
            for one, (other, ids, nothing) in tried.items()
            if _unnamed(await open_line.say(one), ids) != _unnamed(await open_line.say(other), nothing)
        ]


def _unnamed(told: list[str], ids: Ids) -> str:
    """Without the ids that he sent himself. A number is none of them: it stands inside others."""
    text = "\n".join(told)
    for name, value in ids.items():
        if value.isdecimal():
            continue
        text = text.replace(value, name)
    return text


async def heard_by(world: World, kind: str, *names: str) -> dict[str, list[str]]:
    heard = await asyncio.gather(*(frames(world, world.people[name], kind) for name in names))
    return dict(zip(names, heard, strict=True))


@pytest.mark.parametrize("kind", COMMANDS)
async def test_no_frame_holds_what_its_reader_may_not_read(world: World, kind: str) -> None:
    heard = await heard_by(world, kind, *MAY_READ)
    found = {name: world.people[name].leaked("\n".join(told)) for name, told in heard.items()}
    assert found == {name: [] for name in MAY_READ}
    assert not any(world.secret in frame for told in heard.values() for frame in told)


@pytest.mark.parametrize("kind", COMMANDS)
async def test_what_is_hidden_is_refused_like_what_is_absent(world: World, kind: str) -> None:
    inside = [person for name, person in world.people.items() if name not in NOBODY]
    assert await asyncio.gather(*(unlike(world, person, kind) for person in inside)) == [[] for _ in inside]


@pytest.mark.parametrize("name", NOBODY)
async def test_nobody_is_closed_before_a_word_is_said(world: World, name: str) -> None:
    """T27."""
    heard = await asyncio.gather(*(frames(world, world.people[name], kind) for kind in COMMANDS))
    for told in heard:
        assert [json.loads(frame) for frame in told] == [{"type": "websocket.close", "code": 4401}]


async def test_whoever_may_read_is_told(world: World) -> None:
    """A command that tells nobody anything could not leak."""
    followed = await heard_by(world, "follow", "owner", "reader", "denied", "revoked")
    places = {name: found_in(CANARIES, "\n".join(told)) for name, told in followed.items()}
    assert "first_chunk" in places["owner"]
    assert "first_chunk" in places["reader"], "in his own answer"
    assert any("not_found" in frame for frame in followed["revoked"])
    assert any('"reason":"revoked"' in frame for frame in followed["revoked"]), "of his own answer"
    assert any('"reason":"revoked"' in frame for frame in followed["denied"]), "of his own answer"
    watched = await heard_by(world, "watch_library", "owner", "reader", "denied", "outsider")
    for name in ("owner", "reader", "denied"):
        assert {"title", "filename", "pdf_name"} <= set(found_in(CANARIES, "\n".join(watched[name])))
    assert all('"type":"library_watched"' in frame for frame in watched["outsider"])


async def test_a_command_that_is_done_as_somebody_else_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_the_owner(world, monkeypatch)
    # The mask is asked for the person himself, and would still hold.
    monkeypatch.setattr(following, "masked_turns", lambda *_: set())
    outsider = world.people["outsider"]
    for kind in ("follow", "watch_library"):
        assert outsider.leaked("\n".join(await frames(world, outsider, kind))), kind
    assert await unlike(world, outsider, "follow")


def test_a_command_that_it_does_not_know_how_to_fill_fails() -> None:
    with pytest.raises(Unknown, match="follow: what is turn_id"):
        filled_commands("follow", {})
