"""Who sees, keeps and runs golden questions: owners of all that they name, each his part."""

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewing import no_viewer, viewing
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.evaluation.keeping import (
    QuestionWish,
    change_question,
    keep_question,
    list_questions,
    remove_question,
)
from kbchat.evaluation.models import GoldenRun, KeptQuestion, QuestionFigures
from kbchat.evaluation.runs import continue_run, list_runs, run_detail, start_run
from kbchat.indexing.generations import active_generation
from kbchat.library.documents import DocumentRow
from kbchat.library.sections import close_section, list_sections, reopen_section
from kbchat.library.sharing import give_grant, take_grant
from kbchat.retrieval.port import Scope
from tests.company import Company, add, found_company
from tests.services.test_golden_questions import LEAVE, QUESTION, SEARCHING, SILENT, kept, ran

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def leave(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, LEAVE, "leave.md")


def test_nobody_but_owners_of_all_of_it_sees_keeps_or_runs_anything(
    company: Company, leave: DocumentRow
) -> None:
    question = kept(company, leave)
    run = ran(company.admin).run.id
    wish = QuestionWish(QUESTION, Scope((company.handbook.id,)))
    attempts = (
        lambda viewer: change_question(viewer, question, wish),
        lambda viewer: remove_question(viewer, question),
        lambda viewer: run_detail(viewer, run),
        lambda viewer: continue_run(viewer, run, SEARCHING, deadline=Deadline.after(60)),
    )
    for viewer in (company.reader, company.editor, company.stranger):
        assert list_questions(viewer) == []
        assert list_runs(viewer) == []
        for attempt in attempts:
            with pytest.raises(NotFound):
                attempt(viewer)
        with pytest.raises(Invalid):
            start_run(viewer, SEARCHING)
        with pytest.raises(NotFound if viewer is company.stranger else NotAllowed):
            keep_question(viewer, wish)
        with viewing(viewer):
            assert not KeptQuestion.objects.exists(), "the database says so, too"
            assert not QuestionFigures.objects.exists()
            assert not GoldenRun.objects.exists()
    with no_viewer():
        assert not KeptQuestion.objects.exists()
    (row,) = list_questions(company.admin)
    assert row.id == question


def test_whoever_is_no_administrator_measures_what_answers_alone(
    company: Company, leave: DocumentRow
) -> None:
    kept(company, leave)
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    active = active_generation().pk
    assert start_run(company.editor, SEARCHING).remaining == 1
    assert start_run(company.admin, SEARCHING, active).remaining == 1
    for generation in (active, active + 1):
        with pytest.raises(NotFound):
            start_run(company.editor, SEARCHING, generation)


def test_another_owner_sees_his_part_and_loses_it_with_his_right(
    company: Company, leave: DocumentRow
) -> None:
    kept(company, leave)
    both = QuestionWish(SILENT, Scope((company.handbook.id, company.salaries.id)))
    keep_question(company.admin, both)
    run = ran(company.admin).run.id
    grant = give_grant(
        company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER
    )
    assert [row.text for row in list_questions(company.editor)] == [QUESTION]
    seen = run_detail(company.editor, run)
    assert ([one.text for one in seen.questions], seen.run.answerable, seen.run.silent) == ([QUESTION], 1, 0)
    with pytest.raises(NotFound):
        continue_run(company.editor, run, SEARCHING, deadline=Deadline.after(60))
    section = list_sections(company.admin, leave.id)[0].id
    closure = close_section(company.admin, section, Principal("user", company.editor.user_id))
    assert (list_questions(company.editor), list_runs(company.editor)) == ([], [])
    with pytest.raises(NotFound):
        run_detail(company.editor, run)
    with pytest.raises(NotAllowed):
        keep_question(company.editor, QuestionWish(QUESTION))
    reopen_section(company.admin, closure.id)
    assert list_runs(company.editor)
    take_grant(company.admin, grant.id)
    assert (list_questions(company.editor), list_runs(company.editor)) == ([], [])
