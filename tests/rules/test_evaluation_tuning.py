"""Fitting the blend's weights and the temperature on one half of the questions, and telling by the other."""

import numpy as np
import pytest

from kbchat.evaluation.reporting import fitted_table
from kbchat.evaluation.tuning import TEMPERATURES, Pooled, fit

DOCUMENTS = tuple(f"d{n}" for n in range(12))


def pooled(gold: int, *, by_dense: int, by_lexical: int, language: str = "en") -> Pooled:
    """`by_dense` and `by_lexical`: the place that each leg gives to the gold document, from 0."""

    def scores(place: int, best: float) -> np.ndarray:
        others = [document for document in range(len(DOCUMENTS)) if document != gold]
        order = [*others[:place], gold, *others[place:]]
        values = np.empty(len(DOCUMENTS))
        values[order] = np.linspace(best, best / 4, len(DOCUMENTS))
        return values

    return Pooled(
        language,
        {DOCUMENTS[gold]: 1},
        DOCUMENTS,
        (language,) * len(DOCUMENTS),
        scores(by_dense, 0.8),
        scores(by_lexical, 20.0),
        25.0,
    )


def test_a_leg_that_is_always_right_gets_the_weight() -> None:
    for name, dense, lexical in (("dense", 0, 9), ("lexical", 9, 0)):
        found = fit({name: [pooled(n % 12, by_dense=dense, by_lexical=lexical) for n in range(24)]})
        told = found.told[0]
        assert told.hybrid == 1.0
        assert (told.dense, told.lexical)[name != "dense"] == 1.0
        assert (found.dense_weights["en"] > 0.5) is (name == "dense")


def test_languages_have_weights_of_their_own() -> None:
    english = [pooled(n % 12, by_dense=0, by_lexical=9) for n in range(24)]
    chinese = [pooled(n % 12, by_dense=9, by_lexical=0, language="zh") for n in range(24)]
    mixed = [one for pair in zip(english, chinese, strict=True) for one in pair]
    found = fit({"mixed": mixed})
    assert found.dense_weights["en"] > 0.5 > found.dense_weights["zh"]
    assert {(told.language, told.hybrid, told.questions) for told in found.told} == {
        ("en", 1.0, 12),
        ("zh", 1.0, 12),
    }


def test_a_language_that_a_set_has_once_is_fitted_on_and_tells_nothing() -> None:
    english = [pooled(n, by_dense=0, by_lexical=9) for n in range(3)]
    found = fit({"set": [*english, pooled(4, by_dense=0, by_lexical=9, language="other")]})
    assert found.dense_weights.keys() == {"en", "other"}
    assert [told.language for told in found.told] == ["en"]


@pytest.mark.parametrize("knows_both", [True, False])
def test_passages_in_another_language_have_a_weight_of_their_own(knows_both: bool) -> None:
    """An encoder that underrates the other language is helped, one that overrates it held back."""
    english = [0.45] * 3 if knows_both else [0.9] * 3
    cosines = np.array([*english, 0.5, *([0.48] * 4), *([0.2] * 4)])
    languages = ("en",) * 3 + ("zh",) * 9
    judged = {"d0": 1, "d1": 1, "d2": 1} if knows_both else {"d3": 5, "d2": 1}
    asked = Pooled("zh", judged, DOCUMENTS, languages, cosines, np.zeros(12), 0.0)
    found = fit({"both": [asked] * 8})
    own, across = found.dense_weights["zh"], found.dense_weights["zh-en"]
    assert (across > own) is knows_both
    assert f"zh-en {across:.2f}" in fitted_table(found)


def test_no_set_is_made_worse_than_its_better_leg() -> None:
    """A weight that helps the large set and harms the small one is not taken."""
    for_dense = [pooled(n % 12, by_dense=0, by_lexical=3) for n in range(40)]
    for_words = [pooled(n % 12, by_dense=11, by_lexical=0) for n in range(10)]
    found = fit({"large": for_dense, "small": for_words})
    small = next(told for told in found.told if told.set == "small")
    assert small.hybrid >= small.lexical


def test_the_half_that_tells_is_not_the_half_that_is_fitted_on() -> None:
    places = [(0, 9), (9, 0)] * 12
    deceptive = [pooled(n % 12, by_dense=dense, by_lexical=words) for n, (dense, words) in enumerate(places)]
    told = fit({"deceptive": deceptive}).told[0]
    assert told.hybrid < told.lexical == 1.0
    assert told.questions == 12


def test_the_temperature_follows_how_sure_the_scores_are() -> None:
    sure = fit({"sure": [pooled(n % 12, by_dense=0, by_lexical=0) for n in range(24)]})
    unsure = fit({"unsure": [pooled(n % 12, by_dense=n % 8, by_lexical=n % 8) for n in range(24)]})
    assert sure.temperature == pytest.approx(TEMPERATURES[0], abs=1e-4)
    assert unsure.temperature > 5 * sure.temperature
    assert sure.reliability.error < 0.01


def test_what_was_fitted_is_told_as_tables() -> None:
    found = fit({"one": [pooled(n % 12, by_dense=0, by_lexical=0) for n in range(8)]})
    lines = fitted_table(found).splitlines()
    assert lines[2].startswith("| one | en (4) |")
    assert any(line.startswith("Temperature") for line in lines)
