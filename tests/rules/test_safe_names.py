"""Names of exported files: near to what they were, and such that every file system takes them."""

import pytest

from kbchat.cli.safe_names import Names, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("leave.md", "leave.md"),
        ("请假 制度（2026）.docx", "请假 制度（2026）.docx"),
        ("../../etc/passwd", "__.._etc_passwd"),
        ("..\\windows.ini", "__windows.ini"),
        ("a:b?.md", "a_b_.md"),
        (".hidden", "_hidden"),
        ("~2", "_2"),
        ("..", "_"),
        (" \n\u202e", "_"),
        ("con.md", "_con.md"),
        ("report. ", "report"),
        ("e\u0301t\u00e9.md", "\u00e9t\u00e9.md"),
        ("\udce9.md", "_md"),
    ],
)
def test_a_name_is_safe_and_near_to_what_it_was(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending_and_whole_characters() -> None:
    safe = safe_name("制度" * 150 + ".docx")
    assert safe.endswith(("度.docx", "制.docx"))
    assert 190 < len(safe.encode()) <= 200
    assert len(safe_name("a" * 300 + "." + "b" * 100).encode()) == 200


def test_the_second_of_a_name_stands_in_a_folder_and_keeps_it() -> None:
    names = Names("manifest.jsonl")
    told = [names.of_file(name) for name in ("leave.md", "Leave.md", "manifest.jsonl", "leave.md", "~2")]
    assert told == ["leave.md", "~2/Leave.md", "~2/manifest.jsonl", "~3/leave.md", "_2"]


def test_folders_are_numbered() -> None:
    names = Names()
    told = [names.of_folder(name) for name in ("HR", "hr", "HR (2)", "HR/IT", "HR:IT")]
    assert told == ["HR", "hr (2)", "HR (2) (2)", "HR_IT", "HR_IT (2)"]
