"""How much of what a question names or counts stands in a passage: other words may say the same, another name or
another number does not. Plain arithmetic: no database, no text.
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from kbchat.analysis import analyse, names_of, numbers_of
from kbchat.retrieval.lexical import Weighed

Scores = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]


def agreement(
    question: str, having_others: Collection[str], weighed: Sequence[Weighed], rows: Rows
) -> Scores:
    """Shape (len(rows),): the share of the question's names and numbers that each row has whole; 1 where it has none.
    `weighed`: the rows of every term of the question. Names `having_others` in the glossary may be missing."""
    having = {each.asked.term: np.isin(rows, each.rows) for each in weighed if each.asked.name == 0}
    others = {term for name in having_others for term in analyse(name)}
    # Of a name, what is searched for: "Do" in "the Do Not Call list" is no term of the question.
    named = (frozenset(having.keys() & analyse(name)) for name in names_of(question) | numbers_of(question))
    exact = sorted({terms for terms in named if terms and not terms & others}, key=sorted)
    if not exact:
        return np.ones(len(rows))
    has = [np.all([having[term] for term in terms], axis=0) for terms in exact]
    return np.asarray(np.mean(has, axis=0), dtype=np.float64)
