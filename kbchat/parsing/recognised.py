"""What was recognised on a page that is a picture: words with places, as lines. Plain values, and JSON and back.

What comes from the child that recognises is not trusted: reading it checks every type and every number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kbchat.parsing.errors import OF_ITS_SIZE

_MOST_PAGES: Final = 100_000
_MOST_SIDE: Final = 100_000
_MOST_LINES: Final = 5_000
_MOST_WORDS: Final = 2_000
_LONGEST_WORD: Final = 500
_NO_POINTS: Final = 72
TURNS: Final = (0, 90, 180, 270)


@dataclass(frozen=True, slots=True)
class Word:
    """``edges`` has one entry more than ``text``: character ``i`` reaches from edge ``i`` to edge ``i + 1``."""

    text: str
    edges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WordLine:
    """Words on one line. ``size`` is the height of its letters with all that rises and hangs."""

    top: int
    bottom: int
    size: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    """Page ``number`` (1-based) as it was looked at: turned clockwise by ``turned`` degrees so that its text stands
    upright, then ``width`` times ``height`` points, which all places count in, origin top left.

    ``points_an_inch`` tells how large they are; ``confidence`` is the mean over all characters, 0..1, and 0 for a page
    without any. ``unread``: of a page that takes more than a child may have, the code that it ended with.

    :raises ValueError: when a number is none that a page can have.
    """

    number: int
    width: int
    height: int
    points_an_inch: int
    confidence: float
    lines: tuple[WordLine, ...] = ()
    turned: int = 0
    unread: str = ""

    def __post_init__(self) -> None:
        sizes = (self.width, self.height, self.points_an_inch)
        is_page = 1 <= self.number <= _MOST_PAGES and all(1 <= size <= _MOST_SIDE for size in sizes)
        if not is_page or self.turned not in TURNS or not 0 <= self.confidence <= 1:
            raise ValueError("not a page")
        if len(self.lines) > _MOST_LINES:
            raise ValueError("more lines than a page has")
        for line in self.lines:
            _check_line(line, self.width, self.height)

    @property
    def characters(self) -> int:
        return sum(len(word.text) for line in self.lines for word in line.words)


def unread_page(number: int, code: str) -> RecognisedPage:
    """Of which nothing is known, not even its size."""
    return RecognisedPage(number, 1, 1, _NO_POINTS, 0.0, unread=code)


def _check_line(line: WordLine, width: int, height: int) -> None:
    if not (0 <= line.top < line.bottom <= height and line.size > 0 and 0 < len(line.words) <= _MOST_WORDS):
        raise ValueError("not a line of the page")
    for word in line.words:
        if not 0 < len(word.text) <= _LONGEST_WORD or len(word.edges) != len(word.text) + 1:
            raise ValueError("a word needs one edge more than characters")
        if not all(0 <= edge <= width for edge in word.edges):
            raise ValueError("a word outside its page")


def page_to_json(page: RecognisedPage) -> dict[str, Any]:
    unread = {"unread": page.unread} if page.unread else {}
    return unread | {
        "number": page.number,
        "size": [page.width, page.height, page.points_an_inch],
        "turned": page.turned,
        "confidence": page.confidence,
        "lines": [
            [line.top, line.bottom, line.size, [[word.text, list(word.edges)] for word in line.words]]
            for line in page.lines
        ],
    }


def page_from_json(told: Any) -> RecognisedPage:
    """:raises ValueError: when ``told`` is not what ``page_to_json`` gave."""
    try:
        width, height, points = _whole_numbers(told["size"])
        return RecognisedPage(
            number=_whole_number(told["number"]),
            width=width,
            height=height,
            points_an_inch=points,
            confidence=float(told["confidence"]),
            lines=tuple(_line(line) for line in told["lines"]),
            turned=_whole_number(told["turned"]),
            unread=_reason(told.get("unread", "")),
        )
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("not a recognised page") from error


def _line(told: Any) -> WordLine:
    top, bottom, size, words = told
    top, bottom, size = _whole_numbers((top, bottom, size))
    return WordLine(
        top, bottom, size, tuple(Word(_text(text), _whole_numbers(edges)) for text, edges in words)
    )


def _text(told: Any) -> str:
    """What a word is made of: characters that are seen, and no blank."""
    if type(told) is not str or not told.isprintable() or any(map(str.isspace, told)):
        raise TypeError("text expected")
    return told


def _reason(told: Any) -> str:
    """Why a page was left unread; "" for one that was read."""
    if told not in ("", *OF_ITS_SIZE):
        raise TypeError("no reason to leave a page unread")
    return str(told)


def _whole_numbers(told: Iterable[Any]) -> tuple[int, ...]:
    return tuple(_whole_number(one) for one in told)


def _whole_number(told: Any) -> int:
    if type(told) is not int:
        raise TypeError("whole number expected")
    return told
