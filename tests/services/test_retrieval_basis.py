"""What a ranking is made of has a name: the same as long as nothing that the viewer may be shown is another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.indexing.encoders import only
from kbchat.inference.ports import Reranker
from kbchat.library.sharing import give_grant
from kbchat.library.silencing import silence_passage
from kbchat.retrieval import inverted_index
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker
from tests.services.retrieval_support import EMBEDDER, QUESTIONS, received, write_page
from tests.services.test_retrieval_limits import Failing
from tests.services.test_retrieval_reranking import Recording

pytestmark = pytest.mark.django_db


def basis(retriever: PostgresRetriever, viewer: Viewer) -> str:
    """As it is told before a search, and with each."""
    pin = retriever.pin()
    told = retriever.basis(viewer, pin)
    assert {retriever.retrieve(viewer, question, pin, limit=3).basis for question in QUESTIONS} == {told}
    return told


@pytest.mark.usefixtures("texts")
def test_each_thing_that_somebody_is_shown_or_not_shown_any_more_gives_it_another_name(
    company: Company,
) -> None:
    page = write_page(company.handbook, ["annual leave, carried over"], headings=["Leave"])
    later = write_page(company.handbook, ["annual leave of another page"])
    retriever = PostgresRetriever(only(EMBEDDER))
    seen = [basis(retriever, company.reader)]
    others = basis(retriever, company.admin)

    @contextmanager
    def changing() -> Iterator[None]:
        yield
        now = basis(retriever, company.reader)
        assert now not in seen
        seen.append(now)

    with changing():
        write_page(company.handbook, ["one more"])
    with changing():
        (chunk,) = page.chunks
        silence_passage(company.admin, page.version.pk, Span(chunk.start, chunk.end), is_silenced=True)
    # It was found no more already, and still counted among what words are weighed by.
    with changing():
        closed = Grant.objects.create(section=page.section, group=company.staff, deny=True)
    with changing(), as_worker():
        Document.objects.filter(pk=later.document.pk).update(deleted_at=timezone.now())
    with changing():
        Grant.objects.filter(group=company.staff, section=None).delete()
    give_grant(company.admin, company.handbook.id, Principal("group", company.staff.pk), Role.READER)
    assert basis(retriever, company.reader) == seen[-2], "all is again as it was"
    closed.delete()
    assert basis(retriever, company.reader) == basis(retriever, company.admin) != others


@pytest.mark.usefixtures("texts")
def test_what_others_may_read_changes_no_name(company: Company) -> None:
    """Else it would tell by time that something is there."""
    retriever = PostgresRetriever(only(EMBEDDER))
    before = basis(retriever, company.reader), basis(retriever, company.admin)
    write_page(company.salaries, ["annual leave of the board"] * 20)
    assert basis(retriever, company.admin) != before[1]
    assert basis(retriever, company.reader) == before[0]


@pytest.mark.usefixtures("texts")
def test_what_is_read_anew_has_another_name(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows have other numbers."""
    retriever = PostgresRetriever(only(EMBEDDER))
    before = basis(retriever, company.reader)
    assert basis(PostgresRetriever(only(EMBEDDER)), company.reader) != before
    monkeypatch.setattr(inverted_index, "LONGEST_SECONDS", -1.0)
    assert retriever.basis(company.reader, retriever.pin()) != before


@pytest.mark.usefixtures("texts")
def test_those_that_rank_by_something_else_have_other_names_over_the_same_rows(company: Company) -> None:
    indexes = inverted_index.InvertedIndexes()
    retrievers = [
        PostgresRetriever(only(EMBEDDER), indexes=indexes),
        PostgresRetriever(None, indexes=indexes),
        PostgresRetriever(only(EMBEDDER), reranker=Recording(), indexes=indexes),
    ]
    assert len({basis(retriever, company.reader) for retriever in retrievers}) == 3


FAILING: list[Callable[[], tuple[object, Reranker | None]]] = [
    lambda: (Failing(dimension=64), None),
    lambda: (EMBEDDER, Recording(fails=True)),
]


@pytest.mark.usefixtures("texts")
@pytest.mark.parametrize("models", FAILING, ids=("encoder", "reranker"))
def test_what_was_ranked_without_a_model_that_has_a_part_in_it_has_no_name(
    company: Company, models: Callable[[], tuple[Failing, Reranker | None]]
) -> None:
    embedder, reranker = models()
    retriever = PostgresRetriever(only(embedder), reranker=reranker)
    found = retriever.retrieve(company.reader, QUESTIONS[0], retriever.pin(), limit=3)
    assert found.passages
    assert found.basis == ""


@pytest.mark.usefixtures("texts")
def test_where_the_name_is_the_same_the_ranking_is_and_no_ranking_is_made_to_tell_it(
    company: Company,
) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()
    first, again = (retriever.retrieve(company.reader, QUESTIONS[0], pin, limit=9) for _ in range(2))
    assert first.basis == again.basis
    assert received(first) == received(again)
    with CaptureQueriesContext(connection) as queries:
        retriever.basis(company.reader, pin)
    asked = [query["sql"] for query in queries if "kbchat.viewer" not in query["sql"]]
    assert sum("kbchat_searchable_versions" in sql for sql in asked) == 1
    assert not any(table in sql for sql in asked for table in ("indexing_", "ingestion_chunk\n", "<=>"))
