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

MOST_EMBEDDED: Final = 60

Matrix = npt.NDArray[np.float64]

# FITTED
STATEMENT_WEIGHTS: Final = np.array([4.2, 0.7, 0.3, 5.0, 1.2, 1.1, -0.4, 0.8, -2.0])
STATEMENT_BIAS: Final = -6.0
TURN_WEIGHTS: Final = np.array([0.4, 0.3, 0.9, 0.75, -1.5])
TURN_BIAS: Final = -1.5

_USUAL_DENSE_WEIGHT: Final = 0.5
_LONG_STATEMENT: Final = 40
_GAP_TO: Final = 5
_LEAST_NULL: Final = 0.01
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A statement with the log-odds that it holds the answer; `parts` are its places of the kind asked
    for."""

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
    features = statement_features(question, statements, matching, parts, retrieval.passages, pin, embedder)
    log_odds = features @ STATEMENT_WEIGHTS + STATEMENT_BIAS
    order = np.argsort(-log_odds, kind="stable")
    ranked = tuple(Weighed(statements[i], float(log_odds[i]), matching.own[i], parts[i]) for i in order)
    told = turn_features(question, retrieval, ranked, features[order[0]])
    answered = float(np.array(list(told.values())) @ TURN_WEIGHTS + TURN_BIAS)
    return Weighing(expected, retrieval.passages, ranked, 1 / (1 + math.exp(-answered)), told)


def merged(weighings: Sequence[Weighing]) -> Weighing:
    """One weighing of the same passages for the parts of a compound question: each statement by its best
    part."""
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
    matching: Matching,
    parts: Sequence[Sequence[Span]],
    passages: Sequence[Passage],
    pin: Pin,
    embedder: Embedder | None,
) -> Matrix:
    """One row a statement: coverage of the question's words by the statement, by what is near, by its
    passage; cosine; closeness of the passage; whether it has the kind of thing asked for, and whether that
    is known; length; whether it asks or announces instead of telling."""
    known = _known_kind(question)
    rows = [
        (
            matching.share(matching.own[i]),
            matching.share(matching.near[i]),
            matching.share(matching.passage[i]),
            0.0,
            1 / (1 + statement.passage),
            float(bool(parts[i])) if known else 0.5,
            known,
            min(len(matching.own[i]) / _LONG_STATEMENT, 1.0),
            float(statement.asks or statement.leads_in),
        )
        for i, statement in enumerate(statements)
    ]
    features = np.array(rows, dtype=np.float64)
    if embedder is not None:
        # How far cosines are to be trusted depends on the encoder and the language; the pin knows.
        trust = pin.dense_weight.get(language_of(question), _USUAL_DENSE_WEIGHT)
        features[:, 3] = trust * _cosines(question, statements, features, embedder)
    return features


def _known_kind(question: str) -> float:
    return float(expectation_of(question).kind is not Kind.THING)


def _cosines(question: str, statements: Sequence[Statement], features: Matrix, embedder: Embedder) -> Matrix:
    """Cosine of the question and each statement under its heading; 0 beyond the most promising ones."""
    promising = np.argsort(-(features[:, 0] + features[:, 4]), kind="stable")[:MOST_EMBEDDED]
    found = np.zeros(len(statements))
    try:
        asked = embedder.embed_queries([question])[0]
        texts = [f"{statements[i].heading}: {statements[i].text}" for i in promising]
        found[promising] = embedder.embed_documents(texts) @ asked
    except ModelUnavailable:
        found[:] = 0.0
    return found


def turn_features(
    question: str, retrieval: Retrieval, ranked: Sequence[Weighed], best: Matrix
) -> dict[str, float]:
    """What tells whether the best statement answers: see TURN_WEIGHTS."""
    runner_up = ranked[min(_GAP_TO, len(ranked) - 1)].log_odds
    null = min(max(retrieval.null_probability, _LEAST_NULL), 1 - _LEAST_NULL)
    return {
        "coverage": float(best[0]),
        "passage_coverage": float(best[2]),
        "gap": ranked[0].log_odds - runner_up,
        "retrieved": math.log((1 - null) / null),
        "absent_names": _absent_names(question, retrieval.passages[ranked[0].statement.passage]),
    }


def _absent_names(question: str, passage: Passage) -> float:
    """The share of the question's names, identifiers and numbers that the passage does not have."""
    asked = names_of(question) | set(_NUMBER.findall(question))
    said = "\n".join((passage.text, passage.title, *passage.heading_path, str(passage.effective_from.year)))
    said = said.casefold()
    return sum(name.casefold() not in said for name in asked) / len(asked) if asked else 0.0
