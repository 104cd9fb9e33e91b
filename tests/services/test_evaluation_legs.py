"""What each leg finds of a judged set, through production's retriever; and weights that are put to use."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kbchat.core.errors import Invalid, Unavailable
from kbchat.evaluation.beir import BeirQuestion
from kbchat.evaluation.legs import Searched, measure_legs
from kbchat.evaluation.null_tuning import ask_with_and_without, fit_null
from kbchat.evaluation.paraphrasing import MeaningKept
from kbchat.evaluation.tuning import pool
from kbchat.indexing.encoders import only
from kbchat.indexing.generations import active_generation, set_fusion
from kbchat.retrieval.calibration import DEFAULT_NULL_WEIGHTS, UNFITTED_DENSE_WEIGHT
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker
from tests.services.retrieval_support import EMBEDDER, write_page

pytestmark = pytest.mark.django_db

QUESTIONS = [
    BeirQuestion("q1", "How many days of annual leave?", {"leave": 1}),
    BeirQuestion("q2", "When is lunch in the canteen?", {"canteen": 2, "leave": 1}),
]


@pytest.fixture
def searched(company: Company) -> Searched:
    """One document of two passages, one of one, and one that is not in the set's collection."""
    pages = {
        "leave": write_page(
            company.handbook, ["Annual leave is 28 days.", "Leave days are counted."], title="A"
        ),
        "canteen": write_page(company.handbook, ["The canteen serves lunch at noon."], title="B"),
    }
    write_page(company.salaries, ["Annual leave of the board: days, days, lunch, canteen."], title="C")
    return Searched(
        company.admin,
        Scope(collection_ids=(company.handbook.id,)),
        with_vectors=PostgresRetriever(only(EMBEDDER)),
        by_words=PostgresRetriever(None),
        documents={page.document.pk: name for name, page in pages.items()},
    )


def test_each_leg_is_measured_and_documents_count_by_their_best_passage(searched: Searched) -> None:
    asked: list[int] = []
    found = measure_legs(searched, QUESTIONS, on_asked=lambda: asked.append(1))
    assert list(found) == ["dense", "lexical", "hybrid"]
    assert len(asked) == 2
    lexical = found["lexical"]
    assert (lexical.mrr_at_10, lexical.recall_at_10) == (1.0, 0.75)
    assert 0 < lexical.p50_ms <= lexical.p95_ms
    assert found["hybrid"].recall_at_100 == 1.0
    assert 0 < found["hybrid"].ndcg_at_10 <= 1


def test_half_a_retriever_is_not_measured(searched: Searched) -> None:
    blind = Searched(
        searched.viewer, searched.scope, with_vectors=searched.by_words, by_words=searched.by_words,
        documents=searched.documents,
    )  # fmt: skip
    with pytest.raises(Unavailable) as refused:
        measure_legs(blind, QUESTIONS, ["hybrid"])
    assert refused.value.code == "search_model_unavailable"
    assert measure_legs(blind, QUESTIONS, ["lexical"])["lexical"].mrr_at_10 == 1.0


def test_the_pool_has_the_scores_of_both_legs(searched: Searched) -> None:
    first = pool(searched, QUESTIONS, searched.with_vectors.pin())[0]
    assert set(first.documents) == {"leave", "canteen"}
    assert len(first.documents) == len(first.cosines) == len(first.bm25) == 3
    assert max(first.bm25) > min(first.bm25) == 0
    assert first.worth({"en": 0.0}) == 1.0


def test_each_question_is_asked_with_and_without_what_answers_it_in_its_words_and_in_others(
    searched: Searched,
) -> None:
    knowing = MeaningKept(EMBEDDER, [question.text for question in QUESTIONS])
    searching = replace(searched, with_vectors=PostgresRetriever(only(knowing)))
    asked = ask_with_and_without(searching, QUESTIONS, searching.with_vectors.pin())
    with_gold, without, in_other_words, neither = asked[0]
    assert [one.is_answerable for one in asked[0]] == [True, False, True, False]
    assert with_gold.features["coverage"] > max(
        without.features["coverage"], in_other_words.features["coverage"]
    )
    assert in_other_words.features["cosine"] == with_gold.features["cosine"] > neither.features["cosine"]
    assert fit_null({"two": asked * 4}).weights["en"]["coverage"] > 0


def test_fitted_weights_count_from_the_next_question_on(searched: Searched, tmp_path: Path) -> None:
    told = tmp_path / "fitted.json"
    fitted = {"dense_weights": {"en": 1.0}, "temperature": 0.2, "null": {"en": {"cosine": 3.5}}}
    told.write_text(json.dumps({"encoder": "hashed-words", **fitted}))
    with as_worker():
        call_command("set_fusion", str(told))
    pin = searched.with_vectors.pin()
    assert pin.null_weights["en"] == {**DEFAULT_NULL_WEIGHTS["en"], "cosine": 3.5}
    assert (pin.dense_weight["en"], pin.dense_weight["zh"], pin.temperature) == (
        1.0,
        UNFITTED_DENSE_WEIGHT,
        0.2,
    )


def test_weights_of_another_encoder_are_refused(searched: Searched, tmp_path: Path) -> None:
    told = tmp_path / "fitted.json"
    told.write_text(json.dumps({"encoder": "another", "dense_weights": {"en": 1.0}, "temperature": 0.2}))
    with as_worker(), pytest.raises(CommandError, match="another"):
        call_command("set_fusion", str(told))


@pytest.mark.parametrize(
    "told",
    ["", "[]", '{"encoder": "hashed-words"}', '{"encoder": "x", "dense_weights": [], "temperature": 1}'],
)
def test_a_file_that_is_none_is_refused(searched: Searched, tmp_path: Path, told: str) -> None:
    path = tmp_path / "fitted.json"
    path.write_text(told)
    with as_worker(), pytest.raises(CommandError, match="tune_fusion"):
        call_command("set_fusion", str(path))


@pytest.mark.parametrize(
    ("weights", "temperature", "null"),
    [
        ({"en": 1.1}, 0.1, 0.0),
        ({"en": -0.1}, 0.1, 0.0),
        ({"en": 0.5}, 0.0, 0.0),
        ({"en": 0.5}, 0.1, float("nan")),
    ],
)
def test_weights_that_are_none_are_refused(
    searched: Searched, weights: dict[str, float], temperature: float, null: float
) -> None:
    with as_worker(), pytest.raises(Invalid):
        set_fusion(active_generation().pk, weights, temperature, {"en": {"gap": null}})
