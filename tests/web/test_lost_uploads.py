"""Uploads that come to nothing leave nothing: the process is killed before they are kept (F1), or there is no room for
them (F30)."""

import json
import os
import time
from collections.abc import Iterator
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path

import psutil
import pytest
from django.test import override_settings

from kbchat.accounts.api_keys import create_api_key
from kbchat.documents.models import Document
from kbchat.library.reconciling import Fault, find_faults, mend
from tests.servers import as_worker
from tests.small_disk import small_disk
from tests.waiting import wait_until
from tests.web.conftest import Company
from tests.web.test_process import Web, running_web

pytestmark = pytest.mark.django_db(transaction=True)

# The last call before the transaction ends: bytes and rows are written.
KILLED = """
import os, signal
import kbchat.asgi
from kbchat.library import uploading
uploading.announce_document = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""
_ROOM = 1_500_000


@pytest.fixture
def key(company: Company) -> str:
    return create_api_key(company.owner, "script")[1]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "small", _ROOM) as small:
        yield small.folder


def upload(web: Web, company: Company, key: str, text: bytes) -> tuple[int, dict[str, object]]:
    """The status and what is said. Raises RemoteDisconnected where the process dies."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="page.md"\r\n\r\n'
        + text
        + b"\r\n--b--\r\n"
    )
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "multipart/form-data; boundary=b"}
    connection = HTTPConnection("127.0.0.1", web.port, timeout=60)
    path = f"/api/v1/collections/{company.collection_id}/documents"
    connection.request("POST", path, body, headers)
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read())


def files_below(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file()]


def test_a_process_that_is_killed_before_it_commits_leaves_no_row_and_a_file_that_is_swept(
    company: Company, key: str, tmp_path: Path
) -> None:
    """F1."""
    laid_aside = tmp_path / "tmp"
    laid_aside.mkdir()
    with running_web(tmp_path, before=KILLED, TMPDIR=str(laid_aside)) as web:
        with pytest.raises((RemoteDisconnected, ConnectionError)):
            upload(web, company, key, b"# Leave\n\n" + b"A sentence. " * 130_000)
        assert web.process.wait(10) == -9
    assert list(laid_aside.iterdir()) == [], "what was laid aside had no name"
    with override_settings(MEDIA_ROOT=tmp_path / "blobs"), as_worker():
        assert not Document.objects.exists()
        (left,) = files_below(tmp_path)
        hours_ago = time.time() - 2 * 3600
        os.utime(left, (hours_ago, hours_ago))
        found = list(find_faults())
        assert [each.fault for each in found] == [Fault.FILE_WITHOUT_VERSION]
        assert mend(found) == []
        assert list(find_faults()) == []
    assert files_below(tmp_path) == []


def test_a_full_disk_refuses_a_file_whole_and_takes_the_next_when_there_is_room(
    company: Company, key: str, disk: Path
) -> None:
    """F30."""
    large = b"# Leave\n\n" + b"A sentence. " * 150_000
    with running_web(disk) as web:
        status, said = upload(web, company, key, large)
        assert (status, said["code"]) == (507, "storage_full")
        assert files_below(disk) == []
        with as_worker():
            assert not Document.objects.exists()
        status, said = upload(web, company, key, b"# Leave\n\nA sentence.\n")
        assert status == 201, said
        assert len(files_below(disk)) == 1


def test_no_room_to_lay_a_file_aside_is_told(company: Company, key: str, tmp_path: Path, disk: Path) -> None:
    """F30: where it arrives."""
    with running_web(tmp_path, TMPDIR=str(disk)) as web:
        status, said = upload(web, company, key, b"# Leave\n\n" + b"A sentence. " * 150_000)
        assert (status, said["code"]) == (507, "storage_full")
        # The answer may come a moment before the file is let go.
        wait_until(lambda: psutil.disk_usage(str(disk)).used < 100_000, 5)
        status, _ = upload(web, company, key, b"# Leave\n\nA sentence.\n")
        assert status == 201
