"""A real encoder whose weights were shuffled is refused, and what it loses is named. Slow: it loads both."""

from pathlib import Path

import pytest

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Invalid
from kbchat.evaluation.asking import Place, Searching
from kbchat.evaluation.keeping import QuestionWish, keep_question
from kbchat.evaluation.runs import continue_run, start_run
from kbchat.inference.sentence_transformers_embedder import PACKAGED_MODEL, SentenceTransformersEmbedder
from kbchat.library.uploading import upload
from kbchat.rebuilding.comparing import WORSE, compare_golden, lost_sentences
from kbchat.rebuilding.switching import put_in_force
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.other_encoders import SHUFFLED, other_encoder
from tests.services.rebuilding_support import BY_NAME, answering, build, company_with_pages, encoders

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# In other words than the library's, so that words alone do not find the place. By what stands there.
QUESTIONS = {
    "How much vacation do staff receive?": "28 days of annual leave",
    "What may accommodation cost?": "120 euros",
    "Which railway tickets may staff buy?": "second class",
    "Is unused vacation lost at new year?": "At most five",
}


@pytest.fixture
def company(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setitem(BY_NAME, "hashed", SentenceTransformersEmbedder(PACKAGED_MODEL))
    shuffled = SentenceTransformersEmbedder(str(other_encoder(tmp_path, SHUFFLED)))
    monkeypatch.setitem(BY_NAME, "shuffled", shuffled)
    company = company_with_pages()
    for page in sorted((shared_data / "handbooks" / "18f").rglob("*.md"))[:10]:
        upload(company.admin, company.handbook.id, markdown(page.read_text(), page.name), max_bytes=MAX_BYTES)
    ingest(encoders())
    retriever = PostgresRetriever(encoders())
    for question, words in QUESTIONS.items():
        passages = retriever.retrieve(company.admin, question, retriever.pin(), limit=10).passages
        (found,) = [each for each in passages if words in each.text]
        wish = QuestionWish(question, Scope((company.handbook.id,)), [Place(found.version_id, found.span)])
        keep_question(company.admin, wish)
    return company


def test_it_is_refused_and_the_questions_that_it_loses_are_named(company: Company) -> None:
    first, built = answering().pk, build(company.admin, "shuffled")
    new = built.generation_id
    assert new is not None
    assert built.checks["known_items"]["asked"] > 50
    assert "finds_less" in built.checks["problems"]
    assert built.checks["known_items"]["high"] < 0
    assert lost_sentences(company.admin, new)
    searching = Searching(PostgresRetriever(encoders()), encoders())
    for generation in (first, new):
        run = start_run(company.admin, searching, generation)
        continue_run(company.admin, run.id, searching, deadline=Deadline.after(60))
    compared = compare_golden(company.admin, first, new)
    assert (compared.asked, compared.before, compared.problems) == (len(QUESTIONS), 1.0, [WORSE])
    assert {each.text for each in compared.lost} <= set(QUESTIONS)
    assert compared.lost
    with pytest.raises(Invalid, match="generation_worse") as refused:
        put_in_force(company.admin, new, instead_of=first)
    assert {"finds_less", WORSE} <= set(str(refused.value.facts["reasons"]).split(", "))
    assert answering().pk == first
