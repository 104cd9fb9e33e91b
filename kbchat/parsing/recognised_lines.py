"""A recognised page to printed lines, as a page of a PDF gives them: what follows takes both alike."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from kbchat.parsing.characters import hidden_places, is_unspaced
from kbchat.parsing.pdf_furniture import Flow
from kbchat.parsing.pdf_lines import Line, Printed, joined
from kbchat.parsing.pdf_tables import aligned_tables
from kbchat.parsing.recognised import RecognisedPage, Word, WordLine

_GAP_OF_SEGMENTS: Final = 1.6
_GAP_OF_WORDS: Final = 0.17
_GAP_OF_IDEOGRAPHS: Final = 0.9
"""In multiples of the size."""
_ABOUT_THE_SAME: Final = 0.22
"""How far the size that is measured of a line may be from that of the lines around it without another font."""
_POINTS: Final = 72


def recognised_flow(page: RecognisedPage) -> Flow:
    """Its lines and tables in reading order; as it stands upright, in points."""
    scale = _POINTS / page.points_an_inch
    sizes = _steadied([_size(line) for line in page.lines])
    lines = [_line(line, size, scale) for line, size in zip(page.lines, sizes, strict=True)]
    told = [line for line in lines if line is not None]
    return Flow(
        page.number, page.width * scale, page.height * scale, list(aligned_tables(told)), set(), page.turned
    )


def _size(line: WordLine) -> int:
    """Letters of Chinese are all as high as their line, where what is measured of others says nothing."""
    text = "".join(word.text for word in line.words)
    return line.bottom - line.top if 2 * sum(map(is_unspaced, text)) > len(text) else line.size


def _steadied(sizes: Sequence[int]) -> list[float]:
    """Measured sizes waver from line to line: those about as large as most are as large as most."""
    steadied = [float(size) for size in sizes]
    left = Counter(sizes)
    while left:
        usual = max(left, key=lambda size: (left[size], -size))
        same = [size for size in left if abs(size - usual) <= _ABOUT_THE_SAME * usual]
        for place, size in enumerate(sizes):
            if size in same:
                steadied[place] = float(usual)
        for size in same:
            del left[size]
    return steadied


def _line(line: WordLine, size: float, scale: float) -> Line | None:
    words = [word for word in line.words if not any(True for _ in hidden_places(word.text))]
    if not words:
        return None
    segments: list[list[Printed]] = []
    before: Word | None = None
    for word in words:
        printed = Printed(
            word.text, [edge * scale for edge in word.edges], line.top * scale, line.bottom * scale
        )
        gap = word.edges[0] - before.edges[-1] if before else 0
        if before is None or gap > _GAP_OF_SEGMENTS * size:
            segments.append([printed])
        elif _is_one_run(before, word, gap, size):
            last = segments[-1][-1]
            # The first character reaches back to the last one: nothing stands between them.
            segments[-1][-1] = Printed(
                last.text + word.text, last.edges[:-1] + printed.edges, last.top, last.bottom
            )
        else:
            segments[-1].append(printed)
        before = word
    return Line([joined(segment) for segment in segments], size * scale, bold=False)


def _is_one_run(before: Word, word: Word, gap: int, size: float) -> bool:
    """Whether no blank stands between two words: Chinese has none, however its characters were told apart."""
    unspaced = is_unspaced(before.text[-1]), is_unspaced(word.text[0])
    if all(unspaced):
        return gap <= _GAP_OF_IDEOGRAPHS * size
    return any(unspaced) and gap <= _GAP_OF_WORDS * size
