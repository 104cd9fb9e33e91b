"""Reading judged sets in BEIR's layout, and what a ranking is worth against them."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from kbchat.core.errors import Invalid
from kbchat.evaluation.beir import BeirDocument, read_beir_set
from kbchat.evaluation.legs import LegFigures
from kbchat.evaluation.metrics import ndcg, recall, reciprocal_rank
from kbchat.evaluation.reporting import legs_as_json, legs_table

RANKED = ["a", "b", "c", "d"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents, two questions that are judged and one that is not."""
    documents = [
        {"_id": "d1", "title": "Leave", "text": "Five days.\u2028Then more."},
        {"_id": "d2", "text": "五天"},
    ]
    questions = [{"_id": n, "text": f"Question {n}?"} for n in ("q1", "q2", "q3")]
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(_lines(documents), encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text(_lines(questions), encoding="utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq3\td1\t2\nq1\td2\t1\nq1\td1\t0\nq2\td1\t0\n"
    )
    return tmp_path


def _lines(rows: list[dict[str, str]]) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


def test_a_set_is_what_its_split_judges(folder: Path) -> None:
    found = read_beir_set(folder)
    assert found.documents == (
        BeirDocument("d1", "Leave", "Five days.\u2028Then more."),
        BeirDocument("d2", "", "五天"),
    )
    assert {question.id: question.judged for question in found.questions} == {
        "q1": {"d2": 1},
        "q3": {"d1": 2},
    }


@pytest.mark.parametrize(
    ("broken", "name", "line"),
    [
        (lambda folder: (folder / "corpus.jsonl").unlink(), "corpus.jsonl", None),
        (lambda folder: (folder / "corpus.jsonl").write_text('{"_id": "d1"}\n'), "corpus.jsonl", 1),
        (lambda folder: (folder / "queries.jsonl").write_bytes(b"\xff"), "queries.jsonl", None),
        (lambda folder: (folder / "queries.jsonl").write_text("\n[1]\n"), "queries.jsonl", 2),
        (lambda folder: (folder / "qrels/test.tsv").write_text("q1\td1\tmuch\n"), "test.tsv", 1),
        (lambda folder: (folder / "qrels/test.tsv").write_text("q1\td1\n"), "test.tsv", 1),
        (lambda folder: (folder / "qrels/test.tsv").write_text("q9\td1\t1\n"), None, None),
    ],
)
def test_what_cannot_be_read_is_told_by_file_and_line(
    folder: Path, broken: Callable[[Path], None], name: str | None, line: int | None
) -> None:
    broken(folder)
    with pytest.raises(Invalid) as refused:
        read_beir_set(folder)
    assert refused.value.code == "dataset_unreadable"
    assert refused.value.facts == {"name": name or folder.name} | ({"line": line} if line else {})


@pytest.mark.parametrize(
    ("judged", "at", "worth"),
    [
        ({"a": 1}, 10, 1.0),
        ({"b": 1}, 10, 1 / math.log2(3)),
        ({"b": 1}, 1, 0.0),
        ({"x": 1}, 10, 0.0),
        # Gains 3, 0, 1 at places 1 to 3, against the best order 3, 1.
        ({"a": 3, "c": 1}, 10, (3 + 1 / 2) / (3 + 1 / math.log2(3))),
        ({}, 10, 0.0),
    ],
)
def test_gain_is_discounted_by_place_and_measured_against_the_best_order(
    judged: dict[str, int], at: int, worth: float
) -> None:
    assert ndcg(RANKED, judged, at) == pytest.approx(worth)


def test_the_first_judged_document_counts_by_its_place() -> None:
    assert reciprocal_rank(RANKED, {"c": 1, "d": 9}, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(RANKED, {"c": 1}, 2) == 0


def test_recall_is_the_share_that_was_found() -> None:
    assert recall(RANKED, {"a": 1, "d": 1, "x": 1}, 10) == pytest.approx(2 / 3)
    assert recall(RANKED, {"a": 1, "d": 1}, 3) == pytest.approx(1 / 2)


def test_figures_are_told_as_a_table_and_by_the_names_of_the_field() -> None:
    figures = {"lexical": LegFigures(0.5, 0.25, 0.75, 1.0, 12.4, 30.6)}
    assert legs_table(figures).splitlines()[-1] == (
        "| lexical | 0.5000 | 0.2500 | 0.7500 | 1.0000 | 12 ms | 31 ms |"
    )
    assert legs_as_json(figures) == {
        "lexical": {
            "ndcg@10": 0.5,
            "mrr@10": 0.25,
            "recall@10": 0.75,
            "recall@100": 1.0,
            "p50_ms": 12.4,
            "p95_ms": 30.6,
        }
    }
