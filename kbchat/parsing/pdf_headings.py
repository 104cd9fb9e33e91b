"""Which paragraphs of a PDF are headings, and of which rank.

The outline of the file is believed where it names a line; otherwise size, weight, number and position
speak. Ranks follow from the styles that the document's own headings use: the largest is the first.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from kbchat.parsing.numbered_headings import numbered_rank
from kbchat.parsing.pdf_lines import Line
from kbchat.parsing.pdf_paragraphs import Paragraph

_LARGER = 1.12
_MOST_LINES = 3
_LONGEST = 160
_SENTENCE_END = tuple("。；;，,…")
_DECIMALS = re.compile(r"\d{1,2}((?:\.\d{1,2}){0,5})\.?\s")

Style = tuple[float, bool, int]
"""Size (negative, so that larger ones come first), light instead of bold, depth of a decimal number."""


def body_size(pages: Iterable[Sequence[Line]]) -> float:
    """The font size in points that most characters have; 0 for a document without text."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


class Outline:
    """The file's own table of contents: (page, title) of every entry with its level (1 is the highest)."""

    def __init__(self, entries: Iterable[tuple[int, str, int]]) -> None:
        self._levels = {(page, _plain(title)): level for page, title, level in entries if _plain(title)}

    def level_of(self, page: int, text: str) -> int | None:
        """The level of an entry that is printed as ``text`` on ``page``."""
        return self._levels.get((page, _plain(text))) if self._levels else None


def looks_like_heading(paragraph: Paragraph, body: float, *, is_bold_body: bool, leading: float) -> bool:
    """Whether ``paragraph`` stands out as headings do; ``is_bold_body``: being bold says nothing here."""
    text = paragraph.text.strip()
    if len(paragraph.lines) > _MOST_LINES or len(text) > _LONGEST or not _has_words(text):
        return False
    if (
        text.endswith(_SENTENCE_END)
        or (paragraph.mark and paragraph.mark.is_bullet)
        or _is_contents_entry(paragraph)
    ):
        return False
    if paragraph.size >= _LARGER * body and not text.endswith("."):
        return True
    is_apart = paragraph.gap is None or paragraph.gap > 0.35 * (leading - 0.8) * paragraph.size
    if len(paragraph.lines) > 2 or not is_apart or paragraph.size < 0.9 * body:
        return False
    if paragraph.bold and not is_bold_body and not text.endswith((".", ":", "：")):
        return True
    return len(paragraph.lines) == 1 and numbered_rank(text, stands_alone=False) is not None


def levels_of(headings: Mapping[int, tuple[Paragraph, int | None]]) -> dict[int, int]:
    """The level of each heading (by its key, in reading order): how deep it lies below other headings.

    Its rank comes from its outline level if it has one, else from its style.
    """
    told: dict[Style, Counter[int]] = {}
    for paragraph, level in headings.values():
        if level is not None:
            told.setdefault(_style(paragraph), Counter())[level] += 1
    styles = sorted({_style(paragraph) for paragraph, _ in headings.values()})
    by_style = dict(zip(styles, range(1, len(styles) + 1), strict=True))
    for style, levels in told.items():
        by_style[style] = levels.most_common(1)[0][0]
    above: list[int] = []
    depths = {}
    for key, (paragraph, level) in headings.items():
        rank = level or by_style[_style(paragraph)]
        while above and above[-1] >= rank:
            above.pop()
        above.append(rank)
        depths[key] = len(above)
    return depths


def _style(paragraph: Paragraph) -> Style:
    decimals = _DECIMALS.match(paragraph.text)
    depth = decimals[1].count(".") if decimals else 0
    if not decimals:
        depth = numbered_rank(paragraph.text, stands_alone=True) or 0
    return -round(paragraph.size * 2) / 2, not paragraph.bold, depth


def _has_words(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    if "@" in text or "://" in text:
        return False
    return letters >= 2 and letters >= 0.3 * len(text.replace(" ", ""))


def _is_contents_entry(paragraph: Paragraph) -> bool:
    """A line of a table of contents: dots, or a page number far to the right."""
    line = paragraph.lines[-1]
    return (
        "..." in line.text
        or "···" in line.text
        or (len(line.segments) > 1 and line.segments[-1].text.strip().isdigit())
    )


def _plain(text: str) -> str:
    """Letters and digits alone, to compare a title with its print."""
    return "".join(character for character in text.casefold() if character.isalnum())
