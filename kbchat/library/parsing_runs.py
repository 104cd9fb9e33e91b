"""The first half of ingestion: a file's bytes to text, sections and chunks."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable
from kbchat.documents.models import DocumentVersion, VersionState
from kbchat.documents.storage import open_blob, read_blob
from kbchat.indexing.encoders import Encoders, left_to_rebuilding
from kbchat.indexing.generations import live_generations
from kbchat.indexing.writing import erase
from kbchat.ingestion.chunking import CHUNKING_POLICY, chunk
from kbchat.ingestion.models import IngestionRun, Step
from kbchat.ingestion.runs import hand_on
from kbchat.ingestion.scanned_pages import (
    count_unread_pages,
    keep_pages,
    next_pages,
    plan_pages,
    recognised_pages,
    share_of_pages_read,
)
from kbchat.ingestion.storing import DraftsByPolicy, store_parsed
from kbchat.library.run_endings import announce, reach
from kbchat.parsing import ParsedDocument, ParseError, ParseErrorCode
from kbchat.parsing.converting import parse_converted
from kbchat.parsing.equipment import Converter, Equipment
from kbchat.parsing.errors import OF_ITS_SIZE
from kbchat.parsing.recognised import RecognisedPage, unread_page
from kbchat.parsing.sandbox import SandboxLimits, parse_sandboxed, recognise_sandboxed
from kbchat.parsing.sniffing import PDF
from kbchat.parsing.tesseract_library import Recogniser
from kbchat.scanning.port import MalwareScanner, Verdict

# So long a page that was uploaded meanwhile waits at most, but for one page of a scan that takes longer.
_TURN_SECONDS: Final = 8.0
_MOST_PAGES_IN_TURN: Final = 5
_MOST_UNREAD_PAGES: Final = 3
"""Each costs more than a minute of a processor."""
_PICTURED: Final = frozenset({ParseErrorCode.SCAN_WITHOUT_TEXT, ParseErrorCode.PICTURE})


class Refused(Exception):
    """The scanner does not let the file through."""

    def __init__(self, problem: str, **facts: str) -> None:
        super().__init__(problem)
        self.problem, self.facts = problem, facts


def parse(
    run: IngestionRun,
    encoders: Encoders,
    limits: SandboxLimits,
    scanner: MalwareScanner | None,
    equipment: Equipment,
) -> None:
    """Pages that are pictures are left to `recognise` where there is a recogniser. Raises Refused, ParseError,
    ScannerUnavailable, ModelUnavailable, Unavailable, FileNotFoundError, LeaseLost."""
    version = run.version
    if scanner:
        reach(run, Step.SCANNING, 0.02)
        _require_clean(version, scanner)
    elif version.state == VersionState.REJECTED:
        # That nobody scans any more makes nothing clean.
        raise Refused("scan_missing")
    reach(run, Step.PARSING, 0.05)
    read = read_or_pages(read_blob(version.blob), version.filename, run.encoding, limits, equipment)
    if not isinstance(read, ParsedDocument):
        _leave_to_recognising(run, read)
        return
    _store(run, read, encoders)


def read_or_pages(
    data: bytes, filename: str, encoding: str, limits: SandboxLimits, equipment: Equipment
) -> ParsedDocument | list[int]:
    """The pages instead that are pictures, where there is a recogniser to read them first. Raises ParseError."""
    try:
        document = _read(data, filename, encoding, limits, equipment.converter)
    except ParseError as error:
        if not equipment.recogniser or error.code not in _PICTURED:
            raise
        return list(range(1, int(error.facts["pages"]) + 1))
    unread = sorted({*document.report.empty_pages, *document.report.pictured_pages})
    return unread if equipment.recogniser and document.media_type == PDF and unread else document


def _require_clean(version: DocumentVersion, scanner: MalwareScanner) -> None:
    """Raises Refused, ScannerUnavailable, FileNotFoundError."""
    with open_blob(version.blob) as file:
        result = scanner.scan(file)
    if result.verdict is Verdict.INFECTED:
        raise Refused("malware_found", malware=result.name)
    if result.verdict is not Verdict.CLEAN:
        raise Refused("scan_incomplete")


def _read(
    data: bytes, name: str, encoding: str, limits: SandboxLimits, converter: Converter | None
) -> ParsedDocument:
    try:
        return parse_sandboxed(data, name, encoding=encoding or None, limits=limits)
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


def recognise(
    run: IngestionRun, encoders: Encoders, limits: SandboxLimits, recogniser: Recogniser | None
) -> None:
    """A few pages, and the run rings again; once none is left, all that was found is stored. Raises as `parse`."""
    announce(run)
    version = run.version
    data = read_blob(version.blob)
    pages = next_pages(version.pk, _MOST_PAGES_IN_TURN) if recogniser else []
    if recogniser and pages:
        unread = count_unread_pages(version.pk)
        found = look_at(data, version.filename, pages, recogniser, limits, unread=unread)
        with transaction.atomic():
            keep_pages(version.pk, found)
            hand_on(run, Step.RECOGNISING, 0.05 + 0.25 * share_of_pages_read(version.pk))
            announce(run)
        return
    recognised = recognised_pages(version.pk)
    try:
        document = parse_sandboxed(data, version.filename, recognised=recognised, limits=limits)
    except ParseError as error:
        reason = next((page.unread for page in recognised if page.unread), "")
        if reason and error.code is ParseErrorCode.NO_TEXT_RECOGNISED:
            raise ParseError(ParseErrorCode(reason)) from error
        raise
    _store(run, document, encoders)


def look_at(
    data: bytes,
    filename: str,
    pages: Sequence[int],
    recogniser: Recogniser,
    limits: SandboxLimits,
    *,
    unread: int,
) -> list[RecognisedPage]:
    """The first of `pages`, and others for some seconds. One that takes more than a child may have is left unread, as
    long as few of the file are: `unread` so far. Raises ParseError."""
    try:
        return recognise_sandboxed(
            data, filename, pages, recogniser=recogniser, seconds=_TURN_SECONDS, limits=limits
        )
    except ParseError as error:
        if error.code not in OF_ITS_SIZE or (len(pages) == 1 and unread >= _MOST_UNREAD_PAGES):
            raise
        if len(pages) == 1:
            return [unread_page(pages[0], error.code)]
    # Which of them it was is not known.
    found: list[RecognisedPage] = []
    deadline = Deadline.after(_TURN_SECONDS)
    for number in pages:
        found += look_at(data, filename, [number], recogniser, limits, unread=unread)
        if found[-1].unread or deadline.has_passed:
            break
    return found


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
            with left_to_rebuilding(generation):
                drafts[generation.chunking_policy] = chunk(document, encoders.of(generation.pk))
    return drafts
