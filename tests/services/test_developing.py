"""Judged questions whose documents stand in the library, asked of two generations: figures with a confidence interval,
and what the new one loses."""

import json
from pathlib import Path
from typing import Any

import pytest

from kbchat import composition
from kbchat.core.errors import NotFound
from kbchat.evaluation.beir import read_beir_set
from kbchat.evaluation.keeping import QuestionWish, keep_question
from kbchat.library.documents import list_documents
from kbchat.rebuilding.developing import compare_development
from kbchat.retrieval.port import Retrieval, Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, add
from tests.services.rebuilding_support import answering, build, company_with_pages, encoders
from tests.services.test_comparing_generations import Forgetful, told

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = {
    "q1": ("How many days of annual leave are there in a year?", "leave"),
    "q2": ("What does a night in a hotel cost?", "by its id"),
    "q3": ("Which desk is kept free for guests of team 21?", "rules"),
    "q4": ("Who won the chess championship?", "chess"),
}


@pytest.fixture
def company() -> Company:
    return company_with_pages()


@pytest.fixture
def judged(company: Company, tmp_path: Path) -> Path:
    """Two documents are known by their titles, one by its id, whatever else has its title, and one is not here."""
    ids = {row.title: str(row.id) for row in list_documents(company.admin, company.handbook.id)}
    documents = {
        "leave": "Leave",
        "rules": "Rules",
        ids["Travel"]: "as somebody else calls it",
        "journeys": "Travel",
        "chess": "Chess",
    }
    lines(
        tmp_path / "corpus.jsonl",
        [{"_id": id_, "title": title, "text": ""} for id_, title in documents.items()],
    )
    lines(tmp_path / "queries.jsonl", [{"_id": id_, "text": text} for id_, (text, _) in ASKED.items()])
    (tmp_path / "qrels").mkdir()
    rows = [
        (id_, ids["Travel"] if document == "by its id" else document) for id_, (_, document) in ASKED.items()
    ]
    (tmp_path / "qrels" / "test.tsv").write_text("".join(f"{id_}\t{document}\t1\n" for id_, document in rows))
    return tmp_path


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


class Deaf(Forgetful):
    """To all questions but one."""

    def retrieve(self, viewer: Any, query: str, pin: Any, **more: Any) -> Retrieval:
        heard = PostgresRetriever.retrieve(self, viewer, query, pin, **more)
        return heard if "hotel" in query else super().retrieve(viewer, query, pin, **more)


def test_what_is_judged_is_asked_of_both(company: Company, judged: Path) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    retriever = Deaf(encoders())
    found = read_beir_set(judged)
    same = compare_development(company.admin, found, retriever, first, new)
    assert (same.asked, same.left_out, same.lost) == (3, 1, ())
    assert same.before > 0.9
    assert same.low <= same.now - same.before <= same.high
    retriever.forgets = new or 0
    worse = compare_development(company.admin, found, retriever, first, new)
    assert worse.lost == (ASKED["q1"][0], ASKED["q3"][0])
    assert worse.now < 0.4
    assert worse.low < worse.now - worse.before < worse.high < 0.1


def test_a_title_that_two_documents_have_tells_neither(company: Company, judged: Path) -> None:
    add(company.admin, company.handbook, "# Leave\n\nTo leave, press the green button.\n", "exit.md")
    first = answering().pk
    retriever = PostgresRetriever(encoders())
    compared = compare_development(company.admin, read_beir_set(judged), retriever, first, first)
    assert (compared.asked, compared.left_out) == (2, 2)


def test_for_whoever_is_no_administrator_there_is_nothing_to_compare(company: Company, judged: Path) -> None:
    first = answering().pk
    with pytest.raises(NotFound):
        compare_development(
            company.editor, read_beir_set(judged), PostgresRetriever(encoders()), first, first
        )


def test_the_command_tells_them_beside_the_golden_questions(
    company: Company, judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = Forgetful(encoders())
    monkeypatch.setattr(composition, "retriever", lambda: retriever)
    monkeypatch.setattr(composition, "encoders", encoders)
    new = build(company.admin, "small").generation_id
    retriever.forgets = new or 0
    keep_question(company.admin, QuestionWish(ASKED["q4"][0], Scope((company.handbook.id,))))
    shown = told("verify", str(new), "--questions", str(judged))
    assert (
        f"nDCG@10 of 3 questions of {judged.name}: 1.000 -> 0.000 (difference -1.000 to -1.000, 95 %)"
        in shown
    )
    assert "1 left out" in shown
    assert f"lost: {ASKED['q1'][0]}" in shown
    assert "golden questions" in shown
    assert "golden questions" in told("verify", str(new))
