"""What a golden question is asked of: collections, documents, kinds, languages and days, as a search is, and never more
than its owners own."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid, KbchatError
from kbchat.core.viewer import Viewer
from kbchat.evaluation.keeping import QuestionWish, change_question, keep_question, list_questions
from kbchat.evaluation.models import KeptQuestion, QuestionFigures
from kbchat.library.documents import DocumentRow
from kbchat.library.moving import move_document
from kbchat.library.sections import close_section, list_sections, reopen_section
from kbchat.library.sharing import give_grant
from kbchat.parsing.file_kinds import FileKind
from kbchat.retrieval.port import EVERYTHING, Scope
from tests.company import Company, add, found_company
from tests.services.test_golden_questions import LEAVE, QUESTION, place_of, ran

pytestmark = pytest.mark.django_db

CANTEEN = "# Canteen\n\nLunch is served at noon, and soup in the evening.\n"
TOMORROW = date(2199, 1, 1)


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def leave(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, LEAVE, "leave.md")


@pytest.fixture
def canteen(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, CANTEEN, "canteen.md")


def wish_for(company: Company, leave: DocumentRow, scope: Scope) -> QuestionWish:
    return QuestionWish(QUESTION, scope, [place_of(company.admin, leave, "28 days of annual leave")])


def figures_of(viewer: Viewer) -> dict[UUID, QuestionFigures]:
    return {one.question_id: one.now for one in ran(viewer).questions}


def refusal(viewer: Viewer, wish: QuestionWish) -> str:
    with pytest.raises(KbchatError) as error:
        keep_question(viewer, wish)
    return error.value.code


def owned_by_editor_too(company: Company) -> Viewer:
    """The handbook; of the salaries he may read all."""
    for shelf, role in ((company.handbook, Role.OWNER), (company.salaries, Role.READER)):
        give_grant(company.admin, shelf.id, Principal("user", company.editor.user_id), role)
    return company.editor


def test_it_is_asked_of_what_it_was_kept_for_and_of_nothing_else(
    company: Company, leave: DocumentRow, canteen: DocumentRow
) -> None:
    handbook = Scope((company.handbook.id,))
    holding = (
        Scope(document_ids=(leave.id,)),
        replace(handbook, kinds=(FileKind.MARKDOWN,)),
        replace(handbook, languages=("en",)),
        replace(handbook, until=TOMORROW),
        Scope((company.salaries.id,), (leave.id,)),
    )
    silent = (
        Scope(document_ids=(canteen.id,)),
        replace(handbook, kinds=(FileKind.PDF,)),
        replace(handbook, languages=("zh",)),
        replace(handbook, since=TOMORROW),
    )
    held = {keep_question(company.admin, wish_for(company, leave, scope)).id for scope in holding}
    others = {keep_question(company.admin, QuestionWish(QUESTION, scope)).id for scope in silent}
    assert {row.scope for row in list_questions(company.admin)} == {*holding, *silent}
    found = figures_of(company.admin)
    assert {found[each].found_at for each in held} == {1}
    assert {found[each].is_refused for each in others} == {True}


def test_documents_are_told_by_their_titles(company: Company, leave: DocumentRow) -> None:
    kept = keep_question(company.admin, QuestionWish(QUESTION, Scope(document_ids=(leave.id, leave.id))))
    assert (kept.scope, kept.document_titles) == (Scope(document_ids=(leave.id,)), ["Annual leave"])


def test_what_was_kept_before_there_were_scopes_is_asked_of_its_collections(
    company: Company, leave: DocumentRow
) -> None:
    scope = Scope((company.handbook.id,))
    kept = keep_question(company.admin, wish_for(company, leave, scope))
    with viewing(company.admin):
        KeptQuestion.objects.update(scope={})
    assert list_questions(company.admin)[0].scope == scope
    assert figures_of(company.admin)[kept.id].found_at == 1


def test_a_passage_that_the_scope_leaves_out_cannot_be_expected(
    company: Company, leave: DocumentRow, canteen: DocumentRow
) -> None:
    handbook = Scope((company.handbook.id,))
    for scope in (
        Scope(document_ids=(canteen.id,)),
        replace(handbook, kinds=(FileKind.PDF,)),
        replace(handbook, languages=("zh",)),
        replace(handbook, since=TOMORROW),
        replace(handbook, until=date(2000, 1, 1)),
    ):
        assert refusal(company.admin, wish_for(company, leave, scope)) == "golden_place_elsewhere", scope
    reversed_days = replace(handbook, since=TOMORROW, until=date(2000, 1, 1))
    assert refusal(company.admin, QuestionWish(QUESTION, reversed_days)) == "scope_days_reversed"
    many = Scope(document_ids=tuple(UUID(int=n) for n in range(201)))
    assert refusal(company.admin, QuestionWish(QUESTION, many)) == "scope_too_long"


def test_of_a_document_in_a_collection_that_is_not_his_nobody_keeps_one(
    company: Company, leave: DocumentRow, canteen: DocumentRow
) -> None:
    board = add(company.admin, company.salaries, "# Board\n\nSixty days of annual leave.\n", "board.md")
    of_board = QuestionWish(QUESTION, Scope(document_ids=(board.id,)))
    assert refusal(company.editor, of_board) == "not_found", "he does not know of it"
    assert refusal(company.editor, QuestionWish(QUESTION, Scope(document_ids=(leave.id,)))) == "not_allowed"
    editor = owned_by_editor_too(company)
    both = QuestionWish(QUESTION, Scope((company.handbook.id,), (board.id,)))
    assert {refusal(editor, wish) for wish in (of_board, both)} == {"not_allowed"}, "he reads it alone"
    closure = close_section(
        company.admin,
        list_sections(company.admin, leave.id)[0].id,
        Principal("user", editor.user_id),
    )
    # Of another document; but what was found there would rank among what is closed to him.
    of_canteen = QuestionWish(QUESTION, Scope(document_ids=(canteen.id,)))
    assert refusal(editor, of_canteen) == "owners_only"
    reopen_section(company.admin, closure.id)
    keep_question(editor, of_canteen)
    keep_question(company.admin, of_board)
    assert [row.scope for row in list_questions(editor)] == [of_canteen.scope]
    with viewing(editor):
        assert KeptQuestion.objects.count() == 1, "the database says so, too"


def test_a_document_that_was_moved_away_is_searched_no_more_until_it_is_kept_anew(
    company: Company, leave: DocumentRow
) -> None:
    editor = owned_by_editor_too(company)
    kept = keep_question(company.admin, wish_for(company, leave, Scope(document_ids=(leave.id,)))).id
    assert figures_of(editor)[kept].found_at == 1
    move_document(company.admin, leave.id, company.salaries.id)
    for viewer in (editor, company.admin):
        now = figures_of(viewer)[kept]
        assert (now.found_at, now.is_outdated, now.is_refused) == (None, True, True), "no search, not all"
    assert list_questions(editor)[0].places[0].is_outdated
    change_question(company.admin, kept, wish_for(company, leave, Scope(document_ids=(leave.id,))))
    assert figures_of(company.admin)[kept].found_at == 1
    assert list_questions(editor) == []
    with pytest.raises(Invalid):
        ran(editor)


def test_without_a_place_it_is_asked_of_all_that_is_his_however_narrowed(
    company: Company, leave: DocumentRow
) -> None:
    narrowed = replace(EVERYTHING, languages=("en",))
    kept = keep_question(company.admin, wish_for(company, leave, narrowed))
    assert (set(kept.scope.collection_ids), kept.scope.languages) == (
        {company.handbook.id, company.salaries.id},
        ("en",),
    )
