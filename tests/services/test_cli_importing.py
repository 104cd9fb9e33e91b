"""Importing a folder: new, unchanged, changed, failed and tried again, and what it refuses."""

import os
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.cli.importing import Sent, collection_to_fill, send_files
from kbchat.cli.management.commands import import_folder
from kbchat.cli.telling import told_error
from kbchat.cli.waiting import Result, wait_until_done
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer
from kbchat.library.collections import list_collections
from kbchat.library.sharing import give_grant, let_read
from kbchat.sources.folder_files import files_of
from tests.company import ARCHIVES, Company, found_company, ingest
from tests.services.commands import workers_of_this_process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leave.md").write_text("# Leave\n\nEverybody has 28 days of leave.\n")
    (tmp_path / "empty.md").write_text("---\ntitle: Nothing\n---\n")
    (tmp_path / "请假.md").write_text("# 请假\n\n员工每年有十五天年假。\n")
    return tmp_path


def imported(viewer: Viewer, folder: Path, name: str = "Imported") -> tuple[Sent, Result]:
    collection_id, _ = collection_to_fill(viewer, name)
    sent = send_files(viewer, collection_id, files_of(folder).files, archives=ARCHIVES, step=lambda: None)
    told: list[int] = []
    result = wait_until_done(viewer, sent.paths, told=told.append, look_after=ingest)
    assert told[-1] == len(sent.paths)
    return sent, result


def test_every_file_is_ready_and_an_empty_page_is_said_to_be(company: Company, folder: Path) -> None:
    sent, result = imported(company.admin, folder)
    assert (sent.new, sent.replaced, sent.unchanged, sent.refused) == (3, 0, 0, {})
    assert result == Result(ready=["leave.md", "请假.md"], without_passages=["empty.md"], failed={}, lost=[])


def test_importing_again_changes_what_changed(company: Company, folder: Path) -> None:
    imported(company.admin, folder)
    (folder / "leave.md").write_text("# Leave\n\nEverybody has 30 days of leave.\n")
    sent, result = imported(company.admin, folder)
    assert (sent.new, sent.replaced, sent.unchanged) == (0, 1, 2)
    assert len(result.ready) + len(result.without_passages) == 3


def test_what_cannot_be_read_has_its_reason(company: Company, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    (folder / "blank.txt").write_bytes(b"  \n")
    (folder / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 4)
    sent, result = imported(company.admin, folder)
    assert {path: error.code for path, error in sent.refused.items()} == {"blank.txt": "empty_file"}
    assert result.failed["picture.md"].startswith("The file is a picture")
    assert result.failed["broken.pdf"].startswith("The file is damaged")
    again, result = imported(company.admin, folder)
    assert again.unchanged == 5
    assert sorted(result.failed) == ["broken.pdf", "picture.md"]
    in_chinese = replace(company.admin, language="zh-hans")
    _, result = imported(in_chinese, folder)
    assert result.failed["broken.pdf"].startswith("文件已损坏")


def test_the_collection_is_found_by_name_and_made_by_administrators_only(
    company: Company, folder: Path
) -> None:
    made, is_new = collection_to_fill(company.admin, "Imported")
    assert is_new
    assert collection_to_fill(company.admin, "imported ") == (made, False)
    with pytest.raises(NotAllowed):
        collection_to_fill(company.stranger, "Imported")


def test_the_group_may_read_and_nobody_else(company: Company, folder: Path) -> None:
    collection_id, _ = collection_to_fill(company.admin, "Imported")
    let_read(company.admin, collection_id, company.staff.pk)
    imported(company.admin, folder)
    rows = {row.name: row.documents for row in list_collections(company.reader)}
    assert rows["Imported"] == 3
    assert "Imported" not in {row.name for row in list_collections(company.stranger)}


@pytest.mark.parametrize("role", [Role.EDITOR, Role.OWNER])
def test_a_group_that_may_do_more_keeps_its_role(company: Company, role: Role) -> None:
    collection_id, _ = collection_to_fill(company.admin, "Imported")
    give_grant(company.admin, collection_id, Principal("group", company.staff.pk), role)
    let_read(company.admin, collection_id, company.staff.pk)
    roles = {row.name: row.role for row in list_collections(company.reader)}
    assert roles["Imported"] == role


def test_a_name_that_cannot_be_kept_is_refused_and_the_others_are_imported(
    company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_folder, "workers_for_a_while", workers_of_this_process)
    (folder / os.fsdecode(b"caf\xe9.md")).write_text("# Menu\n\nSoup.\n")
    (folder / os.fsdecode(b"caf\xe9.png")).write_text("x")
    deep = folder.joinpath(*["d" * 200] * 5)
    deep.mkdir(parents=True)
    (deep / "far.md").write_text("# Far\n\nAway.\n")
    deeper = folder.joinpath(*["制度" * 40] * 11)
    deeper.mkdir(parents=True)
    (deeper / "far.md").write_text("# Farther\n\nAway.\n")
    sent, result = imported(company.admin, folder)
    assert sent.new == len(result.ready) + len(result.without_passages) == 3
    reasons = [told_error(error) for _, error in sorted(sent.refused.items())]
    assert [reason.partition(".")[0] for reason in reasons] == [
        "The file's name is not in UTF-8",
        "The file's path is longer than 1000 characters",
        "The file's path takes more than 2600 bytes; a Chinese character takes three",
    ]
    in_chinese = [told_error(error, "zh-hans") for _, error in sorted(sent.refused.items())]
    assert [reason.partition("。")[0] for reason in in_chinese] == [
        "文件名不是 UTF-8 编码",
        "文件路径超过 1000 个字符",
        "文件路径超过 2600 个字节，一个汉字占三个字节",
    ]
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="3 of 6 files did not become searchable"):
        call_command("import_folder", str(folder), "--collection", "Imported", stdout=out, stderr=err)
    words = out.getvalue()
    words.encode()
    assert "  unread" not in words
    assert "  failed   caf\\udce9.md: The file's name is not in UTF-8." in words
    assert "  skipped  caf\\udce9.png: By its ending (.png) and its content it is no document." in words


def test_the_command_tells_and_fails_where_a_file_did(
    company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_folder, "workers_for_a_while", workers_of_this_process)
    (folder / "photo.png").write_bytes(b"x")
    out, err = StringIO(), StringIO()
    call_command(
        "import_folder", str(folder), "--collection", "Pages", "--group", "New", stdout=out, stderr=err
    )
    words = out.getvalue()
    assert (
        "3 files: 3 new, 0 new versions, 0 unchanged. 3 ready (1 of them without passages), 0 failed" in words
    )
    assert "skipped  photo.png: By its ending (.png) and its content it is no document. Upload" in words
    assert "The group New is new and nobody is in it yet: `manage.py add_to_group New EMAIL`" in words
    (folder / "blank.txt").write_text("")
    with pytest.raises(CommandError, match="1 of 4 files did not become searchable"):
        call_command("import_folder", str(folder), "--collection", "Pages", stdout=out, stderr=err)
    arguments = ["--collection", "Other", "--as", "stranger@example.com"]
    with pytest.raises(CommandError, match="only administrators make collections"):
        call_command("import_folder", str(folder), *arguments, stdout=out, stderr=err)
    with pytest.raises(CommandError, match="no active person"):
        call_command(
            "import_folder", str(folder), "--collection", "Pages", "--as", "x@example.com", stdout=out
        )
    with pytest.raises(CommandError, match="There is no"):
        call_command("import_folder", str(folder / "nothing"), "--collection", "Pages", stdout=out)


def test_importing_again_asks_once_for_all_that_is_there(company: Company, folder: Path) -> None:
    imported(company.admin, folder)
    collection_id, _ = collection_to_fill(company.admin, "Imported")
    files = files_of(folder).files
    with CaptureQueriesContext(connection) as asked:
        sent = send_files(company.admin, collection_id, files, archives=ARCHIVES, step=lambda: None)
    assert sent.unchanged == 3
    assert sum("documents_document" in query["sql"] for query in asked) == 1
