"""Which generation answers: one row, changed by compare-and-set. Going back is the same change the other way."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from kbchat.accounts.managing import administrator
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import digest
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.jobs import Job, ring_on_commit
from kbchat.core.viewer import Viewer
from kbchat.indexing.filling import count_missing
from kbchat.indexing.models import LIVE, ActiveGeneration, GenerationState, IndexGeneration
from kbchat.rebuilding.comparing import compare_golden
from kbchat.rebuilding.graphs import graph_problems
from kbchat.rebuilding.models import Build, BuildState
from kbchat.rebuilding.retiring import let_go

COMPARED_WITH_ANOTHER: Final = "compared_with_another"

_MOST_REASON_CHARACTERS: Final = 1000


def put_in_force(viewer: Viewer, generation_id: int, *, instead_of: int, reason: str = "") -> None:
    """Every question from now on is answered by it. `reason`: why, where the checks refuse it.

    Raises NotFound for whoever is no administrator; Conflict("generation_answers") where it would take its own place;
    Conflict("generation_moved") where another one answers than `instead_of`; Invalid("generation_incomplete") for one
    that lacks passages; Invalid("generation_worse") where the checks or the golden questions refuse it and no reason
    is given.
    """
    actor = administrator(viewer)
    if generation_id == instead_of:
        raise Conflict("generation_answers")
    reason = reason.strip()[:_MOST_REASON_CHARACTERS]
    refused_for = _refused_for(viewer, generation_id, instead_of)
    if refused_for and not reason:
        raise Invalid("generation_worse", reasons=", ".join(refused_for))
    with transaction.atomic():
        _switch(generation_id, instead_of)
        if refused_for:
            latest = Build.objects.filter(generation=generation_id).order_by("-requested_at")[:1]
            Build.objects.filter(pk__in=latest.values("pk")).update(override_reason=reason)
        overridden = {"refused_for": refused_for, "reason": digest(reason)} if refused_for else {}
        actor.record(
            AuditAction.GENERATION_SWITCHED, generation=generation_id, before=instead_of, **overridden
        )


@transaction.atomic
def retire(viewer: Viewer, generation_id: int) -> None:
    """Its tables are dropped by a worker; nobody can go back to it. Raises NotFound; Conflict("generation_answers")."""
    actor = administrator(viewer)
    # The pointer first, as whoever switches does.
    pointer = ActiveGeneration.objects.select_for_update().first()
    if pointer is not None and pointer.generation_id == generation_id:
        raise Conflict("generation_answers")
    if not let_go(IndexGeneration.objects.filter(pk=generation_id)):
        raise NotFound
    actor.record(AuditAction.GENERATION_RETIRED, generation=generation_id)
    ring_on_commit(Job.SWEEP_BUILDS)


def _switch(generation_id: int, instead_of: int) -> None:
    now = timezone.now()
    # The pointer first: two who switch at once do so one after the other, and the second finds it moved.
    pointer = ActiveGeneration.objects.select_for_update().first()
    if pointer is None or pointer.generation_id != instead_of:
        raise Conflict("generation_moved")
    generation = _locked(generation_id)
    if generation.state not in {GenerationState.SHADOW, GenerationState.READY} or count_missing(generation):
        raise Invalid("generation_incomplete")
    generation.state, generation.answered_until = GenerationState.READY, None
    generation.save(update_fields=["state", "answered_until"])
    pointer.generation = generation
    pointer.save(update_fields=["generation"])
    IndexGeneration.objects.filter(pk=instead_of).update(answered_until=now)


def _refused_for(viewer: Viewer, generation_id: int, instead_of: int) -> list[str]:
    """Nothing where it answered before: to go back needs no proof."""
    generation = IndexGeneration.objects.filter(pk=generation_id, state__in=LIVE).first()
    if generation is None:
        raise NotFound
    if generation.answered_until is not None:
        return []
    build = (
        Build.objects.filter(generation=generation, state=BuildState.BUILT).order_by("-finished_at").first()
    )
    if build is None:
        raise Invalid("generation_incomplete")
    known_items = build.checks.get("known_items") or {}
    return [
        *build.checks.get("problems", ["unchecked"]),
        *(
            [COMPARED_WITH_ANOTHER]
            if known_items.get("asked") and known_items.get("compared_with") != instead_of
            else []
        ),
        *graph_problems(generation),
        *compare_golden(viewer, instead_of, generation_id).problems,
    ]


def _locked(generation_id: int) -> IndexGeneration:
    generation = IndexGeneration.objects.select_for_update().filter(pk=generation_id, state__in=LIVE).first()
    if generation is None:
        raise NotFound
    return generation
