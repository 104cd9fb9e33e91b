"""From a span of the text to rectangles on the printed page.

Knows lines and their character edges, nothing of PDF: whoever draws a highlight calls ``boxes_of``.
"""

import struct
from bisect import bisect_right
from collections.abc import Sequence

from kbchat.core.text import Span
from kbchat.parsing.document import EDGE_UNITS, Box, TextLine


def boxes_of(lines: Sequence[TextLine], span: Span) -> tuple[Box, ...]:
    """One rectangle for each line that ``span`` touches, from its first to its last character there.

    ``lines`` are in order and do not overlap (``ParsedDocument.lines``, or a part of it). A span between
    lines, or an empty one, gives ().
    """
    first = max(bisect_right(lines, span.start, key=lambda line: line.span.start) - 1, 0)
    boxes = []
    for line in lines[first:]:
        if line.span.start >= span.end:
            break
        if line.span.overlaps(span):
            boxes.append(_box(line, span))
    return tuple(boxes)


def regions_of(lines: Sequence[TextLine], span: Span) -> tuple[Box, ...]:
    """As ``boxes_of``, with lines joined that stand right below one another: a few rectangles for a passage."""
    regions: list[Box] = []
    for box in boxes_of(lines, span):
        if regions and _is_right_below(box, regions[-1]):
            above = regions.pop()
            box = Box(
                box.page,
                min(above.left, box.left),
                above.top,
                max(above.right, box.right),
                max(above.bottom, box.bottom),
            )
        regions.append(box)
    return tuple(regions)


def edges_to_bytes(edges: Sequence[float]) -> bytes:
    """Edges as page fractions to the compact form of ``TextLine.edges``; values outside 0..1 are cut."""
    units = [round(edge * EDGE_UNITS) for edge in edges]
    if units and (min(units) < 0 or max(units) > EDGE_UNITS):
        units = [min(max(unit, 0), EDGE_UNITS) for unit in units]
    return struct.pack(f"<{len(units)}H", *units)


def _is_right_below(box: Box, above: Box) -> bool:
    """With less than a line's height between them, and not in another column."""
    is_near = above.top <= box.top < above.bottom + (box.bottom - box.top)
    return box.page == above.page and is_near and box.left < above.right and above.left < box.right


def _box(line: TextLine, span: Span) -> Box:
    first = max(span.start, line.span.start) - line.span.start
    last = min(span.end, line.span.end) - line.span.start
    # All edges between count, not the outer two: in a line that mixes directions they are not the extremes.
    edges = struct.unpack_from(f"<{last - first + 1}H", line.edges, 2 * first)
    return Box(line.page, min(edges) / EDGE_UNITS, line.top, max(edges) / EDGE_UNITS, line.bottom)
