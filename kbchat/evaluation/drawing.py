"""Plots as SVG, without a library: lines with marks, and bars. Knows numbers and names, not what they mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final, Protocol

_COLOURS: Final = ("#0f62fe", "#198038", "#8a3ffc", "#fa4d56", "#b28600", "#525252")
_WIDTH: Final = 440
_HEIGHT: Final = 360
_LEFT: Final = 60
_RIGHT: Final = 20
_TOP: Final = 40
_BOTTOM: Final = 50
_TICKS: Final = 5
_LEGEND_LINE: Final = 15


class Chart(Protocol):
    def drawn(self) -> Iterator[str]:
        """Elements in a box of 440 by 360."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Both axes from 0 to 1. `series`: points of each line; `marks`: a point of it that stands out."""

    title: str
    across: str
    up: str
    series: Mapping[str, Sequence[tuple[float, float]]]
    marks: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def drawn(self) -> Iterator[str]:
        yield from _frame(self.title)
        for tick in range(_TICKS + 1):
            share = tick / _TICKS
            yield _text(_x(share), _HEIGHT - _BOTTOM + 16, f"{share:.1f}", "middle")
            yield _text(_LEFT - 6, _y(share) + 4, f"{share:.1f}", "end")
            yield _rule(_x(0), _y(share), _x(1), _y(share))
        yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, self.across, "middle")
        yield (
            f'<text transform="translate(14 {(_TOP + _HEIGHT - _BOTTOM) / 2:.0f}) rotate(-90)" text-anchor="middle">'
            f"{escape(self.up)}</text>"
        )
        for number, (name, points) in enumerate(self.series.items()):
            colour = _COLOURS[number % len(_COLOURS)]
            placed = " ".join(f"{_x(across):.1f},{_y(up):.1f}" for across, up in points)
            yield f'<polyline points="{placed}" fill="none" stroke="{colour}" stroke-width="2"/>'
            if name in self.marks:
                across, up = self.marks[name]
                yield f'<circle cx="{_x(across):.1f}" cy="{_y(up):.1f}" r="5" fill="{colour}"/>'
        yield from _legend(self.series, _x(1) - 130, _y(0) - 12 - _LEGEND_LINE * (len(self.series) - 1))


@dataclass(frozen=True, slots=True)
class Bars:
    """`groups`: of each its values, from 0 to 1, by name; bars of a name stand together."""

    title: str
    groups: Mapping[str, Mapping[str, float]]

    def drawn(self) -> Iterator[str]:
        yield from _frame(self.title)
        names = list(dict.fromkeys(name for values in self.groups.values() for name in values))
        left, right = _LEFT + 90, _WIDTH - _RIGHT - 34
        row = (_HEIGHT - _TOP - _BOTTOM) / max(len(names), 1)
        thick = row * 0.8 / max(len(self.groups), 1)
        for place, name in enumerate(names):
            top = _TOP + row * (place + 0.1)
            yield _text(left - 6, top + row * 0.4 + 4, name.replace("_", " "), "end")
            for number, values in enumerate(self.groups.values()):
                if name not in values:
                    continue
                length = (right - left) * min(max(values[name], 0.0), 1.0)
                at = top + number * thick
                yield (
                    f'<rect x="{left}" y="{at:.1f}" width="{length:.1f}" height="{thick:.1f}" '
                    f'fill="{_COLOURS[number % len(_COLOURS)]}"/>'
                )
                yield _text(left + length + 4, at + thick / 2 + 4, f"{values[name]:.2f}", "start")
        yield from _legend(self.groups, left, _HEIGHT - _BOTTOM + 18, is_in_a_row=True)


def picture(charts: Sequence[Chart]) -> str:
    """Beside each other."""
    width = _WIDTH * len(charts)
    size = f'viewBox="0 0 {width} {_HEIGHT}" width="{width}" height="{_HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11" fill="#161616">',
        f'<rect width="{width}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for place, chart in enumerate(charts):
        parts += [f'<g transform="translate({place * _WIDTH} 0)">', *chart.drawn(), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _frame(title: str) -> Iterator[str]:
    yield f'<text x="{_LEFT}" y="22" font-size="13" font-weight="bold">{escape(title)}</text>'


def _legend(
    names: Mapping[str, object], left: float, top: float, *, is_in_a_row: bool = False
) -> Iterator[str]:
    for number, name in enumerate(names):
        across = left + (number * 100 if is_in_a_row else 0)
        down = top + (0 if is_in_a_row else number * _LEGEND_LINE)
        yield (
            f'<rect x="{across:.0f}" y="{down - 9:.0f}" width="10" height="10" '
            f'fill="{_COLOURS[number % len(_COLOURS)]}"/>'
        )
        yield _text(across + 14, down, name, "start")


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#e0e0e0"/>'


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
