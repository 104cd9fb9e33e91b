"""What a DOCX's styles mean: which are headings of which level, lists, code, quotations, hidden text.

Knows the names that Word, WPS and LibreOffice write, in English and Chinese; the outline level decides
where a name does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE

from kbchat.parsing.docx_text import child, children, is_on, value, w

_HEADING = re.compile(r"(?:heading|标题|標題|titre|überschrift|título|título)\s*(\d)", re.IGNORECASE)
_TITLE = re.compile(r"title|标题|標題|文档标题|文件標題", re.IGNORECASE)
_CODE = re.compile(r"code|preformatted|macro|代码|源代码", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|contents) ?[1-9]", re.IGNORECASE)
_CONTENTS_HEADING = re.compile(r"(?:toc|contents) ?heading", re.IGNORECASE)
_QUOTE = re.compile(r"(intense )?quote|block ?text|quotations|引用|明显引用", re.IGNORECASE)
_BODY_TEXT = 10
"""The outline level (from 1) that means: no heading."""


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """``numbering`` is the style's own (numId, ilvl) if it has one.

    ``is_contents``: of a line in a table of contents; ``is_contents_heading``: made for the words above it.
    """

    heading_level: int | None = None
    is_title: bool = False
    is_code: bool = False
    is_quote: bool = False
    is_contents: bool = False
    is_contents_heading: bool = False
    numbering: tuple[str | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True)
class RunLook:
    """Properties of a run that decide whether it is seen, and where. None where nothing is said."""

    vanish: bool | None = None
    color: str | None = None
    half_points: int | None = None
    is_shaded: bool | None = None
    is_raised: bool | None = None
    is_struck: bool | None = None


class Styles:
    def __init__(self, part: Any) -> None:
        self._by_id: dict[str, Any] = {}
        self._default: Any = None
        self._known: dict[str, ParagraphStyle] = {}
        for relation in part.rels.values():
            if relation.reltype == RELATIONSHIP_TYPE.STYLES and not relation.is_external:
                for style in children(relation.target_part.element, "style"):
                    self._by_id[style.get(w("styleId")) or ""] = style
                    if style.get(w("type")) == "paragraph" and style.get(w("default")) == "1":
                        self._default = style

    def of_paragraph(self, paragraph: Any) -> ParagraphStyle:
        """The meaning of a paragraph's style, with what the paragraph itself says of its outline level."""
        properties = child(paragraph, "pPr")
        identity = value(child(properties, "pStyle")) or ""
        if identity not in self._known:
            self._known[identity] = self._meaning(identity)
        style = self._known[identity]
        own_level = _outline_level(properties)
        is_heading = own_level is not None and own_level < _BODY_TEXT
        is_of_contents = style.is_contents or style.is_contents_heading
        if is_heading and style.heading_level is None and not is_of_contents:
            return ParagraphStyle(own_level, numbering=style.numbering)
        return style

    def list_of(self, identity: str) -> str | None:
        """The numId of a style of lists, None when it has none."""
        return _numbering(list(self._chain(identity)))[0]

    def run_looks(self, run_properties: Any, paragraph: Any) -> Iterator[RunLook]:
        """What is said of a run's look, from the nearest on: by itself, its style, its paragraph's style."""
        yield _look(run_properties)
        for identity in (
            value(child(run_properties, "rStyle")),
            value(child(child(paragraph, "pPr"), "pStyle")),
        ):
            for style in self._chain(identity or ""):
                yield _look(child(style, "rPr"))

    def _chain(self, identity: str) -> Iterator[Any]:
        """A style and those that it is based on; a circle ends where it closes."""
        seen: set[str] = set()
        while identity in self._by_id and identity not in seen:
            seen.add(identity)
            style = self._by_id[identity]
            yield style
            identity = value(child(style, "basedOn")) or ""

    def _meaning(self, identity: str) -> ParagraphStyle:
        chain = list(self._chain(identity))
        numbering = _numbering(chain)
        own_name = _name(chain[0]) if chain else ""
        if _CONTENTS.fullmatch(own_name):
            return ParagraphStyle(is_contents=True, numbering=numbering)
        if _CONTENTS_HEADING.fullmatch(own_name):
            return ParagraphStyle(is_contents_heading=True, numbering=numbering)
        for style in chain:
            name = _name(style)
            heading = _HEADING.fullmatch(name) or _HEADING.fullmatch(style.get(w("styleId")) or "")
            if heading:
                return ParagraphStyle(int(heading[1]), numbering=numbering)
            if _TITLE.fullmatch(name):
                return ParagraphStyle(1, is_title=True)
            level = _outline_level(child(style, "pPr"))
            if level == _BODY_TEXT:
                break  # whatever it is based on
            if level is not None:
                return ParagraphStyle(level, numbering=numbering)
        name = " ".join(value(child(style, "name")) or "" for style in chain[:1])
        return ParagraphStyle(
            is_code=bool(_CODE.search(name)), is_quote=bool(_QUOTE.fullmatch(name)), numbering=numbering
        )


def _name(style: Any) -> str:
    return (value(child(style, "name")) or style.get(w("styleId")) or "").strip()


def _outline_level(properties: Any) -> int | None:
    told = value(child(properties, "outlineLvl"))
    return min(int(told) + 1, _BODY_TEXT) if told is not None and told.isdecimal() else None


def _numbering(chain: list[Any]) -> tuple[str | None, int | None]:
    for style in chain:
        numbering = child(child(style, "pPr"), "numPr")
        if numbering is not None:
            level = value(child(numbering, "ilvl"))
            return value(child(numbering, "numId")), int(level) if level else None
    return None, None


def _look(properties: Any) -> RunLook:
    if properties is None:
        return RunLook()
    vanish, size = child(properties, "vanish"), value(child(properties, "sz"))
    shading, highlight = child(properties, "shd"), child(properties, "highlight")
    has_fill = shading is not None and (shading.get(w("fill")) or "auto").lower() not in ("auto", "ffffff")
    is_shaded = has_fill or (highlight is not None and value(highlight) not in ("none", "white"))
    strikes = [one for name in ("strike", "dstrike") if (one := child(properties, name)) is not None]
    return RunLook(
        vanish=None if vanish is None else is_on(vanish),
        color=value(child(properties, "color")),
        half_points=int(float(size)) if size else None,
        is_shaded=True if is_shaded else None,
        is_raised=_is_raised(properties),
        is_struck=any(map(is_on, strikes)) if strikes else None,
    )


def _is_raised(properties: Any) -> bool | None:
    """By a switch, or by so many half-points."""
    align, position = value(child(properties, "vertAlign")), value(child(properties, "position"))
    if align is not None and align != "baseline":
        return align == "superscript"
    if position is not None:
        return position.strip("+0") != "" and not position.startswith("-")
    return None if align is None else False
