"""What the database ranks is what BM25 and the blend are over exactly the chunks that a viewer can see: against the
package bm25s, and against a computation over everything by hand, whatever the rights."""

import random
from collections.abc import Sequence
from functools import cache

import bm25s
import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbchat.access.models import Grant
from kbchat.analysis import analyse, language_of, matter_of
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.ingestion.models import Chunk
from kbchat.retrieval.lexical import K1, B
from kbchat.retrieval.port import POOL, Retrieval
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.settings.environment import PROJECT_ROOT
from tests.company import Company
from tests.services.retrieval_support import (
    EMBEDDER,
    attainable_by_hand,
    bm25_by_hand,
    leg_scores,
    write_documents,
)

pytestmark = pytest.mark.django_db

SAMPLE = PROJECT_ROOT / "deploy" / "sample_company" / "documents"
PASSAGES = 240
QUESTIONS = 10


def real_passages(count: int) -> list[str]:
    """Paragraphs of the sample company's pages in both languages, recombined."""
    parts = [
        part.strip()
        for page in sorted(SAMPLE.rglob("*.md"))
        for part in page.read_text("utf-8").split("\n\n")
    ]
    chance = random.Random(7)
    return [" ".join(chance.sample(parts, chance.randint(1, 3)))[:300] for _ in range(count)]


def ranked(viewer: Viewer, question: str, *, limit: int) -> Retrieval:
    retriever = PostgresRetriever(only(EMBEDDER))
    return retriever.retrieve(viewer, question, retriever.pin(), limit=limit)


class Indexed:
    """By bm25s, of the same terms."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = [chunk.pk for chunk in chunks]
        self._index = bm25s.BM25(method="lucene", k1=K1, b=B)
        self._index.index([analyse(chunk.text) for chunk in chunks], show_progress=False)

    def scores(self, question: str) -> dict[int, float]:
        """Those above 0, by chunk id."""
        known = [term for term in analyse(matter_of(question)) if term in self._index.vocab_dict]
        scores = self._index.get_scores(known) if known else np.zeros(len(self._chunks))
        return {chunk: float(score) for chunk, score in zip(self._chunks, scores, strict=True) if score > 0}


def test_the_lexical_leg_is_what_bm25s_computes_over_what_is_visible(company: Company) -> None:
    texts = real_passages(PASSAGES)
    handbook = write_documents(company.handbook, texts[: PASSAGES // 2])
    salaries = write_documents(company.salaries, texts[PASSAGES // 2 :])
    denied = handbook[::3]
    Grant.objects.bulk_create(
        Grant(document_id=chunk.version.document_id, group=company.staff, deny=True) for chunk in denied
    )
    visible = {
        "admin": [*handbook, *salaries],
        "editor": handbook,
        "reader": [chunk for chunk in handbook if chunk not in denied],
    }
    questions = [text[:80] for text in real_passages(PASSAGES + QUESTIONS)[-QUESTIONS:]]
    compared = 0
    for who, chunks in visible.items():
        index = Indexed(chunks)
        for question in questions:
            found = ranked(getattr(company, who), question, limit=1)
            assert found.trace.visible_chunks == len(chunks)
            scores, expected = leg_scores(found, "lexical"), index.scores(question)
            assert scores == pytest.approx({chunk: expected[chunk] for chunk in scores}, abs=1e-4)
            best = sorted(expected.values(), reverse=True)[:POOL]
            assert sorted(scores.values(), reverse=True)[: len(best)] == pytest.approx(best, abs=1e-4)
            compared += len(scores)
    assert compared > 1_000


# A library of topics: what people may read often goes by them, and sometimes not.
TOPICS = (
    "annual leave days holiday carry over",
    "travel expenses hotel train receipt",
    "laptop password phishing device security",
    "年假天数结转申请审批",
    "差旅报销发票住宿标准",
    "绩效晋升薪酬等级评估",
)
OF_EACH = 12
SHOWN = 20


@cache
def library() -> tuple[str, ...]:
    """Of each topic some texts of its words, with a few of the others'."""
    chance = random.Random(11)
    everything = [word for topic in TOPICS for word in _words(topic)]
    return tuple(
        " ".join(
            [*chance.choices(_words(topic), k=9), *chance.choices(everything, k=chance.randint(2, 9)), str(n)]
        )
        for topic in TOPICS
        for n in range(OF_EACH)
    )


def _words(topic: str) -> list[str]:
    return topic.split() if topic.isascii() else [topic[i : i + 2] for i in range(len(topic) - 1)]


def best_by_hand(texts: dict[int, str], question: str, weight: float) -> dict[int, float]:
    """Every text with the blend of its cosine, as a share of the best, and its BM25, of what is attainable."""
    asked = EMBEDDER.embed_queries([question])[0].astype(np.float64)
    cosines = EMBEDDER.embed_documents(list(texts.values())).astype(np.float64) @ asked
    lexical = bm25_by_hand(question, texts)
    near, most = float(cosines.max()), attainable_by_hand(question, texts)
    by_meaning = {chunk: max(near, 0) and c / near for chunk, c in zip(texts, cosines.tolist(), strict=True)}
    by_words = {chunk: most and lexical.get(chunk, 0) / most for chunk in texts}
    return {chunk: weight * by_meaning[chunk] + (1 - weight) * by_words[chunk] for chunk in texts}


def hidden_sets() -> st.SearchStrategy[frozenset[int]]:
    """Documents by their numbers: whole topics, any of them, or all but a few."""
    numbers = range(len(TOPICS) * OF_EACH)
    topics = st.frozensets(st.integers(0, len(TOPICS) - 1), max_size=len(TOPICS) - 1)
    return st.one_of(
        topics.map(lambda hidden: frozenset(n for n in numbers if n // OF_EACH in hidden)),
        st.frozensets(st.sampled_from(numbers), max_size=len(numbers) - 1),
        st.frozensets(st.sampled_from(numbers), min_size=1, max_size=8).map(frozenset(numbers).difference),
    )


def test_whatever_is_hidden_the_best_that_is_visible_comes(company: Company) -> None:
    """Recall against brute force over the visible texts, rights correlated with the question's topic and not."""
    chunks = write_documents(company.handbook, library())
    weights = PostgresRetriever(only(EMBEDDER)).pin().dense_weight

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(hidden_sets(), st.integers(0, len(TOPICS) - 1), st.integers(0, 2**16))
    def searched(hidden: frozenset[int], topic: int, seed: int) -> None:
        question = " ".join(random.Random(seed).choices(_words(TOPICS[topic]), k=4))
        with transaction.atomic():
            _deny(company, [chunks[n].version.document_id for n in hidden])
            found = ranked(company.reader, question, limit=SHOWN)
            transaction.set_rollback(True)
        seen = {chunk.pk: chunk.text for n, chunk in enumerate(chunks) if n not in hidden}
        assert found.trace.visible_chunks == len(seen)
        scores = best_by_hand(seen, question, weights[language_of(question)])
        best = sorted(scores.values(), reverse=True)[:SHOWN]
        shown = [scores[passage.chunk_id] for passage in found.passages]
        # By score and not by id, since equal ones may change places.
        assert shown == pytest.approx(best, abs=1e-5)

    searched()


def _deny(company: Company, documents: Sequence[object]) -> None:
    Grant.objects.bulk_create(
        Grant(document_id=document, group=company.staff, deny=True) for document in documents
    )
