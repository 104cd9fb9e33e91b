"""Filling generations, by workers: some seconds of a build at a time, so that uploads and questions go first.

A job may come twice, late or never, and a worker may die at any point: what is written is found there by the next.
"""

import hashlib
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable
from kbchat.core.jobs import Job, ring_on_commit
from kbchat.core.leases import LeaseLost, is_poison, kept
from kbchat.indexing.checking import checked
from kbchat.indexing.encoders import Encoders, EncoderSource
from kbchat.indexing.filling import count_missing, count_passages, fill_some, policy_for
from kbchat.indexing.generations import active_generation, new_generation, wait_briefly
from kbchat.indexing.known_items import Compared, compare_known_items
from kbchat.indexing.models import GenerationState, IndexGeneration
from kbchat.inference.ports import Embedder, ModelUnavailable
from kbchat.rebuilding.builds import (
    MOST_ATTEMPTS,
    advance,
    call,
    claim,
    due_builds,
    fail,
    finish,
    hand_on,
    try_again,
)
from kbchat.rebuilding.giving_way import Courtesy
from kbchat.rebuilding.inheriting import as_stored, calibration_in_force, drift, inherited
from kbchat.rebuilding.models import UNFINISHED, Build, BuildState
from kbchat.rebuilding.retiring import drop_retired, retire_former
from kbchat.retrieval.languages_read import weights_by_reading

logger = logging.getLogger(__name__)

# After that somebody else's upload, which waits in the same queue, has its turn.
_AT_A_TIME_SECONDS: Final = 4.0
_LEFT_ALONE: Final = timedelta(hours=1)
_COURTESY: Final = Courtesy()


def go_on_building(build_id: UUID, ticket: UUID, *, encoders: Encoders) -> None:
    """Some seconds of it, and again behind whatever waits. `ticket`: of the job, which does nothing where another one
    has gone on with it."""
    build = claim(build_id, ticket)
    if build is None:
        return
    try:
        if is_poison(build, MOST_ATTEMPTS):
            fail(build, "gave_up")
            return
        with kept(build):
            _go_on(build, encoders)
    except LeaseLost:
        logger.warning("build given up", extra={"build": str(build.pk)})
    except ModelUnavailable:
        _try_again(build, "search_model_unavailable")
    except Unavailable as error:
        _try_again(build, error.code)
    except (IntegrityError, OperationalError):
        # A document was deleted meanwhile, or a lock was not given in time.
        logger.warning("build is tried again", extra={"build": str(build.pk)}, exc_info=True)
        _try_again(build, "unavailable")
    except Exception:
        logger.exception("build failed", extra={"build": str(build.pk)})
        _try_again(build, "internal")


def sweep_builds(unread_after: timedelta) -> None:
    """Ring for what waits although it is due; drop what is kept no more, and was not read for so long."""
    for build in due_builds():
        call(build)
    retire_former()
    drop_retired(unread_after)


def catch_up() -> None:
    """Begin to fill whatever is kept and fell behind; what failed is left alone for an hour. One that is being built is
    its build's alone."""
    lately = timezone.now() - _LEFT_ALONE
    busy = Q(state__in=UNFINISHED) | Q(state=BuildState.FAILED, finished_at__gt=lately)
    complete = IndexGeneration.objects.filter(state__in=(GenerationState.SHADOW, GenerationState.READY))
    for generation in complete.exclude(builds__in=Build.objects.filter(busy)):
        if missing := count_missing(generation):
            with suppress(IntegrityError), transaction.atomic():
                call(Build.objects.create(generation=generation, source=generation.source, passages=missing))


def _go_on(build: Build, encoders: Encoders) -> None:
    generation = build.generation or _begun(build, encoders)
    encoder = encoders.compared(generation.pk)
    turn = Deadline.after(_AT_A_TIME_SECONDS)
    while True:
        started = time.monotonic()
        _COURTESY.give_way()
        filled = fill_some(generation, encoder, after=build.reached, most=_COURTESY.batch)
        if filled is not None:
            _COURTESY.worked(filled.written, filled.seconds)
            advance(
                build,
                reached=filled.reached,
                written=build.written + filled.written,
                reused=build.reused + filled.reused,
                seconds=build.seconds + time.monotonic() - started,
            )
        elif build.reached:
            # From the beginning once more: for what was not there yet when it was passed.
            advance(build, reached=0)
        else:
            _complete(build, generation, encoder, encoders)
            return
        if turn.has_passed:
            break
    with transaction.atomic():
        hand_on(build)


def _begun(build: Build, encoders: Encoders) -> IndexGeneration:
    """A new generation for the encoder that is asked for."""
    source = EncoderSource(**build.source) if build.source else encoders.configured_source
    encoder, active = encoders.by(source), active_generation()
    own = hashlib.sha256(repr(encoder.identity).encode()).hexdigest()[:8]
    policy = policy_for(encoder, active, encoders.of(active.pk), own)
    with transaction.atomic(), connection.cursor() as cursor:
        wait_briefly(cursor)
        generation = new_generation(encoder.identity, policy, source.as_stored(), GenerationState.BUILDING)
        advance(build, generation=generation, passages=count_passages(generation))
    return generation


def _complete(build: Build, generation: IndexGeneration, encoder: Embedder, encoders: Encoders) -> None:
    made = _compared(generation, encoder, encoders) if build.is_new else _when_made(generation)
    checks = checked(generation, encoder, made.known_items, made.drift)
    with transaction.atomic():
        finish(build, checks=checks.as_stored())
        # Its own weights come with the state in which it may be put in force, and with the checks of them.
        IndexGeneration.objects.filter(pk=generation.pk, state=GenerationState.BUILDING).update(
            state=GenerationState.SHADOW, **made.own
        )
        # Made elsewhere: uploads wait for whoever builds.
        ring_on_commit(Job.KEEP_VECTOR_INDEXES)


@dataclass(frozen=True, slots=True)
class _Made:
    """What a new generation was found to be beside the one in force. `own`: weights and calibration, as columns."""

    known_items: Compared | None = None
    drift: float | None = None
    own: Mapping[str, Any] = field(default_factory=dict)


def _compared(generation: IndexGeneration, encoder: Embedder, encoders: Encoders) -> _Made:
    """With what answers now. The encoder of that may be gone: that is why another generation is built."""
    active = active_generation()
    try:
        active_encoder = encoders.compared(active.pk)
    except (ModelUnavailable, Unavailable):
        own = inherited(generation, active, Compared(), [], weights_by_reading(encoder))
        return _Made(Compared(), own=as_stored(own))
    compared, evidence = compare_known_items(generation, encoder, active, active_encoder)
    own = inherited(generation, active, compared, evidence, weights_by_reading(encoder))
    former = calibration_in_force(active)
    return _Made(compared, drift(former.null_weights, own.null_weights, evidence), as_stored(own))


def _when_made(generation: IndexGeneration) -> _Made:
    """A few passages more change nothing of it. Nobody compared the first generation of all."""
    made = Build.objects.filter(generation=generation, is_new=True, state=BuildState.BUILT).first()
    checks = made.checks if made else {}
    found = checks.get("known_items")
    return _Made(Compared(**found) if found else None, checks.get("drift"))


def _try_again(build: Build, problem: str) -> None:
    try:
        try_again(build, problem)
    except LeaseLost:
        logger.warning("build given up", extra={"build": str(build.pk)})
