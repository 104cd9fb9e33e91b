"""What was measured, as a table for people and as JSON for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from kbchat.evaluation.calibrating import Reliability
from kbchat.evaluation.legs import LegFigures
from kbchat.evaluation.measuring import SEARCHED, Measured
from kbchat.evaluation.null_tuning import FEATURES, FittedNull
from kbchat.evaluation.tuning import Fitted

_QUESTION_WIDTH: Final = 70


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the answerable questions: pages found and answers that contain what is expected; of the others: refused."""

    answerable: int
    pages_found: int
    answers_containing: int
    answered: int
    unanswerable: int
    refused: int


def totals(measured: Sequence[Measured]) -> Totals:
    answerable = [one for one in measured if one.question.is_answerable]
    silent = [one for one in measured if not one.question.is_answerable]
    return Totals(
        answerable=len(answerable),
        pages_found=sum(one.found_at is not None for one in answerable),
        answers_containing=sum(one.contains_answer for one in answerable),
        answered=sum(one.state == "done" for one in answerable),
        unanswerable=len(silent),
        refused=sum(one.is_refused for one in silent),
    )


def header() -> str:
    return f"{'id':8} {'page':>4} {'none':>5}  {'outcome':9} {'right':5} {'s':>5}  question"


def line(one: Measured) -> str:
    """`page`: place of the expected page in search; `none`: the retriever's probability that nothing answers."""
    is_right = one.contains_answer if one.question.is_answerable else one.is_refused
    page = (str(one.found_at or "-")) if one.question.is_answerable else ""
    asked = one.question.question[:_QUESTION_WIDTH]
    return (
        f"{one.question.id:8} {page:>4} {one.null_probability:5.2f}  {one.state:9} "
        f"{'yes' if is_right else 'NO':5} {one.seconds:5.2f}  {asked}"
    )


def summary(measured: Sequence[Measured]) -> Iterator[str]:
    found = totals(measured)
    yield f"Expected page among the first {SEARCHED}: {found.pages_found} of {found.answerable}"
    yield (
        f"Answer contains the expected words:  {found.answers_containing} of {found.answerable}"
        f"  ({found.answered} answered)"
    )
    yield f"Refused what the library is silent on: {found.refused} of {found.unanswerable}"


def as_json(measured: Sequence[Measured]) -> dict[str, Any]:
    return {"totals": asdict(totals(measured)), "questions": [asdict(one) for one in measured]}


def legs_table(figures: Mapping[str, LegFigures]) -> str:
    """A Markdown table, a leg a row."""
    rows = [
        "| leg | nDCG@10 | MRR@10 | recall@10 | recall@100 | p50 | p95 |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {leg} | {of.ndcg_at_10:.4f} | {of.mrr_at_10:.4f} | {of.recall_at_10:.4f} | {of.recall_at_100:.4f} "
        f"| {of.p50_ms:.0f} ms | {of.p95_ms:.0f} ms |"
        for leg, of in figures.items()
    ]
    return "\n".join(rows)


def legs_as_json(figures: Mapping[str, LegFigures]) -> dict[str, dict[str, float]]:
    return {
        leg: {name.replace("_at_", "@"): value for name, value in asdict(of).items()}
        for leg, of in figures.items()
    }


def fitted_table(fitted: Fitted) -> str:
    """Markdown: what was fitted, and what it is worth on the half that it was not fitted on."""
    rows = [
        "| set | questions in | weight of dense | dense | lexical | hybrid |",
        "|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {told.set} | {told.language} ({told.questions}) | {fitted.dense_weights[told.language]:.2f} "
        f"| {told.dense:.4f} | {told.lexical:.4f} | {told.hybrid:.4f} |"
        for told in fitted.told
    ]
    across = [f"{pair} {weight:.2f}" for pair, weight in fitted.dense_weights.items() if "-" in pair]
    if across:
        rows += ["", f"For passages in another language than the question's: {', '.join(across)}."]
    rows += ["", f"Temperature {fitted.temperature}.", "", *_reliability_rows("p(z\\|x)", fitted.reliability)]
    return "\n".join(rows)


def fitted_null_table(fitted: FittedNull) -> str:
    """Markdown: what tells whether anything answers, and how well it does on the half that it was not fitted on."""
    rows = ["| set | questions in | AUROC |", "|---|---|---|"]
    rows += [
        f"| {told.set} | {told.language} ({told.questions}) | {told.auroc:.3f} |" for told in fitted.told
    ]
    rows += ["", "| log-odds in | " + " | ".join((*FEATURES, "bias")) + " |"]
    rows += ["|---" * (len(FEATURES) + 2) + "|"]
    rows += [
        f"| {language} | " + " | ".join(f"{weights[name]:.2f}" for name in (*FEATURES, "bias")) + " |"
        for language, weights in fitted.weights.items()
    ]
    return "\n".join([*rows, "", *_reliability_rows("p(answered)", fitted.reliability)])


def _reliability_rows(name: str, reliability: Reliability) -> Iterator[str]:
    yield f"Expected calibration error of {name}: {reliability.error:.3f}."
    yield ""
    yield f"| {name} said | right | count |"
    yield "|---|---|---|"
    for said, right, count in reliability.bins:
        yield f"| {said:.2f} | {right:.2f} | {count} |"
