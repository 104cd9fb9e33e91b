"""Feedback on answers: its author's alone; administrators are told counts, and what was handed over without a name."""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from kbchat.access.viewing import no_viewer, viewing
from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import conversation, delete_conversation
from kbchat.chat.feedback import (
    MOST_COMMENT_CHARACTERS,
    FeedbackReport,
    Opinion,
    give_feedback,
    read_feedback,
    take_feedback_back,
)
from kbchat.chat.models import Conversation, Feedback, Turn, TurnState
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer
from tests.company import Company, found_company
from tests.services.audit_support import subjects

pytestmark = pytest.mark.django_db

WRONG = Opinion(is_helpful=False, reasons=["wrong", "outdated", "wrong"], comment=" It is 30. ")


@pytest.fixture
def company() -> Company:
    return found_company()


def answered(
    viewer: Viewer, question: str = "How many days?", state: str = TurnState.DONE
) -> tuple[UUID, UUID]:
    """A conversation of his, and its turn."""
    finished = None if state == TurnState.QUEUED else timezone.now()
    with viewing(viewer):
        opened = Conversation.objects.create(owner_id=viewer.user_id, title=question)
        turn = Turn.objects.create(
            conversation=opened,
            owner_id=viewer.user_id,
            client_message_id=uuid4(),
            question=question,
            state=state,
            finished_at=finished,
        )
    return opened.pk, turn.pk


def told(report: FeedbackReport) -> tuple[int, int, dict[str, int], list[tuple[str, str]]]:
    given = {reason: count for reason, count in report.reasons.items() if count}
    return (
        report.helpful,
        report.unhelpful,
        given,
        [(one.question, one.comment) for one in report.handed_over],
    )


def test_it_is_given_changed_and_taken_back(company: Company) -> None:
    place = answered(company.reader)
    give_feedback(company.reader, *place, WRONG)
    (turn,) = conversation(company.reader, place[0]).turns
    assert turn.feedback is not None
    assert (turn.feedback.reasons, turn.feedback.comment) == (["wrong", "outdated"], "It is 30.")
    assert told(read_feedback(company.admin)) == (0, 1, {"wrong": 1, "outdated": 1}, [])
    give_feedback(company.reader, *place, Opinion(is_helpful=True, reasons=["wrong"]))
    assert told(read_feedback(company.admin)) == (1, 0, {}, [])
    take_feedback_back(company.reader, *place)
    assert told(read_feedback(company.admin)) == (0, 0, {}, [])
    assert conversation(company.reader, place[0]).turns[0].feedback is None
    with pytest.raises(NotFound):
        take_feedback_back(company.reader, *place)


def test_administrators_read_what_is_handed_over_and_nothing_of_the_rest(company: Company) -> None:
    give_feedback(company.reader, *answered(company.reader, "For me alone?"), WRONG)
    handed = Opinion(is_helpful=False, reasons=["not_found"], comment="Page 3.", is_handed_over=True)
    place = answered(company.stranger, "Where is the form?")
    give_feedback(company.stranger, *place, handed)
    report = read_feedback(company.admin)
    assert told(report) == (
        *(0, 2),
        {"wrong": 1, "outdated": 1, "not_found": 1},
        [("Where is the form?", "Page 3.")],
    )
    assert not {str(company.stranger.user_id), str(place[1])} & set(map(str, vars_of(report)))
    assert subjects(AuditAction.FEEDBACK_READ) == [{"questions": 1}]
    delete_conversation(company.stranger, place[0])
    assert told(read_feedback(company.admin))[3] == []


def vars_of(report: FeedbackReport) -> list[object]:
    return [getattr(one, name) for one in report.handed_over for name in one.__dataclass_fields__]


def test_nobody_else_is_told_anything(company: Company) -> None:
    place = answered(company.reader)
    give_feedback(company.reader, *place, Opinion(is_helpful=False, comment="Mine", is_handed_over=True))
    for viewer in (company.reader, company.editor, company.stranger):
        with pytest.raises(NotFound):
            read_feedback(viewer)
        assert rows_for(viewer) == [], "the database says so, too"
    for viewer in (company.admin, company.stranger):
        with pytest.raises(NotFound):
            give_feedback(viewer, *place, WRONG)
        with pytest.raises(NotFound):
            take_feedback_back(viewer, *place)
        with viewing(viewer):
            assert not Feedback.objects.exists()
    with no_viewer():
        assert not Feedback.objects.exists()
    User.objects.filter(pk=company.admin.user_id).update(is_administrator=False)
    with pytest.raises(NotFound):
        read_feedback(company.admin)


def rows_for(viewer: Viewer) -> list[object]:
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM kbchat_feedback_counts()")
        counts = cursor.fetchall()
        cursor.execute("SELECT 1 FROM kbchat_feedback_handed_over(10)")
        return [*counts, *cursor.fetchall()]


def test_what_cannot_be_said_is_refused(company: Company) -> None:
    with pytest.raises(Invalid) as early:
        give_feedback(company.reader, *answered(company.reader, state=TurnState.QUEUED), WRONG)
    assert early.value.code == "feedback_too_early"
    place = answered(company.reader)
    with pytest.raises(Invalid) as long:
        give_feedback(
            company.reader, *place, Opinion(is_helpful=True, comment="x" * (MOST_COMMENT_CHARACTERS + 1))
        )
    assert long.value.code == "feedback_too_long"
    with pytest.raises(NotFound):
        give_feedback(company.reader, uuid4(), place[1], WRONG)
    give_feedback(
        company.reader, *place, Opinion(is_helpful=False, reasons=["rubbish", "other"], comment="a\0b")
    )
    given = conversation(company.reader, place[0]).turns[0].feedback
    assert given is not None
    assert (given.reasons, given.comment) == (["other"], "ab")
    with viewing(company.reader), pytest.raises(IntegrityError), transaction.atomic():
        Feedback.objects.update(is_helpful=True)
    other = answered(company.stranger)[1]
    with viewing(company.reader), pytest.raises(ProgrammingError), transaction.atomic():
        Feedback.objects.create(turn_id=other, owner_id=company.reader.user_id, is_helpful=True)
