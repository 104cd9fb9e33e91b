"""Reporting a gap: what is handed over, to whom, and what joins what (U23, U60)."""

from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction

from kbchat.access.viewing import no_viewer, viewing
from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import delete_conversation
from kbchat.chat.models import TurnState
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.inference.ports import ModelUnavailable
from kbchat.insights.board import list_gaps
from kbchat.insights.models import Gap, GapReport
from kbchat.insights.reporting import (
    MOST_COMMENT_CHARACTERS,
    Asked,
    Wish,
    asked_questions,
    own_reports,
    report_gap,
    withdraw_gap,
)
from kbchat.retrieval.port import EVERYTHING, Pin, Scope
from tests.company import Company, add
from tests.services.audit_support import subjects
from tests.services.gaps_support import PIER, SEARCHING, questions_of, refused, report, reported, the_gap

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _library(company: Company) -> None:
    """Something that has an index."""
    add(company.admin, company.handbook, "# Leave\n\nEverybody has 28 days of annual leave.\n")


def test_administrators_read_what_is_handed_over_and_no_name(company: Company) -> None:
    place = reported(company.reader, wish=Wish(" For  the\nfair. "))
    refused(company.reader, "For me alone?")
    row = the_gap(company.admin)
    [told] = row.reports
    assert (told.question, told.comment, told.language, told.name) == (PIER, "For the fair.", "en", "")
    assert (row.state, row.is_everywhere, row.collections, row.assignee) == ("open", True, [], "")
    report(company.reader, place, Wish("Pier 4?", may_be_named=True))
    [told] = the_gap(company.admin).reports
    assert (told.comment, told.name) == ("Pier 4?", "Reader")
    [own] = own_reports(company.reader)
    assert (own.turn_id, own.comment, own.may_be_named) == (place[1], "Pier 4?", True)
    assert asked_questions(company.reader, {place[1]}) == {place[1]: Asked(PIER, EVERYTHING)}
    assert asked_questions(company.admin, {place[1]}) == {}
    assert subjects(AuditAction.GAPS_READ) == [{"questions": 1}] * 2


def test_owners_see_what_was_asked_of_theirs_and_nobody_else_anything(company: Company) -> None:
    User.objects.filter(pk=company.admin.user_id).update(is_administrator=False)
    of_handbook = reported(company.reader, scope=Scope((company.handbook.id,)))
    reported(company.reader, "Where is the ferry?")
    row = the_gap(company.admin)
    assert ([one.question for one in row.reports], row.collections) == ([PIER], ["Handbook"])
    for viewer in (company.reader, company.editor, company.stranger):
        assert questions_of(viewer) == []
        assert rows_for(viewer, company.reader) == [], "the database says so, too"
    for viewer in (company.admin, company.editor, company.stranger):
        assert own_reports(viewer) == []
        with viewing(viewer):
            assert not GapReport.objects.exists()
    with no_viewer():
        assert not GapReport.objects.exists()
        assert not Gap.objects.exists()
    withdraw_gap(company.reader, *of_handbook)
    assert questions_of(company.admin) == []


def rows_for(viewer: Viewer, asker: Viewer) -> list[object]:
    """Of the asker's gaps, whose ids he guessed."""
    with viewing(asker):
        gaps = list(GapReport.objects.values_list("gap_id", flat=True))
    assert len(gaps) == 2
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM kbchat_gap_questions(%s)", [gaps])
        told = cursor.fetchall()
        for gap in gaps:
            cursor.execute("SELECT 1 FROM kbchat_gap_answerers(%s)", [gap])
            told += cursor.fetchall()
        return [*told, *Gap.objects.filter(pk__in=gaps)]


def test_a_gap_goes_with_its_last_report_and_a_report_with_its_conversation(company: Company) -> None:
    first, second = reported(company.reader), reported(company.stranger)
    delete_conversation(company.reader, first[0])
    assert questions_of(company.admin) == [[PIER]]
    withdraw_gap(company.stranger, *second)
    assert questions_of(company.admin) == []
    with viewing(company.admin):
        assert not Gap.objects.exists()
    with pytest.raises(NotFound):
        withdraw_gap(company.stranger, *second)


def test_what_cannot_be_reported(company: Company) -> None:
    place = refused(company.reader)
    for viewer, where in ((company.admin, place), (company.reader, (uuid4(), place[1]))):
        with pytest.raises(NotFound):
            report(viewer, where)
        with pytest.raises(NotFound):
            withdraw_gap(viewer, *where)
    with pytest.raises(Invalid) as answered:
        report(company.reader, refused(company.reader, state=TurnState.DONE))
    assert answered.value.code == "gap_not_refused"
    with pytest.raises(Invalid) as long:
        report(company.reader, place, Wish("x" * (MOST_COMMENT_CHARACTERS + 1)))
    assert long.value.code == "gap_comment_too_long"
    others = refused(company.stranger)[1]
    reported(company.stranger, scope=Scope((company.salaries.id,)))
    gap = the_gap(company.admin).id
    with viewing(company.reader), pytest.raises(ProgrammingError), transaction.atomic():
        GapReport.objects.create(turn_id=others, owner_id=company.reader.user_id, gap_id=gap, question="?")


def test_the_same_question_in_other_words_is_one_gap(company: Company) -> None:
    reported(company.reader)
    reported(company.stranger, "which pier does the Oslo ferry leave from")
    reported(company.editor, "Who keeps the keys of the archive?")
    reported(company.editor, PIER, scope=Scope((company.handbook.id,)))
    assert sorted(questions_of(company.admin)) == [
        [PIER],
        [PIER, "which pier does the Oslo ferry leave from"],
        ["Who keeps the keys of the archive?"],
    ]


def test_what_an_encoder_does_not_read_is_joined_by_its_words(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors of Chinese by an encoder of English are all alike."""
    monkeypatch.setattr(Pin, "dense_weight_of", lambda _, language: 0.0 if language == "zh" else 0.5)
    reported(company.reader, "未使用的年假可以转到明年吗？")
    reported(company.stranger, "没用的年假可以转到明年吗？")
    reported(company.editor, "自行车停在哪里？")
    assert sorted(map(len, questions_of(company.admin))) == [1, 2]
    with viewing(company.reader):
        assert GapReport.objects.get().encoder == ""


def test_a_report_is_not_lost_for_want_of_a_model(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)

    reported(company.reader)
    monkeypatch.setattr("kbchat.inference.scripted.HashEmbedder.embed_queries", away)
    reported(company.stranger)
    report_gap(
        company.editor,
        *refused(company.editor),
        Wish(),
        retriever=SEARCHING.retriever,
        encoders=None,
    )
    assert questions_of(company.admin) == [[PIER] * 3]


def test_a_settled_gap_takes_no_further_report(company: Company) -> None:
    reported(company.reader)
    with viewing(company.admin):
        Gap.objects.update(state="dismissed")
    reported(company.stranger)
    assert [row.state for row in list_gaps(company.admin)] == ["open", "dismissed"]
