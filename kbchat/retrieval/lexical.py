"""The lexical leg: BM25 in the form of Lucene, over what the viewer can see (Robertson and Zaragoza 2009; Kamphuis et
al., ECIR 2020, variant "Lucene (accurate)").

    idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))       score = Σ times(t) · idf(t) · tf / (tf + k1 (1 - b + b len/avg))

N, df and the average length come from the visible chunks alone: a statistic over everybody's documents would tell a
stranger whether a word stands in hidden ones. Counts are whole numbers and terms are added in the order of the
question, so that a score does not depend on hidden rows by a single bit. Plain arithmetic: no database, no text.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from kbchat.analysis import analyse, matter_of
from kbchat.retrieval.inverted_index import Postings, Reading

K1: Final = 0.9
B: Final = 0.4

# A pasted page is a question too; its first terms carry it.
MOST_TERMS: Final = 256

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AskedTerm:
    """A term that is searched for, and how often the question has it.

    Where the glossary has other names for a thing that the question names: the number of the thing, and of the name,
    of which 0 is the question's own. Thing 0 is what has one name only.
    """

    term: str
    times: int
    thing: int = 0
    name: int = 0


@dataclass(frozen=True, slots=True)
class Weighed:
    """The visible rows that have a term, each with what the term adds to its score; `weight`: times · idf, which no
    row's share exceeds."""

    asked: AskedTerm
    weight: float
    rows: npt.NDArray[np.int32]
    shares: Scores


def asked_terms(question: str, names: Mapping[str, Sequence[str]] | None = None) -> list[AskedTerm]:
    """The terms of the question, and after them those of other names. `names`: those in the question for which there
    are others, with the others."""
    counted = Counter(analyse(matter_of(question)))
    own = {term: AskedTerm(term, counted[term]) for term in list(counted)[:MOST_TERMS]}
    others: list[AskedTerm] = []
    for thing, (name, alternatives) in enumerate((names or {}).items(), 1):
        here = [term for term in dict.fromkeys(analyse(name)) if term in own]
        own |= {term: AskedTerm(term, own[term].times, thing) for term in here}
        for number, alternative in enumerate(alternatives if here else (), 1):
            others += [AskedTerm(term, 1, thing, number) for term in dict.fromkeys(analyse(alternative))]
    return [*own.values(), *others][:MOST_TERMS]


def weigh(asked: Sequence[AskedTerm], reading: Reading) -> list[Weighed]:
    """Each term by itself. `reading.postings` are those of `asked`, in its order."""
    visible = reading.visible
    chunks = int(np.count_nonzero(visible))
    terms = int(reading.chunks.lengths[visible].sum(dtype=np.int64))
    norms = _norms(reading.chunks.lengths, terms / chunks if terms else 1.0)
    return [
        _weighed(each, postings, chunks, visible, norms)
        for each, postings in zip(asked, reading.postings, strict=True)
    ]


def attainable(weighed: Sequence[Weighed]) -> float:
    """The sum of the weights of the question's own terms, which no passage's BM25 exceeds by them alone."""
    return sum(each.weight for each in weighed if each.asked.name == 0)


def bm25(weighed: Sequence[Weighed], rows: int) -> Scores:
    """Shape (rows,); 0 where no term of the question stands.

    A passage that has several names of a thing has said it once: the best of them counts. And a name that is in many
    words or rare ones counts no more than the question's own: what matters more in the question is not for the
    glossary to say.
    """
    scores = np.zeros(rows)
    _add([each for each in weighed if each.asked.thing == 0], scores)
    for thing in sorted({each.asked.thing for each in weighed} - {0}):
        scores += _best_name([each for each in weighed if each.asked.thing == thing], rows)
    return scores


def _norms(lengths: npt.NDArray[np.int32], average: float) -> Scores:
    return np.asarray(K1 * (1 - B + B * lengths / average), dtype=np.float64)


def _weighed(
    asked: AskedTerm, postings: Postings, chunks: int, visible: npt.NDArray[np.bool_], norms: Scores
) -> Weighed:
    shown = visible[postings.rows]
    rows, frequencies = postings.rows[shown], postings.frequencies[shown]
    weight = asked.times * math.log(1 + (chunks - len(rows) + 0.5) / (len(rows) + 0.5))
    return Weighed(asked, weight, rows, weight * (frequencies / (frequencies + norms[rows])))


def _add(weighed: Sequence[Weighed], scores: Scores, share: float = 1.0) -> Scores:
    for each in weighed:
        # A row stands in a list once.
        scores[each.rows] += share * each.shares
    return scores


def _best_name(weighed: Sequence[Weighed], rows: int) -> Scores:
    """Of the names of one thing."""
    own = sum(each.weight for each in weighed if each.asked.name == 0)
    best = np.zeros(rows)
    for name in sorted({each.asked.name for each in weighed}):
        terms = [each for each in weighed if each.asked.name == name]
        total = sum(each.weight for each in terms)
        share = min(1.0, own / total) if total > 0 else 1.0
        np.maximum(best, _add(terms, np.zeros(rows), share), out=best)
    return best
