"""Purging: what was deleted goes whole, with its bytes, and nothing else goes with it."""

import pytest
from django.core.files.storage import default_storage

from kbchat.access.viewing import viewing
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion
from kbchat.documents.storage import FolderStorage
from kbchat.indexing.models import Embedding, Posting
from kbchat.ingestion.models import Chunk, IngestionRun
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.purging import purge_deleted
from tests.company import PAGE, Company, add, found_company
from tests.servers import as_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return found_company()


def path_of(viewer: Viewer, row: DocumentRow) -> str:
    with viewing(viewer):
        blob = DocumentVersion.objects.get(pk=row.version_id).blob
    return f"{blob[:2]}/{blob}"


def test_deleting_hides_at_once_and_purging_leaves_nothing(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    other = add(company.admin, company.salaries, PAGE.replace("28", "29"), "other.md")
    path, other_path = (path_of(company.admin, item) for item in (row, other))
    delete_document(company.editor, row.id)
    with pytest.raises(NotFound):
        document_row(company.admin, row.id)
    with as_worker():
        assert purge_deleted() == 1
        left = [model.objects.count() for model in (Chunk, Embedding, IngestionRun)]
        terms = set(Posting.objects.values_list("chunk_id", flat=True))
        chunks = set(Chunk.objects.values_list("pk", flat=True))
    assert left == [2, 2, 1]
    assert terms == chunks
    assert not default_storage.exists(path)
    assert default_storage.exists(other_path)


def test_bytes_that_another_document_has_too_stay(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    twin = add(company.admin, company.salaries, PAGE)
    delete_document(company.admin, row.id)
    with as_worker():
        purge_deleted()
    assert default_storage.exists(path_of(company.admin, twin))


def test_bytes_that_storage_did_not_let_go_are_removed_the_next_time(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [add(company.admin, company.handbook, f"{PAGE}\n{number}\n") for number in range(2)]
    paths = [path_of(company.admin, row) for row in rows]
    for row in rows:
        delete_document(company.admin, row.id)
    asked: list[str] = []
    delete = FolderStorage.delete

    def fail_once(storage: FolderStorage, name: str) -> None:
        asked.append(name)
        if len(asked) == 1:
            raise OSError
        delete(storage, name)

    monkeypatch.setattr(FolderStorage, "delete", fail_once)
    with as_worker():
        assert purge_deleted() == 1, "one that fails holds up no other"
        assert [default_storage.exists(path) for path in paths].count(True) == 1
        assert Document.objects.count() == 1
        assert purge_deleted() == 1
        assert [default_storage.exists(path) for path in paths] == [False, False]
        assert Document.objects.count() == 0
