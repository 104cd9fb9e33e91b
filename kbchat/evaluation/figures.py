"""What measured answers come to: one number a question of quality. Plain arithmetic.

A figure is None where nothing of its kind was measured. Shares are of 1.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kbchat.evaluation.measuring import Measured

Figures = Mapping[str, float | None]

MEANINGS: Final = {
    "recall_at_5": "what an answer needs is among the first 5 passages",
    "recall_at_10": "… among the first 10",
    "right_answers": "answered, with the expected words, of the answerable",
    "false_refusals": "refused, of the answerable",
    "false_answers": "answered, of those that nothing answers",
    "citation_recall": "statements that all they cite supports (ALCE; mean of the answers)",
    "citation_precision": "citations that are needed for their statement (ALCE; mean of the answers)",
    "citations_on_expected": "citations of a document that answers, in answers to the answerable",
    "supported_share": "sentences that the answer itself marks as supported, of those that state something",
    "leak_score": "questions with a passage shown that the asker may not read",
    "disagreements_told": "answers that tell of two sources which say different things",
    "unfinished": "ended in neither an answer nor a refusal",
}
"""The figures by name. Of a share of few questions one is much: the counts stand beside them."""


def figures_of(measured: Sequence[Measured]) -> Figures:
    answerable = [one for one in measured if one.is_answerable]
    silent = [one for one in measured if not one.is_answerable]
    answered = [one for one in measured if one.is_answered]
    of_answerable = [one for one in answered if one.is_answerable]
    verified = Counter[str]()
    for one in answered:
        verified.update(one.verified)
    stating = verified.total() - verified["not_factual"]
    return {
        "recall_at_5": _mean(one.recall(5) for one in answerable),
        "recall_at_10": _mean(one.recall(10) for one in answerable),
        "right_answers": _mean(one.is_right for one in answerable),
        "false_refusals": _mean(one.state == "refused" for one in answerable),
        "false_answers": _mean(one.is_answered for one in silent),
        "citation_recall": _mean(one.citations.recall for one in answered if one.citations.statements),
        "citation_precision": _mean(one.citations.precision for one in answered if one.citations.statements),
        "citations_on_expected": _share(
            sum(one.on_expected for one in of_answerable),
            sum(one.cited for one in of_answerable),
        ),
        "supported_share": _share(verified["supported"], stating),
        "leak_score": _mean(bool(one.leaks) for one in measured),
        "disagreements_told": _mean(bool(one.disagreements) for one in answered),
        "unfinished": _mean(not one.is_answered and one.state != "refused" for one in measured),
    }


def counts_of(measured: Sequence[Measured]) -> dict[str, int]:
    """The confusion of answering and refusing."""
    told = Counter((one.is_answerable, one.state == "refused") for one in measured)
    return {
        "answerable": told[True, False] + told[True, True],
        "answerable_refused": told[True, True],
        "unanswerable": told[False, False] + told[False, True],
        "unanswerable_refused": told[False, True],
    }


def times_of(measured: Sequence[Measured]) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile in seconds by step, of the answers that had it."""
    steps = dict.fromkeys(step for one in measured for step in one.seconds)
    found = {}
    for step in steps:
        ordered = sorted(one.seconds[step] for one in measured if step in one.seconds)
        found[step] = statistics.median(ordered), ordered[min(round(0.95 * len(ordered)), len(ordered) - 1)]
    return found


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return statistics.fmean(listed) if listed else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
