"""Which files of a folder are imported, and the reason for each that is not."""

from pathlib import Path

from kbchat.sources.folder_files import Skipped, files_of


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
        "logo.png",
        "_config.yml",
        "_site/copy.html",
        "t.json",
    )
    (tmp_path / "link.md").symlink_to("notes.txt")
    (tmp_path / "out").symlink_to("/")
    found = files_of(tmp_path)
    assert [file.source_path for file in found.files] == [
        "LICENSE", "a.PDF", "c.docx", "notes.txt", "site.html", "b/年假.md",
    ]  # fmt: skip
    assert sorted(found.skipped, key=lambda skipped: skipped.source_path) == [
        Skipped(".git/", "a hidden folder, files in it: 2"),
        Skipped(".hidden.md", "a hidden file"),
        Skipped("_config.yml", "no document format (.yml)"),
        Skipped("_site/", "machinery of a site, files in it: 1"),
        Skipped("link.md", "a link"),
        Skipped("logo.png", "no document format (.png)"),
        Skipped("out/", "a link"),
        Skipped("t.json", "no document format (.json)"),
    ]


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
