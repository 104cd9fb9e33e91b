"""Tables of a page: by their ruling lines, and by lines of text whose parts stand in columns.

A ruled table is a grid of strokes with text in at least two rows and two columns. A cell that spans others
gives its text once. Works on places and strokes alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kbchat.parsing.pdf_lines import Line, Printed, lines_of
from kbchat.parsing.pdf_objects import Rule
from kbchat.parsing.pdf_page import Glyph, Page

_SNAP = 3.0
"""Strokes closer than this many points are one; a stroke that misses a crossing by this much meets it."""
_MOST_RULES = 1500
_MOST_CELLS = 5_000

Cell = list[Printed]


@dataclass(slots=True)
class Table:
    """``rows`` of cells, each the printed lines in it, [] for an empty or a covered cell."""

    rows: list[list[Cell]]
    header_rows: int

    @property
    def printed(self) -> list[Printed]:
        return [line for row in self.rows for cell in row for line in cell]


@dataclass(slots=True)
class RuledTable:
    """A table with the positions (in the page's glyphs) of the characters that it took."""

    table: Table
    members: list[int]


def ruled_tables(page: Page) -> list[RuledTable]:
    """Tables drawn with rules, in the order of their first character."""
    horizontal = _merged(page.drawing.horizontal)
    vertical = _merged(page.drawing.vertical)
    if len(horizontal) + len(vertical) > _MOST_RULES:
        return []
    taken: set[int] = set()
    found = []
    for rows, columns in _crossing_groups(horizontal, vertical):
        table = _ruled_table(page.glyphs, rows, columns, taken)
        if table is not None:
            taken.update(table.members)
            found.append(table)
    return sorted(found, key=lambda table: table.members[0])


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Strokes on the same line that touch or overlap, as one."""
    merged: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.at / _SNAP), rule.start)):
        last = merged[-1] if merged else None
        if last and abs(last.at - rule.at) <= _SNAP and rule.start <= last.end + _SNAP:
            merged[-1] = Rule(last.at, last.start, max(last.end, rule.end))
        else:
            merged.append(rule)
    return merged


def _crossing_groups(horizontal: list[Rule], vertical: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Strokes that cross each other, directly or through others; only what could be a grid."""
    group_of = list(range(len(horizontal) + len(vertical)))

    def root(member: int) -> int:
        while group_of[member] != member:
            group_of[member] = group_of[group_of[member]]
            member = group_of[member]
        return member

    for i, across in enumerate(horizontal):
        for j, down in enumerate(vertical, start=len(horizontal)):
            if _meets(across, down):
                group_of[root(i)] = root(j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, across in enumerate(horizontal):
        groups.setdefault(root(i), ([], []))[0].append(across)
    for j, down in enumerate(vertical, start=len(horizontal)):
        groups.setdefault(root(j), ([], []))[1].append(down)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]


def _meets(across: Rule, down: Rule) -> bool:
    return (
        across.start - _SNAP <= down.at <= across.end + _SNAP
        and down.start - _SNAP <= across.at <= down.end + _SNAP
    )


def _ruled_table(
    glyphs: Sequence[Glyph], across: list[Rule], down: list[Rule], taken: set[int]
) -> RuledTable | None:
    # Tables are often open at their sides: the outermost ends of the rules close them.
    ys = _distinct([rule.at for rule in across])
    xs = _distinct([rule.at for rule in down] + [min(r.start for r in across), max(r.end for r in across)])
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 2 or columns < 2 or rows * columns > _MOST_CELLS:
        return None
    slots: dict[tuple[int, int], list[int]] = {}
    for position, glyph in enumerate(glyphs):
        if position in taken:
            continue
        column = _slot(xs, (glyph.left + glyph.right) / 2)
        row = _slot(ys, (glyph.top + glyph.bottom) / 2)
        if row is not None and column is not None:
            slots.setdefault((row, column), []).append(position)
    cells = _joined_cells(rows, columns, xs, ys, across, down)
    by_cell: dict[tuple[int, int], list[int]] = {}
    for slot, positions in slots.items():
        by_cell.setdefault(cells[slot], []).extend(positions)
    grid: list[list[Cell]] = [[[] for _ in range(columns)] for _ in range(rows)]
    for (row, column), positions in by_cell.items():
        lines = lines_of([glyphs[position] for position in sorted(positions)])
        grid[row][column] = [line.whole for line in lines]
    table = _table(grid)
    members = sorted(position for positions in slots.values() for position in positions)
    return RuledTable(table, members) if table else None


def _joined_cells(
    rows: int, columns: int, xs: list[float], ys: list[float], across: list[Rule], down: list[Rule]
) -> dict[tuple[int, int], tuple[int, int]]:
    """For each slot of the grid the first slot of its cell: where no rule divides slots, they are one."""
    first = {(row, column): (row, column) for row in range(rows) for column in range(columns)}

    def root(slot: tuple[int, int]) -> tuple[int, int]:
        while first[slot] != slot:
            slot = first[slot]
        return slot

    def join(one: tuple[int, int], other: tuple[int, int]) -> None:
        a, b = sorted((root(one), root(other)))
        first[b] = a

    for row in range(rows):
        middle = (ys[row] + ys[row + 1]) / 2
        for column in range(1, columns):
            if not _is_ruled(down, xs[column], middle):
                join((row, column - 1), (row, column))
    for column in range(columns):
        middle = (xs[column] + xs[column + 1]) / 2
        for row in range(1, rows):
            if not _is_ruled(across, ys[row], middle):
                join((row - 1, column), (row, column))
    return {slot: root(slot) for slot in first}


def _is_ruled(rules: list[Rule], at: float, crossing: float) -> bool:
    return any(abs(rule.at - at) <= _SNAP and rule.start <= crossing <= rule.end for rule in rules)


def _distinct(places: Iterable[float]) -> list[float]:
    distinct: list[float] = []
    for place in sorted(places):
        if not distinct or place - distinct[-1] > _SNAP:
            distinct.append(place)
    return distinct


def _slot(borders: list[float], place: float) -> int | None:
    for index in range(len(borders) - 1):
        if borders[index] <= place < borders[index + 1]:
            return index
    return None


def _table(grid: list[list[Cell]]) -> Table | None:
    """The grid without empty rows and columns, if what is left is a table and not a frame."""
    rows = [row for row in grid if any(row)]
    if not rows:
        return None
    used = [column for column in range(len(rows[0])) if any(row[column] for row in rows)]
    rows = [[row[column] for column in used] for row in rows]
    if len(used) < 2 or sum(sum(map(bool, row)) >= 2 for row in rows) < 2:
        return None
    return Table(rows, header_rows_of(rows))


def header_rows_of(rows: list[list[Cell]]) -> int:
    """1 when the first row names columns: words in it, and more than one row."""
    texts = ["".join(line.text for line in cell) for cell in rows[0]]
    words = [text for text in texts if any(character.isalpha() for character in text)]
    return int(len(rows) > 1 and len(words) >= 2)


def aligned_tables(lines: Sequence[Line]) -> list[Line | Table]:
    """``lines`` with every run of lines in columns as one table.

    At least three lines of at least two segments each, whose segments fall into the same columns.
    """
    result: list[Line | Table] = []
    position = 0
    while position < len(lines):
        end = _end_of_run(lines, position)
        table = _aligned_table(lines[position:end]) if end - position >= 3 else None
        if table is None:
            result.append(lines[position])
            position += 1
        else:
            result.append(table)
            position = end
    return result


def _end_of_run(lines: Sequence[Line], start: int) -> int:
    """Where the lines from ``start`` on stop to look like rows that follow each other."""
    if len(lines[start].segments) < 2:
        return start
    end = reached = start + 1
    width = lines[start].right - lines[start].left
    while end < len(lines):
        before, line = lines[end - 1], lines[end]
        step = line.top - before.top
        if not -2 * line.size < step <= 4 * line.size or abs(line.size - lines[start].size) > 1.5:
            break
        is_label = len(line.segments) == 1 and line.right - line.left < 0.5 * width
        if len(line.segments) >= 2:
            reached = end + 1
        elif not is_label or end - reached >= 3:
            break
        end += 1
    return reached


def _aligned_table(lines: Sequence[Line]) -> Table | None:
    # Figures set close together run into one segment here and there: the fullest rows tell the columns.
    most = max(len(line.segments) for line in lines)
    full = [line for line in lines if len(line.segments) >= max(2, 0.8 * most)]
    columns = _columns([segment for line in full for segment in line.segments])
    multiple = [line for line in lines if len(line.segments) >= 2]
    if len(columns) < 2 or len(multiple) < 3 or _is_prose(multiple, columns):
        return None
    rows = _rows_in_columns(lines, columns)
    if sum(all(len(cell) <= 1 for cell in row[1:]) for row in rows) < 0.7 * len(rows):
        return None
    return Table(rows, header_rows_of(rows))


def _rows_in_columns(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[list[Cell]]:
    """One row a line; a label of several lines goes into the row whose values stand beside it."""
    rows: list[list[Cell]] = []
    labels: list[Line] = []
    for line in lines:
        row: list[Cell] = [[] for _ in columns]
        for segment in line.segments:
            row[_column_of(segment, columns)].append(segment)
        if len(line.segments) == 1 and row[0]:
            labels.append(line)
            continue
        is_beside = labels and line.top - labels[-1].top < 0.75 * line.size
        if labels and (is_beside or not row[0]):
            row[0] = [*(label.whole for label in labels), *row[0]]
        else:
            rows += [[[label.whole], *([] for _ in columns[1:])] for label in labels]
        labels = []
        rows.append(row)
    return rows + [[[label.whole], *([] for _ in columns[1:])] for label in labels]


def _columns(segments: Sequence[Printed]) -> list[tuple[float, float]]:
    """The stretches of the page's width that segments cover, overlapping ones together."""
    columns: list[tuple[float, float]] = []
    for segment in sorted(segments, key=lambda segment: segment.left):
        if columns and segment.left < columns[-1][1] - 0.5:
            columns[-1] = (columns[-1][0], max(columns[-1][1], segment.right))
        else:
            columns.append((segment.left, segment.right))
    return columns


def _column_of(segment: Printed, columns: Sequence[tuple[float, float]]) -> int:
    middle = (segment.left + segment.right) / 2
    return min(
        range(len(columns)), key=lambda index: max(columns[index][0] - middle, middle - columns[index][1])
    )


def _is_prose(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> bool:
    """Two columns of running text printed line by line are no table."""
    if len(columns) != 2:
        return False
    lengths = sorted(len(segment.text) for line in lines for segment in line.segments[-1:])
    return lengths[len(lengths) // 2] > 30 and len(lines) >= 6
