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
from tests.web.conftest import Company, SignIn, browser, call, file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_search")]

# The addresses that the page and scripts rely on, beside the program that makes them.
ADDRESSES = {
    ("get", "/session"),
    ("post", "/session"),
    ("delete", "/session"),
    ("patch", "/session"),
    ("post", "/setup"),
    ("get", "/api-keys"),
    ("post", "/api-keys"),
    ("delete", "/api-keys/{key_id}"),
    ("get", "/collections"),
    ("post", "/collections"),
    ("get", "/groups"),
    ("post", "/groups"),
    ("get", "/groups/{group_id}"),
    ("patch", "/groups/{group_id}"),
    ("delete", "/groups/{group_id}"),
    ("post", "/groups/{group_id}/members"),
    ("delete", "/groups/{group_id}/members/{person_id}"),
    ("post", "/groups/{group_id}/included"),
    ("delete", "/groups/{group_id}/included/{included_id}"),
    ("get", "/search/explanation"),
    ("get", "/search/choices"),
    ("get", "/search/comparison"),
    ("get", "/notices"),
    ("delete", "/notices/{notice_id}"),
    ("get", "/glossary"),
    ("post", "/glossary"),
    ("patch", "/glossary/{entry_id}"),
    ("delete", "/glossary/{entry_id}"),
    ("get", "/feedback"),
    ("post", "/conversations/{conversation_id}/turns/{turn_id}/feedback"),
    ("delete", "/conversations/{conversation_id}/turns/{turn_id}/feedback"),
    ("get", "/insights"),
    ("get", "/insights/export"),
    ("get", "/gap-reports"),
    ("post", "/conversations/{conversation_id}/turns/{turn_id}/gap-report"),
    ("delete", "/conversations/{conversation_id}/turns/{turn_id}/gap-report"),
    ("get", "/gaps"),
    ("patch", "/gaps/{gap_id}"),
    ("get", "/gaps/{gap_id}/answerers"),
    ("post", "/gaps/{gap_id}/search"),
    ("get", "/golden-questions"),
    ("post", "/golden-questions"),
    ("patch", "/golden-questions/{question_id}"),
    ("delete", "/golden-questions/{question_id}"),
    ("get", "/golden-runs"),
    ("post", "/golden-runs"),
    ("post", "/golden-runs/{run_id}/steps"),
    ("get", "/golden-runs/{run_id}"),
    ("get", "/people"),
    ("post", "/people"),
    ("get", "/people/{person_id}"),
    ("patch", "/people/{person_id}"),
    ("post", "/people/{person_id}/link"),
    ("post", "/password-resets"),
    ("post", "/passwords"),
    ("get", "/collections/{collection_id}/grants"),
    ("post", "/collections/{collection_id}/grants"),
    ("delete", "/grants/{grant_id}"),
    ("get", "/permissions"),
    ("post", "/permissions/preview"),
    ("patch", "/permissions"),
    ("get", "/collections/{collection_id}/documents"),
    ("post", "/collections/{collection_id}/documents"),
    ("post", "/documents/{document_id}/versions"),
    ("post", "/documents/{document_id}/retry"),
    ("post", "/documents/{document_id}/move"),
    ("post", "/documents/{document_id}/encoding"),
    ("delete", "/documents/{document_id}"),
    ("post", "/documents/{document_id}/restore"),
    ("get", "/collections/{collection_id}/deleted-documents"),
    ("get", "/documents/{document_id}"),
    ("get", "/versions/{version_id}/content"),
    ("get", "/versions/{version_id}/boxes"),
    ("get", "/versions/{version_id}/original"),
    ("get", "/versions/{version_id}/pages/{page}"),
    ("get", "/versions/{version_id}/report"),
    ("get", "/documents/{document_id}/sections"),
    ("post", "/sections/{section_id}/closures"),
    ("delete", "/closures/{closure_id}"),
    ("post", "/versions/{version_id}/confirm"),
    ("get", "/versions/{version_id}/explanation"),
    ("get", "/search"),
    ("get", "/starters"),
    ("get", "/audit"),
    ("get", "/audit/export"),
    ("get", "/conversations"),
    ("post", "/conversations"),
    ("post", "/conversations/{conversation_id}/turns"),
    ("get", "/conversations/{conversation_id}/turns/{turn_id}"),
    ("post", "/conversations/{conversation_id}/turns/{turn_id}/stop"),
    ("get", "/conversations/{conversation_id}"),
    ("patch", "/conversations/{conversation_id}"),
    ("delete", "/conversations/{conversation_id}"),
    ("delete", "/sessions"),
    ("delete", "/sessions/{session_id}"),
    ("delete", "/shares/{share_id}"),
    ("get", "/as/collections"),
    ("get", "/as/collections/{collection_id}/documents"),
    ("get", "/audit/chain"),
    ("get", "/conversations/{conversation_id}/markdown"),
    ("get", "/conversations/{conversation_id}/json"),
    ("get", "/conversations/{conversation_id}/shares"),
    ("get", "/sessions"),
    ("get", "/shared/{token}"),
    ("post", "/conversations/{conversation_id}/shares"),
    ("post", "/session/single-sign-on"),
    ("post", "/session/code"),
    ("post", "/session/passkey/options"),
    ("post", "/session/passkey"),
    ("post", "/session/proof"),
    ("post", "/session/proof/passkey/options"),
    ("post", "/session/proof/passkey"),
    ("get", "/factors"),
    ("post", "/factors/app/offer"),
    ("post", "/factors/app"),
    ("delete", "/factors/app"),
    ("post", "/factors/codes"),
    ("post", "/factors/passkeys/options"),
    ("post", "/factors/passkeys"),
    ("delete", "/factors/passkeys/{passkey_id}"),
    ("delete", "/people/{person_id}/factors"),
    ("get", "/generations"),
    ("get", "/system/health"),
    ("get", "/system/settings"),
    ("post", "/generation-builds"),
    ("post", "/generation-builds/{build_id}/pause"),
    ("post", "/generation-builds/{build_id}/resume"),
    ("delete", "/generation-builds/{build_id}"),
    ("get", "/generations/{generation_id}/golden"),
    ("get", "/generations/{generation_id}/lost-sentences"),
    ("post", "/generations/{generation_id}/in-force"),
    ("delete", "/generations/{generation_id}"),
    ("get", "/sources"),
    ("get", "/source-openings"),
    ("get", "/schedule"),
    ("get", "/upkeep"),
    ("put", "/upkeep/{task}/schedule"),
    ("delete", "/upkeep/{task}/schedule"),
    ("post", "/upkeep/{task}/runs"),
    ("get", "/upkeep/{task}/runs"),
    ("post", "/collections/{collection_id}/sources"),
    ("post", "/collections/{collection_id}/source-trials"),
    ("post", "/sources/{source_id}/secret-trials"),
    ("delete", "/sources/{source_id}"),
    ("post", "/sources/{source_id}/keeper"),
    ("put", "/sources/{source_id}/secrets"),
    ("put", "/sources/{source_id}/permissions"),
    ("put", "/sources/{source_id}/schedule"),
    ("delete", "/sources/{source_id}/schedule"),
    ("post", "/sources/{source_id}/runs"),
    ("get", "/sources/{source_id}/runs"),
    ("get", "/sources/{source_id}/troubles"),
    ("post", "/sources/{source_id}/retries"),
    ("get", "/versions/{version_id}/changes"),
    ("get", "/versions/{version_id}/passages"),
    ("put", "/versions/{version_id}/passages"),
    ("put", "/versions/{version_id}/days"),
    ("get", "/deletion-receipts"),
    ("get", "/legal-holds"),
    ("post", "/documents/{document_id}/legal-holds"),
    ("post", "/people/{person_id}/legal-holds"),
    ("delete", "/legal-holds/{hold_id}"),
    ("get", "/collections/{collection_id}/retention"),
    ("put", "/collections/{collection_id}/retention"),
    ("get", "/collections/{collection_id}/retention/foreseen"),
    ("get", "/collection-retention"),
    ("get", "/erasure-receipts"),
    ("get", "/conversation-retention/foreseen"),
    ("get", "/conversation-retention"),
    ("put", "/conversation-retention"),
    ("post", "/people/{person_id}/erasure"),
}
PUBLIC = {
    ("get", "/session"),
    ("post", "/session"),
    ("delete", "/session"),
    ("post", "/setup"),
    ("post", "/session/single-sign-on"),
    ("post", "/password-resets"),
    ("post", "/passwords"),
    ("post", "/session/code"),
    ("post", "/session/passkey/options"),
    ("post", "/session/passkey"),
}


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
