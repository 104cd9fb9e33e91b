"""Tables of HTML: which of them hold data, and their rows as cells of text."""

from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborNode

_WIDEST = 200
"""Spans are numbers written by strangers: a cell that claims a million columns gets this many."""


def is_data_table(table: LexborNode) -> bool:
    """Whether rows and columns mean something; tables that only place things on the page do not."""
    if (table.attributes.get("role") or "").strip().lower() in ("presentation", "none"):
        return False
    rows = list(_rows_of(table))
    has_heads = any(cell.tag == "th" for _, row in rows for cell in _cells_of(row))
    is_grid = len(rows) > 1 and max(len(list(_cells_of(row))) for _, row in rows) > 1
    return has_heads or (is_grid and table.css_first("table table") is None)


def table_rows(table: LexborNode, text_of: Callable[[LexborNode], str]) -> tuple[list[list[str]], int]:
    """The rows as texts, and how many of the first ones are the head.

    A cell that spans columns or rows gives its text once, in its first place; the others stay empty.
    """
    found = list(_rows_of(table))
    has_head = any(section == "thead" for section, _ in found)
    rows: list[list[str]] = []
    heads, in_head = 0, True
    blocked: dict[int, int] = {}  # column: rows that a cell from above still covers
    for section, row in found:
        cells = list(_cells_of(row))
        in_head = in_head and (section == "thead" if has_head else all(cell.tag == "th" for cell in cells))
        heads += in_head
        rows.append(_filled(cells, blocked, text_of))
    return rows, heads


def _filled(
    cells: list[LexborNode], blocked: dict[int, int], text_of: Callable[[LexborNode], str]
) -> list[str]:
    filled: list[str] = []
    below: dict[int, int] = {}
    for cell in cells:
        while blocked.get(len(filled), 0) > 0:
            filled.append("")
        width = _span(cell, "colspan")
        for column in range(len(filled), len(filled) + width):
            below[column] = _span(cell, "rowspan") - 1
        filled += [text_of(cell)] + [""] * (width - 1)
    for column in list(blocked):
        blocked[column] -= 1
    for column, rows in below.items():
        blocked[column] = max(rows, blocked.get(column, 0))
    return filled


def _rows_of(table: LexborNode) -> Iterator[tuple[str, LexborNode]]:
    """The table's own rows with the tag of their section; rows of tables inside it are not its own."""
    for part in _elements(table):
        if part.tag == "tr":
            yield "table", part
        elif part.tag in ("thead", "tbody", "tfoot"):
            for row in _elements(part):
                if row.tag == "tr":
                    yield part.tag, row


def _cells_of(row: LexborNode) -> Iterator[LexborNode]:
    return (cell for cell in _elements(row) if cell.tag in ("td", "th"))


def _elements(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def _span(cell: LexborNode, attribute: str) -> int:
    told = (cell.attributes.get(attribute) or "").strip()
    return min(max(int(told), 1), _WIDEST) if told.isdecimal() and len(told) < 9 else 1
