"""What was measured of answers, as a table for people, as JSON for programs and as a picture."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from kbchat.evaluation.abstaining import abstention_curve
from kbchat.evaluation.abstention_tuning import FittedThreshold, outcome
from kbchat.evaluation.drawing import Bars, Lines, picture
from kbchat.evaluation.figures import MEANINGS, Figures, counts_of, figures_of, times_of
from kbchat.evaluation.measuring import Measured

_QUESTION_WIDTH: Final = 70
EVERYTHING: Final = "all"
_FITTED: Final = (
    "strategy",
    "language (questions)",
    "answers from",
    "false answers",
    "false refusals",
    "answered",
    "wrong of those",
    "area under risk–coverage",
    "bound of false answers",
)

Groups = Mapping[str, Sequence[Measured]]


def by_set(measured: Sequence[Measured]) -> Groups:
    """The questions of each set; of several also all together."""
    sets = {
        name: [one for one in measured if one.set == name]
        for name in dict.fromkeys(one.set for one in measured)
    }
    return {**sets, EVERYTHING: measured} if len(sets) > 1 else sets


def header() -> str:
    return f"{'id':14} {'place':>5} {'p':>5}  {'outcome':9} {'right':5} {'s':>5}  question"


def line(one: Measured) -> str:
    """`place`: of the first passage that answers among those shown; `p`: the probability that anything does."""
    places = [str(rank or "-") for rank in one.found_at]
    return (
        f"{one.id[:14]:14} {','.join(places):>5} {one.probability:5.2f}  {one.state:9} "
        f"{'yes' if one.is_right else 'NO':5} {one.seconds['whole']:5.2f}  {one.question[:_QUESTION_WIDTH]}"
        + ("  LEAK" if one.leaks else "")
    )


def answers_table(groups: Groups, judge: str) -> str:
    """Markdown: figures a row, sets a column; then the confusion of answering and refusing, and the times."""
    told = {name: figures_of(measured) for name, measured in groups.items()}
    rows = ["| | " + " | ".join(told) + " | |", "|---" * (len(told) + 2) + "|"]
    rows += [
        f"| {name} | " + " | ".join(_said(figures[name]) for figures in told.values()) + f" | {meaning} |"
        for name, meaning in MEANINGS.items()
    ]
    rows += ["", f"Support is judged by {judge}.", "", *_confusion(groups), "", *_times(groups)]
    return "\n".join(rows)


def answers_as_json(groups: Groups, judge: str) -> dict[str, Any]:
    sets = {
        name: {"figures": figures_of(measured), "counts": counts_of(measured), "seconds": times_of(measured)}
        for name, measured in groups.items()
    }
    whole = list(groups.values())[-1]
    return {"judge": judge, "sets": sets, "questions": [asdict(one) for one in whole]}


def answers_picture(groups: Groups) -> str:
    """As SVG: what another threshold would answer, for each set, and the shares."""
    curves = {name: abstention_curve(map(outcome, measured)) for name, measured in groups.items()}
    return picture(
        [
            Lines(
                "What another threshold would answer",
                "answered, of those that nothing answers",
                "answered, of the answerable",
                {
                    name: [(point.false_answers, 1 - point.false_refusals) for point in curve]
                    for name, curve in curves.items()
                },
                marks={name: _in_force(measured) for name, measured in groups.items()},
            ),
            Bars("Shares", {name: _shares(figures_of(measured)) for name, measured in groups.items()}),
        ]
    )


def _in_force(measured: Sequence[Measured]) -> tuple[float, float]:
    figures = figures_of(measured)
    return figures["false_answers"] or 0.0, 1 - (figures["false_refusals"] or 0.0)


def _shares(figures: Figures) -> dict[str, float]:
    return {name: value for name, value in figures.items() if value is not None}


def _confusion(groups: Groups) -> Iterator[str]:
    yield "| | answerable: answered | refused | unanswerable: answered | refused |"
    yield "|---|---|---|---|---|"
    for name, measured in groups.items():
        counts = counts_of(measured)
        yield (
            f"| {name} | {counts['answerable'] - counts['answerable_refused']} | {counts['answerable_refused']} "
            f"| {counts['unanswerable'] - counts['unanswerable_refused']} | {counts['unanswerable_refused']} |"
        )


def _times(groups: Groups) -> Iterator[str]:
    yield "| seconds, median (95th percentile) | " + " | ".join(groups) + " |"
    yield "|---" * (len(groups) + 1) + "|"
    told = {name: times_of(measured) for name, measured in groups.items()}
    for step in dict.fromkeys(step for times in told.values() for step in times):
        cells = [
            f"{times[step][0]:.2f} ({times[step][1]:.2f})" if step in times else "–"
            for times in told.values()
        ]
        yield f"| {step} | " + " | ".join(cells) + " |"


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def thresholds_table(fitted: Sequence[FittedThreshold]) -> str:
    """Markdown: what was fitted, and what it is worth on the half that it was not fitted on."""
    rows = [
        f"| {' | '.join(_FITTED)} |",
        "|---" * len(_FITTED) + "|",
    ]
    rows += [
        f"| {each.strategy} | {each.language} ({each.questions}) | {each.threshold.value:.3f} "
        f"| {each.told.false_answers:.3f} | {each.told.false_refusals:.3f} | {each.told.coverage:.3f} "
        f"| {each.told.risk:.3f} | {each.area:.3f} | {each.threshold.bound:.3f} |"
        for each in fitted
    ]
    return "\n".join(rows)


def thresholds_picture(fitted: Sequence[FittedThreshold]) -> str:
    """As SVG: both curves of the half that tells, with the thresholds that were fitted."""
    names = {f"{each.strategy} {each.language}": each for each in fitted}
    return picture(
        [
            Lines(
                "Answered against false answers",
                "answered, of those that nothing answers",
                "answered, of the answerable",
                {
                    name: [(point.false_answers, 1 - point.false_refusals) for point in each.curve]
                    for name, each in names.items()
                },
                marks={
                    name: (each.told.false_answers, 1 - each.told.false_refusals)
                    for name, each in names.items()
                },
            ),
            Lines(
                "Risk against coverage",
                "answered, of all",
                "wrong, of the answered",
                {
                    name: [(point.coverage, point.risk) for point in each.curve]
                    for name, each in names.items()
                },
                marks={name: (each.told.coverage, each.told.risk) for name, each in names.items()},
            ),
        ]
    )
