"""Characters of a page to printed lines, each with the place of every character of its text.

A line is what stands on one baseline in the order of the file; wide gaps divide it into segments, from
which tables without rules and columns are recognised. Knows geometry and scripts, no PDF library.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kbchat.parsing.characters import hidden_places, is_unspaced
from kbchat.parsing.document import HiddenPart
from kbchat.parsing.list_marks import is_bare_mark
from kbchat.parsing.pdf_page import Glyph
from kbchat.parsing.raised import SIGNS

_GAP_OF_SEGMENTS = 1.6
_GAP_OF_WORDS = 0.17
_GAP_OF_IDEOGRAPHS = 0.9
_GAP_OF_TYPED_BLANK = 0.2
"""Gaps in multiples of the font size; what a producer's own blank decides is taken from it first."""
_SMALLER = 0.9
_RISE = 0.2
"""Of what is set above the line, in multiples of the font size of what stands on it; small figures on the line are
lifted by less, since they reach less far below it."""
_MAYBE_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
_LEADER = re.compile(r"(?:[.．·…_‥]\s?){5,}")


@dataclass(slots=True)
class Printed:
    """A stretch of text and where it stands: ``edges`` has one entry more than ``text``, in points.

    Character ``i`` reaches from edge ``i`` to edge ``i + 1``. In right-to-left lines the edges fall.
    """

    text: str
    edges: list[float]
    top: float
    bottom: float
    left: float = field(init=False)
    right: float = field(init=False)

    def __post_init__(self) -> None:
        # Asked for again and again: a line is compared with all that are near it.
        self.left, self.right = min(self.edges), max(self.edges)

    def cut(self, start: int, end: int) -> "Printed":
        """The characters ``start`` to ``end`` of it."""
        return Printed(self.text[start:end], self.edges[start : end + 1], self.top, self.bottom)


@dataclass(slots=True)
class Line:
    """One printed line. ``segments`` are its parts between wide gaps, in order; most lines have one."""

    segments: list[Printed]
    size: float
    bold: bool
    hidden: set[HiddenPart] = field(default_factory=set)
    top: float = field(init=False)
    bottom: float = field(init=False)
    left: float = field(init=False)
    right: float = field(init=False)

    def __post_init__(self) -> None:
        self.top = min(segment.top for segment in self.segments)
        self.bottom = max(segment.bottom for segment in self.segments)
        self.left = min(segment.left for segment in self.segments)
        self.right = max(segment.right for segment in self.segments)

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)

    @property
    def whole(self) -> Printed:
        """All segments as one stretch."""
        return joined(self.segments)


def lines_of(glyphs: Sequence[Glyph]) -> list[Line]:
    """The lines of ``glyphs`` (in the file's order); lines without visible text are left out."""
    lines = (_line(run) for run in _runs(glyphs))
    return [line for line in lines if line is not None]


def stamps_of(glyphs: Sequence[Glyph]) -> list[Line]:
    """Lines of characters that do not stand upright, as the file orders them.

    The places within such a line are not told apart: any part of it claims the whole.
    """
    runs: list[list[Glyph]] = []
    for glyph in glyphs:
        if glyph.breaks or not runs:
            runs.append([])
        runs[-1].append(glyph)
    lines = []
    for run in runs:
        text = "".join(glyph.text for glyph in run).strip()
        if text and not any(True for _ in hidden_places(text)):
            sides = (min(glyph.left for glyph in run), max(glyph.right for glyph in run))
            top, bottom = min(glyph.top for glyph in run), max(glyph.bottom for glyph in run)
            printed = Printed(text, [sides[place % 2] for place in range(len(text) + 1)], top, bottom)
            lines.append(Line([printed], run[0].size, run[0].bold))
    return lines


def _runs(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Glyphs that stand on one line and follow each other."""
    run: list[Glyph] = []
    last: Glyph | None = None
    top = bottom = 0.0
    for glyph in glyphs:
        if glyph.text == " ":
            if last is not None:
                run.append(glyph)
            continue
        if last is None:
            top, bottom = glyph.top, glyph.bottom
        elif glyph.top == top and glyph.bottom == bottom and glyph.left > last.right - 0.5 * glyph.size:
            pass  # as most do
        elif not _follows(last, glyph, top, bottom):
            yield run
            run, top, bottom = [], glyph.top, glyph.bottom
        elif glyph.size >= 0.8 * run[0].size:
            # Small raised and lowered characters must not widen the band that the line is judged by.
            top, bottom = min(top, glyph.top), max(bottom, glyph.bottom)
        run.append(glyph)
        last = glyph
    if run:
        yield run


def _follows(last: Glyph, glyph: Glyph, top: float, bottom: float) -> bool:
    """Whether ``glyph`` goes on behind ``last``, in a line from ``top`` to ``bottom``, and not back."""
    if glyph.top != top or glyph.bottom != bottom:
        shared = min(bottom, glyph.bottom) - max(top, glyph.top)
        if shared < 0.5 * min(bottom - top, glyph.bottom - glyph.top):
            return False
    size = max(last.size, glyph.size)
    if glyph.left > last.right - 0.5 * size:
        return True
    if _is_right_to_left(glyph.text) or _is_right_to_left(last.text):
        return not glyph.breaks or abs(glyph.right - last.left) < 4 * size
    return not glyph.breaks and glyph.left > last.left - 0.5 * size


def _line(run: list[Glyph]) -> Line | None:
    glyphs = _without_doubles(run)
    hidden = _drop_invisible(glyphs)
    while glyphs and glyphs[-1].text.isspace():
        glyphs.pop()
    seen = [glyph for glyph in glyphs if not glyph.text.isspace()]
    if not seen:
        return None
    sizes = Counter([glyph.size for glyph in seen])
    segments = [_without_leaders(segment) for segment in _segments(glyphs)]
    return Line(
        segments=_with_marks_joined([segment for segment in segments if segment.text.strip()]),
        size=sizes.most_common(1)[0][0],
        bold=sum([glyph.bold for glyph in seen]) >= 0.8 * len(seen),
        hidden=hidden,
    )


def _with_marks_joined(segments: list[Printed]) -> list[Printed]:
    """A bullet or number set apart belongs to what it stands before: it is no column."""
    if len(segments) > 1 and is_bare_mark(segments[0].text):
        return [joined(segments[:2]), *segments[2:]]
    return segments


def joined(segments: Sequence[Printed]) -> Printed:
    """Segments of one line as one stretch; a blank fills the gap between two of them."""
    first, *others = segments
    text, edges = first.text, list(first.edges)
    for segment in others:
        text += " " + segment.text
        edges += segment.edges
    top, bottom = min(one.top for one in segments), max(one.bottom for one in segments)
    return Printed(text, edges, top, bottom)


def _without_doubles(run: list[Glyph]) -> list[Glyph]:
    """Without characters printed twice over each other, which is how some producers make them bold."""
    kept: list[Glyph] = []
    third = second = first = ""  # of the last three kept
    for glyph in run:
        text = glyph.text
        if text in (first, second, third) and text != " ":
            same = (other for other in kept[-3:] if other.text == text)
            if any(abs(other.left - glyph.left) < 0.2 * glyph.size for other in same):
                continue
        kept.append(glyph)
        third, second, first = second, first, text
    return kept


def _drop_invisible(glyphs: list[Glyph]) -> set[HiddenPart]:
    """Takes out zero-width and other unseen characters; gives the sorts that were found."""
    found: set[HiddenPart] = set()
    while places := list(hidden_places("".join([glyph.text[0] for glyph in glyphs]))):
        found.update(reason for _, reason in places if reason)
        for place, _ in reversed(places):
            del glyphs[place]
    return found


def _segments(glyphs: list[Glyph]) -> Iterator[Printed]:
    begins = _MAYBE_RIGHT_TO_LEFT.findall("".join([glyph.text[0] for glyph in glyphs]))
    is_rtl = sum(map(_is_right_to_left, begins)) * 2 > len(glyphs)
    text: list[str] = []
    edges: list[float] = []
    members: list[Glyph] = []
    has_blank = False
    for place, glyph in enumerate(glyphs):
        if glyph.text == " ":
            has_blank = True
            continue
        if members:
            before = members[-1]
            # Words of the other direction jump about in a right-to-left line: only blanks divide it.
            gap = 0.0 if is_rtl else glyph.left - before.right
            if not has_blank and gap <= _GAP_OF_WORDS * glyph.size:
                # Within a word, as most are.
                if glyph.size < _SMALLER * before.size and _is_raised_number(
                    before, glyphs[place : place + 2]
                ):
                    text.append("^")
                    edges.append(before.left if is_rtl else before.right)
            elif gap > _GAP_OF_SEGMENTS * max(before.size, glyph.size):
                yield _printed(text, edges, members, is_rtl=is_rtl)
                text, edges, members = [], [], []
            elif _is_word_gap(before, glyph, gap, has_blank=has_blank):
                text.append(" ")
                edges.append(before.left if is_rtl else before.right)
        start, end = (glyph.right, glyph.left) if is_rtl else (glyph.left, glyph.right)
        text.append(glyph.text)
        edges.append(start)
        if len(glyph.text) > 1:
            count = len(glyph.text)
            edges += [start + (end - start) * part / count for part in range(1, count)]
        members.append(glyph)
        has_blank = False
    if members:
        yield _printed(text, edges, members, is_rtl=is_rtl)


def _is_raised_number(before: Glyph, glyphs: Sequence[Glyph]) -> bool:
    """Whether small glyphs behind a digit begin a power or the number of a note: read as they stand, they would make
    another number of it."""
    first = glyphs[0]
    figure = glyphs[-1] if first.text in SIGNS else first
    is_above = before.bottom - first.bottom > _RISE * before.size
    return is_above and before.text[-1].isdigit() and figure.text[0].isdigit()


def _printed(text: list[str], edges: list[float], members: list[Glyph], *, is_rtl: bool) -> Printed:
    last = members[-1].left if is_rtl else members[-1].right
    main = max([member.size for member in members])
    # The height of the full-sized characters: one raised note mark must not lift the whole highlight.
    full = [member for member in members if member.size >= 0.8 * main]
    return Printed(
        "".join(text), [*edges, last], min([one.top for one in full]), max([one.bottom for one in full])
    )


def _is_word_gap(before: Glyph, glyph: Glyph, gap: float, *, has_blank: bool) -> bool:
    size = max(before.size, glyph.size)
    if is_unspaced(before.text[-1]) and is_unspaced(glyph.text[0]):
        return gap > (_GAP_OF_TYPED_BLANK if has_blank else _GAP_OF_IDEOGRAPHS) * size
    return has_blank or gap > _GAP_OF_WORDS * size


def _without_leaders(segment: Printed) -> Printed:
    """``segment`` with the dots between an entry and its page number cut to three."""
    leader = _LEADER.search(segment.text)
    if leader is None:
        return segment
    dots = [place for place in range(leader.start(), leader.end()) if not segment.text[place].isspace()][:3]
    rest = leader.end()
    text = "".join(segment.text[place] for place in dots) + " " + segment.text[rest:]
    edges = [segment.edges[place] for place in dots]
    # The blank takes the room of the dots that went.
    edges += [segment.edges[dots[-1] + 1], *segment.edges[rest:]]
    shortened = Printed(
        segment.text[: dots[0]] + text, segment.edges[: dots[0]] + edges, segment.top, segment.bottom
    )
    return _without_leaders(shortened.cut(0, len(shortened.text.rstrip())))


def _is_right_to_left(text: str) -> bool:
    return bool(_MAYBE_RIGHT_TO_LEFT.match(text)) and unicodedata.bidirectional(text[0]) in ("R", "AL")
