"""A passage that its owner silences is out of every search, in every index that has it, and nothing else is."""

import pytest
from django.db import DatabaseError

from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditEvent
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import SilencedPassage, VersionContent
from kbchat.indexing.encoders import only
from kbchat.indexing.writing import erase
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import Chunk, IngestionRun
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow
from kbchat.library.previewing import PassageRow, list_passages
from kbchat.library.purging import purge_deleted
from kbchat.library.silencing import silence_passage
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, add, ingest
from tests.servers import as_owner, as_worker

pytestmark = pytest.mark.django_db

PAGE = "# Leave\n\nEverybody has 28 days of annual leave.\n\n## Carry-over\n\nFive days of leave are carried over.\n"
QUESTION = "How many days of leave are carried over?"


@pytest.fixture
def page(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE)


def found(viewer: Viewer) -> tuple[set[str], set[str]]:
    """What is returned, and what either leg ranked."""
    retriever = PostgresRetriever(only(HashEmbedder()))
    retrieval = retriever.retrieve(viewer, QUESTION, retriever.pin(), limit=10)
    ranked = {chunk for leg in retrieval.trace.legs for chunk in leg.chunk_ids}
    with viewing(viewer):
        legs = set(Chunk.objects.filter(pk__in=ranked).values_list("text", flat=True))
    return {passage.text for passage in retrieval.passages}, legs


def carried(company: Company, page: DocumentRow) -> PassageRow:
    (row,) = [each for each in list_passages(company.admin, page.version_id) if "carried" in each.text]
    return row


def switch(company: Company, page: DocumentRow, *, is_silenced: bool) -> None:
    row = carried(company, page)
    silence_passage(company.admin, page.version_id, Span(row.start, row.end), is_silenced=is_silenced)


def test_it_is_found_by_nobody_until_it_is_heard_again(company: Company, page: DocumentRow) -> None:
    before = found(company.reader)
    assert any("carried" in text for text in before[0])
    switch(company, page, is_silenced=True)
    assert carried(company, page).is_silenced
    for viewer in (company.reader, company.admin):
        for texts in found(viewer):
            assert texts
            assert not any("carried" in text for text in texts)
    switch(company, page, is_silenced=False)
    assert found(company.reader) == before


def test_no_model_reads_it_as_a_neighbour(company: Company) -> None:
    text = "# Leave\n\n" + "\n\n".join(f"Rule {number} says {'word ' * 150}." for number in range(6))
    page = add(company.admin, company.handbook, text)
    rows = list_passages(company.admin, page.version_id)
    assert len(rows) > 2
    with as_worker():
        first = Chunk.objects.get(version=page.version_id, ordinal=0).pk
    retriever = PostgresRetriever(None)
    assert len(retriever.around(company.reader, [first])[first].pieces) == len(rows)
    silence_passage(company.admin, page.version_id, Span(rows[1].start, rows[1].end), is_silenced=True)
    assert len(retriever.around(company.reader, [first])[first].pieces) == 1


def test_it_stays_silent_when_it_is_indexed_anew(company: Company, page: DocumentRow) -> None:
    switch(company, page, is_silenced=True)
    with as_worker():
        before = set(Chunk.objects.values_list("pk", flat=True))
        erase(page.version_id)
        IngestionRun.objects.create(version_id=page.version_id)
    ingest()
    with as_worker():
        assert not before & set(Chunk.objects.values_list("pk", flat=True)), "they are other rows"
    assert not any("carried" in text for text in found(company.reader)[0])


def test_the_text_itself_is_not_touched(company: Company, page: DocumentRow) -> None:
    switch(company, page, is_silenced=True)
    with viewing(company.reader):
        text = VersionContent.objects.get(pk=page.version_id).text
    for row in list_passages(company.admin, page.version_id):
        assert text[row.start : row.end] == row.text


def test_only_owners_see_and_switch_it(company: Company, page: DocumentRow) -> None:
    row = carried(company, page)
    span = Span(row.start, row.end)
    for viewer, error in (
        (company.editor, NotAllowed),
        (company.reader, NotAllowed),
        (company.stranger, NotFound),
    ):
        with pytest.raises(error):
            list_passages(viewer, page.version_id)
        with pytest.raises(error):
            silence_passage(viewer, page.version_id, span, is_silenced=True)
    wish = SilencedPassage(version_id=page.version_id, start=1, end=2, silenced_by_id=company.editor.user_id)
    with pytest.raises(DatabaseError), viewing(company.editor):
        wish.save(force_insert=True)
    with pytest.raises(NotFound):
        silence_passage(company.admin, page.version_id, Span(row.start, row.end + 1), is_silenced=True)


def test_each_switch_is_recorded_once(company: Company, page: DocumentRow) -> None:
    for is_silenced in (True, True, False, False):
        switch(company, page, is_silenced=is_silenced)
    with as_owner():
        told = AuditEvent.objects.filter(action__startswith="passage_").exclude(action="passages_shown")
        actions = list(told.order_by("seq").values_list("action", flat=True))
    assert actions == ["passage_silenced", "passage_heard_again"]


def test_it_goes_with_its_document(company: Company, page: DocumentRow) -> None:
    switch(company, page, is_silenced=True)
    delete_document(company.admin, page.id)
    with as_worker():
        assert purge_deleted() == 1
        assert not SilencedPassage.objects.exists()
