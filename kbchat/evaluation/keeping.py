"""Keeping golden questions: by owners, in collections of theirs as a whole, as a search is explained to them.

Whoever lost one of a question's collections, or has a part of it closed, sees nothing of the question. Asks nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from kbchat.access.gate import visible_documents
from kbchat.access.owning import visible_whole_collections
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Invalid, NotFound, Unavailable
from kbchat.core.limits import Limit, reached
from kbchat.core.question_text import question_text
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import Place
from kbchat.evaluation.models import (
    MOST_EXPECTED_WORDS,
    MOST_PLACES,
    MOST_WORDS_CHARACTERS,
    ExpectedPlace,
    KeptQuestion,
    QuestionFigures,
)
from kbchat.evaluation.places import accepted_place, places_in_force
from kbchat.indexing.generations import active_generation
from kbchat.retrieval.port import EVERYTHING, Scope
from kbchat.retrieval.scopes import access_owned_scope, from_stored, to_stored


@dataclass(frozen=True, slots=True)
class QuestionWish:
    """`scope` without a place: all collections that are his as a whole. `places` empty: the library does not hold it;
    then no words are expected either."""

    text: str
    scope: Scope = EVERYTHING
    places: Sequence[Place] = ()
    expected_words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """`is_outdated`: its words do not stand in the version in force. `title`: "" where the document is gone."""

    document_id: UUID
    version_id: UUID
    title: str
    start: int
    end: int
    is_outdated: bool


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """`document_titles`: of the scope's documents, as far as they are there. `latest`: of the newest run that asked it
    as it is now, of what answers."""

    id: UUID
    text: str
    scope: Scope
    document_titles: list[str]
    places: list[PlaceRow]
    expected_words: list[str]
    changed_at: datetime
    latest: QuestionFigures | None = None


def visible_questions(viewer: Viewer) -> QuerySet[KeptQuestion]:
    """Inside `viewing`."""
    return KeptQuestion.objects.filter(collections__contained_by=visible_whole_collections(viewer))


def figures_of(viewer: Viewer, generation_id: int | None) -> QuerySet[QuestionFigures]:
    """What a generation was found to find of the questions that he may see, as they are now: what was found before one
    was changed is of another question. Inside `viewing`."""
    return QuestionFigures.objects.filter(
        run__in_force__generation=generation_id,
        run__started_at__gt=F("question__changed_at"),
        question__in=visible_questions(viewer),
    )


def newest_by_question(figures: QuerySet[QuestionFigures]) -> dict[UUID, QuestionFigures]:
    newest = figures.order_by("question_id", "-run__started_at").distinct("question_id")
    return {each.question_id: each for each in newest}


def people_who_keep_questions() -> list[UUID]:
    """Active people who may still see one that they keep. A worker's to ask, who may read none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_golden_keepers()")
        return [person for (person,) in cursor.fetchall()]


def scope_of(question: KeptQuestion) -> Scope:
    """As it was kept."""
    return (
        from_stored(question.scope) if question.scope else Scope(collection_ids=tuple(question.collections))
    )


def scope_today(viewer: Viewer, question: KeptQuestion) -> Scope | None:
    """Of its documents those that stand where they stood when it was kept; None: nothing of it is left. So whoever sees
    what was found owns what was searched. Inside `viewing`."""
    scope = scope_of(question)
    there = visible_documents(viewer).filter(pk__in=scope.document_ids, collection__in=question.collections)
    left = set(there.values_list("pk", flat=True))
    today = replace(scope, document_ids=tuple(each for each in scope.document_ids if each in left))
    return today if today.collection_ids or today.document_ids else None


def list_questions(viewer: Viewer) -> list[QuestionRow]:
    """Last changed first."""
    with viewing(viewer):
        kept = list(visible_questions(viewer).prefetch_related("places").order_by("-changed_at", "pk"))
        return _rows(viewer, kept, newest_by_question(figures_of(viewer, _answering())))


def keep_question(viewer: Viewer, wish: QuestionWish) -> QuestionRow:
    """Raises as access_owned_scope and accepted_place, and Invalid for too many or too much."""
    with viewing(viewer):
        most = settings.LIMITS.most_golden_questions
        if visible_questions(viewer).count() >= most:
            raise reached(Limit.GOLDEN_QUESTIONS, Invalid("too_many_golden_questions", most=most))
        return _written(viewer, KeptQuestion(kept_by_id=viewer.user_id), wish)


def change_question(viewer: Viewer, question_id: UUID, wish: QuestionWish) -> QuestionRow:
    """What earlier runs found of it stays. Raises as `keep_question`, and NotFound."""
    with viewing(viewer):
        return _written(viewer, _access(viewer, question_id), wish)


def remove_question(viewer: Viewer, question_id: UUID) -> None:
    """With what runs found of it. Raises NotFound."""
    with viewing(viewer):
        _access(viewer, question_id).delete()
        record(viewer.user_id, AuditAction.GOLDEN_QUESTION_REMOVED, question=question_id)


def _answering() -> int | None:
    """None: nothing is indexed yet, and nothing was found."""
    try:
        return active_generation().pk
    except Unavailable:
        return None


def _access(viewer: Viewer, question_id: UUID) -> KeptQuestion:
    kept = visible_questions(viewer).select_for_update().filter(pk=question_id).first()
    if kept is None:
        raise NotFound
    return kept


def _written(viewer: Viewer, kept: KeptQuestion, wish: QuestionWish) -> QuestionRow:
    if len(wish.places) > MOST_PLACES:
        raise Invalid("golden_places_too_many", most=MOST_PLACES)
    kept.text = question_text(wish.text)
    owned = access_owned_scope(viewer, wish.scope)
    kept.scope, kept.collections = to_stored(owned.scope), list(owned.collections)
    kept.expected_words = _accepted_words(wish.expected_words) if wish.places else []
    kept.changed_at = timezone.now()
    places = [accepted_place(viewer, each, owned.scope) for each in dict.fromkeys(wish.places)]
    kept.save()
    kept.places.all().delete()
    for each in places:
        each.question = kept
    ExpectedPlace.objects.bulk_create(places)
    (row,) = _rows(viewer, [kept], {})
    record(
        viewer.user_id,
        AuditAction.GOLDEN_QUESTION_KEPT,
        question=kept.pk,
        collections=kept.collections,
        places=len(places),
    )
    return row


def _accepted_words(typed: Sequence[str]) -> list[str]:
    """Each once, without blanks around it. Raises Invalid."""
    words = [each for each in dict.fromkeys(" ".join(storable(one).split()) for one in typed) if each]
    if len(words) > MOST_EXPECTED_WORDS or any(len(each) > MOST_WORDS_CHARACTERS for each in words):
        raise Invalid(
            "golden_words_too_many", most=MOST_EXPECTED_WORDS, most_characters=MOST_WORDS_CHARACTERS
        )
    return words


def _rows(
    viewer: Viewer, kept: Sequence[KeptQuestion], newest: Mapping[UUID, QuestionFigures]
) -> list[QuestionRow]:
    places = [place for question in kept for place in question.places.all()]
    current = places_in_force(viewer, places)
    scopes = {question.pk: scope_of(question) for question in kept}
    named = {each for scope in scopes.values() for each in scope.document_ids}
    documents = visible_documents(viewer).filter(pk__in=named | {place.document_id for place in places})
    titles = dict(documents.values_list("pk", "title"))

    def row_of(place: ExpectedPlace) -> PlaceRow:
        title = titles.get(place.document_id, "")
        return PlaceRow(
            place.document_id, place.version_id, title, place.start, place.end, place.pk not in current
        )

    return [
        QuestionRow(
            id=question.pk,
            text=question.text,
            scope=scopes[question.pk],
            document_titles=[titles[each] for each in scopes[question.pk].document_ids if each in titles],
            places=[row_of(place) for place in question.places.all()],
            expected_words=question.expected_words,
            changed_at=question.changed_at,
            latest=newest.get(question.pk),
        )
        for question in kept
    ]
