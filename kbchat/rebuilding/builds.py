"""The state machine of a build. Every transition is a compare-and-set: who lost the lease writes nothing.

queued -> running -> queued (the next seconds of it) -> … -> built | failed; paused and cancelled from anywhere before.
"""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from kbchat.core.jobs import Job, ring_on_commit
from kbchat.core.leases import LeaseLost, lease_end, renewed
from kbchat.rebuilding.models import Build, BuildState

MOST_ATTEMPTS: Final = 5
_FIRST_RETRY_SECONDS: Final = 15.0
_NO_LEASE: Final = {"lease": None, "leased_until": None}


def claim(build_id: UUID, ticket: UUID) -> Build | None:
    """None: it is not due, paused, finished, somebody has it, or another job went on with this ticket."""
    claimed = Build.objects.filter(_is_due(), pk=build_id, ticket=ticket).update(
        state=BuildState.RUNNING, lease=uuid4(), leased_until=lease_end(), attempts=F("attempts") + 1
    )
    return Build.objects.select_related("generation").get(pk=build_id) if claimed else None


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
    _write(build, **values)
    for name, value in values.items():
        setattr(build, name, value)


def hand_on(build: Build) -> None:
    """Back to the queue, for whoever is next; inside a transaction. Raises LeaseLost."""
    build.ticket = uuid4()
    _write(build, state=BuildState.QUEUED, ticket=build.ticket, **_NO_LEASE)
    call(build)


def finish(build: Build, **values: object) -> None:
    """Raises LeaseLost."""
    _write(build, state=BuildState.BUILT, finished_at=timezone.now(), **values, **_NO_LEASE)


def fail(build: Build, problem: str) -> None:
    """For good, until somebody goes on with it. Raises LeaseLost."""
    _write(build, state=BuildState.FAILED, finished_at=timezone.now(), problem=problem, **_NO_LEASE)


def is_poison(build: Build) -> bool:
    """Whether every attempt since it last came further was killed in the middle."""
    return build.attempts > MOST_ATTEMPTS


def try_again(build: Build, problem: str) -> None:
    """After a pause that doubles; after `MOST_ATTEMPTS` without getting further it has failed. Raises LeaseLost."""
    if build.attempts >= MOST_ATTEMPTS:
        fail(build, problem)
        return
    pause = timedelta(seconds=_FIRST_RETRY_SECONDS * 2 ** max(build.attempts - 1, 0))
    _write(
        build,
        state=BuildState.QUEUED,
        ticket=uuid4(),
        not_before=timezone.now() + pause,
        problem=problem,
        **_NO_LEASE,
    )


def kept(build: Build) -> AbstractContextManager[None]:
    """Renews the lease while the block works."""
    return renewed(lambda until: bool(_held(build).update(leased_until=until)), f"build {build.pk}")


def _is_due() -> Q:
    now = timezone.now()
    waits = Q(state=BuildState.QUEUED, not_before__lte=now)
    return waits | Q(state=BuildState.RUNNING, leased_until__lt=now)


def _write(build: Build, **values: object) -> None:
    if not _held(build).update(**values):
        raise LeaseLost(str(build.pk))


def _held(build: Build) -> QuerySet[Build]:
    return Build.objects.filter(pk=build.pk, state=BuildState.RUNNING, lease=build.lease)
