"""Drawings of Office files by their XML: what slides and the boxes on sheets have in common."""

from collections.abc import Iterator
from typing import Any

from kbchat.parsing.raised import Piece, written
from kbchat.parsing.xml_parts import attribute, child, children, is_on, local_name, words_of

_SHAPES = frozenset({"sp", "cxnSp", "grpSp", "pic", "graphicFrame"})


def shapes_inside(element: Any) -> Iterator[Any]:
    """The shapes below an element, groups as one; of what is drawn twice, the form for today's programs."""
    for inner in children(element):
        name = local_name(inner)
        if name in _SHAPES:
            yield inner
        elif name == "AlternateContent":
            yield from shapes_inside(child(inner, "Choice"))
        else:
            yield from shapes_inside(inner)


def is_shown(shape: Any) -> bool:
    """Whether nobody has switched it off."""
    return not any(
        is_on(properties, "hidden")
        for own in children(shape)
        if local_name(own).startswith("nv")
        for properties in children(own, "cNvPr")
    )


def line_of(paragraph: Any) -> str:
    """The text of a paragraph with its line ends, without what is struck out."""
    return written(map(_piece, paragraph.iter("{*}t", "{*}br"))).replace("\v", "\n")


def strikes_out(element: Any) -> bool:
    """Whether something inside an element is struck out."""
    return any(
        _is_struck(run) and words_of(child(run, "t")).strip() for run in element.iter("{*}r", "{*}fld")
    )


def _is_struck(run: Any) -> bool:
    return attribute(child(run, "rPr"), "strike") not in ("", "noStrike")


def _piece(element: Any) -> Piece:
    if local_name(element) == "br":
        return "\n", False
    if _is_struck(element.getparent()):
        return "", False
    baseline = attribute(child(element.getparent(), "rPr"), "baseline")
    return element.text or "", baseline.strip("0%") != "" and not baseline.startswith("-")
