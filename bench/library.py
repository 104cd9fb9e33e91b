"""A library in three collections, for readers of 1 %, 10 % and all of it. Of 100,000 passages it is

    small    100 documents   1,000 passages   read by `one` and all below
    middle   900 documents   9,000 passages   read by `ten` and `all`; of every 50th document a part is closed to `ten`
    large 10,000 documents  90,000 passages   read by `all`

Rows are written as ingestion leaves them. Rights come by groups in groups, as in a company.
"""

import random
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bench.known import MODEL
from bench.passages import Made, Real, made_passages

READERS: Final = {"one": "1 %", "ten": "10 %", "all": "100 %"}
# Documents of a collection, and passages of each of them.
SHELVES: Final[Mapping[str, tuple[int, int]]] = {
    "small": (100, 10),
    "middle": (900, 10),
    "large": (10_000, 9),
}


def shelves_of(passages: int) -> Mapping[str, tuple[int, int]]:
    """The same collections for another number of passages."""
    return {name: (documents * passages // 100_000, each) for name, (documents, each) in SHELVES.items()}


TENTH: Final = shelves_of(10_000)
_READ_BY: Final = {"small": "one", "middle": "ten", "large": "all"}
_SEED = 11
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One document with everything of it."""

    document: Any
    sections: list[Any]
    version: Any
    chunks: list[Any]
    made: list[Made]


def fill(real: Real, shelves: Mapping[str, tuple[int, int]] = SHELVES) -> None:
    """An empty, migrated database; by a role that no policy binds."""
    from kbchat.accounts.people import create_person
    from kbchat.indexing.generations import ensure_active_generation
    from kbchat.inference.ports import EncoderIdentity
    from kbchat.ingestion.chunking import CHUNKING_POLICY

    create_person(email="owner@example.com", name="Owner", password="only-here", is_administrator=True)
    for name in READERS:
        create_person(email=f"{name}@example.com", name=name, password="only-here")
    generation = ensure_active_generation(
        EncoderIdentity(model=MODEL, revision="1", dimension=real.vectors.shape[1]), CHUNKING_POLICY
    )
    collections = _collections()
    chance = random.Random(_SEED)
    made = made_passages(real, sum(documents * each for documents, each in shelves.values()))
    for name, (documents, each) in shelves.items():
        print(f"Writing {documents * each:,} passages of {name} ...")
        rows = (
            _row(collections[name], f"{name} {number}", made, each, chance) for number in range(documents)
        )
        for batch in _batched(rows):
            _write(generation.pk, batch)
    _close_parts()
    _settle()


def _collections() -> dict[str, Any]:
    """Each collection is read by a group; who reads more is in the groups of those who read less."""
    from kbchat.access.models import Grant, Role
    from kbchat.access.viewers import viewer_of
    from kbchat.accounts.models import GroupInclusion, User
    from kbchat.accounts.people import ensure_group
    from kbchat.library.collections import create_collection

    owner = viewer_of(User.objects.get(email="owner@example.com"))
    collections, groups = {}, {}
    for name, reader in _READ_BY.items():
        collections[name] = create_collection(owner, name=name).id
        groups[reader] = ensure_group(f"Readers of {name}", [User.objects.get(email=f"{reader}@example.com")])
        Grant.objects.create(collection_id=collections[name], group=groups[reader], role=Role.READER)
    for outer, inner in (("one", "ten"), ("ten", "all")):
        GroupInclusion.objects.create(container=groups[outer], included=groups[inner])
    return collections


def _row(shelf: Any, title: str, made: Iterator[Made], count: int, chance: random.Random) -> Row:
    """Two headings, with half of the passages each."""
    from django.db.backends.postgresql.psycopg_any import DateRange

    from kbchat.documents.models import Document, DocumentVersion, Section
    from kbchat.ingestion.chunking import CHUNKING_POLICY
    from kbchat.ingestion.models import Chunk

    def fresh() -> uuid.UUID:
        return uuid.UUID(int=chance.getrandbits(128), version=4)

    since = date(2024, 1, 1)
    document = Document(pk=fresh(), collection_id=shelf, title=title)
    whole = Section(pk=fresh(), document=document, path=[])
    parts = [
        Section(pk=fresh(), document=document, parent=whole, path=[name]) for name in ("First", "Second")
    ]
    passages = [next(made) for _ in range(count)]
    version = DocumentVersion(
        pk=fresh(), document=document, number=1, blob=f"{chance.getrandbits(256):064x}", size=1, filename="page.md",
        state="ready", effective_from=since, in_force=DateRange(since, None), language="en", passages=count,
        sections=[whole.pk, *(part.pk for part in parts)],
    )  # fmt: skip
    chunks = [
        Chunk(
            version=version, chunking_policy=CHUNKING_POLICY, ordinal=ordinal, start=ordinal * 10_000,
            end=ordinal * 10_000 + len(one.text), section=parts[ordinal * 2 // count], prefix=title, text=one.text,
        )
        for ordinal, one in enumerate(passages)
    ]  # fmt: skip
    return Row(document, [whole, *parts], version, chunks, passages)


def _write(generation: int, rows: list[Row]) -> None:
    from django.db import connection, transaction

    from kbchat.documents.models import Document, DocumentVersion, Section
    from kbchat.ingestion.models import Chunk

    with transaction.atomic(), connection.cursor() as cursor:
        Document.objects.bulk_create(row.document for row in rows)
        Section.objects.bulk_create(section for row in rows for section in row.sections)
        DocumentVersion.objects.bulk_create(row.version for row in rows)
        chunks = Chunk.objects.bulk_create(chunk for row in rows for chunk in row.chunks)
        made = [one for row in rows for one in row.made]
        pairs = list(zip(chunks, made, strict=True))
        with cursor.copy(
            "COPY indexing_embedding (generation_id, chunk_id, version_id, section_id, terms, vector) FROM STDIN"
        ) as copy:
            for chunk, one in pairs:
                vector = "[" + ",".join(f"{value:.5f}" for value in one.vector.tolist()) + "]"
                copy.write_row(
                    (generation, chunk.pk, chunk.version_id, chunk.section_id, one.terms.total(), vector)
                )
        with cursor.copy(
            "COPY indexing_posting (generation_id, term, chunk_id, frequency) FROM STDIN"
        ) as copy:
            for chunk, one in pairs:
                for term, frequency in one.terms.items():
                    copy.write_row((generation, term, chunk.pk, frequency))


def _close_parts() -> None:
    from kbchat.access.models import Grant
    from kbchat.accounts.models import User
    from kbchat.accounts.people import ensure_group
    from kbchat.documents.models import Section

    contractors = ensure_group("Contractors", [User.objects.get(email="ten@example.com")])
    second = Section.objects.filter(document__collection__name="middle", path=["Second"]).order_by("pk")
    Grant.objects.bulk_create(
        Grant(section=section, group=contractors, deny=True) for section in second[::50]
    )


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _batched(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
