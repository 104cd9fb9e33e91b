"""A golden question is removed while a run asks it: whoever comes first, nothing of it is left and the run goes on."""

from collections.abc import Callable

import pytest

from kbchat.core.deadline import Deadline
from kbchat.evaluation import keeping, runs
from kbchat.evaluation.keeping import QuestionWish, keep_question, list_questions, remove_question
from kbchat.evaluation.models import QuestionFigures
from kbchat.evaluation.runs import continue_run, run_detail, start_run
from kbchat.retrieval.port import Scope
from tests.company import Company, add, found_company
from tests.services.test_golden_questions import LEAVE, QUESTION, SEARCHING, SILENT
from tests.services.turns import in_turn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.mark.parametrize("removed_first", [True, False], ids=("removed first", "measured first"))
def test_a_question_may_go_while_it_is_asked(company: Company, *, removed_first: bool) -> None:
    add(company.admin, company.handbook, LEAVE, "leave.md")
    going, staying = (
        keep_question(company.admin, QuestionWish(text, Scope((company.handbook.id,))))
        for text in (QUESTION, SILENT)
    )
    run = start_run(company.admin, SEARCHING)

    def measure() -> None:
        assert continue_run(company.admin, run.id, SEARCHING, deadline=Deadline.after(60)).remaining == 0

    def remove() -> None:
        remove_question(company.admin, going.id)

    works: tuple[Callable[[], None], Callable[[], None]] = (
        (remove, measure) if removed_first else (measure, remove)
    )
    in_turn(*works, *((keeping, "record") if removed_first else (runs, "as_stored")))
    assert [row.id for row in list_questions(company.admin)] == [staying.id]
    [measured] = run_detail(company.admin, run.id).questions
    assert measured.question_id == staying.id
    assert QuestionFigures.objects.filter(question=going.id).count() == 0
