"""Insights: figures equal the rows that they are made of; a few people of a group are told of nowhere (U59)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group, GroupInclusion, User
from kbchat.accounts.people import ensure_group
from kbchat.audit.models import AuditAction
from kbchat.chat.models import Citation, Conversation, Feedback, Turn
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from kbchat.insights.figures import CitedDocument, Figures, read_insights
from tests.company import Company, add, person
from tests.services.audit_support import subjects

pytestmark = pytest.mark.django_db

NAMES: Iterator[int] = count()
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def asked(
    owner: UUID,
    *,
    days_ago: int = 0,
    state: str = "done",
    waited: float | None = None,
    is_helpful: bool | None = None,
    cites: UUID | None = None,
) -> None:
    viewer, at = Viewer(user_id=owner), NOON - timedelta(days=days_ago)
    with viewing(viewer):
        opened = Conversation.objects.create(owner_id=owner, title="?")
        turn = Turn.objects.create(
            conversation=opened,
            owner_id=owner,
            client_message_id=uuid4(),
            question="?",
            state=state,
            created_at=at,
            first_word_at=None if waited is None else at + timedelta(seconds=waited),
            finished_at=None if state in ("queued", "running") else timezone.now(),
        )
        if is_helpful is not None:
            Feedback.objects.create(turn=turn, owner_id=owner, is_helpful=is_helpful)
        for number in (1, 2) if cites else ():
            Citation.objects.create(
                turn=turn, number=number, at=0, version_id=cites, start=0, end=1, quote="x"
            )


def people(number: int) -> list[User]:
    return [person(f"clerk{next(NAMES)}@example.com") for _ in range(number)]


def by_day(viewer: Viewer, group: Group | None = None, days: int = 7) -> dict[int, Figures | None]:
    """By how many days ago it was; days on which nobody asked are left out."""
    found = read_insights(viewer, days=days, group_id=group.pk if group else None)
    assert [each.day for each in found.days] == [days_before(NOON.date(), days - 1 - n) for n in range(days)]
    return {
        (NOON.date() - each.day).days: each.figures
        for each in found.days
        if each.figures not in (None, Figures())
    }


def days_before(day: date, number: int) -> date:
    return day - timedelta(days=number)


def test_figures_are_those_of_the_rows(company: Company) -> None:
    reader, editor = company.reader.user_id, company.editor.user_id
    for waited in (1.0, 2.0, 3.0, 4.0):
        asked(reader, waited=waited, is_helpful=waited < 3)
    for state in ("truncated", "refused", "failed", "interrupted", "revoked", "stopped", "running", "queued"):
        asked(editor, state=state)
    asked(reader, days_ago=1, waited=10.0, is_helpful=False)
    asked(reader, days_ago=6, state="refused")
    asked(reader, days_ago=7)
    assert by_day(company.admin) == {
        0: Figures(12, 2, 2.5, pytest.approx(3.85), 5, 1, 3, 1, helpful=2, unhelpful=2),
        1: Figures(1, 1, 10.0, 10.0, 1, unhelpful=1),
        6: Figures(1, 1, not_found=1),
    }
    total = read_insights(company.admin, days=7).total
    assert total == Figures(14, 2, 3.0, pytest.approx(8.8), 6, 2, 3, 1, helpful=2, unhelpful=3)
    assert read_insights(company.admin, days=30).total.questions == 15
    assert subjects(AuditAction.INSIGHTS_READ)[-1] == {"days": 30, "group": None}


def test_nobody_else_is_told_anything(company: Company) -> None:
    asked(company.reader.user_id, cites=add(company.admin, company.handbook, "# A\n\nB.\n").version_id)
    for viewer in (company.reader, company.editor, company.stranger):
        with pytest.raises(NotFound):
            read_insights(viewer, days=7)
        assert rows_for(viewer) == [], "the database says so, too"
    with pytest.raises(NotFound):
        read_insights(company.admin, days=7, group_id=uuid4())
    with (
        viewing(company.admin),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as of,
    ):
        of.execute("SELECT kbchat_counted_turns(current_date, current_date, NULL)")
    User.objects.filter(pk=company.admin.user_id).update(is_administrator=False)
    with pytest.raises(NotFound):
        read_insights(company.admin, days=7)


def rows_for(viewer: Viewer) -> list[object]:
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM kbchat_insight_days('2020-01-01', '2099-01-01', NULL) WHERE questions > 0"
        )
        told = cursor.fetchall()
        cursor.execute("SELECT 1 FROM kbchat_insight_documents('2020-01-01', '2099-01-01', NULL, 9)")
        return [*told, *cursor.fetchall()]


def test_documents_are_told_as_far_as_the_viewer_may_read_them(company: Company) -> None:
    leave = add(company.admin, company.handbook, "# Leave\n\n28 days.\n", "leave.md")
    pay = add(company.admin, company.salaries, "# Pay\n\nMonthly.\n", "pay.md")
    asked(company.reader.user_id, cites=leave.version_id)
    for _ in range(2):
        asked(company.admin.user_id, cites=pay.version_id)
    documents = read_insights(company.admin, days=7).documents
    assert documents == [CitedDocument(pay.id, "Pay", 2), CitedDocument(leave.id, "Leave", 1)]
    User.objects.filter(pk=company.editor.user_id).update(is_administrator=True)
    assert read_insights(company.editor, days=7).documents == [CitedDocument(leave.id, "Leave", 1)]


def test_of_a_group_days_of_five_or_more_count(company: Company) -> None:
    clerks, others = people(5), people(5)
    group, inner = ensure_group("Clerks", clerks[:3]), ensure_group("Juniors", clerks[3:])
    GroupInclusion.objects.create(container=group, included=inner)
    for one in clerks:
        asked(one.pk, days_ago=1, waited=1.0)
    for one in clerks[:4]:
        asked(one.pk, days_ago=2, waited=9.0)
        asked(one.pk, days_ago=2, waited=9.0)
    for one in (*clerks, *others):
        asked(one.pk, days_ago=3, waited=2.0)
    expected = {1: Figures(5, 5, 1.0, 1.0, 5), 3: Figures(5, 5, 2.0, 2.0, 5)}
    assert by_day(company.admin, group) == expected
    total = read_insights(company.admin, days=7, group_id=group.pk).total
    assert (total.questions, total.people, total.waited_p95) == (10, 5, 2.0), (
        "days that are left out are in no sum"
    )
    assert by_day(company.admin, inner) == {}
    assert read_insights(company.admin, days=7, group_id=inner.pk).total == Figures()
    assert by_day(company.admin)[2] == Figures(8, 4, 9.0, 9.0, 8), "the company's own figures are whole"


def test_few_outside_of_a_group_are_not_told_by_subtraction(company: Company) -> None:
    clerks = people(5)
    group = ensure_group("Nearly everyone", clerks)
    for one in clerks:
        asked(one.pk)
    assert list(by_day(company.admin, group)) == [0]
    asked(company.stranger.user_id)
    assert by_day(company.admin, group) == {}


def test_of_a_group_documents_that_few_were_answered_from_are_not_told(company: Company) -> None:
    leave = add(company.admin, company.handbook, "# Leave\n\n28 days.\n", "leave.md")
    clerks = people(5)
    group = ensure_group("Clerks", clerks)
    for one in clerks[:4]:
        asked(one.pk, cites=leave.version_id)
    asked(clerks[4].pk)
    assert read_insights(company.admin, days=7, group_id=group.pk).documents == []
    asked(clerks[4].pk, cites=leave.version_id)
    assert read_insights(company.admin, days=7, group_id=group.pk).documents == [
        CitedDocument(leave.id, "Leave", 5)
    ]
