"""Bringing a generation up to date with the library: which chunks it lacks, and writing some of them.

Nothing here holds a transaction while an encoder works. What is written beside it by ingestion is found there; what is
deleted meanwhile is not written.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import F

from kbchat.documents.models import DocumentVersion, VersionContent
from kbchat.indexing.generations import comparable_generations, identity_of
from kbchat.indexing.models import Embedding, IndexGeneration
from kbchat.indexing.silenced import carry_to_cut
from kbchat.indexing.writing import write
from kbchat.inference.ports import Embedder
from kbchat.ingestion.chunking import CHUNKING_POLICY, TokenCounter, chunk, indexed_text
from kbchat.ingestion.models import Chunk
from kbchat.ingestion.storing import store_chunks
from kbchat.parsing import document_from

# Encoded together: some seconds of a processor, so that a build that is paused or gives way does so soon.
BATCH: Final = 64
_SAMPLE: Final = 100
_RECHUNKED: Final = 8

# Published versions alone: what is not published yet is written by its own run.
_UNCHUNKED: Final = """
SELECT v.id FROM documents_documentversion v
WHERE v.state = 'ready' AND v.passages > 0
  AND NOT EXISTS (SELECT 1 FROM ingestion_chunk c WHERE c.version_id = v.id AND c.chunking_policy = %(policy)s)
ORDER BY v.id LIMIT %(limit)s"""
_MISSING: Final = """
SELECT c.id FROM ingestion_chunk c JOIN documents_documentversion v ON v.id = c.version_id AND v.state = 'ready'
WHERE c.id > %(after)s AND c.chunking_policy = %(policy)s
  AND NOT EXISTS (SELECT 1 FROM indexing_embedding e WHERE e.generation_id = %(generation)s AND e.chunk_id = c.id)
ORDER BY c.id LIMIT %(limit)s"""
# Passages that it has not, or none by its policy although there are some by another.
_LACKS: Final = """
SELECT coalesce(bool_or(own AND e.chunk_id IS NULL) OR NOT bool_or(own), false)
FROM (SELECT c.id, c.chunking_policy = g.chunking_policy AS own
      FROM ingestion_chunk c, indexing_indexgeneration g
      WHERE c.version_id = %(version)s AND g.id = %(generation)s) AS passage
LEFT JOIN indexing_embedding e
    ON e.generation_id = %(generation)s AND e.version_id = %(version)s AND e.chunk_id = passage.id"""
# Held to the end of the transaction: nobody deletes them, and their versions stay, while they are written.
_STILL_THERE: Final = """
SELECT c.id FROM ingestion_chunk c
WHERE c.id = ANY(%(chunks)s)
  AND NOT EXISTS (SELECT 1 FROM indexing_embedding e WHERE e.generation_id = %(generation)s AND e.chunk_id = c.id)
FOR KEY SHARE OF c"""


@dataclass(frozen=True, slots=True)
class Filled:
    """`reached`: the last chunk looked at, by id. `reused`: of those written, with a vector that was there already."""

    written: int
    reused: int
    reached: int
    seconds: float


def count_passages(generation: IndexGeneration) -> int:
    """How many chunks the generation has when it is complete, as far as they are cut by its policy already."""
    of_policy = Chunk.objects.filter(chunking_policy=generation.chunking_policy, version__state="ready")
    uncut = DocumentVersion.objects.filter(pk__in=_ids(_UNCHUNKED, generation, limit=None))
    return of_policy.count() + sum(uncut.values_list("passages", flat=True))


def count_missing(generation: IndexGeneration) -> int:
    """Chunks that it lacks, and versions that are not cut by its policy yet: of the whole library, whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_generation_lacks(%s)", [generation.pk])
        return int(cursor.fetchone()[0])


def is_current(policy: str) -> bool:
    """Whether the program still cuts by it: what stands behind the stroke is an encoder's own."""
    return policy.partition("/")[0] == CHUNKING_POLICY


def policy_for(encoder: TokenCounter, active: IndexGeneration, active_encoder: TokenCounter, own: str) -> str:
    """The active generation's where the encoders count alike, so that chunks are shared; else one of its own, of
    which `own` is the name: a chunk has to fit the encoder that reads it."""
    if is_current(active.chunking_policy) and encoder.window_tokens == active_encoder.window_tokens:
        cut = Chunk.objects.filter(chunking_policy=active.chunking_policy)
        texts = list(cut.order_by("?").values_list("text", flat=True)[:_SAMPLE])
        if texts and encoder.count_tokens(texts) == active_encoder.count_tokens(texts):
            return active.chunking_policy
    return f"{CHUNKING_POLICY}/{own}"


def fill_some(
    generation: IndexGeneration, encoder: Embedder, *, after: int, most: int = BATCH
) -> Filled | None:
    """At most so many of what is missing behind chunk `after`; None when nothing is. Blocking. Raises
    ModelUnavailable."""
    started = time.monotonic()
    for version_id in _ids(_UNCHUNKED, generation, limit=_RECHUNKED):
        cut(generation, version_id, encoder)
    chunk_ids = _ids(_MISSING, generation, after=after, limit=most)
    if not chunk_ids:
        return None
    chunks = list(Chunk.objects.select_related("version").filter(pk__in=chunk_ids).order_by("pk"))
    vectors, reused = vectors_for(generation, chunks, encoder)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STILL_THERE, {"chunks": chunk_ids, "generation": generation.pk})
        there = {pk for (pk,) in cursor.fetchall()}
        kept = [place for place, item in enumerate(chunks) if item.pk in there]
        write(generation, [chunks[place] for place in kept], vectors[kept])
        # Whoever reads it from now on reads it anew.
        IndexGeneration.objects.filter(pk=generation.pk).update(filled=F("filled") + 1)
    return Filled(len(kept), min(reused, len(kept)), chunk_ids[-1], time.monotonic() - started)


def is_cut(generation: IndexGeneration, version_id: UUID) -> bool:
    """Whether the version's passages are there by the generation's policy, or it has none at all."""
    chunks = Chunk.objects.filter(version=version_id)
    return chunks.filter(chunking_policy=generation.chunking_policy).exists() or not chunks.exists()


def lacks(generation_id: int, version_id: UUID) -> bool:
    """Whether the generation could not answer with the whole version."""
    with connection.cursor() as cursor:
        cursor.execute(_LACKS, {"generation": generation_id, "version": version_id})
        return bool(cursor.fetchone()[0])


def cut(generation: IndexGeneration, version_id: UUID, counter: TokenCounter) -> None:
    """A version into chunks by the generation's policy, from what was parsed. What is silenced stays so."""
    content = VersionContent.objects.select_related("version").filter(pk=version_id).first()
    if content is None:
        return
    document = document_from({**content.structure, "text": content.text})
    drafts = chunk(document, counter)
    with transaction.atomic():
        store_chunks(content.version, document, generation.chunking_policy, drafts)
        carry_to_cut(version_id)


def vectors_for(
    generation: IndexGeneration, chunks: Sequence[Chunk], encoder: Embedder, *, may_be_known: bool = True
) -> tuple[npt.NDArray[np.float32], int]:
    """Of shape (len(chunks), dimension), and how many of them were there already: made by the same encoder of the same
    text, in any generation that is kept, for any version of the same document. Not `may_be_known`: nobody looks for
    them. Blocking. Raises ModelUnavailable."""
    known = _known(generation, chunks) if may_be_known else {}
    texts = [indexed_text(item.prefix, item.text) for item in chunks]
    new = [place for place, item in enumerate(chunks) if _key(item) not in known]
    vectors = np.empty((len(chunks), generation.dimension), dtype=np.float32)
    if new:
        vectors[new] = encoder.embed_documents([texts[place] for place in new])
    for place, item in enumerate(chunks):
        if _key(item) in known:
            vectors[place] = known[_key(item)]
    return vectors, len(chunks) - len(new)


def _known(generation: IndexGeneration, chunks: Sequence[Chunk]) -> dict[object, npt.NDArray[np.float32]]:
    """Vectors of these texts and no others, by what `_key` gives: a book has thousands."""
    documents = DocumentVersion.objects.filter(pk__in={item.version_id for item in chunks}).values("document")
    there = Embedding.objects.filter(
        generation__in=comparable_generations(identity_of(generation)),
        version__document__in=documents,
        chunk__text__in={item.text for item in chunks},
    ).select_related("chunk__version")
    return {_key(each.chunk): np.asarray(each.vector, dtype=np.float32) for each in there}


def _key(item: Chunk) -> object:
    return item.version.document_id, item.prefix, item.text


def _ids(sql: str, generation: IndexGeneration, **parameters: int | None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"policy": generation.chunking_policy, "generation": generation.pk, **parameters})
        return [pk for (pk,) in cursor.fetchall()]
