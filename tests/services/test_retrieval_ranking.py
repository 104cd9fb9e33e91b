"""In which order the retriever returns passages: both legs against a computation by hand, in both languages."""

from dataclasses import replace

import pytest

from kbchat.indexing.encoders import only
from kbchat.indexing.models import ActiveGeneration, IndexGeneration
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker
from tests.services.retrieval_support import (
    CHINESE,
    EMBEDDER,
    ENGLISH,
    QUESTIONS,
    attainable_by_hand,
    blend_of,
    bm25_by_hand,
    generation,
    leg_scores,
    write_documents,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_lexical_leg_is_lucenes_bm25(company: Company, texts: dict[int, str], question: str) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    found = leg_scores(retriever.retrieve(company.reader, question, retriever.pin(), limit=5), "lexical")
    expected = bm25_by_hand(question, texts)
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, abs=1e-9)
    assert list(found) == sorted(expected, key=lambda chunk: (-round(expected[chunk], 9), chunk))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_dense_leg_is_the_cosine_of_every_visible_chunk(
    company: Company, texts: dict[int, str], question: str
) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    found = leg_scores(retriever.retrieve(company.reader, question, retriever.pin(), limit=5), "dense")
    asked = EMBEDDER.embed_queries([question])[0]
    expected = dict(zip(texts, EMBEDDER.embed_documents(list(texts.values())) @ asked, strict=True))
    assert found == pytest.approx({chunk: float(cosine) for chunk, cosine in expected.items()}, abs=1e-5)


def test_the_order_is_the_blend_of_both_legs(company: Company, texts: dict[int, str]) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()
    for question in QUESTIONS:
        found = retriever.retrieve(company.reader, question, pin, limit=len(texts))
        dense, lexical = leg_scores(found, "dense"), leg_scores(found, "lexical")
        weight = pin.dense_weight["zh" if "年" in question or "铁" in question else "en"]
        blended = {
            chunk: weight * dense[chunk] / max(dense.values())
            + (1 - weight) * lexical.get(chunk, 0) / attainable_by_hand(question, texts)
            for chunk in texts
        }
        by_hand = sorted(blended.values(), reverse=True)
        short = {chunk: score - by_hand[0] for chunk, score in blended.items()}
        assert blend_of(found, pin) == pytest.approx(short, abs=1e-9)
        # Where no document has more than its share, what is shown is the head of that order.
        few = retriever.retrieve(company.reader, question, pin, limit=3)
        assert [blended[p.chunk_id] for p in few.passages] == pytest.approx(by_hand[:3], abs=1e-9)


def test_a_passage_in_another_language_has_the_weight_of_the_pair(
    company: Company, texts: dict[int, str]
) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    chinese = {chunk for chunk, text in texts.items() if "员工手册" in text}
    for across in (0.0, 0.5):
        pin = replace(retriever.pin(), dense_weight={"en": 1.0, "en-zh": across})
        found = retriever.retrieve(company.reader, "annual leave", pin, limit=len(texts))
        dense = leg_scores(found, "dense")
        best = max(dense.values())
        short = {
            chunk: cosine / best * (across if chunk in chinese else 1) - 1 for chunk, cosine in dense.items()
        }
        assert blend_of(found, pin) == pytest.approx(short, abs=1e-9)


@pytest.mark.parametrize(
    ("question", "answer"),
    [("How much annual leave do I have in a year?", ENGLISH[0]), ("年假最多能结转几天？", CHINESE[1])],
)
def test_a_passage_comes_with_all_that_is_told_of_it(
    company: Company, texts: dict[int, str], question: str, answer: str
) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    best = retriever.retrieve(company.reader, question, retriever.pin(), limit=3).passages[0]
    is_chinese = answer in CHINESE
    assert best.text == answer
    assert best.title == ("员工手册" if is_chinese else "Handbook")
    assert best.heading_path == (("第一章", "休假") if is_chinese else ())
    assert best.language == ("zh" if is_chinese else "en")
    assert best.collection_name == "Handbook"
    assert best.collection_id == company.handbook.id
    assert best.span.length == len(answer)
    assert best.ordinal == (1 if is_chinese else 0)


def test_probabilities_are_over_exactly_the_passages_returned(
    company: Company, texts: dict[int, str]
) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    for limit in (1, 3, 8, 100):
        found = retriever.retrieve(company.reader, QUESTIONS[0], retriever.pin(), limit=limit)
        assert len(found.passages) == len(found.probabilities) == min(limit, len(texts))
        assert sum(found.probabilities) == pytest.approx(1)
        assert list(found.probabilities) == sorted(found.probabilities, reverse=True)


def test_a_question_that_the_library_does_not_treat_looks_less_answerable(
    company: Company, texts: dict[int, str]
) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()
    for treated, foreign in (
        ("How many days of annual leave may be carried over?", "Who won the chess championship in Oslo?"),
        ("年假最多可以结转几天？", "哪位棋手在奥斯陆赢得冠军？"),
    ):
        known = retriever.retrieve(company.reader, treated, pin, limit=5).null_probability
        unknown = retriever.retrieve(company.reader, foreign, pin, limit=5).null_probability
        assert 0 < known < unknown < 1


def test_a_generations_own_calibration_is_pinned(company: Company) -> None:
    now = generation()
    with as_worker():
        IndexGeneration.objects.filter(pk=now.pk).update(
            dense_weights={"zh": 0.6}, calibration={"temperature": 0.5, "null": {"zh": {"bias": -9}}}
        )
    pin = PostgresRetriever(only(EMBEDDER)).pin()
    assert ActiveGeneration.objects.get().generation_id == pin.generation_id == now.pk
    assert (pin.encoder, pin.encoder_revision) == ("hashed-words", "1")
    assert pin.temperature == 0.5
    assert pin.dense_weight["zh"] == 0.6
    assert pin.dense_weight["en"] > 0
    assert pin.null_weights["zh"]["bias"] == -9
    assert pin.null_weights["zh"]["coverage"] > 0


def test_copies_of_a_passage_leave_no_room_empty(company: Company) -> None:
    write_documents(company.handbook, ["Badge rules: wear your badge at all times."] * 40)
    others = [f"A badge is worn by guests who wait in the {place}." for place in ("roof", "yard", "gate")]
    write_documents(company.handbook, others)
    retriever = PostgresRetriever(only(EMBEDDER))
    found = retriever.retrieve(company.reader, "Badge rules: wear", retriever.pin(), limit=4)
    assert {passage.text for passage in found.passages[1:]} == set(others)


def test_where_nothing_speaks_for_a_passage_the_nearest_come(company: Company) -> None:
    write_documents(company.handbook, [f"Document {n} speaks of matter {n} alone." for n in range(40)])
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = replace(retriever.pin(), dense_weight={"en": 0.35, "zh": 0.0, "other": 0.1, "zh-en": 0.0})
    found = retriever.retrieve(company.reader, "鲸鱼迁徙路线", pin, limit=6)
    assert set(blend_of(found, pin).values()) == {0.0}
    assert [passage.chunk_id for passage in found.passages] == list(leg_scores(found, "dense"))[:6]
