"""`manage.py reindex`: what today's parsers read otherwise becomes another version; everything else stays as it is."""

from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kbchat.chat.sources import source_content
from kbchat.cli.management.commands import reindex
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion, VersionContent
from kbchat.ingestion.models import IngestionRun
from kbchat.library import parsing_runs
from kbchat.library.documents import DocumentRow, document_detail, document_row
from kbchat.library.reading_again import read_again
from kbchat.library.reading_anew import InForce, Reading, list_in_force, read_anew
from kbchat.library.uploading import Upload, replace, upload
from kbchat.parsing.equipment import Equipment
from kbchat.parsing.recognised import RecognisedPage, Word, WordLine
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.parsing.tesseract_library import Recogniser
from tests.company import MAX_BYTES, PAGE, Company, add, found_company, ingest, markdown, parsed_here
from tests.rules.pdf_support import pdf
from tests.servers import as_worker
from tests.services.commands import workers_of_this_process

pytestmark = pytest.mark.django_db(transaction=True)

FORMERLY = "Leave\n\nAs an elder parser read it.\n"


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setattr(reindex, "workers_for_a_while", workers_of_this_process)
    monkeypatch.setattr(reindex.os, "nice", lambda _: 0)
    monkeypatch.setattr(reindex.composition, "equipment", Equipment)
    with parsed_here():
        yield found_company()


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("reindex", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def read_by_an_elder_parser(row: DocumentRow, **report: int) -> None:
    with as_worker():
        VersionContent.objects.filter(pk=row.version_id).update(text=FORMERLY)
        version = DocumentVersion.objects.get(pk=row.version_id)
        DocumentVersion.objects.filter(pk=row.version_id).update(report=version.report | report)


def versions(viewer: Viewer, row: DocumentRow) -> list[tuple[int, bool]]:
    return [(each.number, each.in_force) for each in document_detail(viewer, row.id).versions]


def test_what_reads_the_same_stays_as_it_is(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    with as_worker():
        runs = IngestionRun.objects.count()
    assert "1 read: 1 as before, 0 with another text" in told()
    assert versions(company.admin, row) == [(1, True)]
    with as_worker():
        assert IngestionRun.objects.count() == runs


def test_what_reads_otherwise_is_another_version_and_the_former_can_still_be_cited(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    read_by_an_elder_parser(row)
    words = told("--collection", "Handbook")
    assert "1 read: 0 as before, 1 with another text, 0 not as well" in words
    assert "Of those with another text: 1 ready" in words
    assert versions(company.admin, row) == [(2, True), (1, False)]
    again = document_row(company.admin, row.id)
    assert again.effective_from == row.effective_from
    assert "28 days" in " ".join(
        block.text for block in source_content(company.reader, again.version_id).blocks
    )
    with as_worker():
        assert VersionContent.objects.get(pk=row.version_id).text == FORMERLY
        assert DocumentVersion.objects.values("blob").distinct().count() == 1
    assert "1 read: 1 as before" in told()


def test_the_encoding_that_an_editor_chose_is_kept(company: Company) -> None:
    content = ("The café beside the gate is closed at noon. " * 30).encode("cp1252")
    row = upload(company.admin, company.handbook.id, Upload("old.txt", BytesIO(content)), max_bytes=MAX_BYTES)
    ingest()
    read_again(company.admin, row.id, "cp1251")
    ingest()
    assert "1 read: 1 as before" in told()
    read_by_an_elder_parser(document_row(company.admin, row.id))
    told()
    again = document_row(company.admin, row.id)
    assert again.version_number == 3
    assert source_content(company.admin, again.version_id).blocks[0].text.startswith("The cafй")


def test_text_that_was_recognised_is_not_lost_where_nothing_recognises(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    read_by_an_elder_parser(row, recognised_characters=20)
    words = told()
    assert "  stays    Handbook: Leave: it cannot be read as well" in words
    assert "0 with another text, 1 not as well as before and left" in words
    assert versions(company.admin, row) == [(1, True)]


def test_a_newer_version_that_failed_is_left_to_another_attempt(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    broken = Upload("page.pdf", BytesIO(b"%PDF-1.7\nnothing"))
    replace(company.admin, row.id, broken, max_bytes=MAX_BYTES)
    ingest()
    words = told()
    assert "1 left as they are: a newer version of theirs waits, failed" in words
    assert "There is no document to read anew." in words


def test_only_what_he_edits_is_read(company: Company) -> None:
    add(company.admin, company.handbook, PAGE)
    add(company.admin, company.salaries, PAGE, "salaries.md")
    assert [one.collection_name for one in list_in_force(company.editor).found] == ["Handbook"]
    assert list_in_force(company.reader).found == list_in_force(company.stranger).found == []
    [one] = list_in_force(company.editor).found
    for viewer in (company.reader, company.stranger):
        assert read_anew(viewer, one, SandboxLimits(), Equipment()) is Reading.PASSED_BY
    with pytest.raises(CommandError, match="no collection 'Salaries'"):
        told("--as", "editor@example.com", "--collection", "Salaries")


def test_a_version_that_came_meanwhile_is_passed_by(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    [one] = list_in_force(company.admin).found
    assert one == InForce(row.id, row.version_id, "Leave", "Handbook")
    replace(company.admin, row.id, markdown(f"{PAGE}\nNew.\n"), max_bytes=MAX_BYTES)
    assert read_anew(company.admin, one, SandboxLimits(), Equipment()) is Reading.PASSED_BY


def test_pages_that_are_pictures_are_recognised_once_something_recognises(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [lambda canvas: canvas.drawString(72, 700, "Everybody has 28 days of leave.")]
    pages += [lambda canvas: canvas.rect(10, 10, 10, 10)] * 3
    sent = Upload("half.pdf", BytesIO(pdf(*pages)))
    row = upload(company.admin, company.handbook.id, sent, max_bytes=MAX_BYTES)
    ingest()
    asked: list[list[int]] = []

    def found(data: bytes, name: str, pages: Sequence[int], **_: object) -> list[RecognisedPage]:
        asked.append(list(pages))
        word = Word("Carried", tuple(range(100, 180, 10)))
        lines = (WordLine(300, 320, 18, (word,)),)
        return [RecognisedPage(number, 600, 800, 72, 0.5, lines) for number in pages[:2]]

    monkeypatch.setattr(parsing_runs, "recognise_sandboxed", found)
    [one] = list_in_force(company.admin).found
    equipment = Equipment(Recogniser.__new__(Recogniser))
    assert read_anew(company.admin, one, SandboxLimits(), equipment) is Reading.OTHER
    assert asked == [[2, 3, 4], [4]]
    assert document_row(company.admin, row.id).version_number == 2
