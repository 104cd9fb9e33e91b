"""Making an uploaded version searchable: parse and chunk it, then index it, then publish it. Run by workers.

Each half is one job that may come twice, late or never: it claims the run first, and the run's row says what is left
to do. A version is published whole, in the transaction that ends its run.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.db import transaction

from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.disk import is_full_database
from kbchat.core.errors import Unavailable
from kbchat.core.jobs import Job, ring, ring_on_commit
from kbchat.core.leases import LeaseLost, is_poison, kept
from kbchat.documents.models import DocumentVersion, VersionState
from kbchat.documents.publishing import name_documents, publish
from kbchat.documents.storage import open_blob, read_blob
from kbchat.indexing.encoders import Encoders
from kbchat.indexing.filling import cut, is_cut, lacks, vectors_for
from kbchat.indexing.generations import (
    active_generation,
    ensure_active_generation,
    hold_active_generation,
    live_generations,
)
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.silenced import carry_from_predecessor
from kbchat.indexing.writing import erase, read_anew, unwritten, write
from kbchat.inference.ports import Embedder, ModelUnavailable
from kbchat.ingestion.chunking import CHUNKING_POLICY, chunk
from kbchat.ingestion.models import IngestionRun, Step
from kbchat.ingestion.runs import (
    MOST_ATTEMPTS,
    advance,
    claim,
    due_runs,
    hand_on,
    job_for,
    succeed,
)
from kbchat.ingestion.scanned_pages import (
    keep_pages,
    next_pages,
    plan_pages,
    recognised_pages,
    share_of_pages_read,
)
from kbchat.ingestion.storing import DraftsByPolicy, store_parsed
from kbchat.library.run_endings import (
    announce,
    give_up,
    reach,
    stop,
    try_again,
    turn_away,
    wait_until_scanned,
    wait_until_there_is_room,
)
from kbchat.parsing import ParsedDocument, ParseError, ParseErrorCode
from kbchat.parsing.converting import parse_converted
from kbchat.parsing.equipment import Converter, Equipment
from kbchat.parsing.errors import OF_THE_MACHINE
from kbchat.parsing.sandbox import SandboxLimits, parse_sandboxed, recognise_sandboxed
from kbchat.parsing.sniffing import PDF
from kbchat.parsing.tesseract_library import Recogniser
from kbchat.scanning.port import MalwareScanner, ScannerUnavailable, Verdict

logger = logging.getLogger(__name__)

# Encoded together, sorted by length, and written in one transaction: most documents whole, and of a book every few
# seconds' worth, so that whoever watches sees it move.
_BATCH_PASSAGES: Final = 256
_MOST_RUNG: Final = 200
# So long a page that was uploaded meanwhile waits at most, but for one page of a scan that takes longer.
_TURN_SECONDS: Final = 8.0
_MOST_PAGES_IN_TURN: Final = 5
_PICTURED: Final = frozenset({ParseErrorCode.SCAN_WITHOUT_TEXT, ParseErrorCode.PICTURE})
NOTHING: Final = Equipment()


def parse_run(
    run_id: UUID,
    *,
    encoders: Encoders,
    limits: SandboxLimits,
    scanner: MalwareScanner | None = None,
    equipment: Equipment = NOTHING,
) -> None:
    """The first half: bytes to text, sections and chunks. With a `scanner`, nothing reads a file that it has not found
    clean. Pages that are pictures are left to `recognise_run` where there is something to recognise them with."""
    _work(run_id, Job.PARSE_RUN, lambda run: _parse(run, encoders, limits, scanner, equipment))


def recognise_run(run_id: UUID, *, encoders: Encoders, limits: SandboxLimits, equipment: Equipment) -> None:
    """Some seconds' worth of the pages that are pictures, and then to the end of the queue, behind whatever has been
    uploaded meanwhile; once all of them were looked at, the rest of the first half."""
    _work(run_id, Job.RECOGNISE_RUN, lambda run: _recognise(run, encoders, limits, equipment.recogniser))


def index_run(run_id: UUID, *, encoders: Encoders) -> None:
    """The second half: terms and vectors into every live generation, then the version is in force."""
    _work(run_id, Job.INDEX_RUN, lambda run: _index(run, encoders))


def sweep_runs() -> int:
    """Ring again for what waits although it is due, and name documents by the day's versions. Returns how many rang."""
    runs = due_runs(_MOST_RUNG)
    for run in runs:
        ring(job_for(run), run.pk)
    name_documents()
    return len(runs)


def _work(run_id: UUID, job: Job, work: Callable[[IngestionRun], None]) -> None:
    """Claim, work, and give every error its consequence for the run."""
    run = claim(run_id, job)
    if run is None:
        return
    if is_poison(run, MOST_ATTEMPTS):
        stop(run)
        return
    try:
        with kept(run):
            work(run)
    except LeaseLost:
        logger.warning("run given up, another worker has it", extra={"run": str(run.pk)})
    except ParseError as error:
        end = try_again if error.code in OF_THE_MACHINE else give_up
        end(run, error.code.value, **error.facts)
    except _Refused as refused:
        turn_away(run, refused.problem, **refused.facts)
    except ScannerUnavailable:
        logger.warning("file waits for the scanner", extra={"run": str(run.pk)}, exc_info=True)
        wait_until_scanned(run)
    except ModelUnavailable:
        try_again(run, "model_unavailable")
    except Unavailable as error:
        try_again(run, error.code)
    except FileNotFoundError:
        give_up(run, "blob_missing")
    except Exception as error:
        logger.exception("run failed", extra={"run": str(run.pk), "step": run.step})
        if is_full_database(error):
            wait_until_there_is_room(run)
        else:
            try_again(run, "internal")


def _parse(
    run: IngestionRun,
    encoders: Encoders,
    limits: SandboxLimits,
    scanner: MalwareScanner | None,
    equipment: Equipment,
) -> None:
    version = run.version
    if scanner:
        reach(run, Step.SCANNING, 0.02)
        _require_clean(version, scanner)
    elif version.state == VersionState.REJECTED:
        # That nobody scans any more makes nothing clean.
        raise _Refused("scan_missing")
    reach(run, Step.PARSING, 0.05)
    data = read_blob(version.blob)
    try:
        document = _read(run, data, limits, equipment.converter)
    except ParseError as error:
        if not equipment.recogniser or error.code not in _PICTURED:
            raise
        _leave_to_recognising(run, range(1, int(error.facts["pages"]) + 1))
        return
    unread = sorted({*document.report.empty_pages, *document.report.pictured_pages})
    if equipment.recogniser and document.media_type == PDF and unread:
        _leave_to_recognising(run, unread)
        return
    _store(run, document, encoders)


def _read(
    run: IngestionRun, data: bytes, limits: SandboxLimits, converter: Converter | None
) -> ParsedDocument:
    name = run.version.filename
    try:
        return parse_sandboxed(data, name, encoding=run.encoding or None, limits=limits)
    except ParseError as error:
        if not converter or error.code is not ParseErrorCode.OLDER_FORMAT:
            raise
        is_encrypted = bool(error.facts.get("is_encrypted"))
    return parse_converted(data, name, converter=converter, is_encrypted=is_encrypted, limits=limits)


def _leave_to_recognising(run: IngestionRun, pages: Iterable[int]) -> None:
    with transaction.atomic():
        hand_on(run, Step.RECOGNISING, 0.05)
        plan_pages(run.version_id, pages)
        announce(run)
        ring_on_commit(Job.RECOGNISE_RUN, run.pk)


def _recognise(
    run: IngestionRun, encoders: Encoders, limits: SandboxLimits, recogniser: Recogniser | None
) -> None:
    announce(run)
    version = run.version
    data = read_blob(version.blob)
    pages = next_pages(version.pk, _MOST_PAGES_IN_TURN) if recogniser else []
    if recogniser and pages:
        found = recognise_sandboxed(
            data, version.filename, pages, recogniser=recogniser, seconds=_TURN_SECONDS, limits=limits
        )
        with transaction.atomic():
            keep_pages(version.pk, found)
            hand_on(run, Step.RECOGNISING, 0.05 + 0.25 * share_of_pages_read(version.pk))
            announce(run)
            ring_on_commit(Job.RECOGNISE_RUN, run.pk)
        return
    recognised = recognised_pages(version.pk)
    _store(run, parse_sandboxed(data, version.filename, recognised=recognised, limits=limits), encoders)


def _store(run: IngestionRun, document: ParsedDocument, encoders: Encoders) -> None:
    version = run.version
    reach(run, Step.CHUNKING, 0.3)
    drafts = _drafts(document, encoders)
    with transaction.atomic():
        hand_on(run, Step.EMBEDDING, 0.4)
        # What an earlier attempt indexed rests on chunks that are replaced now.
        erase(version.pk)
        store_parsed(version, document, drafts)
        announce(run)
        ring_on_commit(Job.INDEX_RUN, run.pk)


class _Refused(Exception):
    """The scanner does not let the file through."""

    def __init__(self, problem: str, **facts: str) -> None:
        super().__init__(problem)
        self.problem, self.facts = problem, facts


def _require_clean(version: DocumentVersion, scanner: MalwareScanner) -> None:
    """Raises _Refused, ScannerUnavailable, FileNotFoundError."""
    with open_blob(version.blob) as file:
        result = scanner.scan(file)
    if result.verdict is Verdict.INFECTED:
        raise _Refused("malware_found", malware=result.name)
    if result.verdict is not Verdict.CLEAN:
        raise _Refused("scan_incomplete")


def _drafts(document: ParsedDocument, encoders: Encoders) -> DraftsByPolicy:
    """By the policy of every live generation, that of the active one first. One that is not active and whose encoder
    is away does without: rebuilding catches up."""
    try:
        active, *others = live_generations()
    except Unavailable:
        # The worker that embeds makes the very first one.
        return {CHUNKING_POLICY: chunk(document, encoders.configured)}
    drafts = {active.chunking_policy: chunk(document, encoders.of(active.pk))}
    for generation in others:
        if generation.chunking_policy not in drafts:
            with _left_to_rebuilding(generation):
                drafts[generation.chunking_policy] = chunk(document, encoders.of(generation.pk))
    return drafts


def _index(run: IngestionRun, encoders: Encoders) -> None:
    announce(run)
    active, *others = _live_generations(encoders)
    # Of a document that is new, no other version and no other index has a vector.
    is_new = run.version.number == 1 and not others
    encoder, share = encoders.compared(active.pk), 1 / (1 + len(others))
    _write_passages(run, active, encoder, share=share, may_be_known=not is_new)
    for number, generation in enumerate(others, 2):
        with _left_to_rebuilding(generation):
            encoder = encoders.compared(generation.pk)
            _write_passages(run, generation, encoder, share=number / (1 + len(others)))
    while (answering := _published(run)) is not None:
        # Another generation took the place of the one that was written first, and lacks the version.
        _write_passages(run, answering, encoders.compared(answering.pk), share=1.0)


def _live_generations(encoders: Encoders) -> list[IndexGeneration]:
    """The active one first, which the very first document makes."""
    try:
        return live_generations()
    except Unavailable:
        configured = encoders.configured_source.as_stored()
        ensure_active_generation(encoders.configured.identity, CHUNKING_POLICY, configured)
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


@contextmanager
def _left_to_rebuilding(generation: IndexGeneration) -> Iterator[None]:
    """No document waits for the encoder of a generation that does not answer."""
    try:
        yield
    except (ModelUnavailable, Unavailable):
        logger.warning("generation is behind", extra={"generation": generation.pk}, exc_info=True)


def _write_passages(
    run: IngestionRun,
    generation: IndexGeneration,
    embedder: Embedder,
    *,
    share: float,
    may_be_known: bool = True,
) -> None:
    """`share`: how much of indexing is done with this generation."""
    chunks = unwritten(generation, run.version)
    if not chunks and not is_cut(generation, run.version_id):
        cut(generation, run.version_id, embedder)
        chunks = unwritten(generation, run.version)
    for start in range(0, len(chunks), _BATCH_PASSAGES):
        batch = chunks[start : start + _BATCH_PASSAGES]
        vectors, _ = vectors_for(generation, batch, embedder, may_be_known=may_be_known)
        with transaction.atomic():
            done = (start + len(batch)) / len(chunks)
            advance(run, Step.EMBEDDING, max(run.progress, 0.4 + 0.6 * share * done))
            write(generation, batch, vectors)
            announce(run)
