"""Running headers, footers and page numbers: what stands at the edge of page after page.

They stay in the text, so that every character of the page has its place, but as PAGE_FURNITURE.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbchat.parsing.pdf_lines import Line
from kbchat.parsing.pdf_tables import Table

_EDGE = 0.12
"""The part of a page's height, at the top and at the bottom, in which furniture is looked for."""
_LINES_OF_EDGE = 4
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[-–—·|\s]*(?:page|seite|p\.|第)?\s*(?:[A-Z]-)?(?:\d{1,4}|[ivxlc]{1,6})\s*(?:页|頁)?"
    r"\s*(?:(?:of|/|共|，共|,共|von)\s*第?\s*\d{1,4}\s*(?:页|頁)?)?[-–—·|\s]*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Flow:
    """What a page holds in reading order; ``furniture`` are the identities (``id``) of lines at its edges. Places are
    those of the page turned clockwise by ``turned`` degrees, 0 but for scans that lie on their side or their head."""

    page: int
    width: float
    height: float
    items: list[Line | Table]
    furniture: set[int]
    turned: int = 0

    @property
    def lines(self) -> Iterator[Line]:
        """The lines that are neither in a table nor furniture."""
        return (item for item in self.items if isinstance(item, Line) and id(item) not in self.furniture)


def mark_furniture(flows: Sequence[Flow]) -> None:
    """Fills ``furniture`` of every flow."""
    edges = [list(_edge_lines(flow)) for flow in flows]
    seen: Counter[tuple[str, str]] = Counter()
    for lines in edges:
        seen.update({_signature(line, edge) for line, edge in lines})
    enough = max(2, round(0.3 * len(flows))) if len(flows) < 20 else 5
    _mark_numbers_at_ends(flows)
    for flow, lines in zip(flows, edges, strict=True):
        for line, edge in lines:
            if seen[_signature(line, edge)] >= enough or _PAGE_NUMBER.fullmatch(line.text):
                flow.furniture.add(id(line))


def _mark_numbers_at_ends(flows: Sequence[Flow]) -> None:
    """A number alone as the last line of many pages is their number, however far down it stands."""
    last = [(flow, max(lines, key=lambda line: line.top)) for flow in flows if (lines := list(flow.lines))]
    numbers = [(flow, line) for flow, line in last if line.text.strip().isdecimal()]
    if len(numbers) >= max(3, 0.3 * len(flows)):
        for flow, line in numbers:
            flow.furniture.add(id(line))


def _edge_lines(flow: Flow) -> Iterator[tuple[Line, str]]:
    lines = sorted((item for item in flow.items if isinstance(item, Line)), key=lambda line: line.top)
    for line in lines[:_LINES_OF_EDGE]:
        if line.bottom < _EDGE * flow.height:
            yield line, "top"
    for line in lines[-_LINES_OF_EDGE:]:
        if line.top > (1 - _EDGE) * flow.height:
            yield line, "bottom"


def _signature(line: Line, edge: str) -> tuple[str, str]:
    """What is the same on every page: the words without their numbers."""
    return edge, _DIGITS.sub("#", line.text).strip()
