"""The fitted numbers of a generation: how far each leg counts, how scores become probabilities.

They belong to an encoder and stand in the generation's JSON; what is missing there is filled from the defaults here.
All were fitted on public question sets, never on a customer's or a test's questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Weight of the dense leg by language of the question, for all-MiniLM-L6-v2, which reads no Chinese. Chosen on one half
# of the questions of each set by nDCG@10; on the other half (lexical leg alone, dense leg alone, blend):
#   en  XQuAD .974 .942 .985, HotpotQA-100 .801 .778 .835, Cranfield .524 .524 .580
#   zh  XQuAD .973 .225 .974, DRCD .978 .200 .978
# Between .35 and .6 in English, and up to .2 in Chinese, none of these moves by more than .015. A third language is
# left to its words.
DEFAULT_DENSE_WEIGHTS: Final[Mapping[str, float]] = {"en": 0.5, "zh": 0.1, "other": 0.1}

# Greatest likelihood of a gold passage among the first eight; .06 to .08 in every set of both languages.
DEFAULT_TEMPERATURE: Final = 0.065

# log-odds that a passage answers, from `fusion.null_features`, by language of the question. Logistic regressions
# (scikit-learn) on one half of the questions of XQuAD-en, HotpotQA-100 and Cranfield, and of XQuAD-zh and DRCD, once as
# asked and once as if paraphrased (65 % of the content words of an English question and 25 % of those of a Chinese one
# match nothing). Negative: the gold passages removed ("near"), and where there are articles, all of the article removed
# ("far"). AUROC on the other half, as asked / paraphrased:
#   en  XQuAD near .87 / .81, far .98 / .97; HotpotQA near .85 / .84; Cranfield near .76 / .73
#   zh  XQuAD near .88 / .79, far .97 / .91; DRCD near .93 / .82, far .96 / .86
# Scores alone cannot do better on what is near: what reads the statements (kbchat.answering.weighing) decides there.
DEFAULT_NULL_WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {
    "en": {"cosine": 8.3, "coverage": 0.65, "gap": 4.75, "bias": -6.3},
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


def dense_weight_across(by_language: Mapping[str, float], language: str, passage_language: str) -> float:
    """That of a passage in another language than the question's ("zh-en": Chinese question, English passage); where
    nothing was fitted for the pair, as in its own."""
    pair = f"{language}-{passage_language}"
    return by_language.get(pair, dense_weight(by_language, language))


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
