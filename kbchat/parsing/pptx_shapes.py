"""Shapes of a slide: which of them are seen, what they are for, and the order in which they are read."""

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import Any

from pptx.enum.shapes import PP_PLACEHOLDER

from kbchat.parsing.xml_parts import child, children

_ROWS_OF_A_SLIDE = 40
"""Shapes whose upper edges lie within one of so many bands stand side by side."""


class Role(Enum):
    TITLE = auto()
    LIST = auto()
    """Its paragraphs are marked with bullets unless they say otherwise."""
    FURNITURE = auto()
    OTHER = auto()


_ROLES = {
    PP_PLACEHOLDER.TITLE: Role.TITLE,
    PP_PLACEHOLDER.CENTER_TITLE: Role.TITLE,
    PP_PLACEHOLDER.VERTICAL_TITLE: Role.TITLE,
    PP_PLACEHOLDER.BODY: Role.LIST,
    PP_PLACEHOLDER.OBJECT: Role.LIST,
    PP_PLACEHOLDER.VERTICAL_BODY: Role.LIST,
    PP_PLACEHOLDER.VERTICAL_OBJECT: Role.LIST,
    PP_PLACEHOLDER.HEADER: Role.FURNITURE,
    PP_PLACEHOLDER.FOOTER: Role.FURNITURE,
    PP_PLACEHOLDER.DATE: Role.FURNITURE,
    PP_PLACEHOLDER.SLIDE_NUMBER: Role.FURNITURE,
}


def shapes_of(slide: Any) -> Iterator[Any]:
    """All shapes, those among them that only newer programs know."""
    tree = slide.shapes.element
    for alternatives in list(tree.iter("{*}AlternateContent")):
        chosen = child(alternatives, "Choice")
        for shape in reversed(list(children(chosen))):
            alternatives.addnext(shape)
        alternatives.getparent().remove(alternatives)
    return iter(slide.shapes)


def role_of(shape: Any) -> Role:
    return _ROLES.get(shape.placeholder_format.type, Role.OTHER) if shape.is_placeholder else Role.OTHER


def in_reading_order(shapes: Sequence[Any], height: int) -> list[Any]:
    """From above to below, and from left to right in a row."""
    band = max(height // _ROWS_OF_A_SLIDE, 1)
    return sorted(shapes, key=lambda shape: (round(int(shape.top or 0) / band), int(shape.left or 0)))


def is_within(shape: Any, width: int, height: int) -> bool:
    """Whether some of it lies on the slide. Where no place is told, it does."""
    left, top = shape.left, shape.top
    if left is None or top is None or not (width and height):
        return True
    right, bottom = left + (shape.width or 0), top + (shape.height or 0)
    return bool(right >= 0 and bottom >= 0 and left <= width and top <= height)
