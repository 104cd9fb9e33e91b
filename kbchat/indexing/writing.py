"""Writing passages into a generation: the terms of each and its vector. Nothing here decides what is visible."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from kbchat.analysis import analyse
from kbchat.core.rows import read_rows
from kbchat.documents.models import DocumentVersion
from kbchat.indexing.models import LIVE, IndexGeneration
from kbchat.indexing.notation import vector_bytes
from kbchat.inference.ports import Vector
from kbchat.ingestion.chunking import indexed_text
from kbchat.ingestion.models import Chunk

_EMBEDDINGS = (
    "COPY indexing_embedding (generation_id, chunk_id, version_id, section_id, terms, vector)"
    " FROM STDIN (FORMAT BINARY)"
)
_OF_AN_EMBEDDING = ("int8", "int8", "uuid", "uuid", "int4", "bytea")
_POSTINGS = "COPY indexing_posting (generation_id, term, chunk_id, frequency) FROM STDIN"
# What COPY would take for the end of a field.
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_UNWRITTEN = """
FROM ingestion_chunk c WHERE c.version_id = %(version)s AND c.chunking_policy = %(policy)s
AND c.id NOT IN (
    SELECT chunk_id FROM indexing_embedding WHERE generation_id = %(generation)s AND version_id = %(version)s)
ORDER BY c.ordinal"""
_HOLD = "SELECT 1 FROM ingestion_chunk WHERE version_id = %s FOR UPDATE"
_ERASE = """
WITH gone AS (DELETE FROM indexing_embedding WHERE version_id = %s RETURNING generation_id, chunk_id)
DELETE FROM indexing_posting p USING gone
WHERE p.generation_id = gone.generation_id AND p.chunk_id = gone.chunk_id
"""

_STRAY_VECTORS = """
DELETE FROM indexing_embedding e WHERE e.generation_id = %s
AND NOT EXISTS (SELECT 1 FROM ingestion_chunk c WHERE c.id = e.chunk_id)"""
_STRAY_TERMS = """
DELETE FROM indexing_posting p WHERE p.generation_id = %s AND NOT EXISTS (
    SELECT 1 FROM indexing_embedding e WHERE e.generation_id = p.generation_id AND e.chunk_id = p.chunk_id)"""


def unwritten(generation: IndexGeneration, version: DocumentVersion) -> list[Chunk]:
    """The chunks of a version that the generation does not hold yet, in order: an interrupted run goes on here."""
    about = {"version": version.pk, "policy": generation.chunking_policy, "generation": generation.pk}
    chunks: list[Chunk] = [chunk for (chunk,) in read_rows(_UNWRITTEN, about, c=Chunk)]
    for chunk in chunks:
        chunk.version = version
    return chunks


@transaction.atomic(savepoint=False)
def write(generation: IndexGeneration, chunks: Sequence[Chunk], vectors: Vector) -> None:
    """Terms and vectors of `chunks`; `vectors` has the shape (len(chunks), generation.dimension).

    By COPY, which takes a hundred postings of a chunk in a fraction of the time that rows with their models take.
    Vectors go as they are, and postings as one text: making each row by itself takes as long as storing it.
    """
    counted = [Counter(analyse(indexed_text(chunk.prefix, chunk.text))) for chunk in chunks]
    with connection.cursor() as cursor:
        with cursor.copy(_EMBEDDINGS) as copy:
            copy.set_types(_OF_AN_EMBEDDING)
            for chunk, terms, vector in zip(chunks, counted, vectors, strict=True):
                copy.write_row(
                    (
                        generation.pk,
                        chunk.pk,
                        chunk.version_id,
                        chunk.section_id,
                        terms.total(),
                        vector_bytes(vector),
                    )
                )
        with cursor.copy(_POSTINGS) as copy:
            copy.write(_postings(generation.pk, chunks, counted))


def _postings(generation_id: int, chunks: Sequence[Chunk], counted: Sequence[Counter[str]]) -> str:
    """Lines for COPY in the order of their index, so that neighbours go onto the same page."""
    rows = sorted(
        (term, chunk.pk, frequency)
        for chunk, terms in zip(chunks, counted, strict=True)
        for term, frequency in terms.items()
    )
    written = {term: term.translate(_ESCAPED) for term in set().union(*counted)}
    return "".join(
        [f"{generation_id}\t{written[term]}\t{chunk_id}\t{frequency}\n" for term, chunk_id, frequency in rows]
    )


def erase(version_id: UUID) -> int:
    """Take a version out of every generation; returns how many postings that were. Vectors come before terms here as
    everywhere: partitions are made in that order, and two that lock in different orders end each other. Inside a
    transaction, to the end of which nobody writes a passage of the version into any generation."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [version_id])
        if not cursor.rowcount:
            # Of a version that was never cut, which most are, no generation can hold anything.
            return 0
        cursor.execute(_ERASE, [version_id])
        return int(cursor.rowcount)


@transaction.atomic
def drop_strays(generation_id: int) -> None:
    """Vectors of passages that are gone, and terms of passages without a vector, out of a generation."""
    with connection.cursor() as cursor:
        cursor.execute(_STRAY_VECTORS, [generation_id])
        cursor.execute(_STRAY_TERMS, [generation_id])


def read_anew() -> None:
    """Every process reads again what the generations hold of versions that it knows: some of it changed."""
    IndexGeneration.objects.filter(state__in=LIVE).update(filled=F("filled") + 1)
