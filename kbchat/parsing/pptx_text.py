"""The paragraphs of a shape, with the bullets and numbers that PowerPoint prints before them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kbchat.parsing.drawings import line_of
from kbchat.parsing.pptx_shapes import Role, role_of
from kbchat.parsing.printed_numbers import printed_number
from kbchat.parsing.xml_parts import attribute, child, children, local_name

_FORMS = {
    "arabic": "decimal",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "circleNum": "decimalEnclosedCircle",
    "ea1": "chineseCounting",
}
_AROUND = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})"}
_MOST_ITEMS = 32_767


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``depth`` counts from 1 in a list, None: no list. A number stands in the text, a bullet does not."""

    text: str
    depth: int | None = None


def text_of(shape: Any) -> str:
    """All that is written in a shape, whatever it is."""
    return "\n".join(line_of(one) for one in shape.element.iter("{*}p"))


def paragraphs_of(shape: Any) -> list[Paragraph]:
    """Those with something to read, in order."""
    body = child(shape.element, "txBody")
    counters: dict[int, int] = {}
    found = []
    for paragraph in children(body, "p"):
        text = line_of(paragraph).strip()
        if not text:
            continue
        properties = child(paragraph, "pPr")
        level = 0 if properties is None else int(attribute(properties, "lvl") or 0)
        mark = _mark(shape, properties, level)
        label = _label(mark, counters, level) if mark is not None else ""
        is_item = mark is not None and local_name(mark) != "buNone"
        found.append(Paragraph(label + text, level + 1 if is_item else None))
        for deeper in [one for one in counters if one > level or (one == level and not label)]:
            del counters[deeper]
    return found


def _mark(shape: Any, properties: Any, level: int) -> Any:
    """The element that says how a paragraph is marked: its own, its shape's, or that of the layout it fills."""
    for source in (properties, *_styles(shape, level)):
        for one in children(source):
            if local_name(one) in ("buNone", "buChar", "buAutoNum", "buBlip"):
                return one
    return None


def _styles(shape: Any, level: int) -> Iterator[Any]:
    reached, name = shape, f"lvl{level + 1}pPr"
    for _ in range(3):  # the shape, its layout's, its master's
        if reached is None:
            return
        yield child(child(child(reached.element, "txBody"), "lstStyle"), name)
        reached = getattr(reached, "_base_placeholder", None)
    if role_of(shape) is Role.LIST:
        master = shape.part.slide_layout.slide_master.element if hasattr(shape.part, "slide_layout") else None
        yield child(child(child(master, "txStyles"), "bodyStyle"), name)


def _label(mark: Any, counters: dict[int, int], level: int) -> str:
    if local_name(mark) != "buAutoNum":
        return ""
    start = min(int(attribute(mark, "startAt") or 1), _MOST_ITEMS)
    counters[level] = counters.get(level, start - 1) + 1
    told = attribute(mark, "type")
    form = next((form for name, form in _FORMS.items() if told.startswith(name)), "decimal")
    around = next((around for name, around in _AROUND.items() if told.endswith(name)), "{}")
    return around.format(printed_number(counters[level], form)) + " "
