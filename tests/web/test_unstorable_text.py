"""Text that PostgreSQL cannot hold (a NUL, half of a surrogate pair) breaks nothing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kbchat.core.errors import Invalid
from kbchat.library.uploading import Upload, upload
from tests.company import MAX_BYTES, markdown
from tests.web.conftest import PASSWORD, Company, SignIn, browser

pytestmark = pytest.mark.django_db

BODIES: list[tuple[str, dict[str, str], int]] = [
    ("/session", {"email": "nobody{}@example.com", "password": PASSWORD}, 401),
    ("/session", {"email": "lin@example.com", "password": "wrong{}"}, 401),
    ("/setup", {"token": "t", "email": "a@example.com", "name": "A{}", "password": PASSWORD}, 404),
    ("/collections", {"name": "Rooms {}"}, 200),
    ("/collections", {"name": "Rules", "description": "Of {} all"}, 200),
    ("/api-keys", {"name": "lap{}top", "scopes": ["ask"]}, 201),
    ("/conversations", {"question": "How {} many?"}, 202),
]


@pytest.mark.parametrize("sign", ["\0", "\ud83d"])
@pytest.mark.parametrize(("path", "body", "status"), BODIES)
def test_text_comes_in_as_it_can_be_stored(
    company: Company, signed_in: SignIn, path: str, body: dict[str, Any], status: int, sign: str
) -> None:
    client = browser() if path in ("/session", "/setup") else signed_in(company.owner)
    sent = {name: value.format(sign) if isinstance(value, str) else value for name, value in body.items()}
    reply = client.post(f"/api/v1{path}", sent, content_type="application/json")
    assert reply.status_code == status, reply.content


def test_so_does_a_field_beside_a_file(company: Company, signed_in: SignIn) -> None:
    reply = signed_in(company.owner).post(
        f"/api/v1/collections/{company.collection_id}/documents",
        {"files": SimpleUploadedFile("note.txt", b"A sentence."), "encoding": "utf\0-8"},
    )
    assert reply.status_code == 201, reply.content


@pytest.mark.parametrize("key", ["\\000aaaaaaaaaaaa", "\ud83d\ud83d\ud83d\ud83d", "a" * 9000])
def test_a_cookie_that_we_did_not_make_is_nobody_s(company: Company, key: str) -> None:
    client = browser()
    client.cookies["kbchat_session"] = key.encode("utf-8", "replace").decode()
    assert client.get("/api/v1/session").json()["person"] is None


@pytest.mark.parametrize("encoding", ["\0", "\ud83d", "no-such-one"])
def test_no_encoding_is_called_so(company: Company, encoding: str) -> None:
    """For callers without a request, such as the import of a folder."""
    file = Upload("note.txt", markdown("A sentence.").file, encoding=encoding)
    with pytest.raises(Invalid, match="encoding_unknown"):
        upload(company.viewer(company.owner), company.collection_id, file, max_bytes=MAX_BYTES)


def test_the_name_of_a_file_loses_it(company: Company, signed_in: SignIn) -> None:
    named: Any = SimpleUploadedFile("x", b"# Note\n\nA sentence.\n")
    named.name = "no\0te.md"
    reply = signed_in(company.owner).post(
        f"/api/v1/collections/{company.collection_id}/documents", {"files": named}
    )
    assert reply.status_code == 201, reply.content
    assert [row["filename"] for row in reply.json()] == ["note.md"]


@pytest.mark.parametrize("path", ["/conversations?q=lea%00ve", "/conversations?q=lea%ED%A0%BDve"])
def test_a_query_reaches_no_statement_with_it(company: Company, signed_in: SignIn, path: str) -> None:
    assert signed_in(company.owner).get(f"/api/v1{path}").json() == []


def test_a_query_of_nothing_else_is_none(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    client.post("/api/v1/conversations", {"question": "How many?"}, content_type="application/json")
    listed = client.get("/api/v1/conversations").json()
    assert len(listed) == 1
    for typed in ("%00", "%00%20%00"):
        assert client.get(f"/api/v1/conversations?q={typed}").json() == listed
