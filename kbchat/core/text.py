"""Places in a text.

One kind of offset is used everywhere: half-open, in Unicode code points of the canonical text of a
document version. Nothing here knows where that text came from.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The half-open range ``text[start:end]``, in Unicode code points.

    :raises ValueError: when ``start`` is negative or lies behind ``end``.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    @property
    def length(self) -> int:
        """Number of code points covered; 0 for an empty span."""
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        """Whether the two spans share at least one code point; touching ends do not overlap."""
        return max(self.start, other.start) < min(self.end, other.end)
