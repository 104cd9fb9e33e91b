"""The file that says who may read what: the first rule that fits decides; what cannot be understood lets nobody in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.core.errors import Invalid
from kbchat.sources.access_file import NOBODY, Readers, permissions_in

WRITTEN = """
[[rule]]
path = "payroll/**"
groups = ["HR", "Board"]

[[rule]]
path = "drafts/"
groups = []

[[rule]]
path = "**/board-*.md"
groups = ["Board"]

[[rule]]
path = "Gehälter/*"
groups = ["HR"]

[[rule]]
path = "public/**"
everyone = true
"""
BOARD, HR = Readers(frozenset({"Board"})), Readers(frozenset({"HR"}))
BOTH, ALL = Readers(frozenset({"HR", "Board"})), Readers(everyone=True)


@pytest.mark.parametrize(
    ("path", "readers"),
    [
        ("payroll/2026/june.xlsx", BOTH),
        ("payroll/board-plan.md", BOTH),
        ("public/board-plan.md", BOARD),
        ("board-plan.md", BOARD),
        ("a/b/c/board-.md", BOARD),
        ("drafts/anything.md", NOBODY),
        ("drafts/public/anything.md", NOBODY),
        ("Gehälter/june.md", HR),
        ("Geha\u0308lter/june.md", HR),
        ("Gehälter/old/june.md", NOBODY),
        ("public/page.md", ALL),
        ("Public/page.md", NOBODY),
        ("publicity.md", NOBODY),
        ("other/public/page.md", NOBODY),
        ("page.md", NOBODY),
        ("", NOBODY),
    ],
)
def test_the_first_rule_that_fits_decides(path: str, readers: Readers) -> None:
    assert permissions_in(WRITTEN.encode()).readers_of(path) == readers


def test_it_names_all_its_groups() -> None:
    assert permissions_in(b"\xef\xbb\xbf" + WRITTEN.encode()).groups == {"HR", "Board"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"rule = []\nrules = []",
        b"[[rule]]\npath = 'a'",
        b"[[rule]]\npath = 'a'\ngroups = ['HR']\neveryone = true",
        b"[[rule]]\npath = 'a'\neveryone = false",
        b"[[rule]]\npath = 'a'\neveryone = 1",
        b"[[rule]]\npath = 'a'\ngroup = ['HR']",
        b"[[rule]]\npath = 'a'\ngroups = ['HR']\nexcept = ['a/b']",
        b"[[rule]]\npath = 'a'\ngroups = ['HR']\npath = 'b'",
        b"[[rule]]\npath = ''\ngroups = ['HR']",
        b"[[rule]]\npath = 'a'\ngroups = 'HR'",
        b"[[rule]]\npath = 'a'\ngroups = [1]",
        b"[[rule]]\npath = 'a'\ngroups = ['']",
        b"[[rule]]\ngroups = ['HR']",
        b"[[rule]]\npath = 'a'\ngroups = ['HR'",
        b"rule:\n - path: a\n   groups: [HR]",
        b"\xff\xfe",
        b"x = " + b"[" * 100_000,
        b"[[rule]]\npath = 'a'\ngroups = []\n" * 1001,
    ],
    ids=range(19),
)
def test_what_cannot_be_understood_is_no_permission(content: bytes) -> None:
    with pytest.raises(Invalid, match="source_access_unusable"):
        permissions_in(content)


@given(
    st.lists(st.sampled_from(["a", "b", "**", "*", "a*"]), min_size=1, max_size=4),
    st.lists(st.sampled_from("ab"), max_size=4),
)
def test_any_number_of_folders_is_any_number(pattern: list[str], parts: list[str]) -> None:
    """Beside a second way to say the same."""

    def fits(expected: list[str], rest: list[str]) -> bool:
        if not expected:
            return not rest
        first, *others = expected
        if first == "**":
            return any(fits(others, rest[taken:]) for taken in range(len(rest) + 1))
        return bool(rest) and (first == "*" or first.rstrip("*") == rest[0]) and fits(others, rest[1:])

    content = f"[[rule]]\npath = '{'/'.join(pattern)}'\neveryone = true"
    assert permissions_in(content.encode()).readers_of("/".join(parts)).everyone == fits(pattern, parts)


def test_no_pattern_takes_long() -> None:
    content = f"[[rule]]\npath = '{'**/*a*a*a*a*a*a*b/' * 20}x'\neveryone = true"
    assert permissions_in(content.encode()).readers_of("/".join(["a" * 40] * 24)) == NOBODY
