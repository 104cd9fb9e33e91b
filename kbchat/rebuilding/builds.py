"""The state machine of a build. Every transition is a compare-and-set: who lost the lease writes nothing.

queued -> running -> queued (the next seconds of it) -> … -> built | failed; paused and cancelled from anywhere before.
"""

from typing import Final
from uuid import UUID, uuid4

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from kbchat.core import leases
from kbchat.core.jobs import Job, ring_on_commit
from kbchat.rebuilding.models import Build, BuildState

MOST_ATTEMPTS: Final = 5
_FIRST_RETRY_SECONDS: Final = 15.0


def claim(build_id: UUID, ticket: UUID) -> Build | None:
    """None: it is not due, paused, finished, somebody has it, or another job went on with this ticket."""
    if not leases.claim(Build.objects.filter(_is_due(), pk=build_id, ticket=ticket)):
        return None
    return Build.objects.select_related("generation").get(pk=build_id)


def due_builds() -> list[Build]:
    """Those that nobody works on although they are due: their job waits or was lost, the worker was killed, or a pause
    is over."""
    return list(Build.objects.filter(_is_due()).order_by("requested_at"))


def call(build: Build) -> None:
    """Ring for it as soon as the transaction commits."""
    ring_on_commit(Job.GO_ON_BUILDING, build.pk, build.ticket)


def advance(build: Build, **values: object) -> None:
    """Say how far it is; it came further. Raises LeaseLost; inside a transaction the row is then locked to its end."""
    values |= {"attempts": 0, "problem": ""}
    leases.write(build, **values)
    for name, value in values.items():
        setattr(build, name, value)


def hand_on(build: Build) -> None:
    """Back to the queue, for whoever is next; inside a transaction. Raises LeaseLost."""
    build.ticket = uuid4()
    leases.write(build, state=BuildState.QUEUED, ticket=build.ticket, **leases.NO_LEASE)
    call(build)


def finish(build: Build, **values: object) -> None:
    """Raises LeaseLost."""
    leases.write(build, state=BuildState.BUILT, finished_at=timezone.now(), **values, **leases.NO_LEASE)


def fail(build: Build, problem: str) -> None:
    """For good, until somebody goes on with it. Raises LeaseLost."""
    leases.write(
        build, state=BuildState.FAILED, finished_at=timezone.now(), problem=problem, **leases.NO_LEASE
    )


def try_again(build: Build, problem: str) -> None:
    """After a pause that doubles; after `MOST_ATTEMPTS` without getting further it has failed. Raises LeaseLost."""
    if build.attempts >= MOST_ATTEMPTS:
        fail(build, problem)
        return
    leases.write(
        build,
        state=BuildState.QUEUED,
        ticket=uuid4(),
        not_before=Now() + leases.pause_after(build.attempts, _FIRST_RETRY_SECONDS),
        problem=problem,
        **leases.NO_LEASE,
    )


def _is_due() -> Q:
    return leases.due(Q(not_before__lte=Now()))
