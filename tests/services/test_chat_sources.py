"""The document behind a citation: its blocks, its places on a printed page, its file."""

import io
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from reportlab.pdfgen.canvas import Canvas

from kbchat.access.viewing import viewing
from kbchat.chat.sources import original_file, source_boxes, source_content
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.text import Span
from kbchat.documents.models import VersionContent
from kbchat.documents.storage import read_blob
from kbchat.library.uploading import Upload, replace, upload
from kbchat.retrieval.outlines import outlines
from tests.company import MAX_BYTES, Company, add, found_company, ingest, markdown

pytestmark = pytest.mark.django_db

PAGE = """# Travel

Trips are booked 😀 early.

| City | Night |
| --- | --- |
| Bonn | 90 € |
| 北京 | 120 € |

- first
"""


@pytest.fixture
def company() -> Company:
    return found_company()


def test_blocks_are_slices_of_the_text_by_code_points(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE, "travel.md")
    assert row.version_id is not None
    content = source_content(company.reader, row.version_id)
    with viewing(company.reader):
        text = VersionContent.objects.get(pk=row.version_id).text
    assert [block.text for block in content.blocks] == [
        text[block.start : block.end] for block in content.blocks
    ]
    assert [block.kind for block in content.blocks] == ["heading", "paragraph", "table", "list_item"]
    table = content.blocks[2]
    assert [text[start:end] for start, end in table.rows] == ["City | Night", "Bonn | 90 €", "北京 | 120 €"]
    assert table.header_rows == 1
    assert (content.title, content.collection_name, content.number) == ("Travel", "Handbook", 1)
    assert (content.in_force, content.newest_version_id) == (True, row.version_id)
    assert source_boxes(company.reader, row.version_id, Span(0, 6)) == []


def test_an_older_version_names_the_one_in_force(company: Company) -> None:
    first = add(company.admin, company.handbook, PAGE, "travel.md")
    replace(company.admin, first.id, markdown(PAGE + "\nMore.\n", "travel.md"), max_bytes=MAX_BYTES)
    ingest()
    future = timezone.localdate() + timedelta(days=90)
    later = markdown(PAGE + "\nLater.\n", "travel.md")
    replace(company.admin, first.id, later, effective_from=future, max_bytes=MAX_BYTES)
    ingest()
    assert first.version_id is not None
    old = source_content(company.reader, first.version_id)
    assert (old.number, old.in_force) == (1, False)
    now = source_content(company.reader, old.newest_version_id)
    assert (now.number, now.in_force) == (2, True)
    assert isinstance(now.effective_from, date)


def test_today_is_the_day_that_the_program_lives_in(company: Company) -> None:
    """Which is not always the day in Greenwich: one of these two zones is a day apart from it."""
    now = timezone.now()
    zone = next(
        zone
        for zone in (ZoneInfo("Etc/GMT-14"), ZoneInfo("Etc/GMT+12"))
        if now.astimezone(zone).date() != now.date()
    )
    with timezone.override(zone):
        tomorrow = timezone.localdate() + timedelta(days=1)
        row = upload(
            company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES, expires_on=tomorrow
        )
        ingest()
        assert source_content(company.reader, row.version_id).in_force
        assert [outline.document_id for outline in outlines(company.reader, "en", most=3)] == [row.id]


def test_a_span_of_a_pdf_has_boxes_on_its_page(company: Company) -> None:
    row = upload(company.admin, company.handbook.id, Upload("leave.pdf", _pdf()), max_bytes=MAX_BYTES)
    ingest()
    content = source_content(company.reader, row.version_id)
    assert (content.media_type, content.pages) == ("application/pdf", 2)
    block = next(block for block in content.blocks if "second page" in block.text)
    start = block.start + block.text.index("second")
    [box] = source_boxes(company.reader, row.version_id, Span(start, start + len("second")))
    assert box.page == 2
    assert 0.1 < box.left < box.right < 0.5
    assert 0.05 < box.top < box.bottom < 0.2
    with pytest.raises(Invalid):
        source_boxes(company.reader, row.version_id, Span(0, 10**6))


def test_the_original_is_the_uploaded_file(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE, "travel.md")
    assert row.version_id is not None
    original = original_file(company.reader, row.version_id)
    assert (original.filename, original.size) == ("travel.md", len(PAGE.encode()))
    assert read_blob(original.blob) == PAGE.encode()


def test_a_version_that_is_not_ready_is_open_to_editors_as_a_file_only(company: Company) -> None:
    row = upload(company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    for viewer in (company.reader, company.editor):
        with pytest.raises(NotFound):
            source_content(viewer, row.version_id)
    assert original_file(company.editor, row.version_id).filename == "page.md"
    with pytest.raises(NotFound):
        original_file(company.reader, row.version_id)


def _pdf() -> io.BytesIO:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(600, 800))
    for words in ("Leave is granted on this page.", "On the second page it is taken."):
        canvas.drawString(72, 700, words)
        canvas.showPage()
    canvas.save()
    file.seek(0)
    return file
