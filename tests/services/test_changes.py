"""What an old version said otherwise than the one that answers today, and searching as of a day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.chat.changes import Change, changes_between
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


def pieces_of(change: Change) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in change.pieces]


@pytest.fixture
def versions(company: Company) -> tuple[DocumentRow, DocumentRow]:
    """The second one answers since today; the first one did until yesterday."""
    first = add(company.admin, company.handbook, PAGE)
    replace(company.admin, first.id, markdown(NEWER), max_bytes=MAX_BYTES)
    ingest()
    return first, document_row(company.admin, first.id)


def test_it_tells_block_by_block(company: Company, versions: tuple[DocumentRow, DocumentRow]) -> None:
    first, second = versions
    told = changes_between(company.reader, first.version_id)
    assert (told.number, told.other_version_id, told.other_number, told.is_cut) == (
        1,
        second.version_id,
        2,
        False,
    )
    assert [pieces_of(each) for each in told.changes] == [
        [
            ("same", "Everybody has "),
            ("removed", "28"),
            ("added", "30"),
            ("same", " days of annual leave."),
        ],
        [("added", "Ask by mail.")],
    ]
    assert [each.heading_path for each in told.changes] == [["Leave"], ["Leave", "Carry-over"]]
    assert changes_between(company.reader, second.version_id).changes == []


def test_it_is_read_in_both_directions(company: Company, versions: tuple[DocumentRow, DocumentRow]) -> None:
    first, second = versions
    back = changes_between(company.reader, second.version_id, first.version_id)
    assert (back.number, back.other_version_id, back.other_number) == (2, first.version_id, 1)
    assert [pieces_of(each)[-1] for each in back.changes] == [
        ("same", " days of annual leave."),
        ("removed", "Ask by mail."),
    ]


def test_versions_of_two_documents_are_not_compared(
    company: Company, versions: tuple[DocumentRow, DocumentRow]
) -> None:
    other = add(company.admin, company.handbook, "# Other\n\nOther.\n", "other.md")
    with pytest.raises(NotFound):
        changes_between(company.reader, versions[0].version_id, other.version_id)
    hidden = add(company.admin, company.salaries, "# Pay\n\nPay.\n", "pay.md")
    with pytest.raises(NotFound):
        changes_between(company.reader, versions[0].version_id, hidden.version_id)


def test_who_may_not_read_both_is_told_nothing(
    company: Company, versions: tuple[DocumentRow, DocumentRow]
) -> None:
    first, _ = versions
    with pytest.raises(NotFound):
        changes_between(company.stranger, first.version_id)
    section = next(row.id for row in list_sections(company.admin, first.id) if row.path)
    close_section(company.admin, section, Principal("group", company.staff.pk))
    with pytest.raises(NotFound):
        changes_between(company.reader, first.version_id)


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
    changes = changes_between(company.reader, first.version_id).changes
    text = "Leave\n\nEverybody has 28 days of annual leave.\n\nCarry-over\n\nFive days may be carried over."
    assert [each.at for each in changes] == [text.index("Everybody"), len(text)]
