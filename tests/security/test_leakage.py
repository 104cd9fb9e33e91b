"""Every route of the API, for everybody: nobody is sent a word that he may not read, and what is hidden from him
answers like what does not exist, after the same work (T1-T4, T15, T18, T19, T22, T24); reading changes nothing (T26).

The routes are read from the API's own document, so a new one is tried as soon as it is there.
"""

import re
from collections.abc import Callable, Iterator
from difflib import ndiff
from functools import cache
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg import sql
from pytest_django import DjangoDbBlocker

from kbchat.access.models import Grant
from kbchat.chat import exporting, sources
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.embedded.cluster import Cluster
from kbchat.library import documents as library
from kbchat.web.http import search
from kbchat.web.refusals import REFUSALS
from tests.security.canaries import CANARIES, MAY_READ, found_in
from tests.security.filling import Ids, Request, Route, Unknown, fresh_ids, routes
from tests.security.leakage_requests import known, send, send_for_good
from tests.security.leakage_world import Person, World, absent, as_the_owner, standing_world
from tests.web.conftest import search_quickly

ROUTES = routes()
# What even the owner is refused, of what is sent here.
REFUSED_TO_THE_OWNER = {
    "post /setup": "setup_link_invalid",
    "post /passwords": "link_invalid",
    "post /password-resets": "too_many_resets",
    "post /people": "email_taken",
    "post /documents/{document_id}/legal-holds": "already_held",
    # No passage has just the span that is tried.
    "put /versions/{version_id}/passages": "not_found",
    # Its file was never read here, so nothing is known of its encoding.
    "post /documents/{document_id}/encoding": "encoding_fixed",
    "patch /people/{person_id}": "email_taken",
    "post /collections/{collection_id}/sources": '"code": "source_',
    "put /sources/{source_id}/secrets": '"code": "source_',
    "post /collections/{collection_id}/source-trials": '"code": "source_',
    "post /sources/{source_id}/secret-trials": '"code": "source_',
    "post /sources/{source_id}/runs": "source_holds_nothing",
    "post /sources/{source_id}/cancel": "source_is_not_running",
    "post /sources/{source_id}/retries": "nothing_to_retry",
    "post /generation-builds": "build_under_way",
    "post /generation-builds/{build_id}/pause": "build_ended",
    "post /generations/{generation_id}/in-force": '"code": "generation_',
    "delete /generations/{generation_id}": "generation_answers",
    "get /shared/{token}": "not_found",
    # No TIFF is there.
    "get /versions/{version_id}/pages/{page}": "not_found",
    "post /conversations/{conversation_id}/turns/{turn_id}/gap-report": "gap_not_refused",
    "delete /conversations/{conversation_id}/turns/{turn_id}/gap-report": "not_found",
    "post /session/code": "sign_in_ended",
    "post /session/passkey/options": "passkeys_need_a_name",
    "post /session/passkey": "passkeys_need_a_name",
    "post /session/proof/passkey/options": "passkeys_need_a_name",
    "post /session/proof/passkey": "passkeys_need_a_name",
    "post /factors/app": "app_offer_ended",
    "delete /factors/app": "not_found",
    "post /factors/passkeys/options": "passkeys_need_a_name",
    "post /factors/passkeys": "passkeys_need_a_name",
    "post /session/single-sign-on": "not_found",
    "post /documents/{document_id}/retry": "nothing_to_retry",
    "post /documents/{document_id}/cancel": "run_ended",
    "post /collections/{collection_id}/grants": "principal_unknown",
}
Replies = list[tuple[Request, bytes]]
Sent = Callable[[Person, Route], Replies]
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
# What differs between two statements that do the same: ids, times, the names of savepoints.
_OWN = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d+:]*|\bs\d+_x\d+\b"
)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, standing_world() as made:
        search_quickly(patch)
        yield made


def route_named(name: str) -> Route:
    return next(route for route in ROUTES if str(route) == name)


def replies(world: World, person: Person, route: Route) -> Replies:
    """To everything that he can try with this route."""
    made = fresh_ids()
    tried = {
        repr(request): request
        for ids in world.aimed_at(person)
        for request in route.requests(known(person, ids) | made)
    }
    return [(request, send(person, request)) for request in tried.values()]


@pytest.fixture(scope="module")
def sent(world: World) -> Sent:
    """`replies`, each asked for once: what they change is undone, so they stay the same."""

    @cache
    def kept(name: str, route: str) -> Replies:
        return replies(world, world.people[name], route_named(route))

    return lambda person, route: kept(person.name, str(route))


def leaks(world: World, person: Person, sent: Replies) -> list[str]:
    found = []
    for request, reply in sent:
        places = person.leaked(reply) + ["secret"] * (world.secret.encode() in reply)
        found += [f"{person.name}: {request}: {place}" for place in places]
    return found


def pairs(world: World, person: Person, route: Route) -> Iterator[tuple[Ids, Ids]]:
    """What is hidden from him, and the same of nothing: all ids, and one beside those of his own (T19)."""
    for ids in world.targets:
        yield ids, absent(person, ids)
    names = [name for name in route.ids if name in world.targets[0]]
    for name in names if person.own and len(names) > 1 else ():
        mixed = {**world.targets[0], **person.own, name: world.targets[0][name]}
        yield mixed, absent(person, mixed)


def unlike(world: World, person: Person, route: Route) -> list[str]:
    """Where what is hidden does not answer like what is absent."""
    made, tried = fresh_ids(), {}
    for hidden, nothing in pairs(world, person, route):
        ones = route.requests(known(person, hidden) | made)
        others = route.requests(known(person, nothing) | made)
        tried |= {repr(one): (one, other) for one, other in zip(ones, others, strict=True) if one != other}
    found = [(one, difference(person, one, other)) for one, other in tried.values()]
    return [f"{person.name}: {one}: {told}" for one, told in found if told]


def difference(person: Person, one: Request, other: Request) -> str:
    """Between the replies, byte for byte; and between what they cost the database, since that could be told by time
    (T4). Of what he is told of, and may not read, he may be told that he may not do this to it."""
    (reply, done), (nothing, undone) = worked(person, one), worked(person, other)
    is_told_of = any(known in one.path for known in person.told_of)
    if is_told_of and reply.startswith(b"403 "):
        return "" if b'"not_allowed"' in reply else "reply"
    if reply != nothing:
        return "reply"
    return "" if done == undone or is_told_of else "\n".join(["work", *ndiff(undone, done)])


def worked(person: Person, request: Request) -> tuple[bytes, list[str]]:
    """What comes back, and the statements that were sent for it."""
    # What is recorded once a minute is recorded every time.
    REFUSALS.forget()
    # The log holds 9,000 statements, and what is behind them is not counted right.
    connection.queries_log.clear()
    with CaptureQueriesContext(connection) as sent:
        reply = send(person, request)
    return reply, [_OWN.sub("…", query["sql"]) for query in sent.captured_queries]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_nobody_is_sent_what_he_may_not_read(world: World, route: Route, sent: Sent) -> None:
    people = world.people.values()
    assert [leak for person in people for leak in leaks(world, person, sent(person, route))] == []


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_what_is_hidden_answers_like_what_is_absent(world: World, route: Route) -> None:
    assert [told for person in world.people.values() for told in unlike(world, person, route)] == []


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method != "head"], ids=str)
def test_what_is_sent_is_understood(world: World, route: Route, sent: Sent) -> None:
    """Otherwise nothing would be tried: the owner, at least, gets through."""
    refused = REFUSED_TO_THE_OWNER.get(str(route))
    for request, said in sent(world.people["owner"], route):
        reply = said.decode("utf-8", "replace")
        assert int(reply.split()[0]) < 400 or (refused and refused in reply), (str(request), reply)


def test_reading_changes_nothing(world: World, servers: Cluster) -> None:
    """But for the audit trail, in which it is recorded who was shown what."""
    reading = [route for route in ROUTES if route.method in ("get", "head")]
    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat", autocommit=True) as superuser:
        before = contents(superuser)
        for person in world.people.values():
            for route in reading:
                for request in route.requests(known(person, world.targets[0])):
                    send_for_good(person, request)
        after = contents(superuser)
    assert {name for name in before if before[name] != after[name]} == {"audit_auditevent"}
    assert before["chat_turn"]


def contents(superuser: "psycopg.Connection[Any]") -> dict[str, str]:
    """Of every table a sum, by a role from which no policy hides a row."""
    found = {}
    for (name,) in superuser.execute(_TABLES).fetchall():
        rows = sql.SQL("SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {} t").format(
            sql.Identifier(name)
        )
        found[name] = next(iter(superuser.execute(rows)))[0]
    return found


@pytest.mark.parametrize("name", [name for name, places in MAY_READ.items() if places])
def test_whoever_may_read_is_sent_every_word(world: World, name: str, sent: Sent) -> None:
    """A word that nobody ever gets could not leak."""
    person = world.people[name]
    reading = [route for route in ROUTES if route.method == "get"]
    received = [reply for route in reading for _, reply in sent(person, route)]
    missing = set(MAY_READ[name]) - {place for reply in received for place in found_in(CANARIES, reply)}
    assert missing == set()


def test_a_word_that_a_view_lets_slip_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slip = f"What is {CANARIES['closed_text'].upper()}?"
    monkeypatch.setattr(search, "starters", lambda viewer, retriever, verdicts: [slip])
    starters = route_named("get /starters")
    for name in ("denied", "outsider", "revoked"):
        person = world.people[name]
        told = leaks(world, person, replies(world, person, starters))
        assert told == [f"{name}: get {starters.path}: closed_text"]
    reader = world.people["reader"]
    assert leaks(world, reader, replies(world, reader, starters)) == []


def test_a_request_that_is_answered_as_to_somebody_else_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_the_owner(world, monkeypatch)
    # The trail takes no event in another's name, and would end the request: a wall of its own, left out here.
    monkeypatch.setattr(sources, "record_opened", lambda *_: None)
    monkeypatch.setattr(exporting, "record", lambda *_, **__: None)
    reading = [route for route in ROUTES if route.method in ("get", "head")]
    outsider = world.people["outsider"]
    seen = {str(route) for route in reading if leaks(world, outsider, replies(world, outsider, route))}
    assert seen >= {
        "get /collections",
        "get /collections/{collection_id}/documents",
        "get /versions/{version_id}/content",
        "get /versions/{version_id}/original",
        "head /versions/{version_id}/original",
        "get /conversations",
        "get /conversations/{conversation_id}",
        "get /conversations/{conversation_id}/markdown",
        "get /conversations/{conversation_id}/json",
    }


def test_a_refusal_that_tells_the_hidden_from_the_absent_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def telling(viewer: object, collection_id: object, **_: object) -> None:
        exists = str(collection_id) == world.targets[0]["collection_id"]
        raise NotAllowed if exists else NotFound

    monkeypatch.setattr(library, "access_collection", telling)
    assert unlike(world, world.people["outsider"], route_named("get /collections/{collection_id}/documents"))


def test_more_work_for_what_is_hidden_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """T4: the replies are alike, and one of them takes longer."""

    def telling(viewer: object, collection_id: object, **_: object) -> None:
        if str(collection_id) == world.targets[0]["collection_id"]:
            list(Grant.objects.all())
        raise NotFound

    monkeypatch.setattr(library, "access_collection", telling)
    (told,) = unlike(
        world, world.people["outsider"], route_named("get /collections/{collection_id}/documents")
    )
    assert told.partition("\n")[0].endswith(": work")


def test_a_route_that_it_does_not_know_how_to_fill_fails() -> None:
    parameter = {"in": "path", "name": "secret_id", "schema": {"type": "string", "format": "uuid"}}
    body = {"content": {"application/json": {"schema": {"properties": {"colour": {"type": "string"}}}}}}
    for operation in ({"parameters": [parameter]}, {"requestBody": body}):
        body["content"]["application/json"]["schema"] |= {"type": "object", "required": ["colour"]}
        with pytest.raises(Unknown, match="post /new: what is"):
            list(Route("post", "/api/v1/new", operation, {}).requests({"email": "x"}))
