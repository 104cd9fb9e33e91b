"""What is printed above a line: a power, or the number of a note. Written like the letters beside it, it would make
another number of the one before: 500 with a note 1 is not 5001."""

import re
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Final

Piece = tuple[str, bool]
"""Some text of a line, and whether it is raised."""

SIGNS: Final = "+-\u2212\u2013"
"""Of a power, the two last as they are typeset."""
_NUMBER: Final = re.compile(rf"[{re.escape(SIGNS)}]?\d")


def written(pieces: Iterable[Piece]) -> str:
    """The line as text: a raised number behind a digit as in an equation, 500^1 and 10^-3, and all else as it is."""
    line, before = [], ""
    for is_raised, some in groupby((piece for piece in pieces if piece[0]), key=itemgetter(1)):
        text = "".join(piece for piece, _ in some)
        if is_raised and before.isdigit() and _NUMBER.match(text):
            line.append("^")
        line.append(text)
        before = text[-1]
    return "".join(line)
