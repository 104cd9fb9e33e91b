"""Generations that nobody keeps any more: let go at once, and dropped when no turn reads them any longer."""

import logging
from datetime import timedelta
from typing import Final

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from kbchat.core.deadline import Deadline
from kbchat.core.leases import NO_LEASE
from kbchat.indexing.generations import wait_briefly
from kbchat.indexing.models import LIVE, ActiveGeneration, GenerationState, IndexGeneration
from kbchat.ingestion.models import Chunk
from kbchat.rebuilding.models import UNFINISHED, Build, BuildState

logger = logging.getLogger(__name__)

KEPT_DAYS: Final = 7
"""For which a generation that answered before is kept up to date, so that one can go back to it at once."""
# After that the rest of the passages is deleted another time.
_AT_A_TIME_SECONDS: Final = 10.0
_VERSIONS: Final = 50

# All passages of a version or none: one that has some by a policy is never cut by it again.
_DELETE_PASSAGES: Final = """
DELETE FROM ingestion_chunk WHERE chunking_policy = %(policy)s AND version_id = ANY(%(versions)s)
  AND NOT EXISTS (SELECT 1 FROM indexing_indexgeneration
                  WHERE chunking_policy = %(policy)s AND dropped_at IS NULL AND id <> %(generation)s)"""


@transaction.atomic
def let_go(generations: QuerySet[IndexGeneration]) -> int:
    """From now on nothing is written into them and nobody can go back to them; their builds end. Returns how many."""
    builds = Build.objects.filter(generation__in=generations, state__in=(*UNFINISHED, BuildState.FAILED))
    # Before the generations, as whoever ends a build does.
    builds.update(state=BuildState.CANCELLED, finished_at=timezone.now(), **NO_LEASE)
    return generations.filter(state__in=LIVE).update(state=GenerationState.RETIRED, retired_at=timezone.now())


def retire_former() -> None:
    """Those that another one took the place of long ago."""
    past = timezone.now() - timedelta(days=KEPT_DAYS)
    former = IndexGeneration.objects.filter(state=GenerationState.READY, answered_until__lt=past)
    let_go(former.exclude(pk__in=ActiveGeneration.objects.values("generation")))


def drop_retired(unread_after: timedelta) -> None:
    """The tables of generations that were retired so long ago that nobody reads them, and then the passages that were
    cut for them alone. What cannot be done now waits for the next time."""
    past = timezone.now() - unread_after
    retired = IndexGeneration.objects.filter(state=GenerationState.RETIRED, dropped_at=None)
    for generation in retired.filter(retired_at__lt=past):
        try:
            _drop_tables(generation)
            if _are_passages_deleted(generation):
                IndexGeneration.objects.filter(pk=generation.pk).update(dropped_at=timezone.now())
        except OperationalError:
            logger.info("generation is still read", extra={"generation": generation.pk})


@transaction.atomic
def _drop_tables(generation: IndexGeneration) -> None:
    with connection.cursor() as cursor:
        wait_briefly(cursor)
        cursor.execute("SELECT kbchat_drop_generation_partitions(%s)", [generation.pk])


def _are_passages_deleted(generation: IndexGeneration) -> bool:
    """Nothing is to be deleted where another generation has the same passages."""
    policy = generation.chunking_policy
    if (
        IndexGeneration.objects.filter(chunking_policy=policy, dropped_at=None)
        .exclude(pk=generation.pk)
        .exists()
    ):
        return True
    turn = Deadline.after(_AT_A_TIME_SECONDS)
    versions = list(Chunk.objects.filter(chunking_policy=policy).values_list("version", flat=True).distinct())
    for start in range(0, len(versions), _VERSIONS):
        if turn.has_passed:
            return False
        batch = versions[start : start + _VERSIONS]
        with transaction.atomic(), connection.cursor() as cursor:
            wait_briefly(cursor)
            cursor.execute(
                _DELETE_PASSAGES, {"policy": policy, "versions": batch, "generation": generation.pk}
            )
    return True
