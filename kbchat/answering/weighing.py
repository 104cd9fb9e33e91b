"""How strongly each statement of the passages answers a question, and how probable it is that any of them
does.

Blocking: it embeds at most MOST_EMBEDDED statements in one batch; call it from a thread. The weights are
fitted on public question sets (see below), never on a customer's or a test's questions.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from kbchat.analysis import language_of
from kbchat.answering.expecting import Expectation, Kind, expectation_of
from kbchat.answering.finding import answering_parts
from kbchat.answering.matching import Matching
from kbchat.answering.names import names_of
from kbchat.answering.statements import Statement, statements_of
from kbchat.core.text import Span
from kbchat.inference.ports import Embedder, ModelUnavailable
from kbchat.retrieval.port import Passage, Pin, Retrieval

MOST_EMBEDDED: Final = 32

Matrix = npt.NDArray[np.float64]

# Logistic regressions (scikit-learn, C = 1) on one half of the questions of XQuAD-en and XQuAD-zh
# (Artetxe et al. 2020), 500 questions each, over 8 retrieved passages: once as asked and once as if
# paraphrased, where 65 % of the content words of an English question and 25 % of those of a Chinese one
# matched nothing. A statement is positive when it holds the short answer in the gold passage. A turn is
# negative with the gold passage removed, and again with its whole article removed. The turn's weights are
# the mean of a fit with and a fit without `retrieved`, because null probabilities differ between
# retrievers.
#
# On the other half, at .5, English / Chinese: as asked AUROC .97 / .93, false refusals .03 / .09, false
# answers .34 / .35 with the passage and .07 / .11 with the article removed; paraphrased AUROC .90 / .82.
# Sets that were not fitted on, as asked: DRCD .95, HotpotQA .85.
#
# By hand, because these sets are plain paragraphs: the weights of context, of nearness to the beginning,
# of asides and of announcements; and closeness, lowered from 3.8, because a library's ranking is less
# sure than one of 240 passages.
STATEMENT_WEIGHTS: Final = np.array([4.7, 1.5, 9.0, 2.5, 1.1, 1.8, 0.8, -1.5, -2.0])
STATEMENT_BIAS: Final = -9.4
TURN_WEIGHTS: Final = np.array([1.40, 0.42, 0.50, 7.0, -1.18])
TURN_BIAS: Final = -1.03

_USUAL_DENSE_WEIGHT: Final = 0.5
_USUAL_COSINE: Final = 0.45
_COSINE: Final = 2  # its column
_LONG_STATEMENT: Final = 40
_OPENING: Final = 3000  # characters
_GAP_TO: Final = 5
_WIDEST_GAP: Final = 4.0  # a small library has wide gaps that say nothing
_LEAST_NULL: Final = 0.01
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A statement with the log-odds that it holds the answer; `parts`: its places of the kind asked for."""

    statement: Statement
    log_odds: float
    terms: frozenset[str]
    parts: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Weighing:
    """`ranked`: statements, best first. `probability`: that the passages answer the question at all.

    `passages` are those weighed, strongest first; a statement's `passage` counts in them. `features` is the
    probability's input, for the administrator's trace."""

    expected: Expectation
    passages: tuple[Passage, ...]
    ranked: tuple[Weighed, ...]
    probability: float
    features: dict[str, float]


def weigh(question: str, retrieval: Retrieval, pin: Pin, embedder: Embedder | None) -> Weighing:
    """Weighs every statement of what was retrieved for the standalone `question`. Blocking.

    Without an embedder, and where the encoder fails, words alone count."""
    expected = expectation_of(question)
    statements = statements_of(retrieval.passages)
    if not statements:
        return Weighing(expected, retrieval.passages, (), 0.0, {})
    matching = Matching.of(question, statements, retrieval.passages)
    parts = [tuple(answering_parts(expected, statement.text)) for statement in statements]
    features = statement_features(question, statements, retrieval.passages, matching, parts, pin, embedder)
    log_odds = features @ STATEMENT_WEIGHTS + STATEMENT_BIAS
    order = np.argsort(-log_odds, kind="stable")
    ranked = tuple(Weighed(statements[i], float(log_odds[i]), matching.own[i], parts[i]) for i in order)
    told = {
        "coverage": float(features[order[0], 0]),
        "gap": min(ranked[0].log_odds - ranked[min(_GAP_TO, len(ranked) - 1)].log_odds, _WIDEST_GAP),
        "retrieved": _log_odds_of_any(retrieval),
        "cosine": float(features[:, _COSINE].max()) - _trust(question, pin) * _USUAL_COSINE,
        "absent_names": _absent_names(question, retrieval.passages[ranked[0].statement.passage]),
    }
    answered = float(np.array(list(told.values())) @ TURN_WEIGHTS + TURN_BIAS)
    return Weighing(expected, retrieval.passages, ranked, 1 / (1 + math.exp(-answered)), told)


def merged(weighings: Sequence[Weighing]) -> Weighing:
    """Weighings of the same passages for the parts of a question as one: each statement by its best part."""
    if len(weighings) == 1:
        return weighings[0]
    best: dict[tuple[int, Span], Weighed] = {}
    for weighed in (weighed for weighing in weighings for weighed in weighing.ranked):
        place = (weighed.statement.passage, weighed.statement.span)
        if place not in best or best[place].log_odds < weighed.log_odds:
            best[place] = weighed
    surest = max(weighings, key=lambda weighing: weighing.probability)
    return replace(surest, ranked=tuple(sorted(best.values(), key=lambda weighed: -weighed.log_odds)))


def statement_features(
    question: str,
    statements: Sequence[Statement],
    passages: Sequence[Passage],
    matching: Matching,
    parts: Sequence[Sequence[Span]],
    pin: Pin,
    embedder: Embedder | None,
) -> Matrix:
    """One row a statement, in the order of STATEMENT_WEIGHTS: coverage of the question's words by the
    statement and by what is near it; cosine; closeness of the passage; whether it has the kind of thing
    asked for (.5 where the question names no kind); length; nearness to the document's beginning, where
    rules stand before their exceptions; whether it is an aside; whether it asks or announces instead of
    telling."""
    is_kind_known = expectation_of(question).kind is not Kind.THING
    rows = [
        (
            matching.share(matching.own[i]),
            matching.share(matching.context[i]),
            0.0,
            1 / (1 + statement.passage),
            float(bool(parts[i])) if is_kind_known else 0.5,
            min(len(matching.own[i]) / _LONG_STATEMENT, 1.0),
            math.exp(-(passages[statement.passage].span.start + statement.span.start) / _OPENING),
            float(statement.is_aside),
            float(statement.asks or statement.leads_in),
        )
        for i, statement in enumerate(statements)
    ]
    features = np.array(rows, dtype=np.float64)
    if embedder is not None:
        cosines = _cosines(question, statements, features, embedder)
        features[:, _COSINE] = _trust(question, pin) * cosines
    return features


def _trust(question: str, pin: Pin) -> float:
    """How far cosines are to be trusted: it depends on the encoder and the language, and the pin knows."""
    return pin.dense_weight.get(language_of(question), _USUAL_DENSE_WEIGHT)


def _cosines(question: str, statements: Sequence[Statement], features: Matrix, embedder: Embedder) -> Matrix:
    """Cosine of the question and each statement under its heading; 0 beyond the most promising ones."""
    promising = np.argsort(-(features @ STATEMENT_WEIGHTS), kind="stable")[:MOST_EMBEDDED]
    found = np.zeros(len(statements))
    try:
        asked = embedder.embed_queries([question])[0]
        texts = [f"{statements[i].heading}: {statements[i].text}" for i in promising]
        found[promising] = embedder.embed_documents(texts) @ asked
    except ModelUnavailable:
        found[:] = 0.0
    return found


def _log_odds_of_any(retrieval: Retrieval) -> float:
    """Of the retriever's own belief that something answers, kept from infinity."""
    null = min(max(retrieval.null_probability, _LEAST_NULL), 1 - _LEAST_NULL)
    return math.log((1 - null) / null)


def _absent_names(question: str, passage: Passage) -> float:
    """The share of the question's names, identifiers and numbers that the passage does not have."""
    asked = names_of(question) | set(_NUMBER.findall(question))
    said = "\n".join((passage.text, passage.title, *passage.heading_path, str(passage.effective_from.year)))
    said = said.casefold()
    return sum(name.casefold() not in said for name in asked) / len(asked) if asked else 0.0
