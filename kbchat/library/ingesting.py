"""Making an uploaded version searchable: parse and chunk it, then index it, then publish it. Run by workers.

Each half is one job that may come twice, late or never: it claims the run first, and the run's row says what is left
to do. A version is published whole, in the transaction that ends its run.
"""

import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

from kbchat.core.database_errors import is_full_database
from kbchat.core.errors import Unavailable
from kbchat.core.jobs import Job
from kbchat.core.leases import LeaseLost, is_poison, kept
from kbchat.documents.publishing import name_documents
from kbchat.indexing.encoders import Encoders
from kbchat.inference.ports import ModelUnavailable
from kbchat.ingestion.models import IngestionRun
from kbchat.ingestion.runs import MOST_ATTEMPTS, call_again, claim
from kbchat.library.indexing_runs import index
from kbchat.library.parsing_runs import Refused, parse, recognise
from kbchat.library.run_endings import (
    give_up,
    stop,
    try_again,
    turn_away,
    wait_until_scanned,
    wait_until_there_is_room,
)
from kbchat.parsing import ParseError
from kbchat.parsing.equipment import Equipment
from kbchat.parsing.errors import OF_THE_MACHINE
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.scanning.port import MalwareScanner, ScannerUnavailable

logger = logging.getLogger(__name__)

_MOST_RUNG: Final = 200
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
    _work(run_id, Job.PARSE_RUN, lambda run: parse(run, encoders, limits, scanner, equipment))


def recognise_run(run_id: UUID, *, encoders: Encoders, limits: SandboxLimits, equipment: Equipment) -> None:
    """Some seconds' worth of the pages that are pictures, and then to the end of the queue, behind whatever has been
    uploaded meanwhile; once all of them were looked at, the rest of the first half."""
    _work(run_id, Job.RECOGNISE_RUN, lambda run: recognise(run, encoders, limits, equipment.recogniser))


def index_run(run_id: UUID, *, encoders: Encoders) -> None:
    """The second half: terms and vectors into every live generation, then the version is in force."""
    _work(run_id, Job.INDEX_RUN, lambda run: index(run, encoders))


def sweep_runs() -> int:
    """Ring again for what waits although it is due, and name documents by the day's versions. Returns how many rang."""
    rung = call_again(_MOST_RUNG)
    name_documents()
    return rung


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
    except Refused as refused:
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
