"""What two texts say differently, for a reader: paragraph by paragraph, and word by word inside a paragraph.

A word is a run of letters or digits; where a script has no blanks between words, a character.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from kbchat.analysis.scripts import HAN, WITHOUT_BLANKS

Kind = Literal["same", "removed", "added"]

_WORD: Final = re.compile(
    rf"[{HAN}{WITHOUT_BLANKS}]|[0-9]+(?:[.,][0-9]+)*|[^\W{HAN}{WITHOUT_BLANKS}]+|\s+|.", re.DOTALL
)
# Of the words of the longer one: what has less in common is another paragraph, however many words they share.
_ALIKE: Final = 0.4
# What stands oftener is nothing to start from: comparing would take the cube of how often.
_OFTEN: Final = 12
# Blanks count. Comparing takes up to the square of it.
_MOST_WORDS: Final = 600
_MOST_PARAGRAPHS: Final = 40
# So little that is the same, between two changes, is no island to stand on.
_SHORTEST_ISLAND: Final = 3


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Kind
    text: str


def words_changed(before: str, after: str) -> list[Piece]:
    """Neighbours are of different kinds; what is not added makes `before`, what is not removed makes `after`."""
    old, new = words(before), words(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        return _pieces([(before, after)])
    return _pieces(_parts(old, new))


def steps(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """How the one becomes the other: difflib's opcodes."""
    times = Counter(new)
    # Blanks are everywhere, and nothing to start from either.
    matcher = SequenceMatcher(lambda one: one.isspace() or times[one] > _OFTEN, old, new, autojunk=False)
    return matcher.get_opcodes()


def paired(before: Sequence[str], after: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Which paragraph became which, in order, by place in either; None: it was added, or removed."""
    pairs = _matched(before, after) if max(len(before), len(after)) <= _MOST_PARAGRAPHS else []
    found: list[tuple[int | None, int | None]] = []
    old = new = 0
    for i, j in [*pairs, (len(before), len(after))]:
        found += [(one, None) for one in range(old, i)] + [(None, one) for one in range(new, j)]
        if i < len(before) and j < len(after):
            found.append((i, j))
        old, new = i + 1, j + 1
    return found


def words(text: str) -> list[str]:
    """Together they are the text."""
    return _WORD.findall(text)


def _matched(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs in order that have most in common altogether."""
    olds, news = ([_counted(text) for text in texts] for texts in (before, after))
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i in reversed(range(len(olds))):
        for j in reversed(range(len(news))):
            best[i][j] = max(
                best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + _in_common(olds[i], news[j])
            )
    pairs, i, j = [], 0, 0
    while i < len(olds) and j < len(news):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def _counted(text: str) -> Counter[str]:
    return Counter(word for word in words(text) if word.isalnum())


def _in_common(one: Counter[str], other: Counter[str]) -> float:
    share = (one & other).total() / (max(one.total(), other.total()) or 1)
    return share if share >= _ALIKE else 0.0


def _parts(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """Text of the one and of the other; equal where nothing changed."""
    parts: list[tuple[str, str]] = []
    for kind, first, last, since, until in steps(old, new):
        gone, come = "".join(old[first:last]), "".join(new[since:until])
        is_island = len(gone.strip()) < _SHORTEST_ISLAND and last < len(old) and until < len(new)
        if parts and parts[-1][0] != parts[-1][1] and (kind != "equal" or is_island):
            parts[-1] = (parts[-1][0] + gone, parts[-1][1] + come)
        else:
            parts.append((gone, come))
    return parts


def _pieces(parts: Sequence[tuple[str, str]]) -> list[Piece]:
    found: list[Piece] = []
    for gone, come in parts:
        if gone == come:
            found.append(Piece("same", gone))
        else:
            found += [Piece("removed", gone)] * bool(gone) + [Piece("added", come)] * bool(come)
    return found
