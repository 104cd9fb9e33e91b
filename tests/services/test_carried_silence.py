"""What was left out of search stays out where the same words stand again: in the next version, in another cut."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kbchat.audit.models import AuditEvent
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.text import Span
from kbchat.documents.models import SilencedPassage
from kbchat.indexing.filling import cut
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.writing import erase
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import Chunk, IngestionRun
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.previewing import list_passages, version_report
from kbchat.library.silencing import silence_passage
from kbchat.library.uploading import replace
from tests.company import MAX_BYTES, Company, add, ingest, markdown
from tests.servers import as_owner, as_worker

pytestmark = pytest.mark.django_db

CARRIED = "Five days of leave are carried over."
PAGE = (
    f"# Leave\n\nEverybody has 28 days.\n\n## Carry-over\n\n{CARRIED}\n\n## Notice\n\nSee the intranet.\n\n"
    "## Sick leave\n\nCall in.\n\n## Notice again\n\nSee the intranet.\n"
)


@pytest.fixture
def page(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE)


def silenced(company: Company, row: DocumentRow) -> list[tuple[str, str]]:
    """Heading and words."""
    rows = list_passages(company.admin, row.version_id)
    return [(each.heading_path[-1], each.text) for each in rows if each.is_silenced]


def switch(company: Company, row: DocumentRow, heading: str, *, is_silenced: bool = True) -> None:
    rows = list_passages(company.admin, row.version_id)
    (one,) = [each for each in rows if each.heading_path[-1] == heading]
    silence_passage(company.admin, row.version_id, Span(one.start, one.end), is_silenced=is_silenced)


def next_version(company: Company, row: DocumentRow, text: str, **days: object) -> DocumentRow:
    replace(company.admin, row.id, markdown(text), max_bytes=MAX_BYTES, **days)  # type: ignore[arg-type]
    ingest()
    return document_row(company.admin, row.id)


def test_the_same_words_stay_out_in_the_next_version(company: Company, page: DocumentRow) -> None:
    switch(company, page, "Carry-over")
    later = next_version(company, page, "# Leave\n\nA new beginning, which moves all.\n\n" + PAGE[8:])
    assert silenced(company, later) == [("Carry-over", CARRIED)]
    assert version_report(company.admin, later.version_id).not_carried == []
    assert "passages_not_carried" not in later.flags
    with as_owner():
        told = AuditEvent.objects.filter(action="passage_silenced").order_by("seq")
        assert [(event.actor_id, event.subject["version"]) for event in told] == [
            (company.admin.user_id, str(page.version_id)),
            (None, str(later.version_id)),
        ]


def test_of_two_places_with_the_same_words_the_one_that_was_meant(
    company: Company, page: DocumentRow
) -> None:
    switch(company, page, "Notice again")
    later = next_version(company, page, PAGE.replace("28", "30"))
    assert silenced(company, later) == [("Notice again", "See the intranet.")]


def test_words_that_changed_can_be_found_and_the_report_says_so(company: Company, page: DocumentRow) -> None:
    switch(company, page, "Carry-over")
    switch(company, page, "Sick leave")
    later = next_version(company, page, PAGE.replace("Five days", "Six days"))
    assert silenced(company, later) == [("Sick leave", "Call in.")]
    (former,) = version_report(company.editor, later.version_id).not_carried
    assert (former.version_id, former.version_number, former.text) == (page.version_id, 1, CARRIED)
    assert "passages_not_carried" in later.flags
    assert "passages_not_carried" not in document_row(company.reader, page.id).flags
    with pytest.raises(NotAllowed):
        version_report(company.reader, later.version_id)
    with pytest.raises(NotFound):
        version_report(company.stranger, later.version_id)


def test_what_is_heard_again_stays_so_when_the_version_is_indexed_anew(
    company: Company, page: DocumentRow
) -> None:
    switch(company, page, "Carry-over")
    switch(company, page, "Sick leave")
    later = next_version(company, page, PAGE.replace("Call in.", "Call in by nine."))
    switch(company, later, "Carry-over", is_silenced=False)
    with as_worker():
        erase(later.version_id)
        IngestionRun.objects.create(version_id=later.version_id)
    ingest()
    assert silenced(company, later) == []
    assert len(version_report(company.admin, later.version_id).not_carried) == 1


def test_a_version_that_begins_later_is_silenced_with_the_one_in_force(
    company: Company, page: DocumentRow
) -> None:
    """It was published before, so nothing is carried when it begins to answer."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    coming = next_version(company, page, PAGE.replace("28", "30"), effective_from=tomorrow)
    assert coming.version_id != page.version_id
    switch(company, page, "Carry-over")
    assert silenced(company, coming) == [("Carry-over", CARRIED)]
    switch(company, page, "Carry-over", is_silenced=False)
    assert silenced(company, coming) == []


def test_a_version_that_failed_hands_nothing_on_and_loses_nothing(
    company: Company, page: DocumentRow
) -> None:
    switch(company, page, "Carry-over")
    broken = markdown("%PDF-1.7\nnothing", "page.pdf")
    replace(company.admin, page.id, broken, max_bytes=MAX_BYTES)
    ingest()
    later = next_version(company, page, PAGE.replace("28", "30"))
    assert (later.version_number, silenced(company, later)) == (3, [("Carry-over", CARRIED)])


LONG = "# Rules\n\n" + "\n\n".join(f"Rule {number} says {'word ' * 60}." for number in range(12)) + "\n"


def test_another_cut_leaves_out_what_lies_mostly_in_it_and_nothing_else(company: Company) -> None:
    row = add(company.admin, company.handbook, LONG)
    rows = list_passages(company.admin, row.version_id)
    assert len(rows) > 2
    off = Span(rows[1].start, rows[1].end)
    silence_passage(company.admin, row.version_id, off, is_silenced=True)
    with as_worker():
        cut(IndexGeneration(chunking_policy="narrow"), row.version_id, HashEmbedder(window_tokens=80))
        narrow = Chunk.objects.filter(version=row.version_id, chunking_policy="narrow")
        spans = {Span(*span) for span in narrow.values_list("start", "end")}
        within = {span for span in spans if span.overlaps(off)}
        assert len(within) > 1
        assert all(off.start <= span.start <= span.end <= off.end for span in within)
        out = {Span(*span) for span in SilencedPassage.objects.values_list("start", "end")}
        assert out == within | {off}
    # Switched in one of them, it is switched in all.
    silence_passage(company.admin, row.version_id, off, is_silenced=False)
    with as_worker():
        assert not SilencedPassage.objects.exists()
    silence_passage(company.admin, row.version_id, off, is_silenced=True)
    with as_worker():
        assert {Span(*span) for span in SilencedPassage.objects.values_list("start", "end")} == out


def test_a_wider_cut_that_can_be_found_again_is_told(company: Company) -> None:
    text = "# Rules\n\n" + "\n\n".join(f"Rule {n} says {'word ' * 9}." for n in range(6)) + "\n"
    row = add(company.admin, company.handbook, text)
    (whole,) = list_passages(company.admin, row.version_id)
    with as_worker():
        Chunk.objects.filter(version=row.version_id).update(end=whole.start + 20, text=whole.text[:20])
        SilencedPassage.objects.create(
            version_id=row.version_id,
            start=whole.start,
            end=whole.start + 20,
            silenced_by_id=company.admin.user_id,
        )
        cut(IndexGeneration(chunking_policy="wide"), row.version_id, HashEmbedder())
    with as_worker():
        wide = Chunk.objects.get(version=row.version_id, chunking_policy="wide")
        assert not SilencedPassage.objects.filter(start=wide.start, end=wide.end).exists()
    (told,) = version_report(company.admin, row.version_id).not_carried
    assert (told.version_number, told.text) == (1, whole.text[:20])
