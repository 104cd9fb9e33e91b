"""RTF as what it is made of: braces, control words, characters. Knows nothing of what they mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

_NEXT: Final = re.compile(
    rb"\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\(?P<symbol>[^a-zA-Z])"
    rb"|(?P<brace>[{}])|(?P<plain>[^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)


class Kind(Enum):
    BEGIN = auto()
    END = auto()
    WORD = auto()
    BYTES = auto()
    """Of the encoding that the font says."""


@dataclass(frozen=True, slots=True)
class Token:
    """``word``: a control word or symbol, with its ``number``, None when it has none."""

    kind: Kind
    word: str = ""
    number: int | None = None
    data: bytes = b""


_BEGIN, _END = Token(Kind.BEGIN), Token(Kind.END)


def tokens(data: bytes) -> Iterator[Token]:
    """From the first byte to the last; binary data is passed over by its length."""
    place = 0
    while match := _NEXT.match(data, place):
        place = match.end()
        if match["plain"] is not None:
            yield Token(Kind.BYTES, data=match["plain"])
        elif match["hex"] is not None:
            yield Token(Kind.BYTES, data=bytes.fromhex(match["hex"].decode("ascii")))
        elif match["brace"] is not None:
            yield _BEGIN if match["brace"] == b"{" else _END
        elif match["word"] is not None:
            number = int(match["number"]) if match["number"] else None
            if match["word"] == b"bin":
                place += max(number or 0, 0)
            yield Token(Kind.WORD, match["word"].decode("ascii"), number)
        elif match["symbol"] is not None:
            yield Token(Kind.WORD, match["symbol"].decode("latin-1"))
