"""From two legs to one order, and from scores to probabilities. Plain arithmetic: no database, no text."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]

# Passages among which an answer is expected.
_FIRST: Final = 5
# The lead of the best over the fifth, where there is no fifth to tell: between what it is where something answers and
# where nothing does (the sample company's questions: .43 and .51, .29 and .39 in English and Chinese). Of a library
# narrowed to the one passage that answers, a lead of 0 would say that it does not.
_USUAL_GAP: Final = 0.4


def blend(
    cosines: Scores, bm25: Scores, attainable: float, dense_weight: float, own_weights: Scores | None = None
) -> Scores:
    """A convex combination of the legs (Bruch et al., TOIS 2023, with the theoretical minimum 0 of both): the dense one
    scaled by its best within the question, the lexical one by what is `attainable` with the question's words. So words
    count less where a question is worded unlike every passage, and the best of few matches is no match.

    `own_weights`: of the dense leg for each candidate, where an encoder knows some languages less than others. Words
    count alike for all.
    """
    dense = dense_weight if own_weights is None else own_weights
    words = bm25 / attainable if attainable > 0 else np.zeros_like(bm25)
    return dense * _scaled(cosines) + (1 - dense_weight) * words


def probabilities(scores: Scores, temperature: float) -> tuple[float, ...]:
    """softmax(scores / temperature): p(z|x) over exactly these passages; they sum to 1."""
    if scores.size == 0:
        return ()
    weights = np.exp((scores - scores.max()) / temperature)
    return tuple((weights / weights.sum()).tolist())


def null_features(
    cosines: Scores, bm25: Scores, attainable: float, blended: Scores, agreement: Scores
) -> dict[str, float]:
    """What tells an answerable question from another, from scores before they are scaled to the question: all of
    the candidates' best cosine, the best BM25 as a share of what is attainable, the blend's lead as a share of its
    best, and how much of the question's names and numbers the best of its first passages has."""
    if blended.size == 0:
        return {}
    order = np.argsort(-blended, kind="stable")
    ranked = blended[order]
    return {
        "cosine": float(cosines.max()),
        # Names from the glossary count besides the question's own words.
        "coverage": min(float(bm25.max() / attainable), 1.0) if attainable > 0 else 0.0,
        "gap": _gap(ranked),
        "agreement": float(agreement[order[:_FIRST]].max()),
    }


def _gap(ranked: Scores) -> float:
    if ranked[0] <= 0:
        return 0.0
    lead = float(1 - ranked[min(_FIRST, len(ranked)) - 1] / ranked[0])
    return lead if len(ranked) >= _FIRST else max(lead, _USUAL_GAP)


def null_probability(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """p(no passage answers): 1 where nothing was found, else one minus a logistic function of the features. One that
    was not known yet when the weights were fitted counts nothing."""
    if not features:
        return 1.0
    answered = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(min(max(answered, -50.0), 50.0)))


def _scaled(scores: Scores) -> Scores:
    """To at most 1; all 0 where nothing stands out."""
    best = float(scores.max()) if scores.size else 0.0
    return scores / best if best > 0 else np.zeros_like(scores)
