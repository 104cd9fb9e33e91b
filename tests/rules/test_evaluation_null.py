"""Fitting when nothing answers, questions in other words, and calibration as it is told."""

import random

import pytest

from kbchat.evaluation.calibrating import reliability_of
from kbchat.evaluation.null_tuning import FEATURES, Asked, fit_null
from kbchat.evaluation.paraphrasing import paraphrased
from kbchat.evaluation.reporting import fitted_null_table


def searches(chance: random.Random, telling: str, language: str = "en") -> list[Asked]:
    """Four of a question, of which one feature alone tells whether anything answers."""
    found = []
    for is_answerable in (True, False, True, False):
        features = {name: chance.random() for name in FEATURES}
        features[telling] = chance.uniform(0.4, 1.0) if is_answerable else chance.uniform(0.0, 0.6)
        found.append(Asked(language, features, is_answerable))
    return found


@pytest.mark.parametrize("telling", FEATURES)
def test_what_tells_gets_the_weight(telling: str) -> None:
    chance = random.Random(4)
    fitted = fit_null({"set": [searches(chance, telling) for _ in range(300)]})
    weights = fitted.weights["en"]
    assert weights[telling] > 4 * max(weights[name] for name in FEATURES if name != telling)
    assert weights["bias"] < 0
    assert fitted.told[0].auroc > 0.8
    assert fitted.reliability.error < 0.1


def test_more_evidence_never_speaks_against_an_answer() -> None:
    chance = random.Random(5)
    wrong_way = [
        [Asked("en", {**one.features, "gap": 1 - one.features["cosine"]}, one.is_answerable) for one in each]
        for each in (searches(chance, "cosine") for _ in range(40))
    ]
    assert min(fit_null({"set": wrong_way}).weights["en"][name] for name in FEATURES) >= 0


def test_languages_are_fitted_apart_and_what_was_fitted_is_told() -> None:
    chance = random.Random(6)
    mixed = [
        searches(chance, "cosine" if number % 2 else "coverage", "en" if number % 2 else "zh")
        for number in range(160)
    ]
    fitted = fit_null({"mixed": mixed})
    assert fitted.weights["en"]["cosine"] > fitted.weights["zh"]["cosine"]
    told = fitted_null_table(fitted)
    assert "| mixed | en (40) |" in told
    assert "| mixed | zh (40) |" in told


def test_a_paraphrase_keeps_names_and_numbers_and_is_always_the_same() -> None:
    question = "How many engineers did the company Siemens employ in Munich before 1998?"
    said = paraphrased(question)
    assert said == paraphrased(question) != question
    assert all(kept in said for kept in ("siemens", "munich", "1998")) or all(
        kept in said for kept in ("Siemens", "Munich", "1998")
    )
    chinese = paraphrased("公司在2019年为员工提供哪些培训课程和职业发展机会？")
    assert "2019" in chinese
    assert any("\u3400" <= character < "\u4db6" for character in chinese)


def test_reliability_is_the_mean_distance_of_what_was_said_from_what_came_true() -> None:
    found = reliability_of([(0.25, False), (0.25, False), (0.25, False), (0.25, True), (0.95, False)])
    assert found.bins == [(0.25, 0.25, 4), (0.95, 0.0, 1)]
    assert found.error == pytest.approx(0.95 / 5)
    assert reliability_of([]).error == 0
