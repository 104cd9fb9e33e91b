"""Original files: whole, in part, never to be shown in the page's origin (T22, T24, T51, T52)."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.test import Client

from kbchat.library.documents import DocumentRow
from kbchat.library.uploading import Upload, upload
from tests.company import MAX_BYTES, ingest, markdown
from tests.web.conftest import Company, SignIn

pytestmark = pytest.mark.django_db

CONTENT = "# 制度\n\n" + "".join(f"Sentence number {number}.\n\n" for number in range(20_000))
BYTES = CONTENT.encode()


@pytest.fixture
def row(company: Company) -> DocumentRow:
    viewer = company.viewer(company.owner)
    return upload(viewer, company.collection_id, markdown(CONTENT, '年假 "2025"; rm.md'), max_bytes=MAX_BYTES)


def get(client: Client, row: DocumentRow, method: str = "get", **headers: str) -> tuple[Any, bytes]:
    reply = getattr(client, method)(f"/api/v1/versions/{row.version_id}/original", headers=headers)
    return reply, async_to_sync(received)(reply) if reply.streaming else reply.content


async def received(reply: Any) -> bytes:
    return b"".join([piece async for piece in reply.streaming_content])


def test_the_whole_file_comes_as_it_was(company: Company, row: DocumentRow, signed_in: SignIn) -> None:
    reply, body = get(signed_in(company.owner), row)
    assert (reply.status_code, body) == (200, BYTES)
    assert reply["Content-Length"] == str(len(BYTES))
    assert reply["Accept-Ranges"] == "bytes"


def test_a_reader_gets_it_once_it_is_ready(company: Company, signed_in: SignIn) -> None:
    viewer = company.viewer(company.owner)
    row = upload(viewer, company.collection_id, markdown("# A\n\nText.\n"), max_bytes=MAX_BYTES)
    client = signed_in(company.reader)
    assert get(client, row)[0].status_code == 404
    ingest()
    assert get(client, row)[1] == b"# A\n\nText.\n"


def test_it_is_an_attachment_that_runs_nowhere(company: Company, row: DocumentRow, signed_in: SignIn) -> None:
    reply, _ = get(signed_in(company.owner), row)
    assert reply["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E5%B9%B4%E5%81%87%20%222025%22%3B%20rm.md"
    )
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reply["Cache-Control"] == "private, no-store"
    assert reply["Content-Type"] == "text/markdown"


def test_markup_is_never_sent_as_markup(company: Company, signed_in: SignIn) -> None:
    viewer = company.viewer(company.owner)
    html = Upload("page.html", markdown("<!doctype html><p>Hello <script>alert(1)</script></p>").file)
    row = upload(viewer, company.collection_id, html, max_bytes=MAX_BYTES)
    ingest()
    reply, _ = get(signed_in(company.owner), row)
    assert reply["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=300000-", 300000, len(BYTES)),
        ("bytes=-7", len(BYTES) - 7, len(BYTES)),
        ("bytes=10-999999999", 10, len(BYTES)),
    ],
)
def test_a_range_is_part_of_the_file(
    company: Company, row: DocumentRow, signed_in: SignIn, asked: str, start: int, end: int
) -> None:
    client = signed_in(company.owner)
    for method in ("get", "head"):
        reply, body = get(client, row, method, range=asked)
        assert reply.status_code == 206
        assert reply["Content-Range"] == f"bytes {start}-{end - 1}/{len(BYTES)}"
        assert reply["Content-Length"] == str(end - start)
        assert body == (BYTES[start:end] if method == "get" else b"")


@pytest.mark.parametrize("asked", [f"bytes={len(BYTES)}-", "bytes=-0", "bytes=99999999999999999999999-"])
def test_a_range_outside_is_416(company: Company, row: DocumentRow, signed_in: SignIn, asked: str) -> None:
    client = signed_in(company.owner)
    reply, _ = get(client, row, range=asked)
    assert (reply.status_code, reply["Content-Range"]) == (416, f"bytes */{len(BYTES)}")
    assert reply["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reply["Content-Type"] == "application/json; charset=utf-8"
    assert "Content-Disposition" not in reply
    assert set(reply.json()) == {"code", "message", "next_step"}
    assert reply.json()["code"] == "range_outside"
    assert reply.json()["message"] == f"The file ends after {len(BYTES)} bytes; nothing of it was asked for."
    chinese, _ = get(client, row, range=asked, **{"accept-language": "zh-hans"})
    assert chinese.json()["message"] == f"文件只有 {len(BYTES)} 字节，所请求的范围在其之外。"
    bare, body = get(client, row, "head", range=asked)
    assert (bare.status_code, body, bare["Content-Range"]) == (416, b"", f"bytes */{len(BYTES)}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=9-5", "bytes=-", "nonsense"])
def test_what_is_no_single_range_gets_the_whole(
    company: Company, row: DocumentRow, signed_in: SignIn, asked: str
) -> None:
    reply, body = get(signed_in(company.owner), row, range=asked)
    assert (reply.status_code, body) == (200, BYTES)


def test_if_range_names_nothing_that_was_given_out(
    company: Company, row: DocumentRow, signed_in: SignIn
) -> None:
    reply, body = get(signed_in(company.owner), row, range="bytes=0-0", **{"if-range": '"x"'})
    assert (reply.status_code, len(body)) == (200, len(BYTES))


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-0"}, {"if-none-match": "*"}])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_stranger_gets_404_however_he_asks(
    company: Company, row: DocumentRow, signed_in: SignIn, method: str, headers: dict[str, str]
) -> None:
    """T24."""
    reply, _ = get(signed_in(company.stranger), row, method, **headers)
    assert reply.status_code == 404


def test_a_file_that_storage_lost_is_told(company: Company, row: DocumentRow, signed_in: SignIn) -> None:
    """F32."""
    for folder in default_storage.listdir("")[0]:
        for name in default_storage.listdir(folder)[1]:
            default_storage.delete(f"{folder}/{name}")
    reply, body = get(signed_in(company.owner), row)
    assert (reply.status_code, reply.json()["code"]) == (503, "blob_missing"), body
