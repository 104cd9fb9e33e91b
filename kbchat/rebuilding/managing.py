"""Builds of generations as administrators ask for them, hold them up and look at them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from kbchat.accounts.managing import administrator
from kbchat.analysis import ANALYSER_VERSION
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict, NotFound
from kbchat.core.jobs import Job, ring_on_commit
from kbchat.core.leases import NO_LEASE
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import Encoders, EncoderSource, is_opened_by
from kbchat.indexing.filling import is_current
from kbchat.indexing.models import LIVE, ActiveGeneration, GenerationState, IndexGeneration
from kbchat.rebuilding.builds import call
from kbchat.rebuilding.choosing import chosen_encoder, offered_encoders
from kbchat.rebuilding.graphs import graph_problems
from kbchat.rebuilding.inheriting import calibration_in_force
from kbchat.rebuilding.models import UNFINISHED, Build, BuildState, ShadowFigures
from kbchat.rebuilding.retiring import let_go
from kbchat.retrieval.calibration import languages_by_words

_MOST_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class BuildRow:
    """`rate`: passages a second, as often as people ask; `remaining_seconds`: by that rate. None where nothing was
    written yet."""

    id: UUID
    state: str
    problem: str
    passages: int
    written: int
    reused: int
    rate: float | None
    remaining_seconds: float | None
    requested_at: datetime
    finished_at: datetime | None
    checks: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """Means over people's questions, asked of this generation besides the one that answers: the share of the first ten
    passages that both have, the correlation of their ranks, milliseconds of each search."""

    asked: int
    overlap: float
    correlation: float | None
    milliseconds_before: float
    milliseconds_now: float


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """`answers`: it is the one in force. `source`: by what its encoder is opened, "" where it does not say. `is_old`:
    the program cuts or analyses text in another way by now. `by_words`: languages that its encoder is not asked in, so
    that words alone find. `build`: its newest. `graph_recall`: what the graph over
    its vectors finds beside comparing all; None where there is none, or nobody has looked; `graph_problems`: what of
    that speaks against it. `override_reason`: why it was put in force although checks refused it. `shadow`: what it
    found of people's questions; None where none was asked of it yet."""

    id: int
    state: str
    answers: bool
    encoder: str
    source: str
    dimension: int
    chunking_policy: str
    is_old: bool
    by_words: list[str]
    created_at: datetime
    answered_until: datetime | None
    build: BuildRow | None
    graph_recall: float | None
    graph_problems: list[str]
    override_reason: str
    shadow: ShadowRow | None


@dataclass(frozen=True, slots=True)
class GenerationsView:
    """All generations that are kept and the last that were retired, newest first, and builds that have none yet.
    `configured`: what the settings name; where `is_configured` is false, the library answers by something else.
    `offered`: by which encoders another one may be built, the configured one first."""

    generations: list[GenerationRow]
    waiting: list[BuildRow]
    configured: str
    is_configured: bool
    offered: list[str]


def view_generations(viewer: Viewer, encoders: Encoders) -> GenerationsView:
    """Raises NotFound for whoever is no administrator."""
    administrator(viewer)
    configured = encoders.configured_source
    active = ActiveGeneration.objects.values_list("generation", flat=True).first()
    live = IndexGeneration.objects.filter(state__in=LIVE)
    retired = IndexGeneration.objects.exclude(state__in=LIVE).order_by("-pk")[:_MOST_SHOWN]
    shown = sorted([*live, *retired], key=lambda each: -each.pk)
    newest = Build.objects.filter(generation__in=shown).order_by("generation", "-requested_at")
    builds = {build.generation_id: build for build in newest.distinct("generation")}
    forced = newest.exclude(override_reason="").distinct("generation")
    reasons = dict(forced.values_list("generation", "override_reason"))
    shadows = {each.generation_id: each for each in ShadowFigures.objects.filter(compared_with=active)}
    waiting = Build.objects.filter(generation=None).order_by("-requested_at")[:_MOST_SHOWN]
    in_force = next((each for each in live if each.pk == active), None)
    return GenerationsView(
        generations=[
            _generation_row(each, active, builds.get(each.pk), reasons.get(each.pk, ""), shadows.get(each.pk))
            for each in shown
        ],
        waiting=[_build_row(each) for each in waiting],
        configured=configured.told,
        is_configured=in_force is None or is_opened_by(in_force, configured),
        offered=list(offered_encoders(encoders)),
    )


def view_build(viewer: Viewer, build_id: UUID) -> BuildRow:
    """Raises NotFound."""
    administrator(viewer)
    build = Build.objects.filter(pk=build_id).first()
    if build is None:
        raise NotFound
    return _build_row(build)


def request_build(viewer: Viewer, source: EncoderSource | None = None) -> UUID:
    """A new generation, beside the one that answers. `source`: of its encoder; None: what the workers' settings name.
    Raises NotFound; Conflict("build_under_way") while another one is built."""
    actor = administrator(viewer)
    with _one_at_a_time():
        stored = source.as_stored() if source else {}
        build = Build.objects.create(source=stored, is_new=True, requested_by_id=viewer.user_id)
        actor.record(AuditAction.GENERATION_REQUESTED, build=build.pk)
        call(build)
    return build.pk


def request_offered_build(viewer: Viewer, encoders: Encoders, name: str) -> UUID:
    """As `request_build`, for whoever does not ask on the machine itself: by the encoder of this name among those that
    are offered; "": by what the workers' settings name. Raises Invalid("encoder_not_offered") as well."""
    administrator(viewer)
    return request_build(viewer, chosen_encoder(encoders, name) if name else None)


def pause_build(viewer: Viewer, build_id: UUID) -> None:
    """Raises NotFound, Conflict("build_ended")."""
    _move(viewer, build_id, (BuildState.QUEUED, BuildState.RUNNING), BuildState.PAUSED)


def resume_build(viewer: Viewer, build_id: UUID) -> None:
    """Where it was; one that failed, too. Raises NotFound; Conflict("build_ended"); Conflict("build_under_way") while
    another one is built that keeps it from going on."""
    with _one_at_a_time():
        _move(viewer, build_id, (BuildState.PAUSED, BuildState.FAILED), BuildState.QUEUED)


def cancel_build(viewer: Viewer, build_id: UUID) -> None:
    """With what it has written, unless its generation is kept for other reasons. Raises NotFound,
    Conflict("build_ended")."""
    with transaction.atomic():
        build = _move(viewer, build_id, (*UNFINISHED, BuildState.FAILED), BuildState.CANCELLED)
        let_go(IndexGeneration.objects.filter(builds=build, state=GenerationState.BUILDING))
        ring_on_commit(Job.SWEEP_BUILDS)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """In one transaction. Raises Conflict("build_under_way") where the database holds it back."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Conflict("build_under_way") from error


@transaction.atomic
def _move(viewer: Viewer, build_id: UUID, before: tuple[str, ...], after: BuildState) -> Build:
    actor = administrator(viewer)
    build = Build.objects.select_for_update().filter(pk=build_id).first()
    if build is None:
        raise NotFound
    if build.state not in before:
        raise Conflict("build_ended")
    is_over = after == BuildState.CANCELLED
    build.ticket = uuid4()
    Build.objects.filter(pk=build_id).update(
        state=after,
        ticket=build.ticket,
        attempts=0,
        not_before=Now(),
        finished_at=timezone.now() if is_over else None,
        **NO_LEASE,
    )
    actor.record(AuditAction.GENERATION_BUILD_CHANGED, build=build_id, state=after.value)
    if after == BuildState.QUEUED:
        call(build)
    return build


def _generation_row(
    generation: IndexGeneration,
    active: int | None,
    build: Build | None,
    override_reason: str,
    shadow: ShadowFigures | None,
) -> GenerationRow:
    return GenerationRow(
        id=generation.pk,
        state=generation.state,
        answers=generation.pk == active,
        encoder=generation.encoder,
        source=EncoderSource(**generation.source).told,
        dimension=generation.dimension,
        chunking_policy=generation.chunking_policy,
        is_old=generation.state in LIVE and not _is_up_to_date(generation),
        by_words=languages_by_words(calibration_in_force(generation).dense_weights),
        created_at=generation.created_at,
        answered_until=generation.answered_until,
        build=_build_row(build) if build else None,
        graph_recall=generation.graph_recall,
        graph_problems=graph_problems(generation),
        override_reason=override_reason,
        shadow=_shadow_row(shadow) if shadow else None,
    )


def _shadow_row(figures: ShadowFigures) -> ShadowRow:
    return ShadowRow(
        asked=figures.asked,
        overlap=figures.overlap / figures.asked,
        correlation=figures.correlation / figures.correlated if figures.correlated else None,
        milliseconds_before=1000 * figures.seconds_before / figures.asked,
        milliseconds_now=1000 * figures.seconds_now / figures.asked,
    )


def _is_up_to_date(generation: IndexGeneration) -> bool:
    return generation.analyser_version == ANALYSER_VERSION and is_current(generation.chunking_policy)


def _build_row(build: Build) -> BuildRow:
    rate = build.written / build.seconds if build.written and build.seconds else None
    is_open = build.state in UNFINISHED
    return BuildRow(
        id=build.pk,
        state=build.state,
        problem=build.problem,
        passages=build.passages,
        written=min(build.written, build.passages),
        reused=build.reused,
        rate=rate,
        remaining_seconds=max(build.passages - build.written, 0) / rate if rate and is_open else None,
        requested_at=build.requested_at,
        finished_at=build.finished_at,
        checks=build.checks or None,
    )
