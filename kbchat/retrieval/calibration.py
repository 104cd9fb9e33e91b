"""The fitted numbers of a generation: how far each leg counts, how scores become probabilities.

They belong to an encoder and stand in the generation's JSON; what is missing there is filled from the defaults here.
All were fitted on public question sets, never on a customer's or a test's questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Weight of the dense leg by language of the question.
DEFAULT_DENSE_WEIGHTS: Final[Mapping[str, float]] = {"en": 0.45, "zh": 0.1, "other": 0.1}

DEFAULT_TEMPERATURE: Final = 0.065
# log-odds that a passage answers, from `fusion.null_features`, by language of the question.
DEFAULT_NULL_WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {
    "en": {"cosine": 8.8, "coverage": 0.7, "gap": 4.4, "bias": -6.4},
    "zh": {"cosine": 0.3, "coverage": 4.8, "gap": 6.9, "bias": -4.4},
}
DEFAULT_CALIBRATION: Final[Mapping[str, Any]] = {
    "temperature": DEFAULT_TEMPERATURE,
    "null": DEFAULT_NULL_WEIGHTS,
}

NullWeights = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Calibration:
    dense_weights: dict[str, float]
    temperature: float
    null_weights: NullWeights


def calibration_of(dense_weights: Mapping[str, float], calibration: Mapping[str, Any]) -> Calibration:
    """From `IndexGeneration.dense_weights` and `.calibration`; both may be empty."""
    return Calibration(
        dense_weights={**DEFAULT_DENSE_WEIGHTS, **dense_weights},
        temperature=float(calibration.get("temperature", DEFAULT_TEMPERATURE)),
        null_weights=_filled(calibration.get("null", {})),
    )


def dense_weight(by_language: Mapping[str, float], language: str) -> float:
    """That of the language of the question."""
    return by_language.get(language, DEFAULT_DENSE_WEIGHTS[language])


def null_weights(by_language: Mapping[str, Mapping[str, float]], language: str) -> Mapping[str, float]:
    """Those of the language of the question. A pin that was made without any has the defaults; a third language,
    which no set was fitted on, is treated as the one whose words alone decide."""
    weights = by_language or DEFAULT_NULL_WEIGHTS
    return weights.get(language) or weights["zh"]


def _filled(given: Mapping[str, Mapping[str, float]]) -> NullWeights:
    languages = {*DEFAULT_NULL_WEIGHTS, *given}
    return {
        language: {
            **DEFAULT_NULL_WEIGHTS.get(language, DEFAULT_NULL_WEIGHTS["zh"]),
            **given.get(language, {}),
        }
        for language in languages
    }
