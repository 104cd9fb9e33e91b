"""Reconciling: whatever is missing or left over, in the database or in storage, is found and told, and mended where no
person is needed (F31, F32, T57)."""

import io
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from kbchat.core.errors import Invalid
from kbchat.documents.models import DocumentVersion, VersionContent
from kbchat.documents.storage import is_whole
from kbchat.indexing.models import Embedding, IndexGeneration, Posting
from kbchat.ingestion.models import Chunk, IngestionRun, RunState
from kbchat.library import uploading
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.purging import purge_deleted
from kbchat.library.reconciling import Fault, Finding, find_faults, mend
from kbchat.library.uploading import Upload, replace, upload
from tests.company import MAX_BYTES, PAGE, Company, add, ingest, markdown
from tests.servers import as_worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[Path]:
    """Of this test alone."""
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


@pytest.fixture
def page(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE)


def file_of(storage: Path, row: DocumentRow) -> Path:
    with as_worker():
        blob = DocumentVersion.objects.get(pk=row.version_id).blob
    return storage / blob[:2] / blob


def grow_old(storage: Path) -> None:
    """Nothing in it is on its way any more."""
    hours_ago = time.time() - 2 * 3600
    for path in storage.rglob("*"):
        os.utime(path, (hours_ago, hours_ago))


def faults() -> list[Finding]:
    with as_worker():
        return list(find_faults())


def mended(found: Sequence[Finding]) -> list[Finding]:
    with as_worker():
        return mend(found)


def execute(sql: str, *parameters: object) -> None:
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_a_sound_library_has_no_faults(page: DocumentRow, storage: Path) -> None:
    grow_old(storage)
    assert faults() == []


def test_where_no_file_was_restored_each_is_told(page: DocumentRow, storage: Path) -> None:
    """As after a restore that forgot the folder."""
    shutil.rmtree(storage)
    assert [finding.fault for finding in faults()] == [Fault.VERSION_WITHOUT_FILE]


def test_a_library_that_nobody_has_sent_anything_is_sound(tmp_path: Path) -> None:
    with override_settings(MEDIA_ROOT=tmp_path / "none"):
        assert faults() == []


def test_what_was_purged_leaves_nothing(company: Company, page: DocumentRow, storage: Path) -> None:
    delete_document(company.admin, page.id)
    with as_worker():
        purge_deleted()
    grow_old(storage)
    assert faults() == []


def test_bytes_of_a_transaction_that_failed_are_swept(
    company: Company, page: DocumentRow, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F31: the bytes are kept, and the commit fails."""

    def fail(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(uploading, "announce_document", fail)
    with pytest.raises(ConnectionError):
        upload(company.admin, company.handbook.id, markdown("# Other"), max_bytes=MAX_BYTES)
    assert faults() == [], "it may be on its way"
    grow_old(storage)
    (stray,) = faults()
    assert stray.fault is Fault.FILE_WITHOUT_VERSION
    assert mended([stray]) == []
    assert not (storage / stray.subject).exists()
    assert file_of(storage, page).exists()
    assert faults() == []


def test_a_write_that_was_cut_off_is_swept(storage: Path) -> None:
    (storage / "ab").mkdir()
    (storage / "ab" / ".5f2c").write_bytes(b"half")
    assert faults() == []
    grow_old(storage)
    found = faults()
    assert found == [Finding(Fault.UNFINISHED_FILE, "ab/.5f2c")]
    assert mended(found) == []
    assert faults() == []


def test_bytes_that_came_into_use_are_not_swept(company: Company, storage: Path) -> None:
    text = b"# Leave\n"
    row = upload(company.admin, company.handbook.id, markdown(text.decode()), max_bytes=MAX_BYTES)
    grow_old(storage)
    path = file_of(storage, row)
    stale = Finding(Fault.FILE_WITHOUT_VERSION, f"{path.parent.name}/{path.name}")
    mended([stale])
    assert path.exists()


@pytest.mark.parametrize("fault", [Fault.WRONG_BYTES, Fault.VERSION_WITHOUT_FILE])
def test_a_spoiled_file_is_told_and_comes_back_with_the_same_file(
    company: Company, page: DocumentRow, storage: Path, fault: Fault
) -> None:
    """F32."""
    path = file_of(storage, page)
    if fault is Fault.WRONG_BYTES:
        whole = bytearray(path.read_bytes())
        whole[5] ^= 1
        path.write_bytes(whole)
    else:
        path.unlink()
    found = faults()
    assert found == [Finding(fault, str(page.version_id))]
    assert mended(found) == found, "nobody can make lost bytes"
    with pytest.raises(CommandError, match="1 difference left"), as_worker():
        call_command("reconcile", stdout=io.StringIO())
    replace(company.admin, page.id, markdown(PAGE), max_bytes=MAX_BYTES)
    assert is_whole(path.name)
    assert faults() == []
    with pytest.raises(Invalid, match="same_as_current"):
        replace(company.admin, page.id, markdown(PAGE), max_bytes=MAX_BYTES)


@pytest.mark.parametrize(
    ("fault", "harm"),
    [
        (Fault.PASSAGES_NOT_INDEXED, "DELETE FROM indexing_embedding WHERE chunk_id = (SELECT min(id) {})"),
        (Fault.VERSION_WITHOUT_PASSAGES, "DELETE FROM documents_versioncontent"),
    ],
)
def test_what_search_lacks_is_made_again(
    company: Company, page: DocumentRow, storage: Path, fault: Fault, harm: str
) -> None:
    execute("DELETE FROM indexing_posting WHERE chunk_id = (SELECT min(id) FROM ingestion_chunk)")
    execute(harm.format("FROM ingestion_chunk"))
    found = faults()
    assert [(each.fault, each.subject) for each in found] == [(fault, str(page.version_id))]
    with as_worker():
        filled = IndexGeneration.objects.get().filled
    assert mended(found) == []
    assert mended(found) == [], "one run is enough"
    with as_worker():
        assert IngestionRun.objects.filter(state=RunState.QUEUED).count() == 1
    ingest()
    assert faults() == []
    with as_worker():
        chunks = set(Chunk.objects.values_list("pk", flat=True))
        assert set(Embedding.objects.values_list("chunk_id", flat=True)) == chunks
        assert set(Posting.objects.values_list("chunk_id", flat=True)) == chunks
        assert VersionContent.objects.count() == 1
        assert IndexGeneration.objects.get().filled > filled, "processes that read it before read it anew"


def test_what_is_made_again_is_read_in_the_encoding_that_a_person_chose(company: Company) -> None:
    file = Upload("price.txt", io.BytesIO("Größe".encode("cp437")), encoding="cp437")
    row = upload(company.admin, company.handbook.id, file, max_bytes=MAX_BYTES)
    ingest()
    execute("DELETE FROM documents_versioncontent")
    assert mended(faults()) == []
    ingest()
    assert document_row(company.admin, row.id).problem_code == ""
    with as_worker():
        assert VersionContent.objects.get().text == "Größe"


def test_words_of_a_passage_that_is_gone_are_taken_out(page: DocumentRow) -> None:
    with as_worker():
        generation = IndexGeneration.objects.get().pk
        before = Posting.objects.count()
    execute("INSERT INTO indexing_posting VALUES (%s, 'stray', 987654, 1)", generation)
    found = faults()
    assert found == [Finding(Fault.TERMS_WITHOUT_VECTOR, "", 1, generation)]
    assert mended(found) == []
    with as_worker():
        assert Posting.objects.count() == before


def test_the_command_says_what_it_found_and_mends(page: DocumentRow, storage: Path) -> None:
    (storage / "ff").mkdir()
    (storage / "ff" / f"{'f' * 64}").write_bytes(b"nobody's")
    grow_old(storage)
    said = io.StringIO()
    with as_worker():
        with pytest.raises(CommandError, match=r"reconcile --mend"):
            call_command("reconcile", stdout=said)
        call_command("reconcile", "--mend", stdout=said)
        call_command("reconcile", stdout=said)
    assert f"ff/{'f' * 64}  a file that no document has\n" in said.getvalue()
    assert said.getvalue().endswith("Nothing is left over and nothing is missing.\n")


def test_workers_are_told_of_only_where_they_have_something_to_make_again(
    page: DocumentRow, storage: Path
) -> None:
    path = file_of(storage, page)
    whole = path.read_bytes()
    path.unlink()
    said = io.StringIO()
    with as_worker():
        with pytest.raises(CommandError, match="1 difference left"):
            call_command("reconcile", "--mend", stdout=said)
        assert "Mended: 0 of 1." in said.getvalue()
        assert "by the workers" not in said.getvalue()
        path.write_bytes(whole)
        VersionContent.objects.all().delete()
        call_command("reconcile", "--mend", stdout=said)
    assert said.getvalue().count("made searchable again by the workers") == 1


def test_a_version_that_went_meanwhile_is_passed_by() -> None:
    gone = Finding(Fault.PASSAGES_NOT_INDEXED, str(UUID(int=1)))
    assert mended([gone]) == [gone]
