"""How strongly each statement of the passages answers a question, and how probable it is that any of them
does.

Blocking: it embeds at most MOST_EMBEDDED statements in one batch; call it from a thread. The weights are
fitted on public question sets (see below), never on a customer's or a test's questions.
"""

import math
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from kbchat.analysis import analyse, in_all_names, language_of, names_of, numbers_of, other_names
from kbchat.answering.expecting import Expectation, Kind, expectation_of
from kbchat.answering.facts import blanked, facts_of
from kbchat.answering.finding import new_parts
from kbchat.answering.matching import Matching, OtherNames
from kbchat.answering.ranges import Cases, cases_of
from kbchat.answering.statements import Statement, statements_of
from kbchat.core.text import Span
from kbchat.inference.ports import Embedder, ModelUnavailable
from kbchat.retrieval.port import Passage, Pin, Retrieval

MOST_EMBEDDED: Final = 96

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """`statement`: of the columns of `statement_features`; `turn`: of what `_turn_features` names."""

    statement: Vector
    turn: dict[str, float]
    turn_bias: float


# For an encoder that reads the language of the question. The statement's weights are a listwise fit (the likelihood
# of the answering statements among all of a question's), the turn's a logistic regression (scikit-learn, C = 1), on
# two sources that count alike: 60 answerable questions on pages of a public handbook, worded by people who were to
# avoid the page's words, and one half of 500 questions of XQuAD-en (Artetxe et al. 2020), as asked and as if
# paraphrased (65 % of the content words match nothing). None of the handbook's questions or pages is among those of
# the golden questions. A turn is negative where the handbook is silent (20 questions) and with the gold page removed.
#
# The answering statement is first / among the first five: handbook, six-fold cross-validation .32 / .53, before
# (weights fitted on XQuAD alone) .22 / .37; XQuAD's other half as asked .77 / .95, before .77 / .96; paraphrased
# .73 / .92, before .67 / .88. The turn's bias was lowered from -9.14 until nine of the ten questions that the handbook
# is silent on are refused from a probability of .45 down; 37 of the 60 that it answers are answered then.
#
# By hand: the weights of asides and of a year that is not there, which these sets have too few of.
BY_MEANING: Final = Weights(
    np.array([2.1, 1.1, 8.9, 1.7, 2.6, 0.8, 1.9, -1.5, -1.6, 5.1]),
    {"best": 0.67, "passage": 3.54, "absent_names": -0.56, "absent_year": -3.0},
    -9.54,
)
# For an encoder that does not read the language (all-MiniLM-L6-v2 and Chinese), and for none. Logistic regressions on
# one half of the questions of XQuAD-en and XQuAD-zh, 500 questions each, over 8 retrieved passages: once as asked and
# once as if paraphrased (25 % of the words of a Chinese question). The turn's weights are the mean of a fit with and a
# fit without `retrieved`, because null probabilities differ between retrievers.
#
# On 100 questions of the other half of XQuAD-zh, answered from a probability of .45 up: as asked AUROC .91, false
# refusals .02, false answers .59 with the passage and .52 with the article removed; paraphrased .90, .06, .55 and .45.
# A bias lower by .4 brings the false answers to .36 and .19 at .07 false refusals, and refuses what the Chinese
# documents of the sample company plainly answer (how many days of marriage leave): words alone cannot do both.
#
# By hand, because these sets are plain paragraphs: the weights of context, of nearness to the beginning, of asides,
# of announcements and of a year that is not there; and closeness, lowered from 3.8, because a library's ranking is
# less sure than one of 240 passages.
BY_WORDS: Final = Weights(
    np.array([4.7, 1.5, 9.0, 2.5, 1.1, 1.8, 0.8, -1.5, -2.0, 0.0]),
    {
        "coverage": 1.40,
        "gap": 0.42,
        "retrieved": 0.50,
        "cosine": 7.0,
        "absent_names": -1.18,
        "absent_year": -3.0,
    },
    -1.35,
)

# Of the dense leg, from which the encoder is taken to read the question's language.
_READS_FROM: Final = 0.2
_COSINE: Final = 2  # its column, and that of the passage
_PASSAGE: Final = 9
_LONG_STATEMENT: Final = 40
_OPENING: Final = 3000  # characters
_GAP_TO: Final = 5
_WIDEST_GAP: Final = 4.0  # a small library has wide gaps that say nothing
_LEAST_NULL: Final = 0.01
_OF_THIS_CASE: Final = 1.0
"""By hand: of several cases the one that takes in what was asked; half of what a quote may fall behind the best."""
_OF_ANOTHER_CASE: Final = 20.0
"""More than any sentence is ahead of another: it is none that was looked for."""
_YEAR: Final = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,%])")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A statement with the log-odds that it holds the answer, up to a constant of the question; `parts`: its places
    of the kind asked for, without those that the question brought itself."""

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
    names = other_names(question, pin.glossary)
    asked = facts_of(question)
    cases = cases_of(asked, statements, retrieval.passages)
    matching = Matching.of(question, statements, retrieval.passages, names, _said_by_cases(question, cases))
    parts = [
        tuple(new_parts(expected, statement.text, question=question, asked=asked)) for statement in statements
    ]
    features = statement_features(expected, statements, retrieval.passages, matching, parts)
    weights = _with_cosines(features, question, statements, retrieval, pin, embedder)
    log_odds = features @ weights.statement
    log_odds[[*cases.held]] += _OF_THIS_CASE
    log_odds[[*cases.others]] -= _OF_ANOTHER_CASE
    order = np.argsort(-log_odds, kind="stable")
    ranked = tuple(Weighed(statements[i], float(log_odds[i]), matching.own[i], parts[i]) for i in order)
    unsaid = blanked(question, cases.held.get(int(order[0]), ()))
    told = _turn_features(unsaid, names, ranked, features[order], retrieval)
    answered = sum(weight * told[name] for name, weight in weights.turn.items()) + weights.turn_bias
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
    expected: Expectation,
    statements: Sequence[Statement],
    passages: Sequence[Passage],
    matching: Matching,
    parts: Sequence[Sequence[Span]],
) -> Matrix:
    """One row a statement, in the order of `Weights.statement`: coverage of the question's words by the
    statement and by what is near it; cosine (0 here); closeness of the passage; whether it has the kind of thing
    asked for (.5 where the question names no kind); length; nearness to the document's beginning, where
    rules stand before their exceptions; whether it is an aside; whether it asks or announces instead of
    telling; cosine of its passage (0 here)."""
    is_kind_known = expected.kind is not Kind.THING
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
            0.0,
        )
        for i, statement in enumerate(statements)
    ]
    return np.array(rows, dtype=np.float64)


def _with_cosines(
    features: Matrix,
    question: str,
    statements: Sequence[Statement],
    retrieval: Retrieval,
    pin: Pin,
    embedder: Embedder | None,
) -> Weights:
    """Fills in the columns of cosines and says which weights then hold."""
    if embedder is None:
        return BY_WORDS
    trust = pin.dense_weight_of(language_of(question))
    reads = trust >= _READS_FROM
    try:
        asked = embedder.embed_queries([in_all_names(question, pin.glossary)])[0]
        if reads:
            of_passages = _passage_cosines(asked, retrieval, embedder)
            features[:, _PASSAGE] = of_passages[[statement.passage for statement in statements]]
        rough = features @ (BY_MEANING if reads else BY_WORDS).statement
        promising = np.argsort(-rough, kind="stable")[:MOST_EMBEDDED]
        texts = [_in_its_place(statements[i], retrieval.passages) for i in promising]
        cosines = embedder.embed_documents(texts) @ asked
    except ModelUnavailable:
        features[:, _PASSAGE] = 0.0
        return BY_WORDS
    features[promising, _COSINE] = cosines if reads else trust * cosines
    return BY_MEANING if reads else BY_WORDS


def _passage_cosines(asked: npt.NDArray[np.float32], retrieval: Retrieval, embedder: Embedder) -> Vector:
    """Of each passage: as the dense leg told, and computed where it told nothing."""
    known = retrieval.trace.cosines
    missing = [passage for passage in retrieval.passages if passage.chunk_id not in known]
    if missing:
        texts = ["\n".join((passage.title, *passage.heading_path, passage.text)) for passage in missing]
        told = embedder.embed_documents(texts) @ asked
        known |= {passage.chunk_id: float(cosine) for passage, cosine in zip(missing, told, strict=True)}
    return np.array([known[passage.chunk_id] for passage in retrieval.passages])


def _in_its_place(statement: Statement, passages: Sequence[Passage]) -> str:
    """The statement under its document's title, its headings and what announces it."""
    passage = passages[statement.passage]
    announced = ""
    if statement.lead_in:
        announced = passage.text[statement.lead_in.start : statement.lead_in.end] + " "
    return f"{passage.title}. {' > '.join(passage.heading_path)}: {announced}{statement.text}"


def _said_by_cases(question: str, cases: Cases) -> dict[int, frozenset[str]]:
    """Terms of the question's quantities that the case of a statement takes in, by its place."""
    return {
        place: frozenset(term for each in held for term in analyse(question[each.span.start : each.span.end]))
        for place, held in cases.held.items()
    }


def _turn_features(
    question: str, names: OtherNames, ranked: Sequence[Weighed], features: Matrix, retrieval: Retrieval
) -> dict[str, float]:
    """What tells whether anything answers, by the names of `Weights.turn`. `question`: without the quantities that the
    best statement's case takes in; `features`: in the order of `ranked`."""
    best = retrieval.passages[ranked[0].statement.passage]
    return {
        "best": ranked[0].log_odds,
        "passage": float(features[:, _PASSAGE].max()),
        "coverage": float(features[0, 0]),
        "gap": min(ranked[0].log_odds - ranked[min(_GAP_TO, len(ranked) - 1)].log_odds, _WIDEST_GAP),
        "retrieved": _log_odds_of_any(retrieval),
        "cosine": float(features[:, _COSINE].max()),
        "absent_names": _absent(names_of(question) | numbers_of(question), best, names),
        "absent_year": float(_absent(set(_YEAR.findall(question)), best, {}) == 1.0),
    }


def _log_odds_of_any(retrieval: Retrieval) -> float:
    """Of the retriever's own belief that something answers, kept from infinity."""
    null = min(max(retrieval.null_probability, _LEAST_NULL), 1 - _LEAST_NULL)
    return math.log((1 - null) / null)


def _absent(asked: AbstractSet[str], passage: Passage, names: OtherNames) -> float:
    """The share of what is `asked` for by name, identifier or number that the passage has under no name of it."""
    said = "\n".join((passage.text, passage.title, *passage.heading_path, str(passage.effective_from.year)))
    said = said.casefold()
    absent = [
        name
        for name in map(str.casefold, asked)
        if not any(other.casefold() in said for other in (name, *names.get(name, ())))
    ]
    return len(absent) / len(asked) if asked else 0.0
