"""Weights and calibration that a new generation begins with, before anybody has fitted them on questions: those in
force, in the units of its own encoder.

Cosines of two encoders have other means and spreads. The line that takes the new ones to the former ones, for the same
questions with and without what answers them, takes the weights of p(some passage answers) along; a leg counts as much
more or less as it finds more or less of the library's own sentences in a language.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kbchat.indexing.known_items import Compared, Evidence
from kbchat.indexing.models import IndexGeneration
from kbchat.retrieval.calibration import Calibration, NullWeights, calibration_of, is_known

_LEAST: Final = 10
"""Pieces of evidence of a language, below which it is treated as all of them together."""


@dataclass(frozen=True, slots=True)
class Line:
    """former = slope * new + offset"""

    slope: float
    offset: float


def inherited(
    candidate: IndexGeneration,
    active: IndexGeneration,
    compared: Compared,
    evidence: Sequence[Evidence],
    read: Mapping[str, float],
) -> Calibration:
    """Of an encoder that weights are known for, its own; of the one that answers, those in force. `read`: weights by
    which languages the candidate's encoder reads (`retrieval.languages_read`)."""
    former = calibration_in_force(active)
    if candidate.encoder == active.encoder:
        return former
    if is_known(candidate.encoder):
        return calibration_of(candidate.encoder, {}, {})
    if not evidence:
        return calibration_of(candidate.encoder, read, {})
    dense_weights = _dense_weights(former.dense_weights, compared.by_language, read)
    return Calibration(
        dense_weights=dense_weights,
        temperature=former.temperature,
        null_weights={
            language: _translated(weights, _line(evidence, language))
            for language, weights in former.null_weights.items()
            # Where words decide, what is told by default holds.
            if dense_weights.get(language) != 0
        },
        # Of probabilities, which mean the same once their weights are translated.
        answer_from=former.answer_from,
    )


def calibration_in_force(generation: IndexGeneration) -> Calibration:
    return calibration_of(generation.encoder, generation.dense_weights, generation.calibration)


def drift(former: NullWeights, new: NullWeights, evidence: Sequence[Evidence]) -> float | None:
    """Mean difference in log-odds by which the same evidence counts; None without any."""
    differences = [
        abs(_counts(former[each.language], each.before) - _counts(new[each.language], each.now))
        for each in evidence
        if each.language in former and each.language in new
    ]
    return statistics.fmean(differences) if differences else None


def as_stored(calibration: Calibration) -> dict[str, dict[str, Any]]:
    """As columns of a generation."""
    return {
        "dense_weights": calibration.dense_weights,
        "calibration": {
            "temperature": calibration.temperature,
            "null": calibration.null_weights,
            "answer_from": calibration.answer_from,
        },
    }


def _line(evidence: Sequence[Evidence], language: str) -> Line:
    own = [each for each in evidence if each.language == language]
    used = own if len(own) >= _LEAST else evidence
    before, now = [each.before for each in used], [each.now for each in used]
    spread = statistics.pstdev(now)
    slope = statistics.pstdev(before) / spread if spread > 0 else 0.0
    return Line(slope, statistics.fmean(before) - slope * statistics.fmean(now))


def _translated(weights: Mapping[str, float], line: Line) -> dict[str, float]:
    cosine = weights["cosine"]
    return {**weights, "cosine": cosine * line.slope, "bias": weights["bias"] + cosine * line.offset}


def _counts(weights: Mapping[str, float], cosine: float) -> float:
    return weights["cosine"] * cosine + weights["bias"]


def _dense_weights(
    former: Mapping[str, float], found: Mapping[str, tuple[float, float]], read: Mapping[str, float]
) -> dict[str, float]:
    """`found`: mean reciprocal rank by vectors alone, before and now, by language; a language that the library has no
    sentence of, or that counted for nothing before, begins as for an encoder that nothing was fitted for. Where the
    encoder does not read, words decide: it may find sentences again by their characters. Pairs of languages were fitted
    for the former encoder alone."""
    weights = {language: weight for language, weight in former.items() if "-" not in language}
    weights |= {
        language: weight
        for language, weight in read.items()
        if language not in found or weights.get(language) == 0
    }
    best = max(found, key=lambda language: found[language][1], default="")
    for language, (before, now) in found.items():
        own = weights.get(language, weights["other"])
        if now <= before:
            weights[language] = own * (now / before if before > 0 else 1.0)
            continue
        # One that now finds as much as in the language that it knows best counts as much as there.
        most = max(weights.get(best, own), own)
        reached = (now - before) / max(found[best][1] - before, now - before)
        weights[language] = own + (most - own) * reached
    unread = {language: 0.0 for language, weight in read.items() if weight == 0}
    return {language: round(weight, 3) for language, weight in (weights | unread).items()}
