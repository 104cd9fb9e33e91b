"""Fitting from which probability on a strategy answers: on one half of the questions; the other tells what it is worth.

Every question is asked as if any probability were enough, so that the answers that a threshold would have kept back are
known too. Fitted for each strategy and language of the question by itself.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

from kbchat.analysis import language_of
from kbchat.answering.events import StrategyName
from kbchat.evaluation.abstaining import (
    Outcome,
    Point,
    Threshold,
    abstention_curve,
    area_under_risk,
    bounded,
    least_cost,
)
from kbchat.evaluation.cases import Case
from kbchat.evaluation.ideal_model import ideal_model
from kbchat.evaluation.measuring import Measured, Tools, measure
from kbchat.retrieval.port import Pin

STRATEGIES: Final[tuple[StrategyName, ...]] = get_args(StrategyName)
COSTS: Final[Mapping[StrategyName, float]] = {"quoting": 1.0, "generating": 0.2}
"""Of a false answer, in needless refusals. Whoever writes can still say that nothing answers, so he is shown weaker
evidence: supposed, not measured."""

_LANGUAGES: Final = ("en", "zh", "other")
_FEWEST: Final = 20
"""Questions of a language, of which some are answered and some are not."""


@dataclass(frozen=True, slots=True)
class FittedThreshold:
    """`told`: of the questions that nothing was fitted on, the point of the threshold and the area under risk over
    coverage; `curve`: of them."""

    strategy: StrategyName
    language: str
    threshold: Threshold
    told: Point
    area: float
    curve: list[Point]
    questions: int


Asked = Mapping[StrategyName, Sequence[Measured]]


def ask_whatever_the_probability(
    cases: Sequence[Case],
    pin: Pin,
    tools: Tools,
    answering: asyncio.Runner,
    *,
    on_asked: Callable[[object], object],
) -> Asked:
    """By each strategy. Who writes is the ideal model, without a judgement of its own. Blocking. Raises Unavailable."""
    everything = dict.fromkeys(_LANGUAGES, 0.0)
    open_pin = replace(pin, answer_from=dict.fromkeys(STRATEGIES, everything))
    writers: dict[StrategyName, Tools] = {
        "quoting": tools,
        "generating": replace(
            tools, writer=lambda case: ideal_model(case.question, case.answers, judges=False)
        ),
    }
    return {
        strategy: measure(cases, open_pin, writers[strategy], answering, on_measured=on_asked)
        for strategy in STRATEGIES
    }


def fit_thresholds(
    asked: Asked,
    *,
    costs: Mapping[StrategyName, float] = COSTS,
    most_false_answers: float | None = None,
) -> list[FittedThreshold]:
    """`most_false_answers`: quotes keep to this bound instead of the least cost, where any threshold does. Languages
    with too few questions are left out."""
    fitted = []
    for strategy, measured in asked.items():
        for language in _LANGUAGES:
            mine = [one for one in measured if language_of(one.question) == language]
            on, told = _halves(mine)
            if len(on) < _FEWEST or len({one.is_answerable for one in on}) < 2:
                continue
            if most_false_answers is not None and strategy == "quoting":
                threshold = bounded(on, most_false_answers)
            else:
                threshold = least_cost(on, false_answer=costs[strategy])
            curve = abstention_curve(told)
            fitted.append(
                FittedThreshold(
                    strategy,
                    language,
                    threshold,
                    _at(curve, threshold.value),
                    area_under_risk(curve),
                    curve,
                    len(told),
                )
            )
    return fitted


def thresholds_of(fitted: Sequence[FittedThreshold]) -> dict[str, dict[str, float]]:
    """As a generation keeps them."""
    told: dict[str, dict[str, float]] = {}
    for each in fitted:
        told.setdefault(each.strategy, {})[each.language] = each.threshold.value
    return told


def _halves(measured: Sequence[Measured]) -> tuple[list[Outcome], list[Outcome]]:
    """By turns of the questions: one that is asked with and without its answer is all in one half."""
    turn = {
        question: number % 2
        for number, question in enumerate(dict.fromkeys(one.question for one in measured))
    }
    on, told = ([outcome(one) for one in measured if turn[one.question] == half] for half in (0, 1))
    return on, told


def outcome(one: Measured) -> Outcome:
    return Outcome(one.probability, one.is_answerable, one.is_answerable and one.is_right)


def _at(curve: Sequence[Point], threshold: float) -> Point:
    """What answering from `threshold` on is worth."""
    return [point for point in curve if point.threshold >= threshold][-1]
