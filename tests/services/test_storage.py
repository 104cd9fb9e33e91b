"""Blobs: whole or not at all, once for the same bytes, and in any Django storage."""

import io
import stat
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.db import transaction

from kbchat.documents.storage import FolderStorage, address_of, drop_blob, keep_blob, read_blob
from tests.company import PAGE, add, found_company

pytestmark = pytest.mark.django_db

DATA = "员工手册\n".encode() * 1000


@pytest.fixture(params=["folder", "memory"])
def backend(request: pytest.FixtureRequest, settings: LazySettings, tmp_path: Path) -> str:
    """The product's own storage, and one of Django's that has no folder."""
    backends = {
        "folder": {
            "BACKEND": "kbchat.documents.storage.FolderStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
        "memory": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    settings.STORAGES = settings.STORAGES | {"default": backends[request.param]}
    return str(request.param)


def test_what_is_kept_is_read_back_and_kept_once(backend: str) -> None:
    blob, size = address_of(io.BytesIO(DATA))
    assert size == len(DATA)
    with transaction.atomic():
        keep_blob(blob, io.BytesIO(DATA))
        keep_blob(blob, io.BytesIO(b"other bytes under the same address are never written"))
    assert read_blob(blob) == DATA
    assert default_storage.listdir(blob[:2])[1] == [blob]


def test_a_blob_goes_when_nothing_uses_it(backend: str) -> None:
    blob, _ = address_of(io.BytesIO(DATA))
    with transaction.atomic():
        keep_blob(blob, io.BytesIO(DATA))
        drop_blob(blob, lambda: True)
        assert read_blob(blob) == DATA
        drop_blob(blob, lambda: False)
    with pytest.raises(FileNotFoundError):
        read_blob(blob)


def test_a_document_is_ingested_from_any_backend(backend: str) -> None:
    company = found_company()
    row = add(company.admin, company.handbook, PAGE)
    assert (row.state, row.passages) == ("ready", 2)


def test_a_write_that_breaks_off_leaves_no_blob(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the disk is full")

    storage = FolderStorage(location=str(tmp_path))
    with pytest.raises(OSError, match="full"):
        storage.save("ab/abcd", Broken(DATA))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_nobody_else_reads_the_folder(tmp_path: Path) -> None:
    storage = FolderStorage(location=str(tmp_path / "blobs"))
    storage.save("ab/abcd", io.BytesIO(DATA))
    path = tmp_path / "blobs" / "ab" / "abcd"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
