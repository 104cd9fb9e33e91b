"""How a run of ingestion goes on and ends, told to whoever looks at its document: by a step, by another attempt, or for
good, with its version."""

import logging
from collections.abc import Callable, Collection

from django.db import transaction

from kbchat.core.leases import LeaseLost
from kbchat.documents.models import DocumentVersion, VersionState
from kbchat.ingestion.models import IngestionRun, Step
from kbchat.ingestion.runs import advance, fail, reject, retry_later, wait_for_room, wait_for_scan
from kbchat.library.announcing import announce_document

logger = logging.getLogger(__name__)


def reach(run: IngestionRun, step: Step, progress: float) -> None:
    advance(run, step, progress)
    announce(run)


def try_again(run: IngestionRun, problem: str, **facts: str | float) -> None:
    def tried() -> VersionState | None:
        return None if retry_later(run, problem, **facts) else VersionState.FAILED

    _settle(run, tried)


def wait_until_scanned(run: IngestionRun) -> None:
    """Until the scanner answers."""
    _settle(run, lambda: wait_for_scan(run))


def wait_until_there_is_room(run: IngestionRun) -> None:
    """Until the database's disk has some."""
    _settle(run, lambda: wait_for_room(run))


def stop(run: IngestionRun) -> None:
    """What killed every attempt. A file that was not scanned to the end is not clean."""
    if run.step == Step.SCANNING:
        turn_away(run, "scan_gave_up")
    else:
        give_up(run, run.problem or "gave_up")


def give_up(run: IngestionRun, problem: str, **facts: str | float) -> None:
    def failed() -> VersionState:
        fail(run, problem, **facts)
        return VersionState.FAILED

    _settle(run, failed)


def turn_away(run: IngestionRun, problem: str, **facts: str | float) -> None:
    def rejected() -> VersionState:
        reject(run, problem, **facts)
        return VersionState.REJECTED

    _settle(run, rejected)


def _settle(run: IngestionRun, settle: Callable[[], VersionState | None]) -> None:
    """What becomes of the version where its run is over for good; None: it will be tried again, and stays as it is."""
    try:
        with transaction.atomic():
            if state := settle():
                version = DocumentVersion.objects.filter(
                    pk=run.version_id, state__in=_states_left(run, state)
                )
                version.update(state=state)
            announce(run)
    except LeaseLost:
        logger.warning("run given up, another worker has it", extra={"run": str(run.pk)})


def _states_left(run: IngestionRun, entered: VersionState) -> Collection[VersionState]:
    """Which a version leaves with its run. What was rejected is so until a scanner has found it clean; what failed may
    be rejected when it is scanned at last."""
    if entered == VersionState.REJECTED:
        return VersionState.RECEIVED, VersionState.FAILED
    was_scanned = run.step not in (Step.RECEIVED, Step.WAITING_FOR_SCAN, Step.SCANNING)
    return (VersionState.RECEIVED, VersionState.REJECTED) if was_scanned else (VersionState.RECEIVED,)


def announce(run: IngestionRun) -> None:
    announce_document(run.version.document.collection_id, run.version.document_id)
