"""Answers measured on a real index: golden questions in the library, thresholds fitted and put to use, and gates."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kbchat import composition
from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.answering.offering import source_of
from kbchat.core.errors import Invalid, NotFound
from kbchat.documents.models import Document
from kbchat.evaluation.cases import Reader, golden_case
from kbchat.evaluation.golden import GoldenQuestion
from kbchat.evaluation.leaking import leaked
from kbchat.indexing.encoders import only
from kbchat.indexing.generations import active_generation, set_abstention
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.collections import collection_named
from kbchat.library.sharing import give_grant
from kbchat.retrieval.releasing import ReleasingRetriever
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, add, found_company
from tests.servers import as_worker, lent_by
from tests.waiting import allowed, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

LEAVE = """# Annual leave

Everybody has 28 days of annual leave in a year.

# Carrying over

At most five days of annual leave may be carried over into the next year.
"""
HOW_MANY = "How many days of annual leave does everybody have in a year?"


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    company = found_company()
    for collection, name, text in (
        (company.handbook, "leave.md", LEAVE),
        (company.handbook, "lunch.md", "# Canteen\n\nLunch is served at noon.\n"),
        (company.salaries, "pay.md", "# Pay\n\nA senior engineer earns 90,000 euro a year.\n"),
    ):
        document = add(company.admin, collection, text, name)
        with as_worker():
            Document.objects.filter(pk=document.id).update(source_path=f"pages/{name}")
    embedder = HashEmbedder()
    monkeypatch.setattr(composition, "encoders", lambda: only(embedder))
    monkeypatch.setattr(
        composition, "retriever", lambda: ReleasingRetriever(PostgresRetriever(only(embedder)))
    )
    return company


def written(path: Path, *rows: dict[str, Any]) -> Path:
    plain = {"pages": [], "answers": []}
    path.write_text("\n".join(json.dumps({**plain, **row}) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return written(
        tmp_path / "questions.jsonl",
        {"id": "q1", "question": HOW_MANY, "pages": ["leave.md"], "answers": ["28 days"]},
        {"id": "q2", "question": HOW_MANY, "pages": ["absent.md"], "answers": ["30 days"]},
        {"id": "q3", "question": "Who won the chess championship in Oslo?"},
        {
            "id": "q4",
            "question": "What does a senior engineer earn a year?",
            "viewer": "reader@example.com",
            "hidden": ["pay.md"],
        },
    )


def evaluated(*arguments: Any, told: Path) -> tuple[dict[str, Any], str]:
    shown = io.StringIO()
    call_command("evaluate_answers", *arguments, "--json", told, stdout=shown)
    return json.loads(told.read_text(encoding="utf-8")), shown.getvalue()


def test_the_command_shows_table_figures_and_picture(
    company: Company, questions: Path, tmp_path: Path
) -> None:
    plot, before = tmp_path / "plot.svg", lent_by(connection.pool)
    measured, shown = evaluated(
        questions, "--as", "reader@example.com", "--plot", plot, told=tmp_path / "told.json"
    )
    asked = measured["questions"]
    assert [one["found_at"] for one in asked] == [[1], [None], [], []]
    assert [one["state"] for one in asked] == ["done", "done", "refused", "refused"]
    assert [one["contains_answer"] for one in asked] == [True, False, None, None]
    figures = measured["sets"]["questions"]["figures"]
    assert figures["right_answers"] == 0.5
    assert figures["false_answers"] == figures["leak_score"] == 0.0
    assert figures["citation_precision"] == 1.0
    assert {"deciding", "searching", "judging", "writing"} <= measured["sets"]["questions"]["seconds"].keys()
    for words in ("q1", "| right_answers | 0.500 |", "Who won", "no entailment model"):
        assert words in shown
    assert plot.read_text().startswith("<svg ")
    # The thread that answered gave its connection back.
    wait_until(lambda: lent_by(connection.pool) <= before, allowed(1))


def test_a_collection_narrows_what_is_asked(company: Company, questions: Path, tmp_path: Path) -> None:
    paid = written(
        tmp_path / "paid.jsonl",
        {"id": "p", "question": "What does a senior engineer earn a year?", "pages": ["pay.md"]},
    )
    everywhere, _ = evaluated(paid, "--as", "admin@example.com", told=tmp_path / "told.json")
    assert everywhere["questions"][0]["found_at"] == [1]
    narrowed = ("--as", "admin@example.com", "--collection", "Handbook")
    there, _ = evaluated(paid, *narrowed, told=tmp_path / "told.json")
    assert there["questions"][0]["found_at"] == [None]


def test_the_ideal_model_answers_what_search_finds(company: Company, questions: Path, tmp_path: Path) -> None:
    measured, _ = evaluated(
        questions, "--as", "reader@example.com", "--by", "ideal", told=tmp_path / "told.json"
    )
    assert [one["state"] for one in measured["questions"]] == ["done", "refused", "refused", "refused"]
    assert measured["questions"][0]["answer"] == "Everybody has 28 days of annual leave in a year."


def test_a_gate_that_fails_ends_the_command_with_an_error(company: Company, questions: Path) -> None:
    gates = ("--gate", "leak_score<=0", "--gate", "right_answers>=.9")
    shown = io.StringIO()
    with pytest.raises(CommandError, match=r"1 of 2 gates failed: right_answers>=0\.9"):
        call_command("evaluate_answers", questions, "--as", "reader@example.com", *gates, stdout=shown)
    assert "holds: leak_score<=0" in shown.getvalue()
    call_command("evaluate_answers", questions, "--as", "reader@example.com", *gates[:2], stdout=shown)


def test_what_was_shown_and_is_not_the_askers_is_a_leak(company: Company) -> None:
    pin = composition.retriever().pin()
    found = composition.retriever().retrieve(company.admin, "What does a senior engineer earn?", pin, limit=5)
    pay = next(each for each in found.passages if each.title == "Pay")
    leave = next(each for each in found.passages if each.title != "Pay")
    question = GoldenQuestion("q", "What does a senior engineer earn?", (), ())
    case = golden_case("set", question, Reader.of(company.reader))
    shown = [source_of(1, pay), source_of(2, leave)]
    assert leaked(case, shown) == shown[:1]
    give_grant(company.admin, company.salaries.id, Principal("group", company.staff.pk), Role.READER)
    assert leaked(case, shown) == []
    # What the set says is closed to him is a leak even where the rule lets it through.
    told = GoldenQuestion("q", "What does a senior engineer earn?", (), (), hidden=("pay.md",))
    assert leaked(golden_case("set", told, Reader.of(company.reader)), shown) == shown[:1]


def test_who_may_not_read_the_collection_cannot_measure_it(company: Company, questions: Path) -> None:
    with pytest.raises(NotFound):
        collection_named(company.stranger, "Handbook")
    for person, message in (("stranger", "may read"), ("nobody", "no active person")):
        arguments = ("--collection", "Handbook", "--as", f"{person}@example.com")
        with pytest.raises(CommandError, match=message):
            call_command("evaluate_answers", questions, *arguments, stdout=io.StringIO())
    with pytest.raises(CommandError, match="name no viewer"):
        call_command("evaluate_answers", questions, stdout=io.StringIO())


def test_thresholds_are_fitted_put_to_use_and_pinned(company: Company, tmp_path: Path) -> None:
    rows = [
        {"id": f"a{n}", "question": f"{HOW_MANY} {n}", "pages": ["leave.md"], "answers": ["28 days"]}
        for n in range(24)
    ]
    rows += [{"id": f"s{n}", "question": f"Who won the chess championship of {n}?"} for n in range(24)]
    told = tmp_path / "told.json"
    arguments = ("--as", "reader@example.com", "--json", told, "--plot", tmp_path / "plot.svg")
    shown = io.StringIO()
    call_command(
        "tune_abstention",
        written(tmp_path / "set.jsonl", *rows),
        *arguments,
        stdout=shown,
        stderr=io.StringIO(),
    )
    assert "| quoting | en (24) |" in shown.getvalue()
    assert (tmp_path / "plot.svg").read_text().startswith("<svg ")
    fitted = json.loads(told.read_text())["answer_from"]
    assert fitted.keys() == {"quoting", "generating"}
    assert 0 < fitted["quoting"]["en"] < 1
    with as_worker():
        call_command("set_abstention", told, stdout=shown)
    pin = composition.retriever().pin()
    assert pin.answer_from == fitted
    with as_worker():
        set_abstention(active_generation().pk, {"quoting": {"zh": 0.9}})
    assert composition.retriever().pin().answer_from["quoting"] == {**fitted["quoting"], "zh": 0.9}


def test_a_pinned_threshold_decides(company: Company, questions: Path, tmp_path: Path) -> None:
    with as_worker():
        set_abstention(active_generation().pk, {"quoting": {"en": 1.0}})
    measured, _ = evaluated(questions, "--as", "reader@example.com", told=tmp_path / "told.json")
    assert {one["state"] for one in measured["questions"]} == {"refused"}


@pytest.mark.parametrize(
    "told", ["{}", '{"encoder": "hashed-words", "answer_from": {"quoting": {"en": 1.5}}}']
)
def test_thresholds_that_are_none_are_refused(company: Company, tmp_path: Path, told: str) -> None:
    path = tmp_path / "told.json"
    path.write_text(told)
    with as_worker(), pytest.raises(CommandError, match="cannot be used"):
        call_command("set_abstention", path, stdout=io.StringIO())
    with as_worker(), pytest.raises(Invalid):
        set_abstention(active_generation().pk, {"quoting": {"en": float("nan")}})


def test_thresholds_of_another_encoder_are_refused(company: Company, tmp_path: Path) -> None:
    path = tmp_path / "told.json"
    path.write_text(json.dumps({"encoder": "other", "answer_from": {}}))
    with as_worker(), pytest.raises(CommandError, match="fitted for other"):
        call_command("set_abstention", path, stdout=io.StringIO())
