"""Which languages an encoder reads, found out on sentences of our own, and what follows for the legs."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.analysis import analyse
from kbchat.inference.scripted import HashEmbedder
from kbchat.retrieval import languages_read
from kbchat.retrieval.calibration import DEFAULT_NULL_WEIGHTS, UNFITTED_DENSE_WEIGHT, calibration_of
from kbchat.retrieval.languages_read import found_by, weights_by_reading

TOPICS: Mapping[str, Sequence[tuple[str, str]]] = languages_read._TOPICS


class Reader(HashEmbedder):
    """Knows what a sentence is about where its language is among those that it reads, and is blind elsewhere. `apart`:
    it keeps its languages in corners of their own."""

    def __init__(self, *languages: str, apart: bool = False) -> None:
        super().__init__(dimension=64)
        places = {language: 20 * number * apart for number, language in enumerate(languages)}
        self._places = {
            text: places[language] + number
            for language in languages
            for number, topic in enumerate(TOPICS[language])
            for text in topic
        }

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.eye(64, dtype=np.float32)[[self._places.get(text, 63) for text in texts]]


@pytest.mark.parametrize(
    ("encoder", "weights"),
    [
        (Reader("en", "zh"), {"en": UNFITTED_DENSE_WEIGHT, "zh": UNFITTED_DENSE_WEIGHT}),
        (Reader("en"), {"en": UNFITTED_DENSE_WEIGHT, "zh": 0, "en-zh": 0, "zh-en": 0}),
        (Reader("zh"), {"en": 0, "zh": UNFITTED_DENSE_WEIGHT, "en-zh": 0, "zh-en": 0}),
        (
            Reader("en", "zh", apart=True),
            {"en": UNFITTED_DENSE_WEIGHT, "zh": UNFITTED_DENSE_WEIGHT, "en-zh": 0, "zh-en": 0},
        ),
        (Reader(), {"en": 0, "zh": 0, "en-zh": 0, "zh-en": 0}),
    ],
    ids=["both", "English", "Chinese", "each by itself", "none"],
)
def test_where_it_does_not_read_words_decide(encoder: Reader, weights: dict[str, float]) -> None:
    assert weights_by_reading(encoder) == weights


def test_who_finds_all_alike_is_not_taken_for_a_reader() -> None:
    assert max(found_by(Reader()).values()) == pytest.approx(1 / len(TOPICS["en"]))


def test_words_alone_find_nothing() -> None:
    """Else one that compares words would be taken for one that reads."""
    for language, topics in TOPICS.items():
        for question, statement in topics:
            assert not set(analyse(question)) & set(analyse(statement)), (language, question)
    assert [len(topics) for topics in TOPICS.values()] == [20, 20]
    assert weights_by_reading(HashEmbedder()).items() >= {"en": 0, "zh": 0}.items()


class TestCalibration:
    def test_where_words_decide_no_cosine_says_that_nothing_answers(self) -> None:
        read = calibration_of("somebody-s-encoder", {"en": 0.3, "zh": 0}, {})
        assert read.null_weights["zh"] == DEFAULT_NULL_WEIGHTS["other"]
        assert read.null_weights["en"] == DEFAULT_NULL_WEIGHTS["en"]

    def test_the_packaged_encoder_keeps_what_was_fitted_for_it(self) -> None:
        read = calibration_of("all-MiniLM-L6-v2", {}, {})
        assert read.dense_weights["zh"] == 0
        assert read.null_weights["zh"] == DEFAULT_NULL_WEIGHTS["zh"]

    def test_what_was_fitted_since_holds(self) -> None:
        fitted = {"null": {"zh": {"cosine": 2.0, "bias": -1.0}}}
        assert calibration_of("somebody-s-encoder", {"zh": 0}, fitted).null_weights["zh"]["cosine"] == 2.0
