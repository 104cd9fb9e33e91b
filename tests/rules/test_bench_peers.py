"""The bench of peers measures what it says: lines between processes, brute force, means, and ratios by kbchat's."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.peers.child import serve
from bench.peers.latency import GROUPS, Found, _nearest, _row
from bench.peers.processes import running
from bench.peers.protocol import (
    Answer,
    Fill,
    Message,
    Open,
    Passage,
    Place,
    Search,
    hand_over,
    handed_over,
    line_of,
    message_in,
)
from bench.peers.quality import _figures
from bench.peers.tables import latency_table, quality_tables
from bench.peers.url import url_of
from kbchat.evaluation.beir import BeirQuestion

ODD = 'a "quoted"\nline\u2028and\x85another, 中文, \x00'
PLACE = Place({"host": "/sockets", "user": "u", "password": "p", "dbname": "d"}, "t", "english", 2)


class Scripted:
    """Remembers what it was filled with and answers with it; raises where it is asked for nothing."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.ids: list[int] = []

    def fill(self, passages: Sequence[Passage], vectors: np.ndarray) -> None:
        assert vectors.shape == (len(passages), self.place.dimension)
        self.ids = [passage.id for passage in passages]

    def search(
        self, question: str, vector: list[float], *, k: int, groups: Sequence[str], leg: str
    ) -> list[int]:
        if not k:
            raise LookupError("nothing is wanted")
        return self.ids[:k]


@pytest.mark.parametrize(
    "message",
    [
        Open(PLACE),
        Fill("/folder"),
        Search(ODD, [0.5, -1.0], 10, ["small", "middle"], "dense"),
        Answer(0.25, [3, 1], ODD),
    ],
)
def test_a_message_is_one_line(message: Message) -> None:
    line = line_of(message)
    assert line.splitlines() == [line.rstrip("\n")]
    assert message_in(line) == message


@pytest.mark.parametrize(
    "line", ["", "Loading model ...\n", "[]", '{"is": "Fill"}', '{"is": "Open", "place": {}}']
)
def test_what_a_library_prints_is_no_message(line: str) -> None:
    with pytest.raises(ValueError, match="no message"):
        message_in(line)


def test_passages_and_vectors_go_by_files(tmp_path: Path) -> None:
    passages = [Passage(7, ODD, "small"), Passage(2, "", "large")]
    vectors = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    hand_over(tmp_path / "handed", passages, vectors)
    found, kept = handed_over(tmp_path / "handed")
    assert found == passages
    assert np.array_equal(kept, vectors)


def test_a_peer_answers_every_line_and_its_error_is_an_answer(tmp_path: Path) -> None:
    hand_over(tmp_path, [Passage(7, "a", "small"), Passage(2, "b", "small")], np.eye(2, dtype=np.float32))
    asked = [Open(PLACE), Fill(str(tmp_path)), *(Search("q", [1.0, 0.0], k, [], "hybrid") for k in (1, 0, 2))]
    answers = io.StringIO()
    serve(Scripted, io.StringIO("".join(map(line_of, asked))), answers)
    told = [message_in(line) for line in answers.getvalue().splitlines()]
    assert all(isinstance(one, Answer) for one in told)
    assert [(one.ids, one.problem) for one in told if isinstance(one, Answer)] == [
        ([], ""), ([7], ""), ([], "LookupError: nothing is wanted"), ([7, 2], ""),
    ]  # fmt: skip


def test_a_process_that_ends_is_told_and_nothing_waits(tmp_path: Path) -> None:
    with (
        running(Path(sys.executable), "nobody", PLACE, tmp_path) as process,
        pytest.raises(RuntimeError, match="nobody ended"),
    ):
        process.fill(tmp_path)
    assert "bench.peers.nobody" in (tmp_path / "nobody.log").read_text()


def test_means_are_over_the_questions() -> None:
    questions = [BeirQuestion("1", "one", {"a": 1}), BeirQuestion("2", "two", {"b": 1, "c": 1})]
    ranked = [["a", "x"], ["x", "b"]]
    figures = _figures(questions, {"kbchat": lambda place: ranked[place]}, {"kbchat": 40.0})["kbchat"]
    assert figures.mrr == pytest.approx((1 + 0.5) / 2)
    assert figures.recall == pytest.approx((1 + 0.5) / 2)
    assert figures.ndcg == pytest.approx((1 + 0.38685) / 2, abs=1e-4)
    assert figures.passages_per_second == 40.0


def test_the_nearest_are_those_of_what_the_reader_sees() -> None:
    passages = [
        Passage(100 + place, "", group) for place, group in enumerate(["large"] * 12 + ["small"] * 12)
    ]
    angles = np.linspace(0, 1, 24)
    # The farther, the longer: only the angle counts.
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.linspace(1, 3, 24)[:, None]
    nearest = _nearest(passages, vectors.astype(np.float32), np.array([[1.0, 0.0]], dtype=np.float32))
    assert nearest["all"] == [set(range(100, 110))]
    assert nearest["one"] == nearest["ten"] == [set(range(112, 122))]


def test_a_row_has_the_share_of_the_nearest_that_was_found() -> None:
    nearest = [{1, 2}, {3, 4}]
    # What comes after the tenth was not found among ten.
    found = [Found(0.010, 10, [1, 2]), Found(0.030, 4, [3, *range(10, 19), 4])]
    row = _row("off", "one", 20, "langchain", found, nearest)
    assert (row.recall, row.rows, row.dense_rows) == (0.75, 7, 6.5)
    assert row.p50_ms == pytest.approx(20)
    assert _row("off", "one", 10, "bm25", found, nearest).recall is None


def test_whoever_reads_more_reads_what_others_read() -> None:
    assert set(GROUPS["one"]) < set(GROUPS["ten"]) < set(GROUPS["all"])


def test_ratios_are_by_kbchat_s_own_figure_of_the_same_turn() -> None:
    def row(scan: str, system: str, milliseconds: float) -> dict[str, object]:
        timed = {"p50_ms": milliseconds, "p95_ms": 2 * milliseconds}
        return {
            "scan": scan,
            "reader": "one",
            "k": 10,
            "system": system,
            "rows": 10,
            "dense_rows": 10,
            "recall": 1,
            **timed,
        }

    told = {"rows": [
        row("off", "kbchat", 10), row("off", "haystack", 5), row("strict_order", "kbchat", 20),
        row("strict_order", "haystack", 5),
    ]}  # fmt: skip
    lines = latency_table(told).splitlines()[2:]
    assert "| Haystack | 0.50 | 0.50 | 5 / 10 |" in lines[1]
    assert "| Haystack | 0.25 | 0.25 | 5 / 10 |" in lines[3]


def test_quality_says_the_ratio_first() -> None:
    def figures(value: float, rate: float | None) -> dict[str, float | None]:
        return {"ndcg": value, "mrr": value, "recall": value, "passages_per_second": rate}

    systems = {
        "kbchat": figures(0.8, 100),
        "kbchat, words alone": figures(0.4, None),
        "bm25": figures(0.6, 250),
    }
    page = quality_tables({"a set": {"passages": 9, "questions": 5, "systems": systems}})
    assert "| a set (5) | **0.800** | 0.50 (0.400) | 0.75 (0.600) |" in page
    assert "| a set (9) | **100** | 2.50 (250) |" in page


def test_an_address_holds_any_password() -> None:
    database = {"host": "/a b", "user": "u", "password": "p@/?", "dbname": "d"}
    assert url_of(database, "psycopg") == "postgresql+psycopg://u:p%40%2F%3F@/d?host=%2Fa%20b"
