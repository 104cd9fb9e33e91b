"""Writing passages into a generation: the terms of each and its vector. Nothing here decides what is visible."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from kbchat.analysis import analyse
from kbchat.indexing.models import Embedding, IndexGeneration, Posting
from kbchat.inference.ports import Vector
from kbchat.ingestion.chunking import indexed_text
from kbchat.ingestion.models import Chunk

_BATCH = 2000


def unwritten(generation: IndexGeneration, version_id: UUID) -> list[Chunk]:
    """The chunks of a version that the generation does not hold yet, in order: an interrupted run goes on here."""
    written = Embedding.objects.filter(generation=generation, version=version_id).values("chunk_id")
    chunks = Chunk.objects.filter(version=version_id, chunking_policy=generation.chunking_policy)
    return list(chunks.exclude(pk__in=written).order_by("ordinal"))


@transaction.atomic
def write(generation: IndexGeneration, chunks: Sequence[Chunk], vectors: Vector) -> None:
    """Terms and vectors of `chunks`; `vectors` has the shape (len(chunks), generation.dimension)."""
    counted = [Counter(analyse(indexed_text(chunk.prefix, chunk.text))) for chunk in chunks]
    Embedding.objects.bulk_create(
        Embedding(
            generation=generation,
            chunk=chunk,
            version_id=chunk.version_id,
            section_id=chunk.section_id,
            terms=sum(terms.values()),
            vector=vector,
        )
        for chunk, terms, vector in zip(chunks, counted, vectors, strict=True)
    )
    Posting.objects.bulk_create(
        (
            Posting(generation=generation, term=term, chunk=chunk, frequency=frequency)
            for chunk, terms in zip(chunks, counted, strict=True)
            for term, frequency in terms.items()
        ),
        batch_size=_BATCH,
    )


@transaction.atomic
def erase(version_id: UUID) -> None:
    """Take a version out of every generation."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM indexing_posting p USING indexing_embedding e "
            "WHERE e.version_id = %s AND p.generation_id = e.generation_id AND p.chunk_id = e.chunk_id",
            [version_id],
        )
        cursor.execute("DELETE FROM indexing_embedding WHERE version_id = %s", [version_id])
