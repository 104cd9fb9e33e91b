"""Fitting p(no passage answers), on one half of the questions, and what it is worth on the other half.

Each question is asked with the passages that answer it in the library and without them, in its own words and in others:
four searches, of which two hold an answer. A logistic regression over the features of the search tells the two apart
(Platt, 1999), for each language of the question by itself, so that no set counts more than another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from kbchat.analysis import language_of
from kbchat.evaluation.beir import BeirQuestion
from kbchat.evaluation.calibrating import Reliability, reliability_of
from kbchat.evaluation.halving import halved
from kbchat.evaluation.legs import Searched
from kbchat.evaluation.paraphrasing import paraphrased
from kbchat.retrieval.fusion import null_probability
from kbchat.retrieval.port import Pin

FEATURES: Final = ("cosine", "coverage", "gap", "agreement")

# As many as an answer is made from.
_LIMIT: Final = 20
# Keeps a weight finite where a set is told apart without a mistake.
_RIDGE: Final = 1e-3
# More evidence never speaks against an answer: where a set happens to say otherwise, that is not learnt.
_LEAST: Final = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """The features of a search (`retrieval.fusion.null_features`), and whether what it searched holds an answer."""

    language: str
    features: Mapping[str, float]
    is_answerable: bool


@dataclass(frozen=True, slots=True)
class NullTold:
    """Of one set and language, on the half that nothing was fitted on. `auroc`: how often an answerable question has
    more belief than the same kind without its passages."""

    set: str
    language: str
    auroc: float
    questions: int


@dataclass(frozen=True, slots=True)
class FittedNull:
    weights: dict[str, dict[str, float]]
    told: list[NullTold]
    reliability: Reliability


AskedSets = Mapping[str, Sequence[Sequence[Asked]]]
"""By set, of each question its searches."""


def ask_with_and_without(
    searched: Searched,
    questions: Sequence[BeirQuestion],
    pin: Pin,
    *,
    on_asked: Callable[[], object] = lambda: None,
) -> list[list[Asked]]:
    """Of each question its four searches. `searched.with_vectors` is to know what the paraphrases mean
    (`paraphrasing.MeaningKept`). Blocking. Raises Unavailable."""
    ours = {theirs: document for document, theirs in searched.documents.items()}
    found = []
    for question in questions:
        gold = [ours[document] for document in question.judged if document in ours]
        found.append(
            [
                _asked(searched, question, text, pin, excluded)
                for text in (question.text, paraphrased(question.text))
                for excluded in ([], gold)
            ]
        )
        on_asked()
    return found


def fit_null(sets: AskedSets) -> FittedNull:
    """Every second question of a language is fitted on, the others tell."""
    halves = {name: halved(questions, lambda asked: asked[0].language) for name, questions in sets.items()}
    fitted_on = {name: list(chain(*half)) for name, (half, _) in halves.items()}
    told_by = {name: list(chain(*half)) for name, (_, half) in halves.items()}
    languages = sorted({one.language for asked in fitted_on.values() for one in asked})
    weights = {language: _weights(_in_language(language, fitted_on)) for language in languages}
    return FittedNull(weights, *tell_null(weights, told_by))


def tell_null(
    weights: Mapping[str, Mapping[str, float]], sets: Mapping[str, Sequence[Asked]]
) -> tuple[list[NullTold], Reliability]:
    """What these weights are worth for such searches, in the languages that they have."""
    told = [
        NullTold(name, language, _auroc(asked, weights[language]), len(asked) // 4)
        for language in sorted(weights)
        for name, asked in _in_language(language, sets).items()
    ]
    pairs = [
        (1 - null_probability(one.features, weights[one.language]), one.is_answerable)
        for one in chain(*sets.values())
        if one.language in weights
    ]
    return told, reliability_of(pairs)


def _asked(
    searched: Searched, question: BeirQuestion, text: str, pin: Pin, excluded: Sequence[UUID]
) -> Asked:
    found = searched.with_vectors.retrieve(
        searched.viewer, text, pin, limit=_LIMIT, scope=searched.scope, exclude_documents=excluded
    )
    return Asked(language_of(question.text), found.trace.facts, not excluded)


def _in_language(language: str, sets: Mapping[str, Sequence[Asked]]) -> dict[str, list[Asked]]:
    asked = {
        name: [one for one in each if one.language == language and one.features]
        for name, each in sets.items()
    }
    return {name: each for name, each in asked.items() if each}


def _weights(sets: Mapping[str, Sequence[Asked]]) -> dict[str, float]:
    """Each set counts alike, however many questions it has."""
    from scipy.optimize import minimize

    features = np.array([_row(one) for asked in sets.values() for one in asked])
    signs = np.array([1.0 if one.is_answerable else -1.0 for asked in sets.values() for one in asked])
    counts = np.concatenate([np.full(len(asked), 1 / len(asked)) for asked in sets.values()])
    centre, scale = features[:, :-1].mean(axis=0), features[:, :-1].std(axis=0)
    scaled = np.hstack([(features[:, :-1] - centre) / np.where(scale > 0, scale, 1.0), features[:, -1:]])

    def loss(weights: npt.NDArray[np.float64]) -> float:
        likelihood = float(counts @ np.logaddexp(0.0, -signs * (scaled @ weights))) / len(sets)
        return likelihood + _RIDGE * float(weights[:-1] @ weights[:-1])

    bounds = [(_LEAST, None)] * len(FEATURES) + [(None, None)]
    found = minimize(loss, np.zeros(scaled.shape[1]), bounds=bounds).x
    slopes = np.where(scale > 0, found[:-1] / np.where(scale > 0, scale, 1.0), 0.0)
    bias = float(found[-1] - slopes @ centre)
    return {**dict(zip(FEATURES, map(_rounded, slopes), strict=True)), "bias": _rounded(bias)}


def _row(one: Asked) -> list[float]:
    return [*(one.features[name] for name in FEATURES), 1.0]


def _rounded(value: float) -> float:
    return round(float(value), 3)


def _auroc(asked: Sequence[Asked], weights: Mapping[str, float]) -> float:
    """Ties count half (Hanley and McNeil, 1982)."""
    believed = np.array([1 - null_probability(one.features, weights) for one in asked])
    answerable = np.array([one.is_answerable for one in asked])
    with_answer, without = believed[answerable], believed[~answerable]
    if not len(with_answer) or not len(without):
        return float("nan")
    apart = with_answer[:, None] - without[None, :]
    return float(np.mean((apart > 0) + 0.5 * (apart == 0)))
