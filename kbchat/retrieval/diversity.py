"""Which of the ranked passages are shown: none that says what another said, and no document that fills the list alone.

The same words twice (a copied page, a notice in several handbooks), whatever their case, width, spaces and punctuation,
are the better passage once, if they stand under the same headings. Nothing less alike is left out: two pages that
differ in one word may differ in "not", and two that differ in one sign in an amount.
A document has at most its share of the list while others have something; what is beyond it comes after them. Plain
Python.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

from kbchat.analysis.folding import fold
from kbchat.retrieval.port import Passage

# Of a list, for one document. Half: a question about one handbook still gets most of what it needs from it.
_SHARE: Final = 0.5
_LEAST: Final = 3

_MARK: Final = r"""[\s.,;:!?…—·•'"“”‘’«»()\[\]*_`|、。，；：！？（）「」『』《》]"""
# All that stand together, but for those between two digits: 1.5 is not 15, and | 1 | 23 | is not | 12 | 3 |.
_MARKS: Final = re.compile(rf"(?<!{_MARK})(?:(?<!\d){_MARK}++|{_MARK}++(?!\d))")


def distinct(ranked: Iterable[Passage]) -> Iterator[Passage]:
    """Without those that say what one before them said. Takes no more of them than are asked for."""
    said = set[tuple[str, ...]]()
    for passage in ranked:
        words = tuple(map(_words, (passage.text, *_headings(passage))))
        if words not in said:
            said.add(words)
            yield passage


def diverse(ranked: Iterable[Passage], limit: int) -> list[Passage]:
    """At most `limit` of passages that are distinct, best first; fewer only where no more of them are. Takes no more of
    them than it needs."""
    most = max(_LEAST, round(limit * _SHARE))
    shown: list[Passage] = []
    beyond: list[Passage] = []
    of_document: Counter[UUID] = Counter()
    for passage in ranked:
        of_document[passage.document_id] += 1
        (shown if of_document[passage.document_id] <= most else beyond).append(passage)
        if len(shown) == limit:
            break
    return [*shown, *beyond][:limit]


def _headings(passage: Passage) -> tuple[str, ...]:
    """Those within the document: a notice that several handbooks have stands under the name of each."""
    path = passage.heading_path
    return path[1:] if path[:1] == (passage.title,) else path


def _words(text: str) -> str:
    """The text itself where it has none: marks alone may differ in everything."""
    return _MARKS.sub("", fold(text).casefold()) or text
