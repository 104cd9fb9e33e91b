"""Runs of golden questions: each asks all that its starter may see, piece by piece, and keeps the figures.

A run is no job of a worker's: workers may read neither the questions nor search for a person. Whoever started it goes
on with it, a few seconds at a time, under his rights at that moment; left alone, it waits. What others see of a run,
its sums too, is made of the questions that they may see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Avg, Count, Q, QuerySet
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import COUNTED, Asked, Figures, Searching, as_stored, ask
from kbchat.evaluation.keeping import figures_of, newest_by_question, scope_today, visible_questions
from kbchat.evaluation.models import GoldenRun, KeptQuestion, QuestionFigures
from kbchat.evaluation.places import places_in_force
from kbchat.retrieval.port import Pin

MOST_RUNS: Final = 100
"""As many are listed; older ones stay."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """`answerable`: questions with expected places that stand in today's texts; `found`: those of which search had one
    among the first 10; `recall`, `mrr`: their means; `answered`: those that were not refused. `silent`: questions that
    the library does not hold; `refused`: those that were refused. `outdated`: questions to be marked anew, which count
    nowhere. `worded`: questions with expected words; `said`: those whose quotes hold one of them. `is_own`: he
    started it."""

    id: UUID
    started_at: datetime
    finished_at: datetime | None
    in_force: dict[str, Any]
    answerable: int
    found: int
    recall: float | None
    mrr: float | None
    answered: int
    silent: int
    refused: int
    outdated: int
    worded: int
    said: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class RunProgress:
    """`remaining`: questions that are still to be asked; 0: the run is finished."""

    id: UUID
    remaining: int


@dataclass(frozen=True, slots=True)
class MeasuredQuestion:
    """`before`: what the run before that asked it of the same generation found. `is_changed`: the question was changed
    after the run had begun, so that `now` may be of another one; then there is no `before`."""

    question_id: UUID
    text: str
    is_changed: bool
    now: QuestionFigures
    before: QuestionFigures | None


@dataclass(frozen=True, slots=True)
class RunDetail:
    run: RunRow
    questions: list[MeasuredQuestion]


def start_run(viewer: Viewer, searching: Searching, generation_id: int | None = None) -> RunProgress:
    """Of what answers, or, for administrators, of one generation of those that are compared. Nothing is asked yet.
    Raises NotFound for whoever names one and is none; Invalid("no_golden_questions"), Unavailable."""
    if generation_id is not None:
        administrator(viewer)
    with viewing(viewer):
        questions = visible_questions(viewer).count()
    if not questions:
        raise Invalid("no_golden_questions")
    in_force = searching.in_force(searching.retriever.pin(generation_id))
    with viewing(viewer):
        run = GoldenRun.objects.create(started_by_id=viewer.user_id, in_force=in_force)
        record(
            viewer.user_id,
            AuditAction.GOLDEN_RUN_STARTED,
            run=run.pk,
            questions=questions,
            generation=in_force["generation"],
        )
    return RunProgress(run.pk, questions)


def continue_run(
    viewer: Viewer,
    run_id: UUID,
    searching: Searching,
    *,
    deadline: Deadline,
    on_asked: Callable[[str, Figures], None] = lambda *_: None,
) -> RunProgress:
    """Ask what is left until the deadline has passed, one question at least. Blocking.

    Raises NotFound for a run that is not his; Conflict("golden_settings_changed") where something else is in force
    than when it started; Unavailable.
    """
    with viewing(viewer):
        run = GoldenRun.objects.filter(pk=run_id, started_by=viewer.user_id).first()
        if run is None:
            raise NotFound
        waiting = [] if run.finished_at else _waiting(viewer, run)
    pin = searching.retriever.pin(run.in_force["generation"])
    if waiting and run.in_force != searching.in_force(pin):
        raise Conflict("golden_settings_changed")
    for number, question in enumerate(waiting, 1):
        _measure(viewer, run, question, pin, searching, on_asked)
        if number < len(waiting) and deadline.has_passed:
            return RunProgress(run.pk, len(waiting) - number)
    with viewing(viewer):
        GoldenRun.objects.filter(pk=run.pk, finished_at=None).update(finished_at=timezone.now())
    return RunProgress(run.pk, 0)


def list_runs(viewer: Viewer) -> list[RunRow]:
    """Newest first."""
    with viewing(viewer):
        return [_row(viewer, run) for run in _summed(viewer).order_by("-started_at")[:MOST_RUNS]]


def run_detail(viewer: Viewer, run_id: UUID) -> RunDetail:
    """Raises NotFound."""
    with viewing(viewer):
        run = _summed(viewer).filter(pk=run_id).first()
        if run is None:
            raise NotFound
        seen = QuestionFigures.objects.filter(run=run_id, question__in=visible_questions(viewer))
        now = seen.select_related("question").order_by("question__text", "pk")
        of_the_same = figures_of(viewer, run.in_force["generation"])
        before = newest_by_question(of_the_same.filter(run__started_at__lt=run.started_at))
        measured = [
            MeasuredQuestion(
                question_id=each.question_id,
                text=each.question.text,
                is_changed=each.question.changed_at >= run.started_at,
                now=each,
                before=before.get(each.question_id),
            )
            for each in now
        ]
        return RunDetail(_row(viewer, run), measured)


def paired_figures(
    viewer: Viewer, before: int, now: int, since: datetime | None
) -> tuple[int, list[tuple[QuestionFigures, QuestionFigures]]]:
    """How many golden questions the viewer may see that need not be marked anew; and of those that two generations were
    asked, by runs begun after `since`, the newest figures of each."""
    with viewing(viewer):
        of_before, of_now = (_newest_figures(viewer, generation, since) for generation in (before, now))
        outdated = {each.question_id for each in (*of_before.values(), *of_now.values()) if each.is_outdated}
        asked = sorted((of_before.keys() & of_now.keys()) - outdated)
        kept = visible_questions(viewer).exclude(pk__in=outdated).count()
        return kept, [(of_before[question], of_now[question]) for question in asked]


def _newest_figures(
    viewer: Viewer, generation_id: int, since: datetime | None
) -> dict[UUID, QuestionFigures]:
    asked = figures_of(viewer, generation_id).select_related("question")
    return newest_by_question(asked.filter(run__started_at__gt=since) if since else asked)


def _waiting(viewer: Viewer, run: GoldenRun) -> list[KeptQuestion]:
    """Those that were there when it started and have no figures in it yet."""
    there = visible_questions(viewer).filter(created_at__lte=run.started_at)
    return list(there.exclude(figures__run=run).order_by("created_at", "pk"))


def _measure(
    viewer: Viewer,
    run: GoldenRun,
    question: KeptQuestion,
    pin: Pin,
    searching: Searching,
    on_asked: Callable[[str, Figures], None],
) -> None:
    """No transaction is open while the models work; a question that somebody removed meanwhile is passed by."""
    with viewing(viewer):
        expected = list(question.places.all())
        places = tuple(places_in_force(viewer, expected).values())
        scope = scope_today(viewer, question)
    asked = Asked(question.text, scope, places, bool(expected), tuple(question.expected_words))
    figures = ask(viewer, asked, pin, searching)
    with viewing(viewer):
        # Who removes it waits for the figures, or they for him.
        if visible_questions(viewer).select_for_update(no_key=True).filter(pk=question.pk).first():
            # Two windows may go on with the same run: the first figures stay.
            kept = QuestionFigures(run=run, question=question, **as_stored(figures))
            QuestionFigures.objects.bulk_create([kept], ignore_conflicts=True)
    on_asked(question.text, figures)


def _summed(viewer: Viewer) -> QuerySet[GoldenRun]:
    """Runs that asked something that he may see, with the sums over that."""
    counted = Q(figures__expects_places=True, figures__is_outdated=False)
    silent = Q(figures__expects_places=False)
    return GoldenRun.objects.filter(figures__question__in=visible_questions(viewer)).annotate(
        answerable=Count("figures", filter=counted),
        found=Count("figures", filter=counted & Q(figures__found_at__lte=COUNTED)),
        recall=Avg("figures__recall", filter=counted),
        mrr=Avg("figures__reciprocal_rank", filter=counted),
        answered=Count("figures", filter=counted & Q(figures__is_refused=False)),
        silent=Count("figures", filter=silent),
        refused=Count("figures", filter=silent & Q(figures__is_refused=True)),
        outdated=Count("figures", filter=Q(figures__is_outdated=True)),
        worded=Count("figures", filter=Q(figures__says_expected__isnull=False)),
        said=Count("figures", filter=Q(figures__says_expected=True)),
    )


_SUMS: Final = tuple(name for name in RunRow.__dataclass_fields__ if name != "is_own")


def _row(viewer: Viewer, run: GoldenRun) -> RunRow:
    sums = {name: getattr(run, name) for name in _SUMS}
    return RunRow(**sums, is_own=run.started_by_id == viewer.user_id)
