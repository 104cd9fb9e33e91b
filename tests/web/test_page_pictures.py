"""Pages of a TIFF over HTTP: a picture for whoever may open the version, and for nobody else."""

import io
import threading
from typing import Any

import pytest

from kbchat.chat import page_pictures
from kbchat.documents.models import DocumentVersion
from kbchat.library.documents import DocumentRow
from kbchat.library.uploading import Upload, upload
from kbchat.parsing import ParseError, ParseErrorCode
from tests.company import MAX_BYTES
from tests.recognition import as_file, scan
from tests.servers import as_worker
from tests.web.conftest import Company, SignIn, call

pytestmark = pytest.mark.django_db


@pytest.fixture
def tiff(company: Company) -> DocumentRow:
    """Of two pages; that they were read is written here."""
    file = io.BytesIO(as_file("TIFF", scan("One"), scan("Two")))
    row = upload(
        company.viewer(company.owner), company.collection_id, Upload("scan.tif", file), max_bytes=MAX_BYTES
    )
    with as_worker():
        DocumentVersion.objects.filter(pk=row.version_id).update(state="ready", pages=2)
    return row


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pages that were drawn."""
    asked: list[int] = []

    def draw(_: bytes, page: int, **__: Any) -> bytes:
        asked.append(page)
        return b"\x89PNG"

    monkeypatch.setattr(page_pictures, "installed", lambda: object())
    monkeypatch.setattr(page_pictures, "draw_sandboxed", draw)
    return asked


def test_who_may_open_it_sees_its_pages(
    company: Company, tiff: DocumentRow, signed_in: SignIn, drawings: list[int]
) -> None:
    reply = call(signed_in(company.reader), "get", f"/versions/{tiff.version_id}/pages/2")
    assert (reply.status_code, reply["Content-Type"], reply.content) == (200, "image/png", b"\x89PNG")
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Cache-Control"] == "private, no-store"
    assert "sandbox" in reply["Content-Security-Policy"]
    assert drawings == [2]


@pytest.mark.parametrize("page", ["0", "3", "99999999999999999999"])
def test_others_and_other_pages_get_nothing(
    company: Company, tiff: DocumentRow, signed_in: SignIn, drawings: list[int], page: str
) -> None:
    assert call(signed_in(company.stranger), "get", f"/versions/{tiff.version_id}/pages/1").status_code == 404
    assert (
        call(signed_in(company.owner), "get", f"/versions/{tiff.version_id}/pages/{page}").status_code == 404
    )
    with as_worker():
        DocumentVersion.objects.filter(pk=tiff.version_id).update(media_type="image/png")
    assert call(signed_in(company.owner), "get", f"/versions/{tiff.version_id}/pages/1").status_code == 404
    assert drawings == []


def test_what_cannot_be_drawn_says_what_to_do(
    company: Company,
    tiff: DocumentRow,
    signed_in: SignIn,
    drawings: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, address = signed_in(company.reader), f"/versions/{tiff.version_id}/pages/1"

    def broken(*_: object, **__: object) -> bytes:
        raise ParseError(ParseErrorCode.CORRUPT)

    with monkeypatch.context() as patch:
        patch.setattr(page_pictures, "draw_sandboxed", broken)
        assert call(client, "get", address).json()["code"] == "page_not_drawn"
    with monkeypatch.context() as patch:
        patch.setattr(page_pictures, "installed", lambda: None)
        assert call(client, "get", address).json()["code"] == "page_not_drawn"
    # As many as are drawn at once are being drawn.
    monkeypatch.setattr(page_pictures, "_drawing", threading.BoundedSemaphore(1))
    monkeypatch.setattr(page_pictures, "_PATIENCE_SECONDS", 0.0)
    page_pictures._drawing.acquire()
    assert call(client, "get", address).status_code == 429
    page_pictures._drawing.release()
    assert call(client, "get", address).status_code == 200
    assert drawings == [1]
