"""Citation recall and precision by ALCE's definition, with a judge that reads letters: each letter of a statement has
to stand in what it cites."""

from collections.abc import Sequence

import pytest

from kbchat.answering.events import Support
from kbchat.evaluation.citations import (
    CitationFigures,
    EntailmentSupport,
    Statement,
    VerifierJudge,
    citation_figures,
)
from kbchat.inference.scripted import WordEntailment
from kbchat.retrieval.port import Passage
from tests.rules.answering_support import passage


class LetterJudge:
    name = "letters"

    def judge(self, statement: str, passages: Sequence[Passage], question: str) -> Support:
        if not statement:
            return "not_factual"
        known = set("".join(each.text for each in passages))
        return "supported" if set(statement) <= known else "unsupported"


PASSAGES = {number: passage(text) for number, text in enumerate(("ab", "b", "c", "abc"), 1)}


@pytest.mark.parametrize(
    ("text", "cited", "expected"),
    [
        ("a", (1,), (1, 1, 1, 1)),
        ("z", (1,), (1, 0, 1, 0)),
        ("a", (), (1, 0, 0, 0)),
        ("", (1,), (0, 0, 0, 0)),
        # Only together: both are needed.
        ("abc", (1, 3), (1, 1, 2, 2)),
        # The second supports it neither alone nor is it missed.
        ("a", (1, 3), (1, 1, 2, 1)),
        # Both support it alone: neither is too much.
        ("ab", (1, 4), (1, 1, 2, 2)),
        # What cites too much and is still not supported has no needed citation.
        ("az", (1, 4), (1, 0, 2, 0)),
        # Together with the third the first is needed, the second is not.
        ("ac", (1, 2, 3), (1, 1, 3, 2)),
    ],
)
def test_statements_and_citations_are_counted_as_alce_counts_them(
    text: str, cited: tuple[int, ...], expected: tuple[int, int, int, int]
) -> None:
    found = citation_figures([Statement(text, cited)], PASSAGES, "", LetterJudge())
    assert found == CitationFigures(*expected)


def test_an_answer_adds_its_statements_up() -> None:
    statements = [Statement("a", (1,)), Statement("z", (1, 2)), Statement("", ())]
    found = citation_figures(statements, PASSAGES, "", LetterJudge())
    assert (found.recall, found.precision) == (1 / 2, 1 / 3)
    assert citation_figures([], PASSAGES, "", LetterJudge()).recall == 0.0


def test_the_products_own_judge_knows_another_number_from_the_right_one() -> None:
    source = passage("Everybody has 28 days of annual leave in a year.")
    judge = VerifierJudge()
    assert judge.judge("Everybody has 28 days of annual leave.", [source], "") == "supported"
    assert judge.judge("Everybody has 25 days of annual leave.", [source], "") == "unsupported"
    assert judge.judge("Everybody has 28 days of annual leave.", [], "") == "unsupported"


def test_a_second_opinion_reads_all_passages_together() -> None:
    sources = [passage("Everybody has 28 days."), passage("They are annual leave.")]
    judge = EntailmentSupport(WordEntailment())
    assert judge.judge("Everybody has 28 days of annual leave", sources, "") == "supported"
    assert judge.judge("The canteen opens at noon on Mondays", sources, "") == "unsupported"
    assert judge.judge("---", sources, "") == "not_factual"
