"""The numbers that Word prints before paragraphs: 1., (a), 第三条, 1.2.1. They are in no paragraph's text.

A policy is cited by them, so they are counted here as Word counts them: one counter a list and level, a
level starting again below each new item above it.
"""

import re
from dataclasses import dataclass
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE

from kbchat.parsing.docx_styles import ParagraphStyle
from kbchat.parsing.docx_text import child, children, value, w
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


class Numbering:
    def __init__(self, part: Any) -> None:
        self._abstract_of: dict[str, str] = {}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        for relation in part.rels.values():
            if relation.reltype == RELATIONSHIP_TYPE.NUMBERING and not relation.is_external:
                self._load(relation.target_part.element)

    def next_for(self, paragraph: Any, style: ParagraphStyle) -> Number:
        """The number of the next paragraph of the document; call it once for each, in order."""
        own = child(child(paragraph, "pPr"), "numPr")
        identity = value(child(own, "numId")) or style.numbering[0]
        if identity is None or identity == "0" or identity not in self._abstract_of:
            return Number()
        abstract = self._abstract_of[identity]
        depth = self._depth(paragraph, own, style, abstract)
        level = self._levels.get(abstract, {}).get(depth)
        if level is None:
            return Number(depth=depth + 1)
        self._count(identity, abstract, depth, level)
        if level.form in ("bullet", "none") or not level.pattern:
            return Number(depth=depth + 1)
        return Number(self._label(abstract, level) + " ", depth + 1)

    def _depth(self, paragraph: Any, own: Any, style: ParagraphStyle, abstract: str) -> int:
        """The level in the list, from 0: told by the paragraph, its style, or the list for that style."""
        told = value(child(own, "ilvl"))
        if told is not None and told.isdecimal():
            return int(told)
        if style.numbering[1] is not None:
            return style.numbering[1]
        named = value(child(child(paragraph, "pPr"), "pStyle"))
        levels = self._levels.get(abstract, {})
        return next((depth for depth, level in levels.items() if named and level.style == named), 0)

    def _load(self, root: Any) -> None:
        for abstract in children(root, "abstractNum"):
            identity = abstract.get(w("abstractNumId")) or ""
            self._levels[identity] = {
                int(level.get(w("ilvl")) or 0): _Level(
                    value(child(level, "numFmt")) or "decimal",
                    value(child(level, "lvlText")) or "",
                    int(value(child(level, "start")) or 1),
                    value(child(level, "pStyle")),
                )
                for level in children(abstract, "lvl")
            }
        for number in children(root, "num"):
            identity = number.get(w("numId")) or ""
            self._abstract_of[identity] = value(child(number, "abstractNumId")) or ""
            for override in children(number, "lvlOverride"):
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
        for deeper in [other for other in counters if other > depth]:
            del counters[deeper]

    def _label(self, abstract: str, level: _Level) -> str:
        levels, counters = self._levels[abstract], self._counters[abstract]

        def number(match: re.Match[str]) -> str:
            depth = int(match[1]) - 1
            form = levels[depth].form if depth in levels else "decimal"
            start = levels[depth].start if depth in levels else 1
            return printed_number(counters.get(depth, start), form)

        return _PLACE.sub(number, level.pattern)
