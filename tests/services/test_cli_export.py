"""`manage.py export`: originals byte for byte under the viewer's rights, told and recorded; and brought in again."""

import json
import stat
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from kbchat.access.granting import Principal
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.chat.auditing import OPENED
from kbchat.cli.management.commands import import_folder
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.library.collections import CollectionRow, collection_named, create_collection
from kbchat.library.documents import DocumentRow, document_row, list_documents
from kbchat.library.sections import close_section, list_sections
from kbchat.library.uploading import Upload, replace, upload
from tests.company import MAX_BYTES, PAGE, Company, add, found_company, ingest, markdown
from tests.servers import as_worker
from tests.services.audit_support import recorded
from tests.services.commands import workers_of_this_process

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "制度" * 120 + ".md"
UNTITLED = "Without any heading, so that it is called after its file.\n"


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setattr(import_folder, "workers_for_a_while", workers_of_this_process)
    OPENED.forget()
    with override_settings(MEDIA_ROOT=tmp_path / "blobs"):
        yield found_company()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out"


def told(folder: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("export", str(folder), *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def manifest(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def titles_and_bytes(viewer: Viewer, collection: str) -> list[tuple[str, str, str]]:
    rows = list_documents(viewer, collection_named(viewer, collection))
    with viewing(viewer):
        blobs = dict(DocumentVersion.objects.values_list("pk", "blob"))
    return sorted((row.title, row.filename, blobs[row.version_id]) for row in rows)


def add_odd_names(company: Company) -> None:
    for number, name in enumerate(("notes.md", "Notes.md", "notes.md", "con.md", "a:b?.md", ".md", LONG)):
        add(company.admin, company.handbook, f"{UNTITLED}{number}\n", name)
    picture = Upload("rules", BytesIO(f"<!doctype html><p>{UNTITLED}".encode()))
    upload(company.admin, company.handbook.id, picture, max_bytes=MAX_BYTES)
    odd = Upload("settings.conf", BytesIO(b"colour = blue\n"), source_path="etc/settings.conf")
    upload(company.admin, company.handbook.id, odd, max_bytes=MAX_BYTES)
    ingest()


def test_what_is_exported_comes_back_with_the_same_bytes_and_titles(company: Company, folder: Path) -> None:
    add_odd_names(company)
    before = titles_and_bytes(company.admin, "Handbook")
    assert len(before) == 9
    assert "9 files with " in told(folder, "--collection", "Handbook")
    out = StringIO()
    call_command("import_folder", str(folder / "Handbook"), "--collection", "Copy", stdout=out, stderr=out)
    assert "9 files: 9 new" in out.getvalue()
    assert titles_and_bytes(company.admin, "Copy") == before
    call_command("import_folder", str(folder), "--collection", "From above", stdout=out, stderr=out)
    assert titles_and_bytes(company.admin, "From above") == before


def test_what_came_from_a_folder_is_known_again(company: Company, folder: Path) -> None:
    sent = markdown(PAGE, "leave.md", source_path="rules/leave.md")
    row = upload(company.admin, company.handbook.id, sent, max_bytes=MAX_BYTES)
    ingest()
    told(folder)
    out = StringIO()
    call_command(
        "import_folder", str(folder / "Handbook"), "--collection", "Handbook", stdout=out, stderr=out
    )
    assert "1 files: 0 new, 0 new versions, 1 unchanged" in out.getvalue()
    assert [each.id for each in list_documents(company.admin, company.handbook.id)] == [row.id]


def test_files_are_private_whole_and_told_of(company: Company, folder: Path) -> None:
    row = add(company.editor, company.handbook, PAGE, "请假.md")
    add(company.admin, company.salaries, PAGE, "请假.md")
    told(folder)
    path = folder / "Handbook" / "请假.md"
    assert path.read_text() == (folder / "Salaries" / "请假.md").read_text() == PAGE
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    [line] = manifest(folder / "Handbook")
    with as_worker():
        version = DocumentVersion.objects.get(pk=row.version_id)
    assert line == {
        "file": "请假.md",
        "document": str(row.id),
        "title": "Leave",
        "collection": "Handbook",
        "source_path": "",
        "version": 1,
        "in_force": True,
        "state": "ready",
        "filename": "请假.md",
        "media_type": "text/markdown",
        "size": len(PAGE.encode()),
        "sha256": version.blob,
        "effective_from": version.effective_from.isoformat(),
        "expires_on": None,
        "uploaded_by": "Editor",
        "uploaded_at": version.uploaded_at.isoformat(),
    }


def test_each_file_is_recorded_as_opened(company: Company, folder: Path) -> None:
    row = add(company.admin, company.handbook, PAGE)
    told(folder, "--as", "reader@example.com")
    [event] = recorded(AuditAction.DOCUMENT_OPENED)
    assert event.actor_id == company.reader.user_id
    assert event.subject == {"document": str(row.id), "version": str(row.version_id), "what": "file"}


def test_nobody_gets_what_he_may_not_read(company: Company, folder: Path) -> None:
    add(company.admin, company.handbook, PAGE)
    closed = add(company.admin, company.handbook, "# Bonus\n\nAll.\n\n## Board\n\nMuch.\n", "bonus.md")
    add(company.admin, company.salaries, PAGE, "salaries.md")
    close(company, closed)
    words = told(folder, "--as", "reader@example.com")
    assert [path.name for path in folder.iterdir()] == ["Handbook"]
    assert [line["filename"] for line in manifest(folder / "Handbook")] == ["page.md"]
    assert "1 left out: files are given as a whole alone" in words
    assert len(recorded(AuditAction.DOCUMENT_OPENED)) == 1
    with pytest.raises(CommandError, match="no collection 'Salaries'"):
        told(folder.with_name("other"), "--as", "reader@example.com", "--collection", "Salaries")
    assert "0 files" in told(folder.with_name("none"), "--as", "stranger@example.com")


def close(company: Company, row: DocumentRow) -> None:
    section = next(each for each in list_sections(company.admin, row.id) if each.path[-1] == "Board")
    close_section(company.admin, section.id, Principal("group", company.staff.pk))


def test_former_and_failed_versions_come_when_they_are_asked_for(company: Company, folder: Path) -> None:
    row = add(company.admin, company.handbook, PAGE)
    replace(company.admin, row.id, markdown(f"{PAGE}\nNew.\n"), max_bytes=MAX_BYTES)
    ingest()
    broken(company, company.handbook)
    words = told(folder)
    assert "1 files with" in words
    assert "1 documents have no version that was asked for" in words
    everything = folder.with_name("everything")
    told(everything, "--all-versions")
    lines = [
        (each["filename"], each["version"], each["in_force"]) for each in manifest(everything / "Handbook")
    ]
    assert sorted(lines) == [("broken.pdf", 1, False), ("page.md", 1, False), ("page.md", 2, True)]
    out = StringIO()
    call_command("import_folder", str(everything), "--collection", "Copy", stdout=out, stderr=out)
    assert "1 files: 1 new" in out.getvalue()
    assert "skipped  Handbook/~2/page.md: This version is not in force today" in out.getvalue()
    assert "manifest" not in out.getvalue()
    readers = folder.with_name("readers")
    told(readers, "--all-versions", "--as", "reader@example.com")
    assert "broken.pdf" not in [each["filename"] for each in manifest(readers / "Handbook")]


def broken(company: Company, collection: CollectionRow) -> DocumentRow:
    sent = Upload("broken.pdf", BytesIO(b"%PDF-1.7\nnothing"))
    row = upload(company.admin, collection.id, sent, max_bytes=MAX_BYTES)
    ingest()
    return document_row(company.admin, row.id)


def test_a_file_that_storage_spoiled_is_not_written(company: Company, folder: Path, tmp_path: Path) -> None:
    add(company.admin, company.handbook, PAGE)
    row = add(company.admin, company.handbook, f"{PAGE}\nMore.\n", "more.md")
    with as_worker():
        blob = DocumentVersion.objects.get(pk=row.version_id).blob
    (tmp_path / "blobs" / blob[:2] / blob).write_text("other bytes")
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 2 files are lost or damaged"):
        call_command("export", str(folder), stdout=out, stderr=out)
    assert "  damaged  Handbook/more.md: " in out.getvalue()
    assert sorted(path.name for path in (folder / "Handbook").iterdir()) == ["manifest.jsonl", "page.md"]
    assert len(manifest(folder / "Handbook")) == 1


def test_a_folder_with_something_in_it_is_refused(company: Company, folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="is not empty"):
        told(folder)
    with pytest.raises(CommandError, match="is no folder"):
        told(folder / "mine.txt")


def test_a_manifest_that_breaks_off_is_told_and_that_of_somebody_else_passed_over(
    company: Company, folder: Path
) -> None:
    add(company.admin, company.handbook, PAGE)
    told(folder)
    path = folder / "Handbook" / "manifest.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    with pytest.raises(CommandError, match=r"breaks off or was changed \(line 2\)"):
        call_command("import_folder", str(folder), "--collection", "Copy", stdout=StringIO())
    path.write_text('{"name": "of another program"}\n')
    out = StringIO()
    call_command("import_folder", str(folder), "--collection", "Copy", stdout=out, stderr=out)
    assert "1 files: 1 new" in out.getvalue()


def test_documents_of_two_collections_from_one_place_stay_two(company: Company, folder: Path) -> None:
    other = create_collection(company.admin, name="Other")
    for shelf, text in ((company.handbook, PAGE), (other, f"{PAGE}\nOther.\n")):
        sent = markdown(text, "leave.md", source_path="leave.md")
        upload(company.admin, shelf.id, sent, max_bytes=MAX_BYTES)
    ingest()
    told(folder)
    out = StringIO()
    call_command("import_folder", str(folder), "--collection", "Copy", stdout=out, stderr=out)
    assert "2 files: 2 new, 0 new versions" in out.getvalue()
