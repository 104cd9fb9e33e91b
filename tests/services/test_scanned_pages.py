"""A scan becomes text page by page, some seconds' worth at a time; without Tesseract it fails with what to do."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

import pytest
from django.db import ProgrammingError, transaction

from kbchat.chat.sources import source_boxes
from kbchat.core.jobs import Job
from kbchat.core.text import Span
from kbchat.documents.models import VersionContent
from kbchat.indexing.encoders import only
from kbchat.indexing.generations import ensure_active_generation
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import CHUNKING_POLICY
from kbchat.ingestion.models import Chunk, IngestionRun, ScannedPage, Step
from kbchat.ingestion.runs import job_for
from kbchat.library import parsing_runs
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow, document_detail, document_row
from kbchat.library.ingesting import index_run, parse_run, recognise_run
from kbchat.library.purging import purge_deleted
from kbchat.library.retrying import retry_document
from kbchat.library.uploading import Upload, upload
from kbchat.parsing import ParseError, ParseErrorCode
from kbchat.parsing.equipment import Equipment
from kbchat.parsing.recognised import RecognisedPage, Word, WordLine
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.parsing.tesseract_library import Recogniser
from tests.company import MAX_BYTES, Company
from tests.recognition import CHINESE, ENGLISH, as_file, scan
from tests.rules.pdf_support import pdf
from tests.servers import as_worker

pytestmark = pytest.mark.django_db

ENCODERS = only(HashEmbedder())
ANY = Recogniser.__new__(Recogniser)
"""For tests in which it is not asked."""


def sent(company: Company, data: bytes, name: str) -> DocumentRow:
    return upload(company.admin, company.handbook.id, Upload(name, io.BytesIO(data)), max_bytes=MAX_BYTES)


def scan_of(pages: int) -> bytes:
    return pdf(*[lambda canvas: canvas.rect(10, 10, 10, 10)] * pages)


def parse(run: IngestionRun, recogniser: Recogniser | None) -> None:
    with as_worker():
        ensure_active_generation(HashEmbedder().identity, CHUNKING_POLICY)
        parse_run(run.pk, encoders=ENCODERS, limits=SandboxLimits(), equipment=Equipment(recogniser))
    run.refresh_from_db()


def recognise(run: IngestionRun, recogniser: Recogniser | None) -> None:
    with as_worker():
        recognise_run(run.pk, encoders=ENCODERS, limits=SandboxLimits(), equipment=Equipment(recogniser))
    run.refresh_from_db()


def run_of(row: DocumentRow) -> IngestionRun:
    return IngestionRun.objects.filter(version=row.version_id).latest("created_at")


def page(number: int) -> RecognisedPage:
    word = Word(f"Page{number}", tuple(range(100, 100 + 10 * len(f"Page{number}") + 1, 10)))
    return RecognisedPage(number, 600, 800, 72, 0.5, (WordLine(300, 320, 18, (word,)),))


@contextmanager
def two_pages_a_turn(after: Exception | None = None) -> Iterator[list[list[int]]]:
    """Instead of Tesseract; gives what it was asked for. `after`: what the second turn ends with."""
    asked: list[list[int]] = []

    def found(data: bytes, name: str, pages: Sequence[int], **_: object) -> list[RecognisedPage]:
        asked.append(list(pages))
        if after and len(asked) == 2:
            raise after
        return [page(number) for number in pages[:2]]

    with mock.patch.object(parsing_runs, "recognise_sandboxed", found):
        yield asked


def test_a_scan_is_found_and_lit(company: Company, recogniser: Recogniser) -> None:
    row = sent(company, as_file("PDF", scan(*ENGLISH), scan(*CHINESE)), "scan.pdf")
    run = run_of(row)
    parse(run, recogniser)
    assert (run.state, run.step, job_for(run)) == ("queued", Step.RECOGNISING, Job.RECOGNISE_RUN)
    while run.step == Step.RECOGNISING:
        recognise(run, recogniser)
    with as_worker():
        index_run(run.pk, encoders=ENCODERS)
        assert not ScannedPage.objects.exists()
        for chunk in Chunk.objects.filter(version=row.version_id):
            text = VersionContent.objects.get(version=row.version_id).text
            assert text[chunk.start : chunk.end] == chunk.text
        start = text.index(CHINESE[0])
    ready = document_row(company.editor, row.id)
    assert (ready.state, ready.pages, ready.flags) == ("ready", 2, [])
    [box] = source_boxes(company.reader, row.version_id, Span(start, start + len(CHINESE[0])))
    assert (box.page, box.top < box.bottom) == (2, True)
    [version] = document_detail(company.editor, row.id).versions
    assert version.recognised_share > 0.9
    assert version.recognition_confidence is not None
    assert version.recognition_confidence > 0.8


def test_pages_are_read_in_turns_and_none_twice(company: Company) -> None:
    row = sent(company, scan_of(5), "scan.pdf")
    run = run_of(row)
    parse(run, ANY)
    with two_pages_a_turn() as asked:
        progress = []
        for _ in range(3):
            recognise(run, ANY)
            progress.append(run.progress)
        assert asked == [[1, 2, 3, 4, 5], [3, 4, 5], [5]]
        assert progress == sorted(progress)
        assert run.step == Step.RECOGNISING
        recognise(run, ANY)
    assert run.step == Step.EMBEDDING
    with as_worker():
        assert (
            VersionContent.objects.get(version=row.version_id).text
            == "Page1\n\nPage2\n\nPage3\n\nPage4\n\nPage5"
        )
        index_run(run.pk, encoders=ENCODERS)
    assert document_row(company.editor, row.id).flags == ["recognised_unsurely"]


def test_a_turn_that_dies_costs_its_own_pages_alone(company: Company) -> None:
    run = run_of(sent(company, scan_of(4), "scan.pdf"))
    parse(run, ANY)
    with two_pages_a_turn(after=ParseError(ParseErrorCode.KILLED)) as asked:
        recognise(run, ANY)
        recognise(run, ANY)
        assert (run.state, run.step, run.problem) == ("queued", Step.RECOGNISING, "killed")
        IngestionRun.objects.filter(pk=run.pk).update(not_before=run.created_at)
        recognise(run, ANY)
        recognise(run, ANY)
    assert asked == [[1, 2, 3, 4], [3, 4], [3, 4]]
    assert run.step == Step.EMBEDDING


@contextmanager
def too_much(*costly: int, code: ParseErrorCode = ParseErrorCode.TIMED_OUT) -> Iterator[list[list[int]]]:
    """Instead of Tesseract: these take more than a child may have."""
    asked: list[list[int]] = []

    def found(data: bytes, name: str, pages: Sequence[int], **_: object) -> list[RecognisedPage]:
        asked.append(list(pages))
        if set(costly) & set(pages):
            raise ParseError(code)
        return [page(number) for number in pages]

    with mock.patch.object(parsing_runs, "recognise_sandboxed", found):
        yield asked


class TestAPageThatTakesTooMuch:
    def read(self, company: Company, pages: int, *costly: int) -> tuple[DocumentRow, list[list[int]]]:
        row = sent(company, scan_of(pages), "scan.pdf")
        run = run_of(row)
        parse(run, ANY)
        with too_much(*costly) as asked:
            while run.step == Step.RECOGNISING and run.state == "queued":
                recognise(run, ANY)
        if run.state == "queued":
            with as_worker():
                index_run(run.pk, encoders=ENCODERS)
        return document_row(company.editor, row.id), asked

    def test_it_is_left_out_and_told_and_the_others_are_found(self, company: Company) -> None:
        row, asked = self.read(company, 7, 2)
        assert asked == [[1, 2, 3, 4, 5], [1], [2], [3, 4, 5, 6, 7]]
        assert (row.state, row.flags) == (
            "ready",
            ["pages_without_text", "recognised_unsurely", "unread_pages"],
        )
        with as_worker():
            text = VersionContent.objects.get(version=row.version_id).text
        assert "Page2" not in text
        assert [f"Page{number}" in text for number in (1, 3, 4, 5, 6, 7)] == [True] * 6

    def test_a_file_of_nothing_else_says_so_and_not_that_its_pictures_are_empty(
        self, company: Company
    ) -> None:
        row, _ = self.read(company, 2, 1, 2)
        assert (row.state, row.problem_code) == ("failed", "timed_out")

    def test_many_of_them_are_the_file_s_own_fault(self, company: Company) -> None:
        row, asked = self.read(company, 40, *range(4, 41))
        assert (row.state, row.problem_code) == ("failed", "timed_out")
        # Three are left out, and at the next one it ends.
        assert asked[-1] == [7]


def test_without_tesseract_it_fails_with_what_to_do_and_another_try_may_help(company: Company) -> None:
    row = sent(company, scan_of(3), "scan.pdf")
    parse(run_of(row), None)
    failed = document_row(company.editor, row.id)
    assert (failed.state, failed.problem_code, failed.problem_facts) == (
        "failed",
        "scan_without_text",
        {"pages": 3},
    )
    assert failed.retry_may_help
    retry_document(company.editor, row.id)
    run = run_of(row)
    parse(run, ANY)
    assert run.step == Step.RECOGNISING


def test_it_is_uninstalled_while_a_scan_waits(company: Company) -> None:
    row = sent(company, scan_of(2), "scan.pdf")
    run = run_of(row)
    parse(run, ANY)
    recognise(run, None)
    assert (run.state, run.problem) == ("failed", "scan_without_text")


def test_a_picture_is_taken_and_waits_for_tesseract(company: Company) -> None:
    row = sent(company, as_file("PNG", scan()), "photo.png")
    parse(run_of(row), None)
    failed = document_row(company.editor, row.id)
    assert (failed.problem_code, failed.retry_may_help) == ("picture", True)


def test_the_application_reads_nothing_of_it_and_a_purge_takes_it(company: Company) -> None:
    row = sent(company, scan_of(2), "scan.pdf")
    run = run_of(row)
    parse(run, ANY)
    with two_pages_a_turn():
        recognise(run, ANY)
    with pytest.raises(ProgrammingError), transaction.atomic():
        ScannedPage.objects.count()
    delete_document(company.editor, row.id)
    with as_worker():
        assert ScannedPage.objects.count() == 2
        purge_deleted()
        assert ScannedPage.objects.count() == 0


def test_uploads_go_before_it_in_the_queue() -> None:
    from kbchat.core import jobs

    with mock.patch.object(jobs, "_doorbell") as doorbell:
        jobs.ring(Job.PARSE_RUN)
        jobs.ring(Job.RECOGNISE_RUN)
    first, later = (call.kwargs for call in doorbell().send_task.call_args_list)
    assert first["queue"] == later["queue"]
    assert first["priority"] < later["priority"]
