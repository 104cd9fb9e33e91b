"""The numbers that Word prints before paragraphs: 1., (a), 第三条, 1.2.1. They are in no paragraph's text.

A policy is cited by them, so they are counted here as Word counts them: one counter a list and level, a
level starting again below each new item above it unless it says otherwise.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE

from kbchat.parsing.docx_styles import ParagraphStyle, Styles
from kbchat.parsing.docx_text import child, children, is_on, value, w
from kbchat.parsing.printed_numbers import printed_number

_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Number:
    """``label`` is what is printed and a blank, "" for a bullet; ``depth`` counts from 1, None: no list."""

    label: str = ""
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    pattern: str
    start: int
    style: str | None
    restart: int | None
    """It starts again below items of the levels before this one (from 0); None: of all above it."""
    is_legal: bool
    """All numbers in its label are printed in figures."""

    def starts_again_below(self, depth: int) -> bool:
        return self.restart is None or depth < self.restart

    def form_of(self, level: "_Level") -> str:
        """In which form the number of a level is printed in the label of this one."""
        return "decimal" if self.is_legal and level.form != "decimalZero" else level.form


class Numbering:
    """``_levels`` are those of a numId, ``_counters`` of the definition that numIds share."""

    def __init__(self, part: Any, styles: Styles) -> None:
        self._abstract_of: dict[str, str] = {}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        for relation in part.rels.values():
            if relation.reltype == RELATIONSHIP_TYPE.NUMBERING and not relation.is_external:
                self._load(relation.target_part.element, styles)

    def next_for(self, paragraph: Any, style: ParagraphStyle) -> Number:
        """The number of the next paragraph of the document; call it once for each, in order."""
        own = child(child(paragraph, "pPr"), "numPr")
        identity = value(child(own, "numId")) or style.numbering[0]
        if identity is None or identity == "0" or identity not in self._abstract_of:
            return Number()
        abstract = self._abstract_of[identity]
        levels = self._levels[identity]
        depth = _depth(paragraph, own, style, levels)
        level = levels.get(depth)
        if level is None:
            return Number(depth=depth + 1)
        self._count(identity, abstract, depth, level)
        if level.form in ("bullet", "none") or not level.pattern:
            return Number(depth=depth + 1)
        return Number(_label(level, levels, self._counters[abstract]) + " ", depth + 1)

    def _load(self, root: Any, styles: Styles) -> None:
        abstracts = {one.get(w("abstractNumId")) or "": one for one in children(root, "abstractNum")}
        numbers = {one.get(w("numId")) or "": one for one in children(root, "num")}
        for identity, number in numbers.items():
            self._abstract_of[identity] = value(child(number, "abstractNumId")) or ""
            abstract = abstracts.get(self._abstract_of[identity])
            link = value(child(abstract, "numStyleLink"))
            if link is not None:  # defined by a style of lists
                linked = numbers.get(styles.list_of(link) or "")
                abstract = abstracts.get(value(child(linked, "abstractNumId")) or "")
            self._levels[identity] = dict(_levels(abstract))
            for override in children(number, "lvlOverride"):
                self._levels[identity] |= dict(_levels(override))
                start = value(child(override, "startOverride"))
                if start is not None:
                    self._starts[identity, int(override.get(w("ilvl")) or 0)] = int(start)

    def _count(self, identity: str, abstract: str, depth: int, level: _Level) -> None:
        """Lists that share a definition share its counters; one that starts anew says so once."""
        counters = self._counters.setdefault(abstract, {})
        restart = self._starts.get((identity, depth))
        if restart is not None and (identity, depth) not in self._begun:
            counters[depth] = restart
        else:
            counters[depth] = counters.get(depth, level.start - 1) + 1
        self._begun.add((identity, depth))
        levels = self._levels[identity]
        for deeper in [other for other in counters if other > depth]:
            if deeper not in levels or levels[deeper].starts_again_below(depth):
                del counters[deeper]


def _levels(definition: Any) -> Iterator[tuple[int, _Level]]:
    """Those that a definition, or what overrides one, says itself; none where it is missing."""
    for level in () if definition is None else children(definition, "lvl"):
        restart = value(child(level, "lvlRestart"))
        yield (
            int(level.get(w("ilvl")) or 0),
            _Level(
                value(child(level, "numFmt")) or "decimal",
                value(child(level, "lvlText")) or "",
                int(value(child(level, "start")) or 1),
                value(child(level, "pStyle")),
                int(restart) if restart else None,
                is_on(child(level, "isLgl")),
            ),
        )


def _depth(paragraph: Any, own: Any, style: ParagraphStyle, levels: Mapping[int, _Level]) -> int:
    """The level in the list, from 0: told by the paragraph, its style, or the list for that style."""
    told = value(child(own, "ilvl"))
    if told is not None and told.isdecimal():
        return int(told)
    if style.numbering[1] is not None:
        return style.numbering[1]
    named = value(child(child(paragraph, "pPr"), "pStyle"))
    return next((depth for depth, level in levels.items() if named and level.style == named), 0)


def _label(level: _Level, levels: Mapping[int, _Level], counters: Mapping[int, int]) -> str:
    def number(match: re.Match[str]) -> str:
        shown = levels.get(int(match[1]) - 1)
        if shown is None:
            return printed_number(counters.get(int(match[1]) - 1, 1), "decimal")
        return printed_number(counters.get(int(match[1]) - 1, shown.start), level.form_of(shown))

    return _PLACE.sub(number, level.pattern)
