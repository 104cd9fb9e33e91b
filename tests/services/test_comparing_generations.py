"""Golden questions asked of two generations, what speaks against the new one, and the command that does all of it."""

import io
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from kbchat import composition
from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.cli.management.commands import generation as command
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Invalid, NotFound
from kbchat.documents.models import Document
from kbchat.evaluation.asking import Place, Searching
from kbchat.evaluation.keeping import QuestionWish, keep_question, list_questions
from kbchat.evaluation.runs import continue_run, list_runs, run_detail, start_run
from kbchat.library.sharing import give_grant
from kbchat.library.uploading import replace as replace_document
from kbchat.library.uploading import upload
from kbchat.rebuilding.comparing import NOT_ASKED, WORSE, compare_golden
from kbchat.rebuilding.models import Build
from kbchat.rebuilding.switching import put_in_force
from kbchat.retrieval.port import Retrieval, Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, found_company, ingest, markdown
from tests.services.audit_support import subjects
from tests.services.rebuilding_support import answering, build, encoders, go_on

pytestmark = pytest.mark.django_db(transaction=True)

DESKS = "\n\n".join(f"## Desk {n}\n\nDesk {n} is kept for team {n * 7}." for n in range(24))
QUESTION = "Who is desk 3 kept for?"


class Forgetful(PostgresRetriever):
    """Finds nothing in one generation."""

    forgets = 0

    def retrieve(self, viewer: Any, query: str, pin: Any, **more: Any) -> Retrieval:
        found = super().retrieve(viewer, query, pin, **more)
        return replace(found, passages=(), probabilities=()) if pin.generation_id == self.forgets else found


@pytest.fixture
def company() -> Company:
    company = found_company()
    page = markdown(f"# Desks\n\n{DESKS}", "desks.md")
    upload(company.admin, company.handbook.id, page, max_bytes=MAX_BYTES)
    ingest(encoders())
    return company


def kept(company: Company) -> None:
    retriever = PostgresRetriever(encoders())
    found = retriever.retrieve(company.admin, QUESTION, retriever.pin(), limit=10).passages
    place = next(each for each in found if "Desk 3 " in each.text)
    keep_question(
        company.admin,
        QuestionWish(QUESTION, Scope((company.handbook.id,)), [Place(place.version_id, place.span)]),
    )


def asked(company: Company, *generations: int, forgets: int = 0) -> None:
    retriever = Forgetful(encoders())
    retriever.forgets = forgets
    searching = Searching(retriever, encoders())
    for generation in generations:
        run = start_run(company.admin, searching, generation)
        continue_run(company.admin, run.id, searching, deadline=Deadline.after(60))


def test_where_golden_questions_are_kept_they_are_asked_of_both_before(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    kept(company)
    assert compare_golden(company.admin, first, new).problems == [NOT_ASKED]
    with pytest.raises(Invalid) as refused:
        put_in_force(company.admin, new, instead_of=first)
    assert refused.value.facts["reasons"] == NOT_ASKED
    asked(company, first, new)
    compared = compare_golden(company.admin, first, new)
    assert (compared.asked, compared.before, compared.now, compared.problems) == (1, 1.0, 1.0, [])
    put_in_force(company.admin, new, instead_of=first)
    assert answering().pk == new


def test_the_page_tells_what_answers_and_compares_a_run_with_one_of_the_same(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    assert new is not None
    kept(company)

    def latest() -> list[int | None]:
        return [one.latest.found_at if one.latest else None for one in list_questions(company.admin)]

    asked(company, new, forgets=new)
    assert [one.latest for one in list_questions(company.admin)] == [None]
    asked(company, first, new, forgets=new)
    assert latest() == [1]
    runs = [run_detail(company.admin, run.id) for run in list_runs(company.admin)]
    before = [detail.questions[0].before for detail in runs]
    assert [detail.run.in_force["generation"] for detail in runs] == [new, first, new]
    assert [each and each.run_id for each in before] == [runs[2].run.id, None, None]
    put_in_force(company.admin, new, instead_of=first, reason="We know.")
    assert latest() == [None]
    assert [one.latest is None for one in list_questions(company.admin)] == [False]


def test_figures_from_before_it_was_built_and_those_of_a_part_prove_nothing(company: Company) -> None:
    first = answering().pk
    kept(company)
    asked(company, first)
    new = build(company.admin, "small").generation_id
    assert new is not None
    asked(company, new)
    assert compare_golden(company.admin, first, new).problems == [NOT_ASKED]
    asked(company, first)
    assert compare_golden(company.admin, first, new).problems == []
    keep_question(
        company.admin, QuestionWish("Who won the chess championship?", Scope((company.handbook.id,)))
    )
    compared = compare_golden(company.admin, first, new)
    assert (compared.kept, compared.asked, compared.problems) == (2, 1, [NOT_ASKED])


def test_every_question_counts_by_its_own_newest_figures(company: Company) -> None:
    """A later run of somebody who owns a part hides nothing of the rest."""
    first, new = answering().pk, build(company.admin, "small").generation_id
    assert new is not None
    kept(company)
    keep_question(company.admin, QuestionWish("What does the board earn?", Scope((company.salaries.id,))))
    asked(company, first, new)
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    searching = Searching(PostgresRetriever(encoders()), encoders())
    run = start_run(company.editor, searching)
    continue_run(company.editor, run.id, searching, deadline=Deadline.after(60))
    compared = compare_golden(company.admin, first, new)
    assert (compared.kept, compared.asked, compared.problems) == (2, 2, [])


def test_what_has_to_be_marked_anew_holds_nothing_up(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    assert new is not None
    kept(company)
    replaced = markdown("# Desks\n\nThere are none any more.", "desks.md")
    with viewing(company.admin):
        document = Document.objects.get(title="Desks").pk
    replace_document(company.admin, document, replaced, max_bytes=MAX_BYTES)
    ingest(encoders())
    assert compare_golden(company.admin, first, new).problems == [NOT_ASKED]
    asked(company, first, new)
    compared = compare_golden(company.admin, first, new)
    assert (compared.kept, compared.asked, compared.problems) == (0, 0, [])


def test_lost_questions_are_named_and_refuse_it(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    kept(company)
    asked(company, first, new, forgets=new)
    compared = compare_golden(company.admin, first, new)
    assert compared.problems == [WORSE]
    assert [(each.text, each.found_before >= 1) for each in compared.lost] == [(QUESTION, True)]
    with pytest.raises(Invalid, match="generation_worse"):
        put_in_force(company.admin, new, instead_of=first)
    put_in_force(company.admin, new, instead_of=first, reason="We know.")
    (switched,) = subjects(AuditAction.GENERATION_SWITCHED)
    assert (switched["generation"], switched["before"], len(switched["reason"])) == (new, first, 64)


def test_for_whoever_is_no_administrator_there_is_nothing_to_compare(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    kept(company)
    asked(company, first, new, forgets=new)
    with pytest.raises(NotFound):
        compare_golden(company.editor, first, new)


def test_the_command_builds_verifies_switches_and_goes_back(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "retriever", lambda: PostgresRetriever(encoders()))
    monkeypatch.setattr(composition, "encoders", encoders)
    first = answering().pk
    kept(company)
    assert "The workers build it" in told("build", "--model", "small")
    new = go_on(Build.objects.get().pk).generation_id
    assert new is not None
    assert "shadow" in told("status")
    assert "Recall of 1 golden questions: 1.000 -> 1.000" in told("verify", str(new))
    assert f"Generation {new} answers" in told("switch", str(new))
    assert f"*{new:>4}  ready" in told("status")
    assert "The settings name hashed" in told("status")
    assert f"Generation {first} answers again" in told("rollback")
    told("drop", str(new))
    assert "retired" in told("status")
    with pytest.raises(CommandError, match="does not exist"):
        told("switch", str(new))


def test_the_command_waits_for_its_own_build_and_says_how_it_ended(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "encoders", encoders)

    def built(_: float) -> None:
        """And fallen behind at once."""
        now = go_on(Build.objects.get(state="queued").pk)
        Build.objects.create(generation=now.generation)

    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=built))
    assert "built: 24 of 24 passages" in told("build", "--model", "small", "--wait")

    def failed(_: float) -> None:
        Build.objects.filter(is_new=True, state="queued").update(state="failed", problem="gave_up")

    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=failed))
    with pytest.raises(CommandError, match=r"failed: .* gave_up"):
        told("build", "--wait")


def told(*arguments: str) -> str:
    shown = io.StringIO()
    call_command("generation", "--as", "admin@example.com", *arguments, stdout=shown)
    return shown.getvalue()
