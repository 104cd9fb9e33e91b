"""Golden questions: kept by owners, asked of a real index, measured by document and span, and seen by owners alone."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kbchat import composition
from kbchat.access.viewing import viewing
from kbchat.analysis import Glossary
from kbchat.audit.models import AuditAction
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Conflict, KbchatError, Unavailable
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import Place, Searching
from kbchat.evaluation.keeping import (
    QuestionWish,
    change_question,
    keep_question,
    list_questions,
    remove_question,
)
from kbchat.evaluation.places import same_words
from kbchat.evaluation.runs import RunDetail, continue_run, list_runs, run_detail, start_run
from kbchat.indexing.encoders import only
from kbchat.indexing.generations import active_generation, set_abstention, set_fusion
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow
from kbchat.library.uploading import replace
from kbchat.retrieval.port import EVERYTHING, Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, add, found_company, ingest, markdown
from tests.servers import as_worker
from tests.services.audit_support import subjects

pytestmark = pytest.mark.django_db

LEAVE = "# Annual leave\n\nEverybody has 28 days of annual leave in a year.\n\n# Canteen\n\nLunch is served at noon.\n"
QUESTION = "How many days of annual leave does everybody have in a year?"
SILENT = "Who won the chess championship in Oslo?"
SEARCHING = Searching(PostgresRetriever(only(HashEmbedder())), only(HashEmbedder()))


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def leave(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, LEAVE, "leave.md")


def place_of(viewer: Viewer, row: DocumentRow, words: str) -> Place:
    assert row.version_id is not None
    start = text_of(viewer, row.version_id).index(words)
    return Place(row.version_id, Span(start, start + len(words)))


def text_of(viewer: Viewer, version: UUID) -> str:
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT text FROM documents_versioncontent WHERE version_id = %s", [version])
        return str(cursor.fetchone()[0])


def kept(company: Company, leave: DocumentRow, *, viewer: Viewer | None = None) -> UUID:
    viewer = viewer or company.admin
    wish = QuestionWish(
        f"  {QUESTION} ",
        Scope((company.handbook.id,)),
        [place_of(company.admin, leave, "28 days of annual leave")],
        ["28  days", "28 days", " "],
    )
    return keep_question(viewer, wish).id


def ran(viewer: Viewer, searching: Searching = SEARCHING) -> RunDetail:
    run = start_run(viewer, searching)
    while run.remaining:
        run = continue_run(viewer, run.id, searching, deadline=Deadline.after(60))
    return run_detail(viewer, run.id)


def shape(detail: RunDetail) -> dict[str, Any]:
    names = (
        "answerable",
        "found",
        "recall",
        "mrr",
        "answered",
        "silent",
        "refused",
        "outdated",
        "worded",
        "said",
    )
    return {name: getattr(detail.run, name) for name in names if getattr(detail.run, name)}


def test_a_run_tells_where_search_has_it_and_what_is_refused(company: Company, leave: DocumentRow) -> None:
    kept(company, leave)
    keep_question(company.admin, QuestionWish(SILENT, Scope((company.handbook.id,)), expected_words=["x"]))
    (silent, asked) = list_questions(company.admin)
    assert (asked.text, asked.expected_words, asked.latest) == (QUESTION, ["28 days"], None)
    assert [(one.title, one.is_outdated) for one in asked.places] == [("Annual leave", False)]
    assert (silent.places, silent.expected_words) == ([], [])
    first = ran(company.admin)
    assert shape(first) == {
        "answerable": 1,
        "found": 1,
        "recall": 1.0,
        "mrr": 1.0,
        "answered": 1,
        "silent": 1,
        "refused": 1,
        "worded": 1,
        "said": 1,
    }
    by_text = {one.text: one for one in first.questions}
    assert (by_text[QUESTION].now.found_at, by_text[QUESTION].before) == (1, None)
    assert by_text[SILENT].now.found_at is None
    second = ran(company.admin)
    assert {one.before.found_at for one in second.questions if one.before} == {1, None}
    assert [run.id for run in list_runs(company.admin)] == [second.run.id, first.run.id]
    assert first.run.in_force == SEARCHING.in_force(SEARCHING.retriever.pin())
    latest = next(one.latest for one in list_questions(company.admin) if one.text == QUESTION)
    assert latest is not None
    assert latest.run_id == second.run.id
    assert subjects(AuditAction.GOLDEN_RUN_STARTED)[0] == {
        "run": str(first.run.id),
        "questions": 2,
        "generation": first.run.in_force["generation"],
    }


def test_another_passage_of_the_document_is_not_the_place(company: Company, leave: DocumentRow) -> None:
    question = kept(company, leave)
    place = place_of(company.admin, leave, "Lunch is served at noon.")
    change_question(company.admin, question, QuestionWish(QUESTION, Scope((company.handbook.id,)), [place]))
    figures = ran(company.admin).questions[0].now
    assert figures.found_at is not None
    assert figures.found_at > 1
    assert figures.reciprocal_rank == 1 / figures.found_at
    assert figures.says_expected is None


def test_a_new_version_is_searched_for_the_same_words(company: Company, leave: DocumentRow) -> None:
    kept(company, leave)
    moved = "# Foreword\n\nWelcome.\n\n" + LEAVE.replace("28 days of annual", "28 days\nof annual")
    replace(company.admin, leave.id, markdown(moved, "leave.md"), max_bytes=MAX_BYTES)
    ingest()
    assert not list_questions(company.admin)[0].places[0].is_outdated
    assert shape(ran(company.admin))["found"] == 1
    changed = LEAVE.replace("28 days of annual leave", "thirty days off")
    replace(company.admin, leave.id, markdown(changed, "leave.md"), max_bytes=MAX_BYTES)
    ingest()
    assert list_questions(company.admin)[0].places[0].is_outdated
    told = ran(company.admin)
    assert (told.run.answerable, told.run.outdated, told.run.recall) == (0, 1, None)
    delete_document(company.admin, leave.id)
    place = list_questions(company.admin)[0].places[0]
    assert (place.title, place.is_outdated) == ("", True)


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ("x 28 days y", Span(2, 9)),
        ("28\n days, 28 days", Span(0, 8)),
        ("280 days", None),
        ("", None),
        ("28 days" + " " * 40 + "28 days", Span(0, 7)),
    ],
)
def test_the_same_words_are_the_nearest_whatever_the_blanks(new: str, found: Span | None) -> None:
    assert same_words("A 28 days.", Span(2, 9), new) == found
    assert same_words("", Span(0, 0), new) is None


def test_a_run_goes_on_where_it_stopped_and_asks_nothing_twice(company: Company, leave: DocumentRow) -> None:
    kept(company, leave)
    keep_question(company.admin, QuestionWish(SILENT, Scope((company.handbook.id,))))
    started = start_run(company.admin, SEARCHING)
    keep_question(company.admin, QuestionWish("Too late for this run?", Scope((company.handbook.id,))))
    over = Deadline.after(-1)
    assert continue_run(company.admin, started.id, SEARCHING, deadline=over).remaining == 1
    assert run_detail(company.admin, started.id).run.finished_at is None
    asked: list[str] = []
    rest = continue_run(
        company.admin, started.id, SEARCHING, deadline=over, on_asked=lambda text, _: asked.append(text)
    )
    assert (rest.remaining, asked) == (0, [SILENT])
    assert run_detail(company.admin, started.id).run.finished_at is not None
    assert continue_run(company.admin, started.id, SEARCHING, deadline=over).remaining == 0
    assert len(run_detail(company.admin, started.id).questions) == 2


def test_what_was_found_before_a_question_was_changed_is_not_told_of_it(
    company: Company, leave: DocumentRow
) -> None:
    question = kept(company, leave)
    first = ran(company.admin).run.id
    place = place_of(company.admin, leave, "Lunch is served at noon.")
    wish = QuestionWish("When is lunch served?", Scope((company.handbook.id,)), [place])
    change_question(company.admin, question, wish)
    assert [one.latest for one in list_questions(company.admin)] == [None]
    assert [one.is_changed for one in run_detail(company.admin, first).questions] == [True]
    second = ran(company.admin)
    assert [(one.is_changed, one.before) for one in second.questions] == [(False, None)]
    assert [one.latest.run_id for one in list_questions(company.admin) if one.latest] == [second.run.id]
    third = ran(company.admin)
    assert [one.before.run_id for one in third.questions if one.before] == [second.run.id]


def test_when_nothing_answers_may_not_change_within_a_run(company: Company, leave: DocumentRow) -> None:
    kept(company, leave)

    def changed_by(change: Callable[[], object], searching: Searching = SEARCHING) -> str:
        run = start_run(company.admin, searching)
        with as_worker():
            change()
        with pytest.raises(Conflict) as refused:
            continue_run(company.admin, run.id, searching, deadline=Deadline.after(60))
        return refused.value.code

    active, told = active_generation().pk, "golden_settings_changed"
    bias = {"en": {"bias": -1.0}}
    assert changed_by(lambda: set_abstention(active, {"quoting": {"en": 0.9}})) == told
    assert changed_by(lambda: set_fusion(active, {}, 0.0352, bias)) == told
    # As many names as before.
    names = iter([["PTO", "annual leave"], ["PTO", "parental leave"]])
    glossary = Glossary.of([next(names)])
    retriever = PostgresRetriever(only(HashEmbedder()), lambda: glossary)

    def rename() -> None:
        nonlocal glossary
        glossary = Glossary.of([next(names)])

    assert changed_by(rename, Searching(retriever, SEARCHING.encoders)) == told
    in_force = ran(company.admin).run.in_force
    assert in_force["answer_from"] == {"en": 0.9, "zh": 0.45, "other": 0.45}
    assert in_force["null_weights"]["en"]["bias"] == -1.0
    # What a written answer has to reach decides nothing here.
    run = start_run(company.admin, SEARCHING)
    with as_worker():
        set_abstention(active, {"generating": {"en": 0.9}})
    assert continue_run(company.admin, run.id, SEARCHING, deadline=Deadline.after(60)).remaining == 0


def test_the_order_of_names_makes_no_other_glossary(company: Company, leave: DocumentRow) -> None:
    def digest(*groups: list[str]) -> str:
        retriever = PostgresRetriever(only(HashEmbedder()), lambda: Glossary.of(groups))
        return str(Searching(retriever, SEARCHING.encoders).in_force(retriever.pin())["glossary"])

    one, other = ["PTO", "annual leave", "年假"], ["WFH", "remote work"]
    assert digest(one, other) == digest(other, one[::-1])
    assert digest(one, other) != digest(one)


def test_what_ranks_may_not_change_within_a_run(company: Company, leave: DocumentRow) -> None:
    kept(company, leave)
    run = start_run(company.admin, SEARCHING)
    other = Searching(SEARCHING.retriever, SEARCHING.encoders, "another")
    with pytest.raises(Conflict) as refused:
        continue_run(company.admin, run.id, other, deadline=Deadline.after(60))
    assert refused.value.code == "golden_settings_changed"
    words = Searching(PostgresRetriever(None), SEARCHING.encoders)
    with pytest.raises(Unavailable):
        ran(company.admin, words)
    assert list_runs(company.admin) == []


def test_what_cannot_be_kept_is_refused(
    company: Company, leave: DocumentRow, settings: pytest.FixtureRequest
) -> None:
    board = add(company.admin, company.salaries, "# Board\n\nSixty days of annual leave.\n", "board.md")
    place = place_of(company.admin, leave, "28 days")
    elsewhere = place_of(company.admin, board, "Sixty days")
    long = Place(place.version_id, Span(0, 10**6))
    handbook = Scope((company.handbook.id,))

    def refusal(wish: QuestionWish) -> str:
        with pytest.raises(KbchatError) as error:
            keep_question(company.admin, wish)
        return error.value.code

    assert refusal(QuestionWish(" ", handbook)) == "question_empty"
    assert refusal(QuestionWish(QUESTION, Scope((uuid4(),)))) == "not_found"
    assert refusal(QuestionWish(QUESTION, handbook, [Place(uuid4(), Span(0, 1))])) == "not_found"
    assert refusal(QuestionWish(QUESTION, handbook, [elsewhere])) == "golden_place_elsewhere"
    assert refusal(QuestionWish(QUESTION, handbook, [long])) == "span_outside_text"
    assert (
        refusal(QuestionWish(QUESTION, handbook, [Place(place.version_id, Span(1, 1))]))
        == "span_outside_text"
    )
    many = [Place(place.version_id, Span(n, n + 1)) for n in range(21)]
    assert refusal(QuestionWish(QUESTION, handbook, many)) == "golden_places_too_many"
    assert refusal(QuestionWish(QUESTION, handbook, [place], ["x" * 201])) == "golden_words_too_many"
    assert list_questions(company.admin) == []
    limits = settings.LIMITS.model_copy(update={"most_golden_questions": 1})  # type: ignore[attr-defined]
    settings.LIMITS = limits  # type: ignore[attr-defined]
    everywhere = keep_question(company.admin, QuestionWish(QUESTION, EVERYTHING, [place, elsewhere, place]))
    assert (len(everywhere.places), len(everywhere.scope.collection_ids)) == (2, 2)
    assert refusal(QuestionWish(SILENT, handbook)) == "too_many_golden_questions"


def test_removing_takes_the_figures_along_and_the_trail_holds_no_word(
    company: Company, leave: DocumentRow
) -> None:
    question = kept(company, leave)
    ran(company.admin)
    remove_question(company.admin, question)
    assert (list_questions(company.admin), list_runs(company.admin)) == ([], [])
    assert subjects(AuditAction.GOLDEN_QUESTION_KEPT) == [
        {"question": str(question), "collections": [str(company.handbook.id)], "places": 1}
    ]
    assert subjects(AuditAction.GOLDEN_QUESTION_REMOVED) == [{"question": str(question)}]


def test_the_command_runs_them_as_somebody(
    company: Company, leave: DocumentRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "retriever", lambda: SEARCHING.retriever)
    monkeypatch.setattr(composition, "encoders", lambda: SEARCHING.encoders)
    kept(company, leave)
    shown, told = io.StringIO(), tmp_path / "told.json"
    call_command("run_golden_questions", "--as", "admin@example.com", "--json", told, stdout=shown)
    assert "Found among the first 10: 1 of 1 (recall 1.000, MRR 1.000)" in shown.getvalue()
    assert f"       1          {QUESTION}" in shown.getvalue()
    assert json.loads(told.read_text(encoding="utf-8"))["found"] == 1
    assert len(list_runs(company.admin)) == 1
    with pytest.raises(CommandError, match="no golden question"):
        call_command("run_golden_questions", "--as", "reader@example.com", stdout=io.StringIO())
