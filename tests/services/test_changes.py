"""What an old version said otherwise than the one that answers today, and searching as of a day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.chat.changes import Change, changes_since
from kbchat.chat.searching import search
from kbchat.core.errors import NotFound
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.sections import close_section, list_sections
from kbchat.library.uploading import replace
from kbchat.retrieval.port import EVERYTHING
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, PAGE, Company, add, ingest, markdown

pytestmark = pytest.mark.django_db

NEWER = PAGE.replace("28 days", "30 days") + "\nAsk by mail.\n"


@pytest.fixture
def versions(company: Company) -> tuple[DocumentRow, DocumentRow]:
    """The second one answers since today; the first one did until yesterday."""
    first = add(company.admin, company.handbook, PAGE)
    replace(company.admin, first.id, markdown(NEWER), max_bytes=MAX_BYTES)
    ingest()
    return first, document_row(company.admin, first.id)


def test_it_tells_block_by_block(company: Company, versions: tuple[DocumentRow, DocumentRow]) -> None:
    first, second = versions
    told = changes_since(company.reader, first.version_id)
    assert (told.number, told.current_version_id, told.current_number, told.is_cut) == (
        1,
        second.version_id,
        2,
        False,
    )
    assert [(each.before, each.after) for each in told.changes] == [
        (["Everybody has 28 days of annual leave."], ["Everybody has 30 days of annual leave."]),
        ([], ["Ask by mail."]),
    ]
    assert changes_since(company.reader, second.version_id).changes == []


def test_who_may_not_read_both_is_told_nothing(
    company: Company, versions: tuple[DocumentRow, DocumentRow]
) -> None:
    first, _ = versions
    with pytest.raises(NotFound):
        changes_since(company.stranger, first.version_id)
    section = next(row.id for row in list_sections(company.admin, first.id) if row.path)
    close_section(company.admin, section, Principal("group", company.staff.pk))
    with pytest.raises(NotFound):
        changes_since(company.reader, first.version_id)


def test_a_search_as_of_a_day_finds_what_answered_then(company: Company) -> None:
    today = timezone.localdate()
    before = {"effective_from": today - timedelta(days=30)}
    first = add(company.admin, company.handbook, PAGE)
    replace(company.admin, first.id, markdown(PAGE.replace("28", "27")), max_bytes=MAX_BYTES, **before)
    ingest()
    retriever = PostgresRetriever(only(HashEmbedder()))

    def quotes(days_ago: int) -> str:
        as_of = today - timedelta(days=days_ago)
        asked = "How many days of annual leave?"
        found = search(company.reader, asked, scope=EVERYTHING, limit=5, retriever=retriever, as_of=as_of)
        return " ".join(source.quote for source in found.sources)

    assert "28 days" in quotes(0)
    assert "27 days" in quotes(10)
    assert quotes(31) == ""


def test_a_change_says_where_it_begins(company: Company, versions: tuple[DocumentRow, DocumentRow]) -> None:
    first, _ = versions
    changes = changes_since(company.reader, first.version_id).changes
    assert changes[0] == Change(PAGE.index("Everybody") - 2, changes[0].before, changes[0].after)
