"""The second half of ingestion: terms and vectors into every live generation, then the version is in force."""

from typing import Final

from django.db import transaction

from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable
from kbchat.documents.models import DocumentVersion, VersionState
from kbchat.documents.publishing import publish
from kbchat.indexing.encoders import Encoders, left_to_rebuilding
from kbchat.indexing.filling import cut, is_cut, lacks, vectors_for
from kbchat.indexing.generations import (
    active_generation,
    hold_active_generation,
    live_generations,
)
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.silenced import carry_from_predecessor
from kbchat.indexing.writing import read_anew, unwritten, write
from kbchat.inference.ports import Embedder
from kbchat.ingestion.models import IngestionRun, Step
from kbchat.ingestion.runs import advance, give_way, succeed
from kbchat.library.preparing_index import ensure_index, is_unasked
from kbchat.library.run_endings import announce

# Encoded together, sorted by length, and written in one transaction: most documents whole, and of a book every few
# seconds' worth, so that whoever watches sees it move.
_BATCH_PASSAGES: Final = 256
# A book of 25 MB takes a quarter of an hour: after so long it lets others go before it.
_TURN_SECONDS: Final = 8.0


def index(run: IngestionRun, encoders: Encoders) -> None:
    """Raises ModelUnavailable, Unavailable, LeaseLost."""
    announce(run)
    turn = Deadline.after(_TURN_SECONDS)
    active, *others = _live_generations(encoders)
    # Of a document that is new, no other version and no other index has a vector.
    is_new = run.version.number == 1 and not others
    encoder, share = encoders.compared(active.pk), 1 / (1 + len(others))
    if not _write_passages(run, active, encoder, turn, share=share, may_be_known=not is_new):
        return
    for number, generation in enumerate(others, 2):
        with left_to_rebuilding(generation):
            encoder = encoders.compared(generation.pk)
            if not _write_passages(run, generation, encoder, turn, share=number / (1 + len(others))):
                return
    while (answering := _published(run)) is not None:
        # Another generation took the place of the one that was written first, and lacks the version.
        if not _write_passages(run, answering, encoders.compared(answering.pk), turn, share=1.0):
            return


def _live_generations(encoders: Encoders) -> list[IndexGeneration]:
    """The active one first, which the very first document makes."""
    try:
        live = live_generations()
    except Unavailable:
        live = []
    # A served encoder may not have answered when workers started.
    if live and not ("base_url" in live[0].source and is_unasked(live[0])):
        return live
    ensure_index(encoders)
    return live_generations()


def _published(run: IngestionRun) -> IndexGeneration | None:
    """None: it is done; else the generation that answers now, which has to hold the version before."""
    version = run.version
    with transaction.atomic():
        if lacks(hold_active_generation(), version.pk):
            return active_generation()
        succeed(run)
        publish(version.document_id, version.pk)
        if version.state == VersionState.READY:
            # It was searchable before, without what this run brought back.
            read_anew()
        announce(run)
        if version.state != VersionState.READY:
            _carry_silence(version)
    return None


def _carry_silence(version: DocumentVersion) -> None:
    for span in carry_from_predecessor(version):
        record(None, AuditAction.PASSAGE_SILENCED, version=version.pk, start=span.start, end=span.end)


def _write_passages(
    run: IngestionRun,
    generation: IndexGeneration,
    embedder: Embedder,
    turn: Deadline,
    *,
    share: float,
    may_be_known: bool = True,
) -> bool:
    """Whether all are written; else the run gave way when its turn had passed. `share`: how much of indexing is done
    with this generation."""
    before, goal = max(run.progress, 0.4), 0.4 + 0.6 * share
    chunks = unwritten(generation, run.version)
    if not chunks and not is_cut(generation, run.version_id):
        cut(generation, run.version_id, embedder)
        chunks = unwritten(generation, run.version)
    for start in range(0, len(chunks), _BATCH_PASSAGES):
        batch = chunks[start : start + _BATCH_PASSAGES]
        vectors, _ = vectors_for(generation, batch, embedder, may_be_known=may_be_known)
        with transaction.atomic():
            done = (start + len(batch)) / len(chunks)
            progress = max(run.progress, before + (goal - before) * done)
            is_over = turn.has_passed and done < 1
            (give_way if is_over else advance)(run, Step.EMBEDDING, progress)
            write(generation, batch, vectors)
            announce(run)
        if is_over:
            return False
    return True
