"""Tables, charts and diagrams of a slide, from their XML. A chart's figures are read as the table behind it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from kbchat.parsing.drawings import line_of
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.grids import MOST_CELLS
from kbchat.parsing.number_formats import number_format
from kbchat.parsing.xml_parts import attribute, child, children, is_on, local_name, words_of

_MOST_LEVELS: Final = 9
"""Of categories in categories: more are nowhere drawn."""


def table_rows(table: Any) -> tuple[list[list[str]], int]:
    """The rows, and how many of the first ones are the head. A merged cell's text stands in its first place."""
    rows = [[_cell(cell) for cell in children(row, "tc")] for row in children(table, "tr")]
    return rows, int(is_on(child(table, "tblPr"), "firstRow") and len(rows) > 1)


def chart_rows(chart: Any) -> tuple[str, list[list[str]]]:
    """The title, and a row for each category with the values of all series."""
    title = next(chart.iter("{*}title"), None)
    series = list(chart.iter("{*}ser"))
    names = [" ".join(_points(child(one, "tx")).values()) for one in series]
    categories: dict[int, str] = {}
    values = []
    for one in series:
        of_x = child(one, "cat") if child(one, "cat") is not None else child(one, "xVal")
        of_y = child(one, "val") if child(one, "val") is not None else child(one, "yVal")
        categories = _points(of_x) | categories
        values.append(_points(of_y))
    places = sorted(set(categories).union(*values))
    if len(places) * (len(series) + 1) > MOST_CELLS:
        raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_cells=MOST_CELLS)
    rows = [[categories.get(place, ""), *(one.get(place, "") for one in values)] for place in places]
    heading = "".join(text.text or "" for text in title.iter("{*}t")) if title is not None else ""
    return heading, [["", *names], *rows] if rows else []


def diagram_lines(diagram: Any) -> Iterator[str]:
    """The words of a diagram's points in the order in which they were written."""
    for point in diagram.iter("{*}pt"):
        if attribute(point, "type") not in ("pres", "parTrans", "sibTrans"):
            text = " ".join(_line(one) for one in point.iter("{*}p")).strip()
            if text:
                yield text


def _cell(cell: Any) -> str:
    if is_on(cell, "hMerge") or is_on(cell, "vMerge"):
        return ""
    return " ".join(_line(one) for one in children(child(cell, "txBody"), "p"))


def _line(paragraph: Any) -> str:
    return line_of(paragraph).replace("\n", " ")


def _points(source: Any) -> dict[int, str]:
    """What a chart was drawn from, by place; numbers as their format shows them."""
    if source is None:
        return {}
    code = next((one.text or "" for one in source.iter("{*}formatCode")), "General")
    is_number = next(source.iter("{*}numCache", "{*}numLit"), None) is not None
    found = {}
    levels = list(source.iter("{*}lvl"))[:_MOST_LEVELS]
    if levels:
        return _joined_levels(levels)
    for point in source.iter("{*}pt"):
        value = child(point, "v")
        text = "" if value is None else value.text or ""
        found[int(attribute(point, "idx"))] = _shown(text, code) if is_number else text
    if not found and local_name(source) == "tx":
        return {0: " ".join(one.text or "" for one in source.iter("{*}v"))}
    return found


def _joined_levels(levels: Sequence[Any]) -> dict[int, str]:
    """Categories in categories, the outermost first: one of those stands for all places up to the next."""
    told = [
        {int(attribute(one, "idx")): words_of(child(one, "v")) for one in children(level, "pt")}
        for level in reversed(levels)
    ]
    reached = [""] * len(told)
    found = {}
    for place in sorted(set[int]().union(*told)):
        reached = [level.get(place, before) for level, before in zip(told, reached, strict=True)]
        if place in told[-1]:
            found[place] = " ".join(one for one in reached if one)
    return found


def _shown(text: str, code: str) -> str:
    try:
        return number_format(code).shown(float(text))
    except (ValueError, OverflowError):
        return text
