"""Names that people type: on one line, and nothing in them that nobody sees."""

import pytest

from kbchat.core.typed_text import visible_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Operations", "Operations"),
        ("  人事  部 ", "人事 部"),
        ("Board\r\nof\tdirectors\u2028here", "Board of directors here"),
        ("\u202eelpoeP\u202c", "elpoeP"),
        ("Peo\u200bple\ufeff\x07\0", "People"),
        ("\u200b Ops \u2066", "Ops"),
        ("R&D 🚀", "R&D 🚀"),
        ("①", "①"),
    ],
)
def test_a_name_keeps_what_is_seen_of_it(typed: str, kept: str) -> None:
    assert visible_name(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", " \t\r\n", "\u202e\u200b", "\u3164", "\u2800", "\u0301", "\ufe0f", "\ue000"]
)
def test_a_name_of_which_nothing_is_seen_is_none(typed: str) -> None:
    assert visible_name(typed) == ""
