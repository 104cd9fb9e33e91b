"""How the API refuses what does not fit, what is not there and what went wrong (T7, T55)."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kbchat.accounts.api_keys import create_api_key
from kbchat.core.errors import Busy, Unavailable
from kbchat.library.documents import DocumentRow
from kbchat.web.http import search
from tests.web.conftest import Company, SignIn, call, file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_search")]


@pytest.mark.parametrize(
    ("language", "missing", "wrong"),
    [
        ("en", "A required field is missing: {}.", "The request does not fit here: {}."),
        ("zh-hans", "缺少必填字段：{}。", "请求中有不符合要求的内容：{}。"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named(
    company: Company, page: DocumentRow, signed_in: SignIn, language: str, missing: str, wrong: str
) -> None:
    client = signed_in(company.owner)
    documents = f"/api/v1/collections/{company.collection_id}/documents"
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    replies = [
        (client.post(documents, {"file": file()}), missing.format("files")),
        (client.post(f"/api/v1/documents/{page.id}/versions", {"files": file()}), missing.format("file")),
        (call(client, "post", "/collections", {"title": "x"}), missing.format("name")),
        (call(client, "post", "/session", {}), missing.format("email, password")),
        (call(client, "get", "/search"), missing.format("q")),
        (call(client, "get", "/search?q=x&limit=0"), wrong.format("limit")),
        (call(client, "post", "/collections", {"name": "x", "owner_id": "me"}), wrong.format("owner_id")),
        (client.post(documents, {"files": file(), "expires_on": "soon"}), wrong.format("expires_on")),
    ]
    for reply, message in replies:
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")
        assert reply.json()["message"] == message


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/collections", {"name": "x", "owner_id": "me"}),
        ("post", "/collections", {"name": ["x"]}),
        ("post", "/collections", ["not an object"]),
        ("get", "/search", None),
        ("get", "/search?q=", None),
        ("get", "/search?q=x&limit=9999", None),
        ("get", "/search?q=x&collection=' OR 1=1 --", None),
    ],
)
def test_what_does_not_fit_is_refused(
    company: Company, signed_in: SignIn, method: str, path: str, body: Any
) -> None:
    """T7: unknown keys of a body, wrong kinds, and filters that are none."""
    reply = call(signed_in(company.owner), method, path, body)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")
    assert set(reply.json()) == {"code", "message", "next_step"}


def test_broken_json_is_told_plainly(company: Company, signed_in: SignIn) -> None:
    reply = signed_in(company.owner).post("/api/v1/collections", "{broken", content_type="application/json")
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("path", ["/nothing", "/documents/1", "/documents/not-an-id", "/versions/1/content"])
def test_an_address_that_is_none_is_not_found(company: Company, signed_in: SignIn, path: str) -> None:
    reply = call(signed_in(company.owner), "get", path)
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/serch"),
        ("post", "/api/v1/documents/not-an-id/retry"),
        ("delete", f"/api/v1/collections/{UUID(int=0)}"),
        ("put", "/api/nothing"),
    ],
)
def test_so_is_one_that_something_is_sent_to(company: Company, method: str, path: str) -> None:
    """With a key or without anything: the proof that a request is the page's own is asked for by no such address."""
    _, key = create_api_key(company.owner, "script")
    for headers in ({"authorization": f"Bearer {key}"}, {}):
        client = Client(enforce_csrf_checks=True, headers={"accept-language": "en", **headers})
        reply = getattr(client, method)(path, {}, content_type="application/json")
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


def test_a_form_is_no_json(company: Company, signed_in: SignIn) -> None:
    """The form is read when the CSRF token is looked for, and then nobody can read the body again."""
    client = signed_in(company.owner)
    _, key = create_api_key(company.owner, "script")
    form = {"content_type": "multipart/form-data; boundary=x"}
    part = '--x\r\nContent-Disposition: form-data; name="question"\r\n\r\nhi\r\n--x--\r\n'
    for path in ("/conversations", "/collections", "/api-keys"):
        for body in ('{"question": "hi"}', part):
            reply = client.post(f"/api/v1{path}", body, **form)
            assert (reply.status_code, reply.json()["code"]) == (400, "invalid"), (path, body)
    by_key = Client().post("/api/v1/conversations", part, **form, headers={"authorization": f"Bearer {key}"})
    assert (by_key.status_code, by_key.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("language", "message"),
    [("en", "More than 1000 fields at once."), ("zh-hans", "一次发送的字段超过 1000 个。")],
)
def test_too_many_fields_are_told(company: Company, signed_in: SignIn, language: str, message: str) -> None:
    client = signed_in(company.owner)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    _, key = create_api_key(company.owner, "script")
    by_key = Client(headers={"accept-language": language, "authorization": f"Bearer {key}"})
    documents = f"/api/v1/collections/{company.collection_id}/documents"
    fields = {f"a{number}": "1" for number in range(1500)}
    for reply in (
        client.get("/api/v1/search?q=gizmo" + "&a=1" * 1001),
        client.post(documents, fields),
        by_key.post(documents, fields),
    ):
        assert (reply.status_code, reply.json()["code"]) == (400, "too_many_fields")
        assert reply.json()["message"] == message


def test_the_causes_have_their_status(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(company.owner)
    for error, status, code in (
        (Busy(), 429, "busy"),
        (Unavailable("search_timed_out"), 503, "search_timed_out"),
        (RuntimeError("secret"), 500, "internal"),
    ):

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(search, "search", fail)
        reply = call(client, "get", "/search?q=x")
        assert (reply.status_code, reply.json()["code"]) == (status, code)
        assert "secret" not in reply.content.decode()


def test_a_place_that_ends_before_it_begins_is_told(
    company: Company, signed_in: SignIn, page: DocumentRow
) -> None:
    place = f"/versions/{page.version_id}"
    for person in (company.owner, company.stranger):
        client = signed_in(person)
        for reply in (
            call(client, "put", f"{place}/passages", {"start": 5, "end": 2, "is_silenced": True}),
            call(client, "get", f"{place}/boxes?start=5&end=2"),
        ):
            assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")
