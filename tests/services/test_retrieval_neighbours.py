"""What stands around a passage: its section and nothing else, exact, and read with the viewer's own rights."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.viewing import viewing
from kbchat.documents.models import Document, DocumentVersion, VersionContent
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import Chunk
from kbchat.library.sections import close_section
from kbchat.library.uploading import upload
from kbchat.retrieval.port import Surroundings
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.servers import as_worker

pytestmark = pytest.mark.django_db

# Each paragraph is a chunk of its own in a window of 40.
SMALL = HashEmbedder(window_tokens=40)
RULES = [
    f"Rule {n}: whoever is on leave number {n} tells his team of it, and nobody else. 休假第{n}条。"
    for n in range(9)
]
PAGE = "\n\n".join(
    [
        "# Handbook",
        "## Leave",
        *RULES[:4],
        "## Board",
        RULES[4],
        "## Leave",
        *RULES[5:7],
        "## Pay",
        *RULES[7:],
    ]
)


@pytest.fixture
def chunks(company: Company) -> list[Chunk]:
    return chunks_of(company, PAGE)


def chunks_of(company: Company, page: str) -> list[Chunk]:
    row = upload(company.admin, company.handbook.id, markdown(page), max_bytes=MAX_BYTES)
    ingest(only(SMALL))
    with as_worker():
        found = Chunk.objects.filter(version__document=row.id).select_related("section")
        return list(found.order_by("ordinal"))


def around(company: Company, who: str, *chunks: Chunk) -> dict[int, Surroundings]:
    return PostgresRetriever(only(SMALL)).around(getattr(company, who), [chunk.pk for chunk in chunks])


def test_it_is_an_exact_slice_of_the_section_and_ends_with_it(company: Company, chunks: list[Chunk]) -> None:
    headings = ["Leave"] * 4 + ["Board"] + ["Leave"] * 2 + ["Pay"] * 2
    assert [chunk.section.path[-1] for chunk in chunks] == headings
    with as_worker():
        whole = VersionContent.objects.get(version=chunks[0].version_id).text
    with CaptureQueriesContext(connection) as sent:
        found = around(company, "reader", *chunks)
    assert sum("ingestion_chunk" in query["sql"] for query in sent) == 1
    assert list(found) == [chunk.pk for chunk in chunks]
    for chunk in chunks:
        told = found[chunk.pk]
        first, last = told.pieces[0].span.start, told.pieces[-1].span.end
        assert (told.start, told.text) == (first, whole[first:last])
        assert whole[chunk.start : chunk.end] == chunk.text
        assert chunk.start in [piece.span.start for piece in told.pieces]
    # The second half of the section stands behind another: it is not around the first.
    assert [len(found[chunk.pk].pieces) for chunk in chunks] == [4, 4, 4, 4, 1, 2, 2, 2, 2]
    assert "第4条" not in found[chunks[0].pk].text


def test_no_more_than_a_few_chunks_to_either_side(company: Company) -> None:
    chunks = chunks_of(company, "\n\n".join(["# Rules", *RULES * 3]))
    middle = around(company, "reader", chunks[13])[chunks[13].pk]
    assert [piece.span.start for piece in middle.pieces] == [chunk.start for chunk in chunks[7:20]]


def test_whoever_may_not_read_it_is_told_of_nothing(company: Company, chunks: list[Chunk]) -> None:
    assert around(company, "stranger", *chunks) == {}
    assert around(company, "reader") == {}
    # Closing "Board" takes the whole text from the reader: whole texts know no sections. He reads passages alone.
    board = chunks[4]
    close_section(company.admin, board.section_id, Principal("group", company.staff.pk))
    assert around(company, "reader", *chunks) == {}
    fetched = PostgresRetriever(only(SMALL)).fetch(company.reader, [chunk.pk for chunk in chunks])
    assert [passage.chunk_id for passage in fetched] == [chunk.pk for chunk in chunks if chunk != board]
    assert len(around(company, "admin", *chunks)) == len(chunks)


def test_what_answers_nobody_has_no_surroundings(company: Company, chunks: list[Chunk]) -> None:
    """An editor may see these rows."""
    with as_worker():
        DocumentVersion.objects.filter(pk=chunks[0].version_id).update(in_force=None)
    assert around(company, "editor", *chunks) == {}
    with as_worker():
        DocumentVersion.objects.filter(pk=chunks[0].version_id).update(in_force=("2020-01-01", None))
    assert around(company, "editor", *chunks)
    with viewing(company.editor):
        document = DocumentVersion.objects.get(pk=chunks[0].version_id).document_id
    with as_worker():
        Document.objects.filter(pk=document).update(deleted_at=timezone.now())
    assert around(company, "editor", *chunks) == {}
