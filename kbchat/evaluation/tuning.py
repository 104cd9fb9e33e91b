"""Fitting what a generation's blend needs, on one half of the questions, and what it is worth on the other half.

Weight of the dense leg by language of the question: the one with the greatest nDCG@10 on the mean of the sets, among
those that make no set worse than its better leg. After it, for passages in another language, the weight of each pair.
Temperature of p(z|x): the one under which the judged passages are most likely (Guo et al., ICML 2017, section 4.2,
fitted by likelihood).
"""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from kbchat.analysis import language_of
from kbchat.evaluation.beir import BeirQuestion
from kbchat.evaluation.calibrating import Reliability, reliability_of
from kbchat.evaluation.halving import halved
from kbchat.evaluation.legs import Searched, deep_search
from kbchat.evaluation.metrics import ndcg
from kbchat.retrieval.calibration import dense_weight_across
from kbchat.retrieval.fusion import blend, probabilities
from kbchat.retrieval.port import Pin

WEIGHTS: Final = tuple(step / 20 for step in range(21))
TEMPERATURES: Final = tuple(0.01 * 1.15**step for step in range(28))
"""From .01 to .44."""

# As many passages as an answer is made from.
_ANSWERED_FROM: Final = 8
# Of nDCG@10, below which two weights are not told apart on a few hundred questions.
_NOISE: Final = 0.001


Weights = Mapping[str, float]
"""Of the dense leg by language of the question ("zh"), and by pair with that of the passage ("zh-en")."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """A question with the candidates of both legs: `documents[i]` in `languages[i]` has `cosines[i]` and `bm25[i]`, of
    which none exceeds `attainable`."""

    language: str
    judged: Mapping[str, int]
    documents: tuple[str, ...]
    languages: tuple[str, ...]
    cosines: npt.NDArray[np.float64]
    bm25: npt.NDArray[np.float64]
    attainable: float

    @property
    def pairs(self) -> set[str]:
        """Of its language and another that a judged candidate is in."""
        judged = {
            each
            for each, document in zip(self.languages, self.documents, strict=True)
            if document in self.judged
        }
        return {f"{self.language}-{other}" for other in judged - {self.language}}

    def scores(self, weights: Weights) -> npt.NDArray[np.float64]:
        """The blend, as search makes it."""
        own = {each: dense_weight_across(weights, self.language, each) for each in set(self.languages)}
        own[self.language] = weights[self.language]
        each_weight = np.array([own[each] for each in self.languages])
        return blend(self.cosines, self.bm25, self.attainable, weights[self.language], each_weight)

    def worth(self, weights: Weights) -> float:
        """nDCG@10 of the blend."""
        scores = self.scores(weights)
        ranked = [self.documents[place] for place in np.argsort(-scores, kind="stable")]
        return ndcg(list(dict.fromkeys(ranked)), self.judged, 10)

    def predicted(self, weights: Weights, temperature: float) -> tuple[list[float], list[bool]]:
        """p(z|x) of the best passages, and whether each is of a judged document."""
        scores = self.scores(weights)
        best = np.argsort(-scores, kind="stable")[:_ANSWERED_FROM]
        return (
            list(probabilities(scores[best], temperature)),
            [self.documents[place] in self.judged for place in best],
        )


@dataclass(frozen=True, slots=True)
class Told:
    """Of one set and language, on questions that nothing was fitted on: nDCG@10 of each leg alone and of the blend."""

    set: str
    language: str
    dense: float
    lexical: float
    hybrid: float
    questions: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """`reliability`: of p(z|x), on the half that tells."""

    dense_weights: dict[str, float]
    temperature: float
    told: list[Told]
    reliability: Reliability


Sets = Mapping[str, Sequence[Pooled]]


def pool(
    searched: Searched,
    questions: Sequence[BeirQuestion],
    pin: Pin,
    *,
    on_asked: Callable[[], object] = lambda: None,
) -> list[Pooled]:
    """The candidates of each question, through the door that production uses. Raises Unavailable."""
    pooled = []
    for question in questions:
        found = deep_search(searched, question.text, pin)
        cosines = found.trace.cosines
        lexical = next(leg for leg in found.trace.legs if leg.leg == "lexical")
        bm25 = dict(zip(lexical.chunk_ids, lexical.scores, strict=True))
        chunks = [passage.chunk_id for passage in found.passages]
        pooled.append(
            Pooled(
                language_of(question.text),
                question.judged,
                tuple(searched.documents[passage.document_id] for passage in found.passages),
                tuple(passage.language for passage in found.passages),
                np.array([cosines[chunk] for chunk in chunks]),
                np.array([bm25.get(chunk, 0.0) for chunk in chunks]),
                found.trace.attainable,
            )
        )
        on_asked()
    return pooled


def fit(sets: Sets) -> Fitted:
    """Every second question of a language is fitted on, the others tell. A language needs two questions in a set."""
    halves = {name: halved(pooled, lambda one: one.language) for name, pooled in sets.items()}
    fitted_on = {name: half for name, (half, _) in halves.items()}
    told_by = {name: half for name, (_, half) in halves.items()}
    languages = sorted({one.language for pooled in fitted_on.values() for one in pooled})
    weights = {language: _best_weight(language, _asked_in(language, fitted_on)) for language in languages}
    weights |= _best_across(weights, fitted_on)
    temperature = max(TEMPERATURES, key=lambda candidate: _likelihood(fitted_on, weights, candidate))
    return Fitted(
        dense_weights=weights,
        temperature=round(temperature, 4),
        told=tell(weights, told_by),
        reliability=reliability_of(_predicted(told_by, weights, temperature)),
    )


def tell(weights: Weights, sets: Sets) -> list[Told]:
    """What these weights are worth, by language and set. They have every language of a question."""
    languages = sorted({one.language for pooled in sets.values() for one in pooled})
    return [
        Told(
            set=name,
            language=language,
            dense=_mean_worth(pooled, {language: 1.0}),
            lexical=_mean_worth(pooled, {language: 0.0}),
            hybrid=_mean_worth(pooled, weights),
            questions=len(pooled),
        )
        for language in languages
        for name, pooled in _asked_in(language, sets).items()
    ]


def _asked_in(language: str, sets: Sets) -> dict[str, list[Pooled]]:
    asked = {name: [one for one in pooled if one.language == language] for name, pooled in sets.items()}
    return {name: pooled for name, pooled in asked.items() if pooled}


def _best_weight(language: str, sets: Sets) -> float:
    worth = {
        weight: [_mean_worth(pooled, {language: weight}) for pooled in sets.values()] for weight in WEIGHTS
    }
    better_leg = [max(legs) for legs in zip(worth[0.0], worth[1.0], strict=True)]
    harmless = [
        weight
        for weight in WEIGHTS
        if all(found >= leg - _NOISE for found, leg in zip(worth[weight], better_leg, strict=True))
    ]
    return _middle_best({weight: statistics.fmean(worth[weight]) for weight in harmless or WEIGHTS})


def _best_across(weights: Weights, sets: Sets) -> dict[str, float]:
    """For each pair of languages that meets in a set: fitted on the questions that meet it, one pair after another."""
    found: dict[str, float] = {}
    for pair in sorted({pair for pooled in sets.values() for one in pooled for pair in one.pairs}):
        meeting = [[one for one in pooled if pair in one.pairs] for pooled in sets.values()]
        worth = {
            weight: statistics.fmean(
                _mean_worth(pooled, {**weights, **found, pair: weight}) for pooled in meeting if pooled
            )
            for weight in WEIGHTS
        }
        found[pair] = _middle_best(worth)
    return found


def _middle_best(worth: Mapping[float, float]) -> float:
    """Of equals the one in their middle: it stands farthest from where the blend gets worse."""
    rounded = {weight: round(mean, 3) for weight, mean in worth.items()}
    best = [weight for weight, mean in rounded.items() if mean == max(rounded.values())]
    return float(best[len(best) // 2])


def _mean_worth(pooled: Sequence[Pooled], weights: Weights) -> float:
    return statistics.fmean(one.worth(weights) for one in pooled)


def _likelihood(sets: Sets, weights: Weights, temperature: float) -> float:
    """Mean over the sets of the log-probability that a judged passage is drawn, where one is among the best."""
    means = []
    for pooled in sets.values():
        logs = []
        for one in pooled:
            said, right = one.predicted(weights, temperature)
            if any(right):
                drawn = sum(p for p, is_right in zip(said, right, strict=True) if is_right)
                logs.append(math.log(max(drawn, 1e-12)))
        if logs:
            means.append(statistics.fmean(logs))
    return statistics.fmean(means) if means else 0.0


def _predicted(sets: Sets, weights: Weights, temperature: float) -> Iterator[tuple[float, bool]]:
    for one in (one for pooled in sets.values() for one in pooled):
        yield from zip(*one.predicted(weights, temperature), strict=True)
