"""What the retriever returns and in which order: both legs against a computation by hand, in both languages."""

import random
import time
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable
from kbchat.indexing.models import ActiveGeneration, IndexGeneration
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import indexed_text
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.retrieval.time_limit import time_limit
from tests.company import Company, found_company
from tests.servers import as_worker
from tests.services.retrieval_support import (
    EMBEDDER,
    bm25_by_hand,
    documents_of,
    generation,
    leg_scores,
    write_page,
)

pytestmark = pytest.mark.django_db

ENGLISH = [
    "Everybody has 28 days of annual leave in a year. Part-time staff have a share of that.",
    "At most five days of leave may be carried over into the next year.",
    "The canteen serves lunch between 11:30 and 14:00. Guests pay at the till.",
    "Travel by train is booked in second class; leave the receipt with your claim.",
    "A laptop is replaced every four years. Report damage to the service desk.",
    "Sick leave is reported on the first day before ten o'clock, leave leave leave.",
]
CHINESE = [
    "员工每年享有十五天带薪年假，兼职员工按比例计算。",
    "年假最多可以结转五天，逾期作废。",
    "食堂午餐时间为十一点半到两点，访客自行付费。",
    "出差乘坐高铁二等座，发票随报销单提交。",
    "笔记本电脑每四年更换一次，损坏请联系服务台。",
]
QUESTIONS = [
    "How many days of annual leave do I have, leave that I can take?",
    "leave",
    "carried over train receipt unknownword",
    "年假可以结转几天？",
    "高铁二等座的发票怎么报销",
]


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def texts(company: Company) -> dict[int, str]:
    """What is indexed, by chunk, of a small library in two languages."""
    generator = random.Random(1)
    words = " ".join(ENGLISH).split()
    pages = [
        write_page(company.handbook, ENGLISH, title="Handbook"),
        write_page(company.handbook, CHINESE, title="员工手册", headings=("第一章", "休假")),
        *(
            write_page(
                company.handbook,
                [" ".join(generator.choices(words, k=generator.randint(3, 60)))],
                title="Noise",
            )
            for _ in range(30)
        ),
    ]
    return {chunk.pk: indexed_text(chunk.prefix, chunk.text) for page in pages for chunk in page.chunks}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_lexical_leg_is_lucenes_bm25(company: Company, texts: dict[int, str], question: str) -> None:
    retriever = PostgresRetriever(EMBEDDER)
    found = leg_scores(retriever.retrieve(company.reader, question, retriever.pin(), limit=5), "lexical")
    expected = bm25_by_hand(question, texts)
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, abs=1e-9)
    assert list(found) == sorted(expected, key=lambda chunk: (-round(expected[chunk], 9), chunk))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_dense_leg_is_the_cosine_of_every_visible_chunk(
    company: Company, texts: dict[int, str], question: str
) -> None:
    retriever = PostgresRetriever(EMBEDDER)
    found = leg_scores(retriever.retrieve(company.reader, question, retriever.pin(), limit=5), "dense")
    asked = EMBEDDER.embed_queries([question])[0]
    expected = dict(zip(texts, EMBEDDER.embed_documents(list(texts.values())) @ asked, strict=True))
    assert found == pytest.approx({chunk: float(cosine) for chunk, cosine in expected.items()}, abs=1e-5)


def test_the_order_is_the_blend_of_both_legs(company: Company, texts: dict[int, str]) -> None:
    retriever = PostgresRetriever(EMBEDDER)
    pin = retriever.pin()
    for question in QUESTIONS:
        found = retriever.retrieve(company.reader, question, pin, limit=8)
        dense, lexical = leg_scores(found, "dense"), leg_scores(found, "lexical")
        weight = pin.dense_weight["zh" if "年" in question or "铁" in question else "en"]
        blended = {
            chunk: weight * dense[chunk] / max(dense.values())
            + (1 - weight) * lexical.get(chunk, 0) / max(lexical.values())
            for chunk in texts
        }
        by_hand = sorted(blended.values(), reverse=True)
        assert [blended[chunk] for chunk, _ in found.trace.blended] == pytest.approx(by_hand, abs=1e-9)
        # Where no document has more than its share, what is shown is the head of that order.
        few = retriever.retrieve(company.reader, question, pin, limit=3)
        assert [blended[p.chunk_id] for p in few.passages] == pytest.approx(by_hand[:3], abs=1e-9)


@pytest.mark.parametrize(
    ("question", "answer"),
    [("How much annual leave do I have in a year?", ENGLISH[0]), ("年假最多能结转几天？", CHINESE[1])],
)
def test_a_passage_comes_with_all_that_is_told_of_it(
    company: Company, texts: dict[int, str], question: str, answer: str
) -> None:
    retriever = PostgresRetriever(EMBEDDER)
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
    retriever = PostgresRetriever(EMBEDDER)
    for limit in (1, 3, 8, 100):
        found = retriever.retrieve(company.reader, QUESTIONS[0], retriever.pin(), limit=limit)
        assert len(found.passages) == len(found.probabilities) == min(limit, len(texts))
        assert sum(found.probabilities) == pytest.approx(1)
        assert list(found.probabilities) == sorted(found.probabilities, reverse=True)


def test_a_question_that_the_library_does_not_treat_looks_less_answerable(
    company: Company, texts: dict[int, str]
) -> None:
    retriever = PostgresRetriever(EMBEDDER)
    pin = retriever.pin()
    for treated, foreign in (
        ("How many days of annual leave may be carried over?", "Who won the chess championship in Oslo?"),
        ("年假最多可以结转几天？", "哪位棋手在奥斯陆赢得冠军？"),
    ):
        known = retriever.retrieve(company.reader, treated, pin, limit=5).null_probability
        unknown = retriever.retrieve(company.reader, foreign, pin, limit=5).null_probability
        assert 0 < known < unknown < 1


def test_excluded_chunks_and_documents_do_not_come_and_change_no_score(
    company: Company, texts: dict[int, str]
) -> None:
    retriever = PostgresRetriever(EMBEDDER)
    pin = retriever.pin()
    before = retriever.retrieve(company.reader, QUESTIONS[0], pin, limit=5)
    known = [passage.chunk_id for passage in before.passages]
    after = retriever.retrieve(company.reader, QUESTIONS[0], pin, limit=50, exclude_chunks=known)
    assert len(after.passages) == len(texts) - 5
    assert not {passage.chunk_id for passage in after.passages} & set(known)
    remaining = {c: s for c, s in leg_scores(before, "lexical").items() if c not in known}
    assert leg_scores(after, "lexical") == remaining
    excluded = before.passages[0].document_id
    without = retriever.retrieve(company.reader, QUESTIONS[0], pin, limit=50, exclude_documents=[excluded])
    assert excluded not in documents_of(without)
    assert without.passages


def test_a_scope_narrows_to_collections_and_documents(company: Company) -> None:
    here = write_page(company.handbook, ["annual leave in Hamburg"])
    there = write_page(company.salaries, ["annual leave and pay"])
    other = write_page(company.handbook, ["annual leave in Shanghai"])
    retriever = PostgresRetriever(EMBEDDER)
    pin = retriever.pin()

    def found(scope: Scope) -> set[object]:
        return documents_of(retriever.retrieve(company.admin, "annual leave", pin, limit=9, scope=scope))

    assert found(Scope()) == {here.document.pk, there.document.pk, other.document.pk}
    assert found(Scope(collection_ids=(company.handbook.id,))) == {here.document.pk, other.document.pk}
    assert found(Scope(document_ids=(other.document.pk,))) == {other.document.pk}
    assert found(Scope((company.salaries.id,), (here.document.pk,))) == {here.document.pk, there.document.pk}


def test_only_versions_in_force_on_the_day_answer(company: Company) -> None:
    today = timezone.localdate()
    day = timedelta(days=1)
    past = write_page(company.handbook, ["annual leave until yesterday"], in_force=(today - 9 * day, today))
    now = write_page(company.handbook, ["annual leave from today"], in_force=(today, today + day))
    coming = write_page(company.handbook, ["annual leave from tomorrow"], in_force=(today + day, None))
    write_page(company.handbook, ["annual leave unpublished"], in_force=None)
    retriever = PostgresRetriever(EMBEDDER)
    pin = retriever.pin()
    for as_of, page in ((None, now), (today, now), (today - day, past), (today + day, coming)):
        found = retriever.retrieve(company.reader, "annual leave", pin, limit=9, as_of=as_of)
        assert documents_of(found) == {page.document.pk}
        assert found.trace.visible_chunks == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        " \n",
        "\0",
        "\ud800",
        "leave\0days\udfff",
        "the of and",
        "的了吗",
        "???",
        "\u202e\x07\x1b[0m",
        "🦆",
        "leave " * 11_000,
        "年假" * 11_000,
        " ".join(f"w{n}" for n in range(9_000)),
        "% %s {0} '; --",
    ],
)
def test_no_question_raises(company: Company, query: str) -> None:
    write_page(company.handbook, ENGLISH)
    retriever = PostgresRetriever(EMBEDDER)
    found = retriever.retrieve(company.reader, query, retriever.pin(), limit=3)
    assert len(found.passages) == len(found.probabilities)
    assert 0 <= found.null_probability <= 1


def test_a_zero_vector_is_far_from_everything(company: Company) -> None:
    vectors = EMBEDDER.embed_documents(["lunch", "annual leave"])
    vectors[0] = 0
    write_page(company.handbook, ["lunch", "annual leave"], vectors=vectors)
    retriever = PostgresRetriever(EMBEDDER)
    found = retriever.retrieve(company.reader, "lunch or leave", retriever.pin(), limit=3)
    assert sum(found.probabilities) == pytest.approx(1)
    assert 0.0 in leg_scores(found, "dense").values()


def test_one_statement_ranks_and_one_reads(company: Company, texts: dict[int, str]) -> None:
    retriever = PostgresRetriever(EMBEDDER)
    pin = retriever.pin()
    retriever.retrieve(company.reader, "leave", pin, limit=5)
    with CaptureQueriesContext(
        connection,
    ) as first:
        retriever.retrieve(company.reader, "leave", pin, limit=5)
    with CaptureQueriesContext(connection) as more:
        retriever.retrieve(company.reader, " ".join(QUESTIONS), pin, limit=30)
    reading = [query["sql"] for query in first if "documents_" in query["sql"] or "indexing_" in query["sql"]]
    assert len(reading) == 2
    assert 'FROM "ingestion_chunk"' not in reading[0]
    assert len(first) == len(more) <= 9


def test_fetching_keeps_the_order_asked_for(company: Company, texts: dict[int, str]) -> None:
    retriever = PostgresRetriever(EMBEDDER)
    chunk_ids = list(texts)[:5][::-1]
    with CaptureQueriesContext(connection) as queries:
        found = retriever.fetch(company.reader, [*chunk_ids, 10**12])
    assert [passage.chunk_id for passage in found] == chunk_ids
    assert sum("ingestion_chunk" in query["sql"] for query in queries) == 1
    assert retriever.fetch(company.reader, []) == []


def test_a_deadline_ends_the_search(company: Company, texts: dict[int, str]) -> None:
    retriever = PostgresRetriever(EMBEDDER)
    pin = retriever.pin()
    with pytest.raises(Unavailable, match="search_timed_out"):
        retriever.retrieve(company.reader, "leave", pin, limit=5, deadline=Deadline.after(-1))
    found = retriever.retrieve(company.reader, "leave", pin, limit=5, deadline=Deadline.after(30))
    assert found.passages
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('plan_cache_mode')")
        assert cursor.fetchone() == ("0", "auto")


def test_the_database_itself_stops_at_the_deadline(company: Company) -> None:
    started = time.monotonic()
    with (
        pytest.raises(Unavailable, match="search_timed_out"),
        viewing(company.reader),
        time_limit(Deadline.after(0.05)),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_sleep(20)")
    assert time.monotonic() - started < 5


def test_without_a_generation_or_with_another_encoder_nothing_is_searched(company: Company) -> None:
    with pytest.raises(Unavailable, match="no_active_generation"):
        PostgresRetriever(EMBEDDER).pin()
    write_page(company.handbook, ENGLISH)
    other = PostgresRetriever(HashEmbedder(dimension=32))
    pin = other.pin()
    with pytest.raises(Unavailable, match="encoder_changed"):
        other.retrieve(company.reader, "leave", pin, limit=3)


class Failing(HashEmbedder):
    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        raise ModelUnavailable(ModelUnavailable.Reason.TIMED_OUT)


@pytest.mark.parametrize("embedder", [None, Failing(dimension=64)])
def test_without_an_encoder_words_alone_find(
    company: Company, texts: dict[int, str], embedder: HashEmbedder | None
) -> None:
    """Whatever has a word of the question, by BM25 and nothing else; what has none is not padded in."""
    retriever = PostgresRetriever(embedder)
    pin = retriever.pin()
    found = retriever.retrieve(company.reader, "annual leave", pin, limit=50)
    (leg,) = found.trace.legs
    assert (leg.leg, found.trace.by_words_alone) == ("lexical", True)
    assert [passage.chunk_id for passage in found.passages] == list(leg.chunk_ids)[:50]
    assert 0 < len(found.passages) < found.trace.visible_chunks
    assert 0 < found.null_probability < 1
    both = PostgresRetriever(EMBEDDER).retrieve(company.reader, "annual leave", pin, limit=50)
    assert not both.trace.by_words_alone
    lexical = next(leg for leg in both.trace.legs if leg.leg == "lexical")
    assert lexical.chunk_ids == leg.chunk_ids
    nothing = retriever.retrieve(company.reader, "zzyzx", pin, limit=50)
    assert (nothing.passages, nothing.null_probability, nothing.trace.by_words_alone) == ((), 1.0, True)


def test_a_generations_own_calibration_is_pinned(company: Company) -> None:
    now = generation()
    with as_worker():
        IndexGeneration.objects.filter(pk=now.pk).update(
            dense_weights={"zh": 0.6}, calibration={"temperature": 0.5, "null": {"zh": {"bias": -9}}}
        )
    pin = PostgresRetriever(EMBEDDER).pin()
    assert ActiveGeneration.objects.get().generation_id == pin.generation_id == now.pk
    assert (pin.encoder, pin.encoder_revision) == ("hashed-words", "1")
    assert pin.temperature == 0.5
    assert pin.dense_weight["zh"] == 0.6
    assert pin.dense_weight["en"] > 0
    assert pin.null_weights["zh"]["bias"] == -9
    assert pin.null_weights["zh"]["coverage"] > 0
