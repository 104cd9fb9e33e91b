"""How well reports of the same gap are put together, by the packaged encoder (figures: kbchat/insights/likeness.py).

`gap_questions.jsonl`: pairs of questions that mean the same, worded by hand for this and used for nothing else.
"""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from kbchat.analysis import content_words
from kbchat.inference.sentence_transformers_embedder import PACKAGED_MODEL, SentenceTransformersEmbedder
from kbchat.insights.likeness import NEAR, SHARED

pytestmark = pytest.mark.slow

_PAIRS = Path(__file__).with_name("gap_questions.jsonl")


def pairs(language: str) -> list[tuple[str, str]]:
    lines = map(json.loads, _PAIRS.read_text(encoding="utf-8").splitlines())
    return [(line["question"], line["same"]) for line in lines if line["language"] == language]


def joined_by_meaning(questions: list[str]) -> set[tuple[int, int]]:
    vectors = SentenceTransformersEmbedder(PACKAGED_MODEL).embed_queries(questions)
    rows, columns = np.nonzero(np.triu(vectors @ vectors.T >= NEAR, 1))
    return set(zip(rows.tolist(), columns.tolist(), strict=True))


def joined_by_words(questions: list[str]) -> set[tuple[int, int]]:
    words = [set(content_words(question)) for question in questions]
    return {
        (one, other)
        for one, other in combinations(range(len(questions)), 2)
        if 2 * len(words[one] & words[other]) >= SHARED * (len(words[one]) + len(words[other])) > 0
    }


@pytest.mark.parametrize(
    ("language", "right", "wrong"), [("en", 15, 2), ("zh", 11, 1)], ids=("by meaning", "by words")
)
def test_what_means_the_same_is_joined_and_little_else(language: str, right: int, wrong: int) -> None:
    questions = [question for pair in pairs(language) for question in pair]
    joined = joined_by_meaning(questions) if language == "en" else joined_by_words(questions)
    same = {(place, place + 1) for place in range(0, len(questions), 2)}
    assert (len(joined & same), len(joined - same)) == (right, wrong), language


def test_questions_of_one_paragraph_are_mostly_kept_apart(shared_data: Path) -> None:
    lines = (shared_data / "ir" / "xquad-en" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    questions = list(dict.fromkeys(json.loads(line)["text"] for line in lines))
    joined = joined_by_meaning(questions)
    assert (len(questions), len(joined)) == (1187, 371)
