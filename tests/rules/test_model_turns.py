"""Who gets the model next: questions together, questions before documents, and nobody left out."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.inference.model_turns import ModelTurns
from tests.waiting import wait_until


class Model:
    """Says what it was given, batch by batch; works only while it may."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.may_work = threading.Event()
        self.may_work.set()
        self.turns = ModelTurns(self.encode, most_tokens=100)

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        self.batches.append(texts)
        assert self.may_work.wait(10)
        if "broken" in texts:
            raise ValueError("broken")
        return np.array([[float(text)] for text in texts], dtype=np.float32)

    def ask(self, text: str, tokens: int = 10) -> float:
        return float(self.turns.questions([text], [tokens])[0][0])


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def people() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


def ask_while_busy(model: Model, people: ThreadPoolExecutor, *asked: tuple[str, int]) -> list[Future[float]]:
    """A first question that keeps the model busy, then the others, in this order; all of them wait."""
    model.may_work.clear()
    futures = [people.submit(model.ask, "0")]
    wait_until(lambda: len(model.batches) == 1, 10)
    for place, (text, tokens) in enumerate(asked, 1):
        futures.append(people.submit(model.ask, text, tokens))
        wait_until(lambda: len(model.turns._asked) == place, 10)  # noqa: B023
    return futures


def test_a_question_alone_waits_for_nobody(model: Model) -> None:
    assert (model.ask("1"), model.ask("2")) == (1.0, 2.0)
    assert model.batches == [["1"], ["2"]]


def test_questions_that_come_meanwhile_are_encoded_together(model: Model, people: ThreadPoolExecutor) -> None:
    futures = ask_while_busy(model, people, *((str(number), 10) for number in range(1, 7)))
    model.may_work.set()
    assert [future.result(10) for future in futures] == [0, 1, 2, 3, 4, 5, 6]
    assert [sorted(batch) for batch in model.batches] == [["0"], ["1", "2", "3", "4", "5", "6"]]


def test_a_long_question_makes_short_ones_no_longer(model: Model, people: ThreadPoolExecutor) -> None:
    futures = ask_while_busy(model, people, ("1", 10), ("2", 90), ("3", 10))
    model.may_work.set()
    assert [future.result(10) for future in futures] == [0, 1, 2, 3]
    assert ["2"] in model.batches
    assert len(model.batches) == 3


def test_only_whose_text_it_is_hears_of_a_failure(model: Model, people: ThreadPoolExecutor) -> None:
    futures = ask_while_busy(model, people, ("1", 10), ("broken", 10), ("3", 10))
    model.may_work.set()
    assert [futures[place].result(10) for place in (0, 1, 3)] == [0, 1, 3]
    with pytest.raises(ValueError, match="broken"):
        futures[2].result(10)
    assert model.ask("4") == 4, "the model is free again"


def test_questions_pass_documents_but_not_for_ever(model: Model, people: ThreadPoolExecutor) -> None:
    done: list[str] = []

    def read() -> None:
        with model.turns.documents():
            done.append("documents")

    futures = ask_while_busy(model, people, *((str(number), 60) for number in range(1, 13)))
    reader = people.submit(read)
    wait_until(lambda: model.turns._documents_waiting == 1, 10)
    passed: list[int] = []
    original = model.turns._encode

    def encode(texts: list[str]) -> npt.NDArray[np.float32]:
        passed.append(len(done))
        return original(texts)

    model.turns._encode = encode
    model.may_work.set()
    for future in [*futures, reader]:
        future.result(10)
    assert passed == [0] * 8 + [1] * 4


def test_documents_hold_questions_for_one_batch(model: Model, people: ThreadPoolExecutor) -> None:
    with model.turns.documents():
        asked = people.submit(model.ask, "1")
        wait_until(lambda: len(model.turns._asked) == 1, 10)
        assert model.batches == []
    assert asked.result(10) == 1
