"""What was measured of search, as tables for people and as JSON for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from kbchat.evaluation.calibrating import Reliability
from kbchat.evaluation.legs import LegFigures
from kbchat.evaluation.null_tuning import FEATURES, FittedNull
from kbchat.evaluation.tuning import Fitted


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
