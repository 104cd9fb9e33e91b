"""API keys: made, listed and revoked by their owner; narrowed to what they are for, and to collections; at an end some
day (T8, T55)."""

import asyncio
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import ApiKey, User
from kbchat.audit.models import AuditEvent
from kbchat.core.limits import Limit
from kbchat.core.viewer import KeyScope
from kbchat.library.collections import create_collection
from kbchat.web.http.api import api
from tests.servers import as_owner
from tests.web.conftest import Company, SignIn, file
from tests.web.limits_support import LANGUAGES, count, set_limit
from tests.web.page_socket import connected

pytestmark = pytest.mark.django_db

EVERYTHING = [scope.value for scope in KeyScope]
KEY_MAY: dict[str, str] = {
    "get /search": "search",
    "get /search/choices": "search",
    "get /starters": "search",
    "get /conversations": "ask",
    "post /conversations": "ask",
    "get /conversations/{conversation_id}": "ask",
    "get /conversations/{conversation_id}/markdown": "ask",
    "get /conversations/{conversation_id}/json": "ask",
    "patch /conversations/{conversation_id}": "ask",
    "delete /conversations/{conversation_id}": "ask",
    "post /conversations/{conversation_id}/turns": "ask",
    "get /conversations/{conversation_id}/turns/{turn_id}": "ask",
    "post /conversations/{conversation_id}/turns/{turn_id}/stop": "ask",
    "get /collections": "read_library",
    "get /collections/{collection_id}/documents": "read_library",
    "get /documents/{document_id}": "read_library",
    "get /versions/{version_id}/content": "read_library",
    "get /versions/{version_id}/boxes": "read_library",
    "get /versions/{version_id}/original": "read_library",
    "get /versions/{version_id}/pages/{page}": "read_library",
    "get /versions/{version_id}/changes": "read_library",
    "get /versions/{version_id}/report": "read_library",
    "post /collections": "write_library",
    "post /collections/{collection_id}/documents": "write_library",
    "post /documents/{document_id}/versions": "write_library",
    "put /versions/{version_id}/days": "write_library",
    "post /documents/{document_id}/retry": "write_library",
    "post /documents/{document_id}/cancel": "write_library",
    "post /collections/{collection_id}/cancel": "write_library",
    "post /documents/{document_id}/move": "write_library",
    "post /documents/{document_id}/encoding": "write_library",
    "delete /documents/{document_id}": "write_library",
    "post /documents/{document_id}/restore": "write_library",
    "get /collections/{collection_id}/deleted-documents": "write_library",
}
"""What no line names is for a person who is signed in."""
OPEN_TO_ALL = {
    "get /session",
    "post /session",
    "delete /session",
    "post /setup",
    "post /session/single-sign-on",
    "post /session/code",
    "post /session/passkey/options",
    "post /session/passkey",
    "post /passwords",
    "post /password-resets",
}


def make(client: Client, **wish: Any) -> Any:
    body = {"name": "laptop", "scopes": EVERYTHING} | wish
    return client.post("/api/v1/api-keys", body, content_type="application/json")


def script_of(person: User, *scopes: str, collections: list[Any] | None = None) -> Client:
    chosen = [KeyScope(scope) for scope in scopes or EVERYTHING]
    _, secret = create_api_key(person, "script", scopes=chosen, collections=collections)
    return Client(headers={"authorization": f"Bearer {secret}"})


def routes() -> list[str]:
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    return [
        f"{method} {path.removeprefix('/api/v1')}"
        for path, operations in paths.items()
        for method in operations
    ]


def code_of(client: Client, route: str) -> str:
    """Of the refusal; "" where it was let through."""
    method, _, path = route.partition(" ")
    while "{" in path:
        path = path[: path.index("{")] + str(uuid4()) + path[path.index("}") + 1 :]
    content = {} if method in ("get", "delete") else {"data": {}, "content_type": "application/json"}
    reply = getattr(client, method)(f"/api/v1{path}", **content)
    is_refused = reply.status_code == 403 and not reply.streaming
    return str(reply.json()["code"]) if is_refused else ""


def test_keys_are_made_listed_and_revoked_by_their_owner(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    made = make(client, scopes=["read_library"], collection_ids=[str(company.collection_id)])
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith("kbc_")
    (row,) = client.get("/api/v1/api-keys").json()
    assert row == {name: told for name, told in made.json().items() if name != "key"}
    assert (row["scopes"], row["collection_ids"], row["last_used_on"]) == (
        ["read_library"],
        [str(company.collection_id)],
        None,
    )
    script = Client(headers={"authorization": f"Bearer {key}"})
    assert script.get("/api/v1/collections").status_code == 200
    (row,) = client.get("/api/v1/api-keys").json()
    assert row["last_used_on"] == timezone.now().astimezone(UTC).date().isoformat()
    assert make(script).json()["code"] == "session_needed"
    other = signed_in(company.owner)
    assert other.delete(f"/api/v1/api-keys/{made.json()['id']}").status_code == 404
    assert client.delete(f"/api/v1/api-keys/{made.json()['id']}").status_code == 204
    assert script.get("/api/v1/collections").status_code == 401
    with as_owner():
        events = AuditEvent.objects.filter(action__startswith="api_key").order_by("seq")
        told = [(event.actor_id, event.action, event.subject["key"]) for event in events]
        assert told == [
            (company.reader.pk, "api_key_made", made.json()["id"]),
            (company.reader.pk, "api_key_revoked", made.json()["id"]),
        ]
        assert key not in str([event.subject for event in events])


def test_what_cannot_be_made_is_refused(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(company.reader)
    now = timezone.now()
    hidden = create_hidden(company)
    before = count(Limit.KEY_DAYS)
    for wish, status, code in (
        ({"scopes": []}, 422, "invalid_request"),
        ({"scopes": ["administer"]}, 422, "invalid_request"),
        ({"collection_ids": []}, 422, "invalid_request"),
        ({"collection_ids": [str(uuid4())]}, 404, "not_found"),
        ({"collection_ids": [str(company.collection_id), hidden]}, 404, "not_found"),
        ({"expires_at": (now - timedelta(seconds=1)).isoformat()}, 400, "expires_in_the_past"),
        ({"expires_at": (now + timedelta(days=367)).isoformat()}, 400, "expires_too_late"),
    ):
        reply = make(client, **wish)
        assert (reply.status_code, reply.json()["code"]) == (status, code), wish
    assert count(Limit.KEY_DAYS) == before + 1
    usual = ApiKey.objects.get(pk=make(client).json()["id"])
    assert (usual.expires_at - usual.created_at).days in (89, 90)
    set_limit(monkeypatch, most_keys=1)
    before = count(Limit.KEYS)
    assert (make(client).status_code, make(client).json()["code"]) == (400, "too_many_keys")
    assert count(Limit.KEYS) == before + 2
    # One that has ended makes room.
    ApiKey.objects.update(expires_at=now)
    assert make(client).status_code == 201


def create_hidden(company: Company) -> str:
    """A collection that the reader may not see."""
    return str(create_collection(company.viewer(company.owner), name="Hidden").id)


def test_an_expired_key_is_nothing(company: Company) -> None:
    script = script_of(company.reader)
    assert script.get("/api/v1/collections").status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    assert script.get("/api/v1/collections").status_code == 401


@pytest.mark.parametrize("scope", EVERYTHING)
def test_a_key_does_what_it_is_for_and_nothing_else(
    company: Company, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The routes are read from the API's document: one that says nothing of keys is closed to all of them."""
    set_limit(monkeypatch, key_requests_a_minute=10_000)
    script = script_of(company.owner, scope)
    told = {route: code_of(script, route) for route in routes() if route not in OPEN_TO_ALL}
    expected = {
        route: "session_needed"
        if route not in KEY_MAY
        else ""
        if KEY_MAY[route] == scope
        else "key_lacks_scope"
        for route in told
    }
    assert told == expected


def test_a_key_for_some_collections_sees_no_others(company: Company) -> None:
    """Hidden and absent answer alike, for its owner, who reads all of them."""
    hidden = create_hidden(company)
    owner = script_of(company.owner)
    added = owner.post(f"/api/v1/collections/{hidden}/documents", {"files": [file("secret.md")]})
    (document,) = added.json()
    script = script_of(company.owner, collections=[company.collection_id])
    assert [row["id"] for row in script.get("/api/v1/collections").json()] == [str(company.collection_id)]
    for path in (
        f"/collections/{hidden}/documents",
        f"/documents/{document['id']}",
        f"/versions/{document['version_id']}/original",
    ):
        assert owner.get(f"/api/v1{path}").status_code == 200
        absent = script.get(
            f"/api/v1{path.replace(hidden, str(uuid4())).replace(document['id'], str(uuid4()))}"
        )
        told = script.get(f"/api/v1{path}")
        assert (told.status_code, told.content) == (404, absent.content)
    refused = script.post(f"/api/v1/collections/{hidden}/documents", {"files": [file("a.md")]})
    assert refused.status_code == 404
    asked = script.post(
        "/api/v1/conversations",
        {"question": "x", "scope": {"collection_ids": [hidden]}},
        content_type="application/json",
    )
    assert asked.status_code == 404
    made = script.post("/api/v1/collections", {"name": "New"}, content_type="application/json")
    assert made.json()["code"] == "key_is_narrowed"


def test_a_key_is_counted_by_the_minute(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    set_limit(monkeypatch, key_requests_a_minute=1)
    for language, said in zip(LANGUAGES, ("more than 1 requests", "超过 1 次"), strict=True):
        script, other = script_of(company.reader), script_of(company.reader)
        before = count(Limit.KEY_REQUESTS)
        # The minute may turn between two requests, not twice among five.
        replies = [script.get("/api/v1/collections", headers={"accept-language": language}) for _ in range(5)]
        refused = [reply for reply in replies if reply.status_code == 429]
        assert 3 <= len(refused) <= 4
        assert count(Limit.KEY_REQUESTS) == before + len(refused)
        assert said in refused[0].json()["message"]
        assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
        assert other.get("/api/v1/collections").status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_the_socket_does_what_the_key_is_for(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def key_for(scope: KeyScope) -> str:
        return create_api_key(company.reader, "script", scopes=[scope])[1]

    commands: dict[str, dict[str, Any]] = {
        "ask": {"client_message_id": uuid4(), "question": "How many days?"},
        "stop": {"turn_id": uuid4()},
        "follow": {"turn_id": uuid4()},
        "unfollow": {"turn_id": uuid4()},
        "watch_library": {},
        "unwatch_library": {},
        "ping": {},
    }
    may = {
        KeyScope.SEARCH: {"ping"},
        KeyScope.ASK: {"ping", "ask", "stop", "follow", "unfollow"},
        KeyScope.READ_LIBRARY: {"ping", "watch_library", "unwatch_library"},
    }
    for scope, allowed in may.items():
        key = await asyncio.to_thread(key_for, scope)
        async with connected(origin=None, key=key) as page:
            for kind in sorted(set(commands) - allowed):
                await page.send(type=kind, **commands[kind])
                refused = await page.frame()
                assert (kind, refused["code"]) == (kind, "key_lacks_scope")
            for kind in sorted(allowed - {"ping"}):
                await page.send(type=kind, **commands[kind])
            await page.send(type="ping")
            seen = []
            while not seen or seen[-1]["type"] != "pong":
                seen.append(await page.frame())
            assert "key_lacks_scope" not in [frame.get("code") for frame in seen]
