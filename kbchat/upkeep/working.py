"""Doing what waits: the health of the index by workers, and what needs a person's rights by processes that have the
application's, some seconds at a time, in a thread that gives way to whoever asks.

A run may come twice, late or never, and whoever works on it may die at any point.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import Error as DatabaseError

from kbchat.access.viewers import viewer_of
from kbchat.core.database_threads import released
from kbchat.core.deadline import Deadline
from kbchat.core.errors import KbchatError, Unavailable
from kbchat.core.leases import LeaseLost, is_poison, kept
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import Searching
from kbchat.evaluation.fitting import Refitting, refit
from kbchat.evaluation.runs import continue_run, run_detail, start_run
from kbchat.indexing.generations import active_generation
from kbchat.indexing.health import health_of
from kbchat.indexing.vector_index import count_vectors
from kbchat.inference.ports import ModelUnavailable
from kbchat.upkeep.models import Task, UpkeepRun
from kbchat.upkeep.runs import MOST_ATTEMPTS, claim, fail, finish, hand_on, next_due, note, try_again

logger = logging.getLogger(__name__)

_AT_A_TIME_SECONDS: Final = 4.0
_IDLE_SECONDS: Final = 5.0
_NICENESS: Final = 10


@dataclass(frozen=True, slots=True)
class Means:
    """What is asked with."""

    searching: Searching
    refitting: Refitting


Step = Callable[[UpkeepRun], dict[str, Any] | None]
"""Some seconds of a run. What it found in the end; None: it has been handed on."""


def check_index(run_id: UUID) -> None:
    """A worker's."""
    _do(run_id, _check_index)


def work_on_next(means: Means) -> bool:
    """Some seconds of the run that has waited the longest, of those that a person's rights are needed for. Whether
    there was one. Blocking."""
    steps: Mapping[Task, Step] = {
        Task.GOLDEN_QUESTIONS: lambda run: _ask_golden(run, means.searching),
        Task.CALIBRATION: lambda run: _refit(run, means.refitting),
    }
    run_id = next_due(list(steps))
    if run_id is None:
        return False
    _do(run_id, lambda run: steps[Task(run.task)](run))
    return True


def start_working(means: Means) -> threading.Event:
    """In a thread of its own, until the event is set or the process ends."""
    stopping = threading.Event()
    threading.Thread(target=_work, args=(means, stopping), name="upkeep", daemon=True).start()
    return stopping


def _work(means: Means, stopping: threading.Event) -> None:
    with suppress(OSError):
        # Of this thread alone, as Linux has it.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    while not stopping.is_set():
        try:
            has_worked = released(work_on_next, means)
        except DatabaseError:
            logger.warning("the database does not answer", exc_info=True)
            has_worked = False
        if not has_worked:
            stopping.wait(_IDLE_SECONDS)


def _do(run_id: UUID, step: Step) -> None:
    run = claim(run_id)
    if run is None:
        return
    try:
        if is_poison(run, MOST_ATTEMPTS):
            fail(run, "gave_up")
            return
        with kept(run):
            found = step(run)
        if found is not None:
            finish(run, found)
    except LeaseLost:
        logger.warning("upkeep given up", extra={"run": str(run.pk)})
    except ModelUnavailable:
        _ended(run, lambda: try_again(run, "search_model_unavailable"))
    except Unavailable as error:
        code = error.code
        _ended(run, lambda: try_again(run, code))
    except KbchatError as error:
        code, facts = error.code, dict(error.facts)
        _ended(run, lambda: fail(run, code, **facts))
    except Exception:
        logger.exception("upkeep failed", extra={"run": str(run.pk)})
        _ended(run, lambda: try_again(run, "internal"))


def _ended(run: UpkeepRun, end: Callable[[], None]) -> None:
    try:
        end()
    except LeaseLost:
        logger.warning("upkeep given up", extra={"run": str(run.pk)})


def _check_index(_: UpkeepRun) -> dict[str, Any]:
    return health_of(active_generation()).as_stored()


def _ask_golden(run: UpkeepRun, searching: Searching) -> dict[str, Any] | None:
    """Goes on where it, or whoever died at it, was."""
    viewer = _viewer(run)
    if not run.found:
        note(run, {"golden_run": str(start_run(viewer, searching).id)})
    golden = UUID(run.found["golden_run"])
    progress = continue_run(viewer, golden, searching, deadline=Deadline.after(_AT_A_TIME_SECONDS))
    if progress.remaining:
        hand_on(run)
        return None
    row = run_detail(viewer, golden).run
    return {**run.found, "found": row.found, "answerable": row.answerable}


def _refit(run: UpkeepRun, refitting: Refitting) -> dict[str, Any]:
    """With how many passages there were, by which it is told when the library has grown."""
    passages = count_vectors(active_generation())
    fitted = refit(_viewer(run), refitting)
    return {"passages": passages, "generations": [each.as_stored() for each in fitted]}


def _viewer(run: UpkeepRun) -> Viewer:
    """His rights are those of now. Raises NotAllowed for somebody who is not active."""
    return viewer_of(run.person)
