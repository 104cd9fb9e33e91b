"""The HTTP API for everybody who may call it: the owner, a reader, a stranger, nobody (T3, T18, T26)."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from kbchat.chat.turns import AcceptedTurn, Ask, open_turn
from kbchat.library.documents import DocumentRow, document_row
from kbchat.web.http.api import api
from tests.web.api_addresses import ADDRESSES, PUBLIC
from tests.web.conftest import Company, SignIn, browser, call, file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_search")]


@pytest.fixture
def turn(company: Company) -> AcceptedTurn:
    return open_turn(company.viewer(company.owner), Ask(uuid4(), "How many days?"))


def filled(path: str, company: Company) -> str:
    """With some id in each place."""
    return re.sub(r"\{\w+\}", str(company.collection_id), path)


def test_the_document_of_the_api_is_public_and_lists_every_address() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    listed = {
        (method, path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert listed == ADDRESSES


def test_every_reference_in_the_document_resolves_and_operations_have_names() -> None:
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert reference in schemas
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("method", "path"), sorted(ADDRESSES - PUBLIC))
def test_nobody_gets_nothing(company: Company, method: str, path: str) -> None:
    reply = call(browser(), method, filled(path, company))
    assert (reply.status_code, reply.json()["code"]) == (401, "signed_out")


@pytest.mark.parametrize(
    ("method", "path"), sorted(entry for entry in ADDRESSES - PUBLIC if entry[0] != "get")
)
def test_every_change_needs_the_token(company: Company, signed_in: SignIn, method: str, path: str) -> None:
    """T26."""
    client = signed_in(company.owner)
    del client.defaults["HTTP_X_CSRFTOKEN"]
    reply = call(client, method, filled(path, company))
    assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")


def addresses_of(company: Company, page: DocumentRow, turn: AcceptedTurn) -> list[tuple[str, str, Any]]:
    """Everything of the owner's that somebody else may try."""
    document, version, shelf = page.id, page.version_id, company.collection_id
    conversation = turn.conversation_id
    return [
        ("get", f"/collections/{shelf}/documents", None),
        ("get", f"/collections/{shelf}/grants", None),
        ("post", f"/collections/{shelf}/grants", {"kind": "everyone", "role": "reader"}),
        ("get", f"/documents/{document}", None),
        ("delete", f"/documents/{document}", None),
        ("post", f"/documents/{document}/retry", None),
        ("post", f"/documents/{document}/cancel", None),
        ("post", f"/collections/{shelf}/cancel", None),
        ("get", f"/versions/{version}/content", None),
        ("get", f"/versions/{version}/boxes?start=0&end=5", None),
        ("get", f"/versions/{version}/original", None),
        ("head", f"/versions/{version}/original", None),
        ("get", f"/conversations/{conversation}", None),
        ("patch", f"/conversations/{conversation}", {"title": "Mine"}),
        ("delete", f"/conversations/{conversation}", None),
        ("get", f"/conversations/{conversation}/turns/{turn.turn_id}", None),
        ("post", f"/conversations/{conversation}/turns/{turn.turn_id}/stop", None),
        ("post", f"/conversations/{conversation}/turns", {"question": "How many days?"}),
        ("get", f"/search?q=leave&collection={shelf}", None),
    ]


def test_what_is_hidden_looks_like_what_is_not(
    company: Company, page: DocumentRow, turn: AcceptedTurn, signed_in: SignIn
) -> None:
    """T3, T18: byte for byte, for a stranger."""
    client = signed_in(company.stranger)
    for method, path, body in addresses_of(company, page, turn):
        hidden = call(client, method, path, body)
        if path.startswith("/search"):
            assert hidden.status_code == 404 or hidden.json() == {
                "passages": [],
                "by_words_alone": False,
                "by_names_alone": [],
            }
            continue
        ids = [str(page.id), str(page.version_id), str(company.collection_id)]
        ids += [str(turn.conversation_id), str(turn.turn_id)]
        absent_path = path
        for known in ids:
            absent_path = absent_path.replace(known, str(uuid4()))
        absent = call(client, method, absent_path, body)
        assert hidden.status_code == absent.status_code == 404, (method, path)
        assert hidden.content == absent.content
        assert "Leave" not in hidden.content.decode()
    assert call(client, "get", "/collections").json() == []
    assert call(client, "get", "/conversations").json() == []
    assert call(client, "get", "/starters").json() == []
    assert call(client, "get", "/search?q=annual leave").json() == {
        "passages": [],
        "by_words_alone": False,
        "by_names_alone": [],
    }
    assert document_row(company.viewer(company.owner), page.id) == page


def test_a_reader_reads_and_changes_nothing(
    company: Company, page: DocumentRow, turn: AcceptedTurn, signed_in: SignIn
) -> None:
    client = signed_in(company.reader)
    shelf = call(client, "get", "/collections").json()
    assert [(row["name"], row["role"], row["documents"]) for row in shelf] == [("People", "reader", 1)]
    for method, path, body in addresses_of(company, page, turn):
        reply = call(client, method, path, body)
        if path.startswith("/conversations"):
            assert reply.status_code == 404
        elif method in ("get", "head") and "grants" not in path:
            assert reply.status_code == 200, (method, path, reply.content)
        else:
            assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed"), (method, path)
    reply = client.post(f"/api/v1/collections/{company.collection_id}/documents", {"files": file()})
    assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed")
    reply = client.post(f"/api/v1/documents/{page.id}/versions", {"file": file()})
    assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed")
    assert call(client, "post", "/collections", {"name": "Mine"}).status_code == 403
    assert call(client, "get", "/groups").status_code == 403


def test_the_owner_s_rows_have_the_promised_fields(
    company: Company, page: DocumentRow, signed_in: SignIn
) -> None:
    client = signed_in(company.owner)
    [row] = call(client, "get", f"/collections/{company.collection_id}/documents").json()
    assert row["id"] == str(page.id)
    assert (row["state"], row["step"], row["progress"], row["passages"]) == ("ready", "ready", 1.0, 2)
    assert (row["title"], row["filename"], row["uploaded_by"]) == ("Leave", "leave.md", "Olga Ernst")
    assert (row["problem"], row["expires_on"], row["flags"]) == (None, None, [])
    detail = call(client, "get", f"/documents/{page.id}").json()
    assert (detail["collection_name"], detail["role"]) == ("People", "owner")
    assert [version["in_force"] for version in detail["versions"]] == [True]
    content = call(client, "get", f"/versions/{page.version_id}/content").json()
    assert [block["kind"] for block in content["blocks"]] == ["heading", "paragraph", "heading", "paragraph"]
    assert content["newest_version_id"] == str(page.version_id)


def test_conversations_are_read_renamed_and_deleted(
    company: Company, turn: AcceptedTurn, signed_in: SignIn
) -> None:
    client = signed_in(company.owner)
    path = f"/conversations/{turn.conversation_id}"
    [row] = call(client, "get", "/conversations").json()
    assert (row["id"], row["title"]) == (str(turn.conversation_id), "How many days?")
    assert (row["is_pinned"], row["found"]) == (False, None)
    assert call(client, "get", "/conversations?q=nothing like it").json() == []
    [found] = call(client, "get", "/conversations?q=days").json()
    assert found["found"] == {
        "title_marks": [[9, 13]],
        "turn_id": str(turn.turn_id),
        "excerpt": "How many days?",
        "marks": [[9, 13]],
    }
    detail = call(client, "get", path).json()
    assert not any(detail["scope"].values())
    [told] = detail["turns"]
    assert (told["id"], told["state"], told["masked"], told["events"]) == (
        str(turn.turn_id),
        "queued",
        False,
        [],
    )
    assert call(client, "patch", path, {"title": "Leave"}).json()["title"] == "Leave"
    pinned = call(client, "patch", path, {"is_pinned": True}).json()
    assert (pinned["title"], pinned["is_pinned"]) == ("Leave", True)
    assert call(client, "patch", path, {"title": " "}).json()["code"] == "title_empty"
    assert call(client, "delete", path).status_code == 204
    assert call(client, "get", path).status_code == 404


def test_no_answer_of_the_api_is_kept_by_a_cache(company: Company, signed_in: SignIn) -> None:
    """T16."""
    client = signed_in(company.owner)
    for path in ("/session", "/collections", "/nothing"):
        assert "no-store" in call(client, "get", path)["Cache-Control"]
