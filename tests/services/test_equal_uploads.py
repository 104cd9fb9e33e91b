"""The same file sent twice at once: by one person it is one document, by two who know nothing of each other two."""

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid, KbchatError
from kbchat.core.viewer import Viewer
from kbchat.documents import storage
from kbchat.documents.models import Document, DocumentVersion
from kbchat.library import uploading
from kbchat.library.sharing import give_grant
from kbchat.library.uploading import Upload, replace, upload
from tests.company import MAX_BYTES, Company, add, found_company, ingest
from tests.services.turns import somebody_waits
from tests.waiting import allowed, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = b"# Leave\n\nEverybody has 28 days of annual leave."


@pytest.fixture
def company() -> Company:
    made = found_company()
    give_grant(made.admin, made.salaries.id, Principal("user", made.editor.user_id), Role.EDITOR)
    return made


def sent(viewer: Viewer, collection: Any) -> Callable[[], str]:
    """As the page sends what nobody has said to be wanted twice; gives what became of it."""

    def send() -> str:
        file = Upload("leave.md", io.BytesIO(PAGE))
        upload(viewer, collection.id, file, max_bytes=MAX_BYTES, may_be_known=False)
        return "taken"

    return send


def replaced(viewer: Viewer, document: Any) -> Callable[[], str]:
    def send() -> str:
        replace(viewer, document.id, Upload("leave.md", io.BytesIO(PAGE)), max_bytes=MAX_BYTES)
        return "taken"

    return send


def at_once(monkeypatch: pytest.MonkeyPatch, *works: Callable[[], str]) -> list[str]:
    """Each in a thread of its own, with a connection of its own. Nobody writes before the others have come as far, or
    wait for a lock."""
    arrived, lock = [], threading.Lock()

    def together(*_: object) -> None:
        with lock:
            arrived.append(threading.get_ident())
        wait_until(lambda: len(arrived) == len(works) or somebody_waits(), allowed(10))

    def done(work: Callable[[], str]) -> str:
        try:
            return work()
        except KbchatError as error:
            return error.code
        finally:
            connections.close_all()

    keep = storage.keep_blob

    def keep_together(blob: str, file: Any) -> None:
        together()
        keep(blob, file)

    with monkeypatch.context() as patch:
        patch.setattr(uploading, "keep_blob", keep_together)
        with ThreadPoolExecutor(len(works)) as threads:
            return sorted(each.result(60) for each in [threads.submit(done, work) for work in works])


def documents(company: Company) -> int:
    with viewing(company.admin):
        return Document.objects.filter(deleted_at=None).count()


def test_one_person_has_one_document(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever collection he chose: a click that came twice, or two windows."""
    send = [sent(company.editor, shelf) for shelf in (company.handbook, company.handbook, company.salaries)]
    assert at_once(monkeypatch, *send) == ["already_there", "already_there", "taken"]
    assert documents(company) == 1


def test_two_who_cannot_know_of_each_other_have_one_each(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a file is ready, nobody but its sender is told that it is there. The bytes are kept once."""
    give_grant(company.admin, company.handbook.id, Principal("user", company.stranger.user_id), Role.EDITOR)
    send = [sent(viewer, company.handbook) for viewer in (company.editor, company.stranger)]
    assert at_once(monkeypatch, *send) == ["taken", "taken"]
    assert documents(company) == 2
    blob, _ = storage.address_of(io.BytesIO(PAGE))
    assert [file.blob for file in storage.stored_files()].count(blob) == 1
    ingest()
    with viewing(company.admin):
        states = list(DocumentVersion.objects.values_list("state", flat=True))
    assert states == ["ready", "ready"]
    # From now on both know of it.
    for viewer in (company.editor, company.stranger):
        with pytest.raises(Invalid, match="already_there"):
            sent(viewer, company.handbook)()


def test_a_document_gets_the_same_version_once(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    row = add(company.admin, company.handbook, "# Leave\n\nIt was 27 days.")
    send = [replaced(viewer, row) for viewer in (company.admin, company.editor)]
    assert at_once(monkeypatch, *send) == ["same_as_current", "taken"]
    with viewing(company.admin):
        assert list(DocumentVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
