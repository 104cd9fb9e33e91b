"""An index written row by row, and the ranking computed again by hand, for tests of retrieval."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

import numpy as np
from django.db.backends.postgresql.psycopg_any import DateRange

from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.analysis import analyse, language_of, matter_of
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion, Section, VersionState
from kbchat.indexing.generations import ensure_active_generation
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.writing import write
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import CHUNKING_POLICY, indexed_text
from kbchat.ingestion.models import Chunk
from kbchat.library.collections import CollectionRow
from kbchat.retrieval.port import Pin, Retrieval
from tests.servers import as_worker

EMBEDDER = HashEmbedder(dimension=64)
SINCE = date(2020, 1, 1)
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


@dataclass(frozen=True)
class Page:
    """A document with one chunk a text."""

    document: Document
    version: DocumentVersion
    section: Section
    chunks: list[Chunk]


def generation() -> IndexGeneration:
    with as_worker():
        return ensure_active_generation(EMBEDDER.identity, CHUNKING_POLICY)


def owner_of(collection: CollectionRow) -> Viewer:
    """Workers add documents as somebody alone."""
    grant = Grant.objects.filter(collection=collection.id, role=Role.OWNER).exclude(user=None).first()
    assert grant is not None
    return Viewer(grant.user_id)


def write_page(
    collection: CollectionRow,
    texts: Sequence[str],
    *,
    title: str = "",
    in_force: tuple[date | None, date | None] | None = (SINCE, None),
    headings: Sequence[str] = (),
    vectors: np.ndarray | None = None,
) -> Page:
    """A document in one version, as ingestion would leave it."""
    now = generation()
    with as_worker(), viewing(owner_of(collection)):
        document = Document.objects.create(collection_id=collection.id, title=title)
        section = Section.objects.create(document=document, path=list(headings))
        version = DocumentVersion.objects.create(
            document=document,
            number=1,
            blob=sha256("\n".join(texts).encode()).hexdigest(),
            size=1,
            filename="page.md",
            state=VersionState.READY,
            effective_from=SINCE,
            in_force=DateRange(*in_force) if in_force else None,
            language=language_of(" ".join(texts)),
        )
        chunks = Chunk.objects.bulk_create(
            Chunk(
                version=version,
                chunking_policy=CHUNKING_POLICY,
                ordinal=ordinal,
                start=ordinal * 10_000,
                end=ordinal * 10_000 + max(len(text), 1),
                section=section,
                prefix=title,
                text=text,
            )
            for ordinal, text in enumerate(texts)
        )
        if vectors is None:
            vectors = EMBEDDER.embed_documents([indexed_text(title, text) for text in texts])
        write(now, chunks, vectors)
    return Page(document, version, section, chunks)


def write_documents(collection: CollectionRow, texts: Sequence[str], *, title: str = "") -> list[Chunk]:
    """A document of one chunk for each text, all at once."""
    now = generation()
    with as_worker(), viewing(owner_of(collection)):
        documents = Document.objects.bulk_create(
            Document(collection_id=collection.id, title=title) for _ in texts
        )
        sections = Section.objects.bulk_create(Section(document=each, path=[]) for each in documents)
        versions = DocumentVersion.objects.bulk_create(
            DocumentVersion(
                document=document,
                number=1,
                blob=sha256(text.encode()).hexdigest(),
                size=1,
                filename="page.md",
                state=VersionState.READY,
                effective_from=SINCE,
                in_force=DateRange(SINCE, None),
                language=language_of(text),
            )
            for document, text in zip(documents, texts, strict=True)
        )
        chunks = Chunk.objects.bulk_create(
            Chunk(
                version=version,
                chunking_policy=CHUNKING_POLICY,
                ordinal=0,
                start=0,
                end=len(text),
                section=section,
                prefix=title,
                text=text,
            )
            for version, section, text in zip(versions, sections, texts, strict=True)
        )
        write(now, chunks, EMBEDDER.embed_documents([indexed_text(title, text) for text in texts]))
    return chunks


def bm25_by_hand(
    question: str, texts: Mapping[int, str], *, k1: float = 0.9, b: float = 0.4
) -> dict[int, float]:
    """Lucene's BM25 of every text that has a word of the question, written as the formula stands in the paper.
    What only asks is no word."""
    counted = {chunk: Counter(analyse(text)) for chunk, text in texts.items()}
    average = sum(sum(terms.values()) for terms in counted.values()) / len(counted)
    scores: dict[int, float] = {}
    for chunk, terms in counted.items():
        score = 0.0
        for term in analyse(matter_of(question)):
            if term in terms:
                df = sum(term in other for other in counted.values())
                idf = math.log(1 + (len(counted) - df + 0.5) / (df + 0.5))
                length = sum(terms.values())
                score += idf * terms[term] / (terms[term] + k1 * (1 - b + b * length / average))
        if score:
            scores[chunk] = score
    return scores


def attainable_by_hand(question: str, texts: Mapping[int, str]) -> float:
    """The sum of the question's inverse document frequencies, which no score of `bm25_by_hand` exceeds."""
    said = [set(analyse(text)) for text in texts.values()]
    frequencies = (sum(term in terms for terms in said) for term in analyse(matter_of(question)))
    return sum(math.log(1 + (len(said) - df + 0.5) / (df + 0.5)) for df in frequencies)


def leg_scores(retrieval: Retrieval, leg: str) -> dict[int, float]:
    (found,) = (trace for trace in retrieval.trace.legs if trace.leg == leg)
    return dict(zip(found.chunk_ids, found.scores, strict=True))


def blend_of(retrieval: Retrieval, pin: Pin) -> dict[int, float]:
    """By how much each passage that is shown falls short of the best, by chunk: p(z|x) is their softmax."""
    best = max(retrieval.probabilities)
    shown = zip(retrieval.passages, retrieval.probabilities, strict=True)
    return {passage.chunk_id: pin.temperature * math.log(p / best) for passage, p in shown}


def received(retrieval: Retrieval) -> tuple[object, ...]:
    """All that depends on the index, to the last bit; not the time that it took."""
    legs = tuple((leg.leg, leg.path, leg.chunk_ids, leg.scores) for leg in retrieval.trace.legs)
    return (
        retrieval.passages,
        retrieval.probabilities,
        retrieval.null_probability,
        legs,
        retrieval.trace.facts,
        retrieval.trace.visible_chunks,
        retrieval.trace.by_names_alone,
    )


def documents_of(retrieval: Retrieval) -> set[UUID]:
    return {passage.document_id for passage in retrieval.passages}


def small_library(collection: CollectionRow) -> dict[int, str]:
    """What is indexed, by chunk, of a small library in two languages."""
    generator = random.Random(1)
    words = " ".join(ENGLISH).split()
    pages = [
        write_page(collection, ENGLISH, title="Handbook"),
        write_page(collection, CHINESE, title="员工手册", headings=("第一章", "休假")),
        *(
            write_page(
                collection,
                [" ".join(generator.choices(words, k=generator.randint(3, 60)))],
                title="Noise",
            )
            for _ in range(30)
        ),
    ]
    return {chunk.pk: indexed_text(chunk.prefix, chunk.text) for page in pages for chunk in page.chunks}
