"""What is drawn on a page besides text: ruling lines, painted areas, pictures.

Enough to find tables by their rules, to tell white text on white paper from white text on colour, and to
tell a scan with a text layer from a hidden text. Bounded: a drawing of a hundred thousand strokes is cut.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

_MOST_OBJECTS = 20_000
_MOST_SEGMENTS = 400
_DEEPEST_FORM = 6
_THIN = 3.0
"""A filled shape thinner than this many points is a rule."""
_SLANT = 1.0
_SHORTEST_RULE = 4.0


class Rectangle(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom


class Affine(NamedTuple):
    """x' = a x + c y + e, y' = b x + d y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def direction(self, x: float, y: float) -> tuple[float, float]:
        """As ``point``, without the shift."""
        return self.a * x + self.c * y, self.b * x + self.d * y

    def box(self, left: float, bottom: float, right: float, top: float) -> Rectangle:
        return Rectangle(*self.sides(left, bottom, right, top))

    def sides(
        self, left: float, bottom: float, right: float, top: float
    ) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of ``box``, once for every character."""
        a, b, c, d, e, f = self
        x1, y1 = a * left + c * bottom + e, b * left + d * bottom + f
        x2, y2 = a * right + c * top + e, b * right + d * top + f
        if x1 > x2:
            x1, x2 = x2, x1
        if y1 > y2:
            y1, y2 = y2, y1
        return x1, y1, x2, y2

    def after(self, first: "Affine") -> "Affine":
        """The map that applies ``first`` and then this one."""
        a, b = self.direction(first.a, first.b)
        c, d = self.direction(first.c, first.d)
        e, f = self.point(first.e, first.f)
        return Affine(a, b, c, d, e, f)


_NOWHERE = Affine(1, 0, 0, 1, 0, 0)


class Rule(NamedTuple):
    """A straight stroke along an axis: at ``at``, from ``start`` to ``end`` on the other axis."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Drawing:
    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)
    painted: list[Rectangle] = field(default_factory=list)
    pictures: list[Rectangle] = field(default_factory=list)

    def is_pictured(self, x: float, y: float) -> bool:
        return any(box.holds(x, y) for box in self.pictures)

    def is_painted(self, x: float, y: float) -> bool:
        """Whether something coloured or a picture lies at a point (before or behind the text)."""
        return any(box.holds(x, y) for box in self.painted) or self.is_pictured(x, y)


def drawing_of(page: pdfium.PdfPage, affine: Affine) -> Drawing:
    """Everything drawn on the page, in displayed points."""
    drawing = Drawing()
    for kind, thing, place in _objects(page, affine):
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            drawing.pictures.append(_bounds(thing, place))
        elif kind == raw.FPDF_PAGEOBJ_SHADING:
            drawing.painted.append(_bounds(thing, place))
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            _add_path(drawing, thing, place)
    return drawing


def hide_text(page: pdfium.PdfPage) -> None:
    """None of it is painted any more when the page is drawn; the file stays as it is."""
    for kind, thing, _ in _objects(page, _NOWHERE):
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            raw.FPDFTextObj_SetTextRenderMode(thing, raw.FPDF_TEXTRENDERMODE_INVISIBLE)


def _objects(page: pdfium.PdfPage, affine: Affine) -> Iterator[tuple[int, object, Affine]]:
    """Objects with the map of their coordinates, those inside forms too, in drawing order."""
    budget = _MOST_OBJECTS
    count = raw.FPDFPage_CountObjects(page.raw)
    todo = [(raw.FPDFPage_GetObject(page.raw, index), affine, 0) for index in range(min(count, budget))]
    todo.reverse()
    while todo and budget > 0:
        thing, place, depth = todo.pop()
        budget -= 1
        if not thing:
            continue
        kind = raw.FPDFPageObj_GetType(thing)
        if kind != raw.FPDF_PAGEOBJ_FORM:
            yield kind, thing, place
        elif depth < _DEEPEST_FORM:
            inner = place.after(_matrix_of(thing))
            inside = min(raw.FPDFFormObj_CountObjects(thing), budget)
            todo += [
                (raw.FPDFFormObj_GetObject(thing, index), inner, depth + 1)
                for index in range(inside - 1, -1, -1)
            ]


def _matrix_of(thing: object) -> Affine:
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(thing, matrix)
    return Affine(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _bounds(thing: object, place: Affine) -> Rectangle:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top)
    return place.box(left.value, bottom.value, right.value, top.value)


def _add_path(drawing: Drawing, thing: object, place: Affine) -> None:
    fill_mode, has_stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(thing, fill_mode, has_stroke)
    box = _bounds(thing, place)
    width, height = box.right - box.left, box.bottom - box.top
    if fill_mode.value and not _is_paper(thing):
        if height <= _THIN <= width:
            drawing.horizontal.append(Rule((box.top + box.bottom) / 2, box.left, box.right))
        elif width <= _THIN <= height:
            drawing.vertical.append(Rule((box.left + box.right) / 2, box.top, box.bottom))
        else:
            drawing.painted.append(box)
    if has_stroke.value:
        for (x1, y1), (x2, y2) in _strokes(thing, place.after(_matrix_of(thing))):
            if abs(y1 - y2) <= _SLANT and abs(x1 - x2) >= _SHORTEST_RULE:
                drawing.horizontal.append(Rule((y1 + y2) / 2, min(x1, x2), max(x1, x2)))
            elif abs(x1 - x2) <= _SLANT and abs(y1 - y2) >= _SHORTEST_RULE:
                drawing.vertical.append(Rule((x1 + x2) / 2, min(y1, y2), max(y1, y2)))


def _is_paper(thing: object) -> bool:
    """Filled with white or with nothing: no colour that white text could stand on."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha):
        return False
    return alpha.value < 13 or min(red.value, green.value, blue.value) >= 250


def _strokes(thing: object, place: Affine) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight pieces of a path, its closing piece included."""
    count = raw.FPDFPath_CountSegments(thing)
    if not 0 < count <= _MOST_SEGMENTS:
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    begin = here = (0.0, 0.0)
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(thing, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        there = place.point(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begin = there
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield here, there
        here = there
        if raw.FPDFPathSegment_GetClose(segment):
            yield here, begin
            here = begin
