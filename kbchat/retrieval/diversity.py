"""Which of the ranked passages are shown: none that says what another said, and no document that fills the list alone.

The same words twice (a copied page, a notice in several handbooks), whatever their case, width, spaces and punctuation,
are the better passage once. Nothing less alike is left out: two pages that differ in one word may differ in "not".
A document has at most its share of the list while others have something; what is beyond it comes after them. Plain
Python.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from kbchat.analysis.folding import fold
from kbchat.retrieval.port import Passage

# Of a list, for one document. Half: a question about one handbook still gets most of what it needs from it.
_SHARE: Final = 0.5
_LEAST: Final = 3

_NOT_WORDS: Final = re.compile(r"[\W_]+")


def diverse(ranked: Iterable[Passage], limit: int) -> list[Passage]:
    """At most `limit` of the passages, best first; fewer only where no more of them differ. Takes no more of them than
    it needs."""
    most = max(_LEAST, round(limit * _SHARE))
    said = set[str]()
    shown: list[Passage] = []
    beyond: list[Passage] = []
    of_document: Counter[UUID] = Counter()
    for passage in ranked:
        words = _words(passage.text)
        if words in said:
            continue
        said.add(words)
        of_document[passage.document_id] += 1
        (shown if of_document[passage.document_id] <= most else beyond).append(passage)
        if len(shown) == limit:
            break
    return [*shown, *beyond][:limit]


def _words(text: str) -> str:
    """The text itself where it has none: signs alone may differ in everything."""
    return _NOT_WORDS.sub("", fold(text).casefold()) or text
