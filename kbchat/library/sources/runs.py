"""The state machine of a source's run. Every transition is a compare-and-set: who lost the lease writes nothing.

queued -> running -> succeeded | failed; either of the first two -> cancelled; skipped is where one that was due found
another under way
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kbchat.access.mirroring import MirroredReaders
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core import leases
from kbchat.core.jobs import Job, ring, ring_on_commit
from kbchat.library.models import UNFINISHED, KeptSource, SourceItem, SourceRun, SourceRunState

MOST_ATTEMPTS: Final = 3
_MOST_KEPT: Final = 200
_MOST_RUNG: Final = 200
_MOST_MIRRORED_TOLD: Final = 200
# Looked at once more by whoever goes on for a worker that died; what was taken in stays counted.
_COUNTED_ANEW: Final = dict.fromkeys(
    ("done", "unchanged", "refused", "left_out", "held", "passed_over", "unread_pictures", "withheld"), 0
)
_COUNTED_ON: Final = ("new", "changed", "removed", "readers_changed")


def queue_run(source: KeptSource, **about: object) -> SourceRun | None:
    """A run from the beginning; None where one is under way. Inside a transaction."""
    # Whoever starts one waits here for whoever else does.
    KeptSource.objects.select_for_update(no_key=True).filter(pk=source.pk).first()
    if SourceRun.objects.filter(source=source, state__in=UNFINISHED).exists():
        return None
    run = SourceRun.objects.create(source=source, **about)
    ring_on_commit(Job.RUN_SOURCE, run.pk)
    return run


@transaction.atomic
def start_by_schedule(source_id: UUID, due_at: datetime) -> None:
    """That it was due while another was under way is kept as a run that was skipped."""
    source = KeptSource.objects.filter(pk=source_id).first()
    if source is not None and queue_run(source, due_at=due_at) is None:
        SourceRun.objects.create(
            source=source, due_at=due_at, state=SourceRunState.SKIPPED, finished_at=timezone.now()
        )


def sweep_source_runs() -> int:
    """Ring again for what waits although nobody works on it. Returns how many rang."""
    found = list(SourceRun.objects.filter(leases.due()).order_by("created_at")[:_MOST_RUNG])
    for run in found:
        ring(Job.RUN_SOURCE, run.pk)
    return len(found)


def claim(run_id: UUID) -> SourceRun | None:
    """None: it is finished, or somebody has it."""
    waiting = SourceRun.objects.filter(leases.due(), pk=run_id)
    if not leases.claim(waiting, started_at=timezone.now(), **_COUNTED_ANEW):
        return None
    return SourceRun.objects.select_related("source__keeper").get(pk=run_id)


def note(run: SourceRun, **values: object) -> None:
    """Writes these and how far it is. Raises LeaseLost; inside a transaction the row is then locked to its end."""
    counted = {name: getattr(run, name) for name in (*_COUNTED_ANEW, *_COUNTED_ON)}
    leases.write(run, **counted | values)
    for name, value in values.items():
        setattr(run, name, value)


def finish(run: SourceRun, state: SourceRunState, problem: str = "", **facts: str | float) -> None:
    """For good. Raises LeaseLost."""
    with transaction.atomic():
        kept = SourceRun.objects.filter(pk=run.pk).values("readers_changed", "mirrored").first()
        if kept is None:
            raise leases.LeaseLost(str(run.pk))
        # As they were committed: a step that failed changed nobody's readers.
        run.readers_changed, run.mirrored = kept["readers_changed"], kept["mirrored"]
        note(
            run,
            state=state,
            problem=problem,
            problem_facts=facts,
            finished_at=timezone.now(),
            **leases.NO_LEASE,
        )
        SourceRun.objects.filter(pk=run.pk).update(mirrored=[])
        record_mirrored(run)


def cancel(source: KeptSource) -> SourceRun | None:
    """End what is under way, whoever works on it: without its lease he writes nothing any more. A write that holds the
    row is waited for. Inside a transaction. None where nothing is."""
    run = SourceRun.objects.select_for_update().filter(source=source, state__in=UNFINISHED).first()
    if run is None:
        return None
    run.source = source
    SourceRun.objects.filter(pk=run.pk).update(
        state=SourceRunState.CANCELLED, mirrored=[], finished_at=timezone.now(), **leases.NO_LEASE
    )
    return run


def add_mirrored(
    told: list[dict[str, list[str]]], changed: Mapping[UUID, tuple[MirroredReaders, MirroredReaders]]
) -> None:
    """`changed`: by document, before and after. Put together are those of which the same has changed; of very many,
    the first are told."""
    left = max(_MOST_MIRRORED_TOLD - sum(len(each["documents"]) for each in told), 0)
    for document, readers in islice(changed.items(), left):
        before, after = (each.as_fact() for each in readers)
        same = next((each for each in told if (each["before"], each["after"]) == (before, after)), None)
        if same is None:
            same = {"before": before, "after": after, "documents": []}
            told.append(same)
        same["documents"].append(str(document))


def record_mirrored(run: SourceRun, *, actor_id: UUID | None = None) -> None:
    """Last in the transaction in which the run ends, or goes."""
    if run.readers_changed:
        record(
            actor_id,
            AuditAction.READERS_MIRRORED,
            source=run.source_id,
            run=run.pk,
            keeper=run.source.keeper_id,
            documents=run.readers_changed,
            changes=run.mirrored,
        )


def forget_old_runs(source: KeptSource) -> None:
    """All but the newest, and those whose removals still wait."""
    newest = SourceRun.objects.filter(source=source).order_by("-created_at").values("pk")[:_MOST_KEPT]
    waited_for = SourceItem.objects.filter(source=source).exclude(held_in=None).values("held_in")
    older = SourceRun.objects.filter(source=source).exclude(pk__in=newest).exclude(pk__in=waited_for)
    older.exclude(state__in=UNFINISHED).delete()
