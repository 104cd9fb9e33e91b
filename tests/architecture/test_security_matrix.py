"""SECURITY.md names every row of the design once, and no test that does not exist."""

import ast
import re
from typing import TypeGuard

from kbchat.settings.environment import PROJECT_ROOT

_ROW = re.compile(r"^\| ([DTF]\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
_TEXT = (PROJECT_ROOT / "SECURITY.md").read_text(encoding="utf-8")
_ROWS = [f"{letter}{n}" for letter, last in (("D", 12), ("T", 58), ("F", 40)) for n in range(1, last + 1)]


def named_in(path: str) -> set[str]:
    """The tests of a file, by the names that pytest gives them."""
    file = PROJECT_ROOT / path
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body if file.is_file() else ():
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{inner.name}" for inner in node.body if _is_function(inner)}
        elif _is_function(node):
            found.add(node.name)
    return found


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def test_every_row_stands_there_once_and_in_order() -> None:
    assert [row for row, _, _ in _ROW.findall(_TEXT)] == _ROWS


def test_every_test_that_is_named_exists() -> None:
    named = set(_TEST.findall(_TEXT))
    assert len(named) > 100
    assert sorted(f"{path}::{name}" for path, name in named if name not in named_in(path)) == []


def test_every_row_names_a_test_or_the_issue_that_brings_it() -> None:
    silent = [
        row for row, _, held in _ROW.findall(_TEXT) if not _TEST.search(held) and "Not yet: " not in held
    ]
    assert silent == []
    waiting = re.findall(r"Not yet: .*", _TEXT)
    assert [line for line in waiting if not re.search(r"\(issue [3-8]\)\. \|$", line)] == []
