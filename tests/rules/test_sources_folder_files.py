"""Which files of a folder are imported, and the reason for each that is not."""

from pathlib import Path

from kbchat.sentences import knows
from kbchat.sources.folder_files import files_of
from tests.rules.workbook_support import rows_xml, workbook


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("words")


def test_documents_are_taken_and_the_rest_has_a_reason(tmp_path: Path) -> None:
    make(tmp_path, "b/年假.md", "a.PDF", "c.docx", "LICENSE", "site.html", "notes.txt")
    make(
        tmp_path,
        ".git/config",
        ".git/objects/x",
        ".hidden.md",
        "_config.yml",
        "_site/copy.html",
        "t.json",
    )
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(200)))
    (tmp_path / "link.md").symlink_to("notes.txt")
    (tmp_path / "out").symlink_to("/")
    found = files_of(tmp_path)
    assert [file.source_path for file in found.files] == [
        "LICENSE", "a.PDF", "c.docx", "notes.txt", "site.html", "b/年假.md",
    ]  # fmt: skip
    reasons = {skipped.source_path: (skipped.reason.code, skipped.reason.facts) for skipped in found.skipped}
    assert reasons == {
        ".git/": ("hidden_folder", {"files": 2}),
        ".hidden.md": ("hidden_file", {}),
        "_config.yml": ("not_a_document", {"suffix": "yml"}),
        "_site/": ("machinery", {"files": 1}),
        "link.md": ("is_a_link", {}),
        "logo.png": ("picture_among_others", {}),
        "out/": ("is_a_link", {}),
        "t.json": ("unsupported_type", {"media_type": "application/json", "filename": "t.json"}),
    }
    assert all(knows(code) for code, _ in reasons.values())


def test_content_decides_where_the_name_promises_nothing(tmp_path: Path) -> None:
    (tmp_path / "sheet.bak").write_bytes(workbook({"Leave": rows_xml("Grade|Days", "A|15")}))
    (tmp_path / "report.001").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "old.doc").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le")
    )
    make(tmp_path, "notes.rst", "guide.adoc", "program.py")
    found = files_of(tmp_path)
    assert [file.source_path for file in found.files] == [
        "guide.adoc", "notes.rst", "old.doc", "report.001", "sheet.bak",
    ]  # fmt: skip
    assert [skipped.source_path for skipped in found.skipped] == ["program.py"]


def test_nothing_of_the_folder_is_left_unmentioned(tmp_path: Path) -> None:
    make(tmp_path, "a/b/c/d.md", "a/x.bin", "a/.b/y.md", "z")
    found = files_of(tmp_path)
    assert len(found.files) + len(found.skipped) == 4


def test_one_file_is_a_folder_of_one(tmp_path: Path) -> None:
    make(tmp_path, "only.md")
    assert [file.source_path for file in files_of(tmp_path / "only.md").files] == ["only.md"]


def test_the_real_handbook_is_taken_whole(shared_data: Path) -> None:
    found = files_of(shared_data / "handbooks" / "18f")
    assert len(found.files) == 250
    assert found.skipped == []
