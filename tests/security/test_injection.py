"""Whatever stands in a field is a value and never a part of a question to the database (T7): nobody gets a word that is
not his, nothing breaks, and a key that nobody knows is refused. Every field of every route and every command is tried;
`slow`: with whatever hypothesis thinks of.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from kbchat.access import viewing
from kbchat.chat.models import Turn
from kbchat.core.database_threads import in_database
from kbchat.web.http import search
from tests.security.filling import Request, Route, commands, filled_commands, fresh_ids, routes
from tests.security.hostile_fields import STRANGE_KEYS, hostile_requests, spoiled_values, strange_requests
from tests.security.leakage_requests import known, send
from tests.security.leakage_world import Person, World, as_the_owner, standing_world
from tests.web.conftest import search_quickly
from tests.web.page_socket import dial

ROUTES = [route for route in routes() if route.method != "head"]
WRITING = [route for route in ROUTES if route.operation.get("requestBody")]
# Who may read a part, and who may do everything: the one must learn nothing, the other gets furthest in.
WHO = ("denied", "owner")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, standing_world() as made:
        search_quickly(patch)
        yield made


def filled(world: World, person: Person) -> dict[str, str]:
    return known(person, world.targets[0]) | fresh_ids()


def faults(world: World, person: Person, requests: Iterator[Request]) -> list[str]:
    """The requests that broke something or told him something."""
    found = []
    for request in requests:
        reply = send(person, request)
        told = person.leaked(reply) + ["secret"] * (world.secret.encode() in reply)
        if told or int(reply.split()[0]) >= 500:
            found.append(
                f"{person.name}: {str(request)[:200]} {str(request.body)[:200]}: {told} {reply[:100]!r}"
            )
    return found


def tried(world: World, route: Route, *names: str) -> list[str]:
    people = [world.people[name] for name in names]
    return [
        fault
        for person in people
        for fault in faults(world, person, hostile_requests(route, filled(world, person)))
    ]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_whatever_stands_in_a_field_tells_nothing_and_breaks_nothing(world: World, route: Route) -> None:
    assert tried(world, route, "denied" if route.method == "get" else "owner") == []


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_it_does_so_for_the_other_too(world: World, route: Route) -> None:
    assert tried(world, route, "owner" if route.method == "get" else "denied") == []


@pytest.mark.parametrize("route", WRITING, ids=str)
def test_a_key_that_nobody_knows_is_refused(world: World, route: Route) -> None:
    owner = world.people["owner"]
    for request in strange_requests(route, filled(world, owner)):
        reply = send(owner, request)
        assert reply.startswith(b"422 "), (str(request), request.body, reply)
        assert b'"invalid_request"' in reply


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "get"], ids=str)
def test_a_key_that_nobody_knows_in_an_address_changes_nothing(world: World, route: Route) -> None:
    person = world.people["denied"]
    plain = [*route.requests(filled(world, person))][-1]
    keys = "&".join(f"{key}={world.targets[0]['id']}" for key in (*STRANGE_KEYS, "collection__name"))
    longer = replace(plain, path=f"{plain.path}{'&' if '?' in plain.path else '?'}{keys}")
    assert send(person, longer) == send(person, plain)


def hostile_frames(world: World, person: Person) -> list[str]:
    ids = filled(world, person)
    whole = {kind: json.loads(filled_commands(kind, ids)[-1]) for kind in commands()}
    spoiled = [
        json.dumps({"type": kind, **fields})
        for kind, command in whole.items()
        for fields in spoiled_values({name: each for name, each in command.items() if name != "type"})
    ]
    strange = [json.dumps({**command, "user_id": ids["id"]}) for command in whole.values()]
    return [frame for frame in (*spoiled, *strange, "[" * 60_000) if len(frame) < 60_000]


async def test_no_command_tells_or_breaks_anything(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The socket still answers behind all of them."""
    monkeypatch.setattr(settings.LIMITS, "most_frames_a_minute", 10_000)
    person = world.people["denied"]
    frames = hostile_frames(world, person)
    heard = await _said(person, frames)
    assert person.leaked("\n".join(heard)) == []
    codes = {json.loads(frame).get("code") for frame in heard}
    assert {"unknown_command", "internal"} & codes == {"unknown_command"}
    await in_database(_forget_questions, person)


def _forget_questions(person: Person) -> None:
    """They must not fill anybody's limit."""
    assert person.viewer
    with viewing.viewing(person.viewer):
        Turn.objects.filter(state="queued").delete()


async def _said(person: Person, frames: list[str]) -> list[str]:
    """Everything that comes back until the pong behind the last of them."""
    socket, answer = await dial(person.cookies["kbchat_session"])
    assert answer == {"type": "websocket.accept"}
    for frame in frames:
        await socket.send_input({"type": "websocket.receive", "text": frame})
    await socket.send_input({"type": "websocket.receive", "text": '{"type": "ping"}'})
    heard: list[str] = []
    while not heard or '"pong"' not in heard[-1]:
        message = await socket.receive_output(timeout=20)
        assert message["type"] == "websocket.send", message
        heard.append(message["text"])
    await socket.send_input({"type": "websocket.disconnect", "code": 1001})
    await socket.wait(timeout=5)
    return heard


def test_a_field_that_became_a_part_of_the_question_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_the_owner(world, monkeypatch)
    route = next(route for route in ROUTES if str(route) == "get /conversations")
    denied = world.people["denied"]
    assert faults(world, denied, hostile_requests(route, filled(world, denied)))


def test_what_breaks_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "starters", lambda viewer, retriever, verdicts: 1 / 0)
    starters = next(route for route in ROUTES if str(route) == "get /starters")
    owner = world.people["owner"]
    assert faults(world, owner, iter([Request("get", starters.path)]))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=5000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_that_hypothesis_thinks_of_does_either(world: World, data: st.DataObject) -> None:
    """Several fields at once."""
    person = world.people[data.draw(st.sampled_from(WHO))]
    route = data.draw(st.sampled_from(WRITING))
    whole = [*route.requests(filled(world, person))][-1]
    if isinstance(whole.body, dict):
        spoiled = data.draw(st.dictionaries(st.sampled_from(sorted(whole.body)), ANYTHING, min_size=1))
        request = Request(whole.method, whole.path, whole.body | spoiled)
        assert faults(world, person, iter([request])) == []
