"""What is remembered of questions: for the same person alone, so much and no more, and never a failure."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.inference.ports import EncoderIdentity, ModelUnavailable
from kbchat.inference.remembered_questions import RememberedQuestions
from kbchat.inference.scripted import HashEmbedder


class Counting(HashEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.is_away = False
        self.revision = "1"

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(model="counting", revision=self.revision, dimension=256)

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += texts
        if self.is_away:
            raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)
        return super().embed_queries(texts)


@pytest.fixture
def encoder() -> Counting:
    return Counting()


def test_the_same_person_asks_once(encoder: Counting) -> None:
    questions = RememberedQuestions()
    first, again = questions.vector("maya", "leave?", encoder), questions.vector("maya", "leave?", encoder)
    assert encoder.asked == ["leave?"]
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, encoder.embed_queries(["leave?"])[0])
    with pytest.raises(ValueError, match="read-only"):
        again[0] = 1


def test_another_person_cannot_tell_that_it_was_asked(encoder: Counting) -> None:
    questions = RememberedQuestions()
    questions.vector("maya", "leave?", encoder)
    questions.vector("jonas", "leave?", encoder)
    assert encoder.asked == ["leave?", "leave?"]


def test_other_words_and_another_encoder_are_asked_anew(encoder: Counting) -> None:
    questions = RememberedQuestions()
    for asked in ("leave?", "leave? ", "Leave?", "lone \ud800"):
        questions.vector("maya", asked, encoder)
    encoder.revision = "2"
    questions.vector("maya", "leave?", encoder)
    assert len(encoder.asked) == 5


def test_the_one_not_asked_for_longest_is_forgotten(encoder: Counting) -> None:
    questions = RememberedQuestions(most=2)
    for asked in ("one", "two", "one", "three", "one", "two"):
        questions.vector("maya", asked, encoder)
    assert encoder.asked == ["one", "two", "three", "two"]


def test_a_failure_is_not_remembered(encoder: Counting) -> None:
    questions = RememberedQuestions()
    encoder.is_away = True
    with pytest.raises(ModelUnavailable):
        questions.vector("maya", "leave?", encoder)
    encoder.is_away = False
    assert questions.vector("maya", "leave?", encoder).shape == (256,)
