"""How much of what a question names or counts a passage has."""

import numpy as np
import pytest

from kbchat.analysis import analyse, matter_of
from kbchat.retrieval.agreement import agreement
from kbchat.retrieval.lexical import AskedTerm, Weighed

PASSAGES = (
    "The Hamburg office closed in 2019.",
    "The Hamburg office opened in 2021.",
    "ISO-27001 is audited by 王经理 every 12 months.",
)


def found(question: str, *, having_others: tuple[str, ...] = ()) -> list[float]:
    texts = [set(analyse(text)) for text in PASSAGES]
    weighed = [
        Weighed(
            AskedTerm(term, 1),
            1.0,
            np.array([row for row, terms in enumerate(texts) if term in terms], dtype=np.int32),
            np.empty(0),
        )
        for term in dict.fromkeys(analyse(matter_of(question)))
    ]
    return agreement(question, having_others, weighed, np.arange(3, dtype=np.int32)).tolist()


@pytest.mark.parametrize(
    ("question", "shares"),
    [
        ("Why did the office in Hamburg close in 2019?", [1.0, 0.5, 0.0]),
        ("Who audits us for ISO-27001?", [0.0, 0.0, 1.0]),
        ("王经理在2019年做了什么？", [0.5, 0.0, 0.5]),
        ("when does the office open?", [1.0, 1.0, 1.0]),
        ("What does the Lisbon office do?", [0.0, 0.0, 0.0]),
        ("Did the office in Hamburg close in May?", [0.5, 0.5, 0.0]),
        ("Is the Hamburg office on the Do Not Call list?", [0.5, 0.5, 0.0]),
    ],
)
def test_names_and_numbers_are_looked_for_whole(question: str, shares: list[float]) -> None:
    assert found(question) == shares


def test_a_name_that_the_glossary_knows_by_others_may_be_missing() -> None:
    assert found("Who audits us for ISO-27001 in 2019?", having_others=("ISO-27001",)) == [1.0, 0.0, 0.0]
