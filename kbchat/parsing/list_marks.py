"""Marks that list items begin with, in texts that know lists by their looks only."""

import re
from dataclasses import dataclass

_BULLETS = frozenset("-*+•·●○■□◆◻▪‣–➢➔❑❖✓☑◦∙")
_MARK = re.compile(
    r"(?P<indent>[ \t\u3000]*)"
    r"(?P<mark>[-*+•·●○■□◆◻▪‣–➢➔❑❖✓☑◦∙]|\(?\d{1,3}[.)）、．]|[（(]\d{1,3}[）)]|\(?[a-zA-Z][.)]|\([ivx]{1,5}\)|[①-⑳])"
    r"(?P<gap>[ \t\u3000]*)(?=\S)"
)
_CLEAR_WITHOUT_GAP = tuple("•·●○■□◆◻▪‣➢➔❑❖✓☑◦、）)①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")

_BARE_NUMBER = re.compile(
    r"\d{1,2}(?:\.\d{1,2}){0,4}\.?|第[〇零一二三四五六七八九十百\d]+[条條章节節]|(?i:item|section|article|step)\s\w{1,4}[.:]?"
)


@dataclass(frozen=True, slots=True)
class ListMark:
    """``text_start`` is where the item's text begins: behind a bullet, but at a number, which belongs to it.

    ``indent`` counts the blanks before the mark, a tab as four and an ideographic space as two.
    """

    text_start: int
    indent: int
    is_bullet: bool


def list_mark(line: str) -> ListMark | None:
    """The mark at the beginning of ``line``, or None."""
    match = _MARK.match(line)
    if match is None or (not match["gap"] and not match["mark"].endswith(_CLEAR_WITHOUT_GAP)):
        return None
    is_bullet = match["mark"] in _BULLETS
    indent = len(match["indent"].replace("\t", "    ").replace("\u3000", "  "))
    return ListMark(match.end() if is_bullet else match.end("indent"), indent, is_bullet)


def is_bare_mark(text: str) -> bool:
    """Whether ``text`` is nothing but a mark or a number that text set far to its right belongs to."""
    text = text.strip()
    match = _MARK.match(text + " x")
    return bool(match and match.end() == len(text) + 1) or bool(_BARE_NUMBER.fullmatch(text))
