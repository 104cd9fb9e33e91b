"""Pages that are a picture with a few words printed over it: scans with a stamp, a number, or a line of their archive.

What stands in the picture is recognised as on any scan, without what is printed over it: that stays as the file has it.
"""

from dataclasses import replace
from typing import Final

from kbchat.parsing.pdf_furniture import Flow
from kbchat.parsing.pdf_lines import Line, Printed, lines_of, stamps_of
from kbchat.parsing.pdf_objects import Rectangle
from kbchat.parsing.pdf_page import Page
from kbchat.parsing.recognised import RecognisedPage
from kbchat.parsing.recognised_lines import recognised_flow

_LEAST_PICTURED: Final = 0.5
"""Of the page."""
_MOST_WRITTEN: Final = 0.03
"""Of the pictures; a page of prose has a third."""
_SQUARE_POINTS: Final = 60.0
"""Of a character of ten points, however large it is: a word across the whole page is one word."""


def is_stamped_scan(page: Page) -> bool:
    """Whether its text is little beside its pictures. A scan that somebody has recognised before has all of its own."""
    characters = len(page.glyphs) + len(page.rotated)
    if not characters or page.has_text_layer:
        return False
    pictured = sum(_area(box, page) for box in page.drawing.pictures)
    is_picture = pictured >= _LEAST_PICTURED * page.width * page.height
    return is_picture and characters * _SQUARE_POINTS <= _MOST_WRITTEN * pictured


def stamped_flow(page: Page, found: RecognisedPage) -> Flow:
    """What was recognised on it, and what is printed over it before or behind, where it divides no paragraph."""
    glyphs = [*page.glyphs, *page.rotated]
    upright = lines_of([glyph for glyph in glyphs if glyph.upright])
    margin = stamps_of([glyph for glyph in glyphs if not glyph.upright])
    flow = recognised_flow(found)
    above, below = list[Line](), list[Line]()
    for number, line in enumerate([*upright, *margin]):
        turned = _turned(line, page, found.turned)
        (above if line.top + line.bottom < page.height else below).append(turned)
        if number >= len(upright):
            flow.furniture.add(id(turned))
    flow.items[:] = [*above, *flow.items, *below]
    return flow


def _area(box: Rectangle, page: Page) -> float:
    """Of what lies on the page."""
    width = min(box.right, page.width) - max(box.left, 0)
    height = min(box.bottom, page.height) - max(box.top, 0)
    return max(width, 0) * max(height, 0)


def _turned(line: Line, page: Page, turned: int) -> Line:
    """With its places on the page turned so; of one that then runs up or down, any part claims the whole."""
    return replace(line, segments=[_turned_part(part, page, turned) for part in line.segments])


def _turned_part(part: Printed, page: Page, turned: int) -> Printed:
    match turned:
        case 90:
            sides = (page.height - part.bottom, page.height - part.top)
            top, bottom = part.left, part.right
        case 270:
            sides = (part.top, part.bottom)
            top, bottom = page.width - part.right, page.width - part.left
        case 180:
            edges = [page.width - edge for edge in part.edges]
            return Printed(part.text, edges, page.height - part.bottom, page.height - part.top)
        case _:
            return part
    return Printed(part.text, [sides[place % 2] for place in range(len(part.edges))], top, bottom)
