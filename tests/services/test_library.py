"""The editor's use cases: a file comes in, is searchable whole or not at all, is replaced, retried and deleted."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion, Section, VersionContent
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import Chunk, IngestionRun, RunState
from kbchat.ingestion.runs import MOST_ATTEMPTS
from kbchat.library import ingesting, parsing_runs
from kbchat.library.collections import create_collection, list_collections
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow, document_detail, document_row, list_documents
from kbchat.library.reading_again import read_again
from kbchat.library.retrying import retry_document
from kbchat.library.uploading import Upload, replace, upload
from kbchat.parsing import ParseError, ParseErrorCode
from kbchat.parsing.sandbox import SandboxLimits
from tests.company import MAX_BYTES, PAGE, Company, add, found_company, ingest, markdown
from tests.servers import as_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return found_company()


def test_an_upload_becomes_ready_with_its_passages(company: Company) -> None:
    row = upload(company.editor, company.handbook.id, markdown(PAGE, "leave.md"), max_bytes=MAX_BYTES)
    assert (row.state, row.step, row.passages, row.title) == ("queued", "received", 0, "leave")
    ingest()
    row = document_row(company.editor, row.id)
    assert (row.state, row.step, row.passages, row.title, row.language) == (
        "ready",
        "ready",
        2,
        "Leave",
        "en",
    )
    assert row.uploaded_by == "Editor"


def test_every_chunk_is_the_slice_of_its_versions_text(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    with viewing(company.reader):
        text = VersionContent.objects.get(version=row.version_id).text
        chunks = list(Chunk.objects.filter(version=row.version_id).order_by("ordinal"))
    assert [chunk.text for chunk in chunks] == [text[chunk.start : chunk.end] for chunk in chunks]
    assert [chunk.prefix for chunk in chunks] == ["Leave", "Leave › Carry-over"]


def test_nothing_is_in_force_before_the_last_step(company: Company) -> None:
    row = upload(company.editor, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    with viewing(company.editor):
        assert DocumentVersion.objects.get(pk=row.version_id).in_force is None


def test_a_page_without_text_is_ready_and_says_so(company: Company) -> None:
    row = add(company.admin, company.handbook, "---\ntitle: Moved\nredirect: /elsewhere\n---\n")
    assert (row.state, row.passages, row.flags) == ("ready", 0, ["no_passages"])


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.md", b"", "empty_file"),
        ("a.md", b"  \n", "empty_file"),
        ("a.exe", b"MZ\x00\x01\x02" * 50, "unsupported_type"),
        ("a.pdf", b"\x01\x02\x03" * 50, "not_as_named"),
        ("", b"text", "name_missing"),
        ("../", b"text", "name_missing"),
        ("a.md", b"x" * (MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(company: Company, name: str, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        upload(company.editor, company.handbook.id, Upload(name, io.BytesIO(data)), max_bytes=MAX_BYTES)
    assert refused.value.code == code
    assert list_documents(company.editor, company.handbook.id) == []


def test_a_broken_file_fails_with_its_reason_and_harms_no_other(company: Company) -> None:
    broken = Upload("plan.pdf", io.BytesIO(b"%PDF-1.7\nnothing of the kind"))
    row = upload(company.editor, company.handbook.id, broken, max_bytes=MAX_BYTES)
    good = add(company.admin, company.handbook, PAGE)
    row = document_row(company.editor, row.id)
    assert (row.state, row.problem_code, row.retry_may_help) == ("failed", "corrupt", False)
    assert (good.state, good.retry_may_help) == ("ready", False)
    IngestionRun.objects.filter(version=row.version_id).update(problem="stalled")
    assert document_row(company.editor, row.id).retry_may_help
    again = retry_document(company.editor, row.id)
    assert again.state == "queued"
    with pytest.raises(Invalid, match="nothing_to_retry"):
        retry_document(company.editor, good.id)


@pytest.mark.parametrize(
    ("ask", "code"),
    [(retry_document, "nothing_to_retry"), (partial(read_again, encoding="gbk"), "still_reading")],
)
def test_of_two_who_try_again_at_once_the_second_is_told_so(
    company: Company, ask: Callable[[Viewer, UUID], DocumentRow], code: str
) -> None:
    broken = Upload("plan.pdf", io.BytesIO(b"%PDF-1.7\nnothing of the kind"))
    row = upload(company.editor, company.handbook.id, broken, max_bytes=MAX_BYTES)
    ingest()
    begin = IngestionRun.objects.create

    def begin_behind_another(**values: Any) -> IngestionRun:
        begin(**values)
        return begin(**values)

    with (
        mock.patch.object(IngestionRun.objects, "create", begin_behind_another),
        pytest.raises(Invalid, match=code),
    ):
        ask(company.editor, row.id)


@pytest.mark.parametrize(
    ("code", "state", "attempts"),
    [
        (ParseErrorCode.TIMED_OUT, RunState.FAILED, 1),
        (ParseErrorCode.OUT_OF_MEMORY, RunState.FAILED, 1),
        (ParseErrorCode.STALLED, RunState.QUEUED, 1),
        (ParseErrorCode.KILLED, RunState.QUEUED, 1),
        (ParseErrorCode.CRASHED, RunState.FAILED, MOST_ATTEMPTS),
    ],
)
def test_a_file_s_own_cost_is_final_and_the_machine_s_trouble_is_tried_again(
    company: Company, code: ParseErrorCode, state: RunState, attempts: int
) -> None:
    row = upload(company.admin, company.handbook.id, markdown("# A\n\nb"), max_bytes=MAX_BYTES)
    run = IngestionRun.objects.get(version=row.version_id)
    with as_worker(), mock.patch.object(parsing_runs, "parse_sandboxed", side_effect=ParseError(code)):
        for _ in range(attempts):
            IngestionRun.objects.filter(pk=run.pk).update(not_before=timezone.now())
            ingesting.parse_run(run.pk, encoders=only(HashEmbedder()), limits=SandboxLimits())
    run.refresh_from_db()
    assert (run.state, run.problem, run.attempts) == (state, code.value, attempts)


def test_a_name_keeps_no_folders(company: Company) -> None:
    row = upload(
        company.editor, company.handbook.id, markdown(PAGE, "..\\..\\etc/leave.md"), max_bytes=MAX_BYTES
    )
    assert row.filename == "leave.md"


def test_a_new_version_takes_over_on_its_day(company: Company) -> None:
    today = timezone.localdate()
    first = add(company.admin, company.handbook, PAGE)
    replace(
        company.editor,
        first.id,
        markdown(PAGE.replace("28", "30")),
        max_bytes=MAX_BYTES,
        effective_from=today + timedelta(days=10),
    )
    ingest()
    newer, older = document_detail(company.editor, first.id).versions
    assert (newer.number, newer.in_force, older.in_force) == (2, False, True)
    with viewing(company.editor):
        days = dict(DocumentVersion.objects.values_list("number", "in_force"))
    assert (days[1].lower, days[1].upper) == (today, today + timedelta(days=10))
    assert days[2].upper is None


def test_a_failed_successor_leaves_its_predecessor_in_force(company: Company) -> None:
    first = add(company.admin, company.handbook, PAGE)
    broken = Upload("leave.pdf", io.BytesIO(b"%PDF-1.7\nnothing"))
    replace(company.editor, first.id, broken, max_bytes=MAX_BYTES)
    ingest()
    versions = {version.number: version for version in document_detail(company.editor, first.id).versions}
    assert versions[1].in_force
    assert (versions[2].state, versions[2].in_force) == ("failed", False)
    assert [version.number for version in document_detail(company.reader, first.id).versions] == [1]


def test_the_same_bytes_are_no_new_version(company: Company) -> None:
    first = add(company.admin, company.handbook, PAGE)
    with pytest.raises(Invalid, match="same_as_current"):
        replace(company.editor, first.id, markdown(PAGE), max_bytes=MAX_BYTES)


def test_a_version_that_ends_before_it_begins_is_refused(company: Company) -> None:
    with pytest.raises(Invalid, match="expires_before_effective"):
        upload(
            company.editor,
            company.handbook.id,
            markdown(PAGE),
            max_bytes=MAX_BYTES,
            effective_from=date(2025, 1, 1),
            expires_on=date(2025, 1, 1),
        )


def test_sections_keep_their_rows_from_version_to_version(company: Company) -> None:
    first = add(company.admin, company.handbook, PAGE)
    with viewing(company.admin):
        before = {tuple(section.path): section.pk for section in Section.objects.all()}
    replace(company.admin, first.id, markdown(PAGE + "\n## Sick leave\n\nCall in.\n"), max_bytes=MAX_BYTES)
    ingest()
    with viewing(company.admin):
        after = {tuple(section.path): section.pk for section in Section.objects.all()}
    assert before.items() <= after.items()
    assert set(after) - set(before) == {("Leave", "Sick leave")}


def test_who_may_do_what(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    with pytest.raises(NotAllowed):
        upload(company.reader, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    with pytest.raises(NotAllowed):
        delete_document(company.reader, row.id)
    for outsider in (company.stranger,):
        with pytest.raises(NotFound):
            upload(outsider, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
        with pytest.raises(NotFound):
            delete_document(outsider, row.id)
        with pytest.raises(NotFound):
            document_detail(outsider, row.id)
        with pytest.raises(NotFound):
            list_documents(outsider, company.handbook.id)
        with pytest.raises(NotAllowed):
            create_collection(outsider, name="Mine")
    assert list_collections(company.stranger) == []
    assert [(item.name, item.documents) for item in list_collections(company.reader)] == [("Handbook", 1)]


def test_the_list_costs_the_same_however_long_it_is(
    company: Company, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    add(company.admin, company.handbook, PAGE)
    for number in range(4):
        upload(company.admin, company.handbook.id, markdown(PAGE + str(number)), max_bytes=MAX_BYTES)
    with django_assert_num_queries(13):  # type: ignore[operator]
        assert len(list_documents(company.admin, company.handbook.id)) == 5


def test_readers_are_told_of_what_is_in_force_and_of_no_other_file(company: Company) -> None:
    first = add(company.admin, company.handbook, PAGE, "leave.md")
    broken = Upload("Layoffs.pdf", io.BytesIO(b"%PDF-1.7\nnothing"))
    replace(company.editor, first.id, broken, max_bytes=MAX_BYTES)
    ingest()
    seen = document_row(company.editor, first.id)
    assert (seen.filename, seen.uploaded_by, seen.state) == ("Layoffs.pdf", "Editor", "failed")
    assert (seen.problem_code, seen.version_number, seen.versions) == ("corrupt", 2, 2)
    next_year = timezone.localdate() + timedelta(days=365)
    later = markdown(PAGE + "\nLater.\n", "Layoffs.md")
    replace(company.editor, first.id, later, max_bytes=MAX_BYTES, effective_from=next_year)
    ingest()
    assert document_row(company.editor, first.id).filename == "Layoffs.md"
    for row in (
        document_row(company.reader, first.id),
        list_documents(company.reader, company.handbook.id)[0],
    ):
        assert (row.filename, row.uploaded_by, row.state) == ("leave.md", "Admin", "ready")
        assert (row.problem_code, row.version_number, row.version_id) == ("", 1, first.version_id)
        assert row.versions == len(document_detail(company.reader, first.id).versions) == 2


def test_readers_learn_nothing_of_a_file_that_never_became_ready(company: Company) -> None:
    broken = Upload("Layoffs.pdf", io.BytesIO(b"%PDF-1.7\nnothing"))
    row = upload(company.editor, company.handbook.id, broken, max_bytes=MAX_BYTES)
    for state in ("queued", "failed"):
        seen = document_row(company.reader, row.id)
        assert (seen.state, seen.versions, seen.flags) == (state, 0, [])
        assert (seen.filename, seen.uploaded_by, seen.problem_code, seen.problem_facts) == ("", "", "", {})
        ingest()
    assert document_row(company.editor, row.id).problem_code == "corrupt"
