"""The board of gaps: given to somebody, asked again, settled by a document, and told to whoever may read it (U60)."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group, GroupInclusion, User
from kbchat.accounts.notices import list_notices
from kbchat.accounts.people import deactivate, ensure_group
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import delete_conversation
from kbchat.core.errors import Invalid, NotAllowed, NotFound, Unavailable
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import Searching
from kbchat.insights.asking_again import ask_again
from kbchat.insights.board import GapChange, change_gap, list_answerers, list_gaps
from kbchat.insights.models import AskedAgain, Gap, GapReport, GapState
from kbchat.library.sharing import give_grant, take_grant
from kbchat.parsing.file_kinds import FileKind
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, add, person
from tests.services.audit_support import subjects
from tests.services.gaps_support import PIER, SEARCHING, questions_of, reported, the_gap

pytestmark = pytest.mark.django_db

FERRY = "# The ferry\n\nThe ferry to Oslo leaves from pier 4.\n"
FERRY_IN_CHINESE = f"{FERRY}\n# 渡轮\n\n去奥斯陆的渡轮从四号码头开出，请提前半小时到达，码头在港口的北边。\n"


@pytest.fixture(autouse=True)
def _library(company: Company) -> None:
    """Something that has an index."""
    add(company.admin, company.handbook, "# Leave\n\nEverybody has 28 days of annual leave.\n")


def assign(viewer: Viewer, gap: UUID, person_id: UUID | None) -> None:
    change_gap(viewer, gap, GapChange(GapState.ASSIGNED, assignee_id=person_id))


def told(viewer: Viewer) -> list[tuple[str, UUID | None]]:
    return [(notice.kind, notice.about) for notice in list_notices(viewer)]


def names(viewer: Viewer, gap: UUID) -> list[str]:
    return [each.name for each in list_answerers(viewer, gap)]


def test_it_is_given_to_somebody_who_may_add_the_document(company: Company) -> None:
    reported(company.reader, scope=Scope((company.handbook.id,)))
    gap = the_gap(company.admin).id
    assert names(company.admin, gap) == ["Admin", "Editor"]
    for unfit in (company.reader, company.stranger):
        with pytest.raises(Invalid) as refused:
            assign(company.admin, gap, unfit.user_id)
        assert refused.value.code == "gap_assignee_unfit"
    with pytest.raises(Invalid):
        assign(company.admin, gap, None)
    assert list_gaps(company.editor) == []
    assign(company.admin, gap, company.editor.user_id)
    row = the_gap(company.editor)
    assert (row.state, row.assignee, row.reports[0].question) == ("assigned", "Editor", PIER)
    assert told(company.editor) == [("gap_assigned", gap)]
    with pytest.raises(NotAllowed):
        assign(company.editor, gap, company.admin.user_id)
    with pytest.raises(NotAllowed):
        change_gap(company.editor, gap, GapChange(GapState.OPEN))
    with viewing(company.editor), pytest.raises(ProgrammingError), transaction.atomic():
        Gap.objects.update(state="open", assignee=None)
    change_gap(company.admin, gap, GapChange(GapState.OPEN))
    assert list_gaps(company.editor) == told(company.editor) == []
    assert [(one["state"], one["assignee"]) for one in subjects(AuditAction.GAP_CHANGED)] == [
        ("assigned", str(company.editor.user_id)),
        ("open", None),
    ]


def test_who_may_add_is_asked_of_groups_and_denials_too(company: Company) -> None:
    stranger = User.objects.get(pk=company.stranger.user_id)
    inner, outer = ensure_group("Inner", [stranger]), ensure_group("Outer", [])
    GroupInclusion.objects.create(container=Group.objects.get(pk=outer.pk), included=inner)
    give_grant(company.admin, company.handbook.id, Principal("group", outer.pk), Role.EDITOR)
    reported(company.reader, scope=Scope((company.handbook.id,)))
    gap = the_gap(company.admin).id
    assert names(company.admin, gap) == ["Admin", "Editor", "Stranger"]
    with viewing(company.admin):
        Grant.objects.create(
            collection_id=company.handbook.id, user_id=company.editor.user_id, role=Role.READER, deny=True
        )
    deactivate(stranger)
    assert names(company.admin, gap) == ["Admin"]


def test_an_owner_is_handedof_nobody_elsewhere(company: Company) -> None:
    """Of a gap in two collections, of which he sees one."""
    clerk = person("clerk@example.com")
    give_grant(company.admin, company.salaries.id, Principal("user", clerk.pk), Role.EDITOR)
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    reported(company.reader, scope=Scope((company.handbook.id, company.salaries.id)))
    gap = the_gap(company.admin).id
    assert names(company.admin, gap) == ["Admin", "Clerk", "Editor"]
    assert names(company.editor, gap) == ["Admin", "Editor"]
    assert the_gap(company.admin).collections == ["Handbook", "Salaries"]
    assert the_gap(company.editor).collections == ["Handbook"]


def test_a_document_settles_it_and_askers_who_may_read_it_are_told(company: Company) -> None:
    asked = reported(company.reader)
    reported(company.stranger)
    gap = the_gap(company.admin).id
    with pytest.raises(NotFound):
        change_gap(company.admin, gap, GapChange(GapState.ANSWERED, document_id=uuid4()))
    with pytest.raises(Invalid):
        change_gap(company.admin, gap, GapChange(GapState.ANSWERED))
    document = add(company.admin, company.handbook, FERRY, "ferry.md")
    row = change_gap(company.admin, gap, GapChange(GapState.ANSWERED, document_id=document.id))
    assert (row.state, row.document_title) == ("answered", "The ferry")
    assert told(company.reader) == [("gap_answered", asked[1])]
    assert told(company.stranger) == [], "he may not read it, and so hears nothing of it"
    assert told(company.admin) == []
    row = change_gap(company.admin, gap, GapChange(GapState.OPEN))
    assert (row.document_id, row.document_title) == (None, "")


def test_of_a_document_each_is_handedwhat_he_may_read(company: Company) -> None:
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    reported(company.reader, scope=Scope((company.handbook.id,)))
    gap = the_gap(company.admin).id
    document = add(company.admin, company.salaries, FERRY, "ferry.md")
    with pytest.raises(NotFound):
        change_gap(company.editor, gap, GapChange(GapState.ANSWERED, document_id=document.id))
    change_gap(company.admin, gap, GapChange(GapState.ANSWERED, document_id=document.id))
    row = the_gap(company.editor)
    assert (row.state, row.document_id, row.document_title) == ("answered", None, "")
    assert told(company.reader) == []


def test_nobody_else_changes_anything(company: Company) -> None:
    reported(company.reader)
    gap = the_gap(company.admin).id
    for viewer in (company.reader, company.editor, company.stranger):
        with pytest.raises(NotFound):
            change_gap(viewer, gap, GapChange(GapState.DISMISSED))
        with pytest.raises(NotFound):
            list_answerers(viewer, gap)
        with pytest.raises(NotFound):
            ask_again(viewer, gap, SEARCHING)
        with viewing(viewer):
            assert Gap.objects.update(state="dismissed") == 0
    with viewing(company.admin), pytest.raises(IntegrityError), transaction.atomic():
        Gap.objects.update(state="assigned")
    with viewing(company.admin), pytest.raises(IntegrityError), transaction.atomic():
        Gap.objects.update(state="answered")
    with viewing(company.admin), pytest.raises(ProgrammingError), transaction.atomic():
        Gap.objects.update(collections=[company.handbook.id])
    assert the_gap(company.admin).state == "open"


def test_what_became_searchable_is_news_to_whoever_may_read_it(company: Company) -> None:
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    reported(company.reader, scope=Scope((company.handbook.id, company.salaries.id)))
    assert not the_gap(company.admin).has_news
    add(company.admin, company.salaries, FERRY, "ferry.md")
    assert (the_gap(company.admin).has_news, the_gap(company.editor).has_news) == (True, False)
    ask_again(company.admin, the_gap(company.admin).id, SEARCHING)
    assert not the_gap(company.admin).has_news
    add(company.admin, company.handbook, "# Parking\n\nBicycles stand in the yard.\n", "parking.md")
    assert (the_gap(company.admin).has_news, the_gap(company.editor).has_news) == (True, True)
    change_gap(company.admin, the_gap(company.admin).id, GapChange(GapState.DISMISSED))
    assert not the_gap(company.admin).has_news


def test_it_is_asked_again_under_the_rights_of_whoever_asks(company: Company) -> None:
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    reported(company.reader, scope=Scope((company.handbook.id, company.salaries.id)))
    gap = the_gap(company.admin).id
    assert not ask_again(company.admin, gap, SEARCHING).is_answered
    add(company.admin, company.salaries, FERRY, "ferry.md")
    found = ask_again(company.admin, gap, SEARCHING)
    assert (found.is_answered, found.passages[0].title) == (True, "The ferry")
    elsewhere = ask_again(company.editor, gap, SEARCHING)
    assert (elsewhere.is_answered, [one.title for one in elsewhere.passages]) == (False, ["Leave"])
    with viewing(company.editor):
        assert AskedAgain.objects.count() == 1, "what others did is theirs"
    assert questions_of(company.reader) == []


def test_it_is_asked_again_where_it_was_asked(company: Company) -> None:
    reported(company.reader, scope=Scope((company.handbook.id,)))
    add(company.admin, company.salaries, FERRY, "ferry.md")
    found = ask_again(company.admin, the_gap(company.admin).id, SEARCHING)
    assert (found.is_answered, [one.title for one in found.passages]) == (False, ["Leave"])


def test_it_is_asked_again_of_no_more_than_it_was_asked_of(company: Company) -> None:
    handbook = Scope((company.handbook.id,))
    leave = add(
        company.admin, company.handbook, "# Holidays\n\nHolidays are agreed with the team.\n", "days.md"
    )
    narrowed = (
        Scope(document_ids=(leave.id,)),
        replace(handbook, kinds=(FileKind.PDF,)),
        replace(handbook, languages=("zh",)),
        replace(handbook, since=date(2199, 1, 1)),
    )
    ferry = add(company.admin, company.handbook, FERRY, "ferry.md")
    for scope in narrowed:
        conversation, _ = reported(company.reader, scope=scope)
        found = ask_again(company.admin, the_gap(company.admin).id, SEARCHING)
        assert (found.scopes, found.is_answered) == (1, False), scope
        assert "The ferry" not in [one.title for one in found.passages], scope
        delete_conversation(company.reader, conversation)
    reported(company.reader, scope=Scope(document_ids=(ferry.id,)))
    assert ask_again(company.admin, the_gap(company.admin).id, SEARCHING).is_answered


def test_asked_of_different_things_it_is_answered_when_each_of_them_answers(company: Company) -> None:
    handbook = Scope((company.handbook.id,))
    in_chinese = replace(handbook, languages=("zh",))
    for viewer, scope in (
        (company.reader, in_chinese),
        (company.reader, handbook),
        (company.editor, handbook),
    ):
        reported(viewer, scope=scope)
    add(company.admin, company.handbook, FERRY, "ferry.md")
    gap = the_gap(company.admin)
    assert [one.scope for one in gap.reports] == [in_chinese, handbook, handbook]
    found = ask_again(company.admin, gap.id, SEARCHING)
    assert (found.scopes, found.answered, found.is_answered) == (2, 1, False)
    assert found.passages[0].title == "The ferry"
    add(
        company.admin,
        company.handbook,
        f"# 渡轮\n\n{PIER} 去奥斯陆的渡轮从四号码头开出，码头在港口的北边。\n",
        "渡轮.md",
    )
    found = ask_again(company.admin, gap.id, SEARCHING)
    assert (found.scopes, found.answered, found.is_answered) == (2, 2, True)


def test_of_what_it_was_asked_of_each_is_told_what_he_sees(company: Company) -> None:
    board = add(company.admin, company.salaries, "# Board\n\nSixty days of leave.\n", "board.md")
    give_grant(company.admin, company.salaries.id, Principal("user", company.reader.user_id), Role.READER)
    reported(company.reader, scope=Scope(document_ids=(board.id,)))
    [handed] = the_gap(company.admin).reports
    assert (handed.scope, handed.document_titles) == (Scope(document_ids=(board.id,)), ["Board"])
    gap = the_gap(company.admin).id
    give_grant(company.admin, company.salaries.id, Principal("user", company.editor.user_id), Role.EDITOR)
    assign(company.admin, gap, company.editor.user_id)
    take_grant(
        company.admin,
        Grant.objects.get(collection=company.salaries.id, user=company.editor.user_id).pk,
    )
    [handed] = the_gap(company.editor).reports
    assert (handed.scope, handed.document_titles) == (None, [])
    found = ask_again(company.editor, gap, SEARCHING)
    assert (found.is_answered, found.passages) == (False, []), "nothing is not everything"


def test_what_was_handed_over_before_scopes_were_kept_is_asked_of_its_collections(company: Company) -> None:
    reported(company.reader, scope=Scope((company.handbook.id,)))
    with viewing(company.reader):
        GapReport.objects.update(asked_of={})
    add(company.admin, company.salaries, FERRY, "ferry.md")
    gap = the_gap(company.admin)
    assert gap.reports[0].scope == Scope((company.handbook.id,))
    assert not ask_again(company.admin, gap.id, SEARCHING).is_answered


def test_words_alone_are_no_answer(company: Company) -> None:
    reported(company.reader)
    by_words = Searching(PostgresRetriever(None), SEARCHING.encoders)
    with pytest.raises(Unavailable):
        ask_again(company.admin, the_gap(company.admin).id, by_words)
