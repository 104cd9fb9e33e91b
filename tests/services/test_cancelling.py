"""Cancelling what is under way: at every step, whoever works on it, and once it has ended not any more."""

from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.chat.sources import original_file
from kbchat.core.errors import Conflict, NotAllowed, NotFound
from kbchat.core.leases import LeaseLost
from kbchat.documents.models import Document, DocumentVersion, VersionContent
from kbchat.indexing.encoders import only
from kbchat.indexing.generations import ensure_active_generation
from kbchat.indexing.models import Embedding, Posting
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import CHUNKING_POLICY
from kbchat.ingestion.models import Chunk, IngestionRun, RunState, Step
from kbchat.ingestion.runs import due_runs
from kbchat.library import cancelling, indexing_runs, parsing_runs
from kbchat.library.cancelling import cancel_collection, cancel_document
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.ingesting import index_run, parse_run
from kbchat.library.purging import delete_expired
from kbchat.library.retrying import retry_document
from kbchat.library.sharing import give_grant
from kbchat.library.uploading import imported_documents, replace, upload
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.retention.rules import DocumentDays, keep_documents_for
from kbchat.scanning.scripted import ScriptedScanner
from tests.company import MAX_BYTES, PAGE, Company, add, ingest, markdown, parsed_here
from tests.servers import as_worker
from tests.services.audit_support import subjects
from tests.services.turns import elsewhere, in_turn

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = PAGE.replace("28", "30")
STEPS = [
    (RunState.QUEUED, Step.RECEIVED),
    (RunState.QUEUED, Step.WAITING_FOR_SCAN),
    (RunState.RUNNING, Step.SCANNING),
    (RunState.RUNNING, Step.PARSING),
    (RunState.QUEUED, Step.RECOGNISING),
    (RunState.RUNNING, Step.RECOGNISING),
    (RunState.RUNNING, Step.CHUNKING),
    (RunState.QUEUED, Step.EMBEDDING),
    (RunState.RUNNING, Step.EMBEDDING),
]


def sent(company: Company, text: str = PAGE) -> DocumentRow:
    return upload(company.editor, company.handbook.id, markdown(text), max_bytes=MAX_BYTES)


def run_of(row: DocumentRow) -> IngestionRun:
    return IngestionRun.objects.filter(version=row.version_id).latest("created_at")


def read_it(row: DocumentRow, scanner: ScriptedScanner | None = None) -> None:
    """The run that is there now, its first half, as a worker whose bell comes late."""
    encoders = only(HashEmbedder())
    with as_worker(), parsed_here():
        ensure_active_generation(HashEmbedder().identity, CHUNKING_POLICY)
        parse_run(run_of(row).pk, encoders=encoders, limits=SandboxLimits(), scanner=scanner)


def index_it(row: DocumentRow) -> None:
    """Its second half."""
    with as_worker():
        index_run(run_of(row).pk, encoders=only(HashEmbedder()))


def work(row: DocumentRow, scanner: ScriptedScanner | None = None) -> None:
    read_it(row, scanner)
    index_it(row)


def is_in_force(company: Company, row: DocumentRow) -> bool:
    with viewing(company.reader):
        return DocumentVersion.objects.filter(pk=row.version_id).exclude(in_force=None).exists()


@pytest.mark.parametrize(("state", "step"), STEPS)
def test_at_every_step(company: Company, state: RunState, step: Step) -> None:
    row = sent(company)
    held = {"lease": uuid4(), "leased_until": timezone.now() + timedelta(seconds=20)}
    lease = held if state == RunState.RUNNING else {}
    IngestionRun.objects.update(state=state, step=step, attempts=1, **lease)

    row = cancel_document(company.editor, row.id)
    assert (row.state, row.step, row.problem_code) == ("cancelled", "cancelled", "run_cancelled")
    assert row.retry_may_help
    run = run_of(row)
    assert (run.state, run.step, run.lease, run.finished_at is None) == ("cancelled", step, None, False)
    with as_worker():
        assert due_runs(10) == []
    work(row)
    assert document_row(company.editor, row.id).state == "cancelled", (
        "a bell that comes late rings for nothing"
    )

    assert retry_document(company.editor, row.id).state == "queued"
    work(row)
    assert document_row(company.editor, row.id).state == "ready"
    assert is_in_force(company, row)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (ScriptedScanner, "scan"),
        (parsing_runs, "read_blob"),
        (parsing_runs, "chunk"),
        (parsing_runs, "store_parsed"),
        (indexing_runs, "live_generations"),
        (indexing_runs, "vectors_for"),
    ],
)
def test_whoever_works_on_it_writes_nothing_any_more(company: Company, place: Any, name: str) -> None:
    row = sent(company)
    original = getattr(place, name)
    told: list[str] = []

    def cancelled_meanwhile(*arguments: Any, **named: Any) -> Any:
        if not told and name != "store_parsed":
            told.append(elsewhere(lambda: cancel_document(company.editor, row.id)).state)
        return original(*arguments, **named)

    with mock.patch.object(place, name, cancelled_meanwhile):
        if name == "store_parsed":
            # The row is the worker's until he has stored what he read; then it is cancelled all the same. Who indexes
            # might be quicker than whoever waited, so he comes after both.
            in_turn(lambda: read_it(row), lambda: cancel_document(company.editor, row.id), place, name)
            index_it(row)
        else:
            work(row, ScriptedScanner())
            assert told == ["cancelled"]
    after = run_of(row)
    assert (after.state, after.lease, after.problem) == ("cancelled", None, "run_cancelled")
    assert not is_in_force(company, row)
    with as_worker():
        assert DocumentVersion.objects.get(pk=row.version_id).state == "received"
        if place is indexing_runs or name == "store_parsed":
            assert not Embedding.objects.exists()
            assert not Posting.objects.exists()
        else:
            assert not VersionContent.objects.exists()
            assert not Chunk.objects.exists()
    retry_document(company.editor, row.id)
    work(row)
    assert document_row(company.editor, row.id).passages == 2


class TestAtOnceWithPublishing:
    def test_what_is_being_published_is_ready(self, company: Company) -> None:
        row = sent(company)

        def too_late() -> None:
            with pytest.raises(Conflict, match="run_ended"):
                cancel_document(company.editor, row.id)

        in_turn(partial(work, row), too_late, indexing_runs, "publish")
        assert document_row(company.editor, row.id).state == "ready"
        assert is_in_force(company, row)
        assert subjects(AuditAction.READING_CANCELLED) == []

    def test_what_is_being_cancelled_is_not_published(self, company: Company) -> None:
        row = sent(company)
        with mock.patch.object(indexing_runs, "_published", return_value=None):
            work(row)
        run = run_of(row)
        assert (run.state, run.step) == ("running", Step.EMBEDDING), "all but published"

        def publish() -> None:
            with as_worker():
                run.version.state = "received"
                indexing_runs._published(run)

        with pytest.raises(LeaseLost):
            in_turn(lambda: cancel_document(company.editor, row.id), publish, cancelling, "record")
        assert document_row(company.editor, row.id).state == "cancelled"
        assert not is_in_force(company, row)


def test_a_replaced_document_keeps_its_former_version(company: Company) -> None:
    row = add(company.editor, company.handbook, PAGE)
    later = replace(company.editor, row.id, markdown(OTHER), max_bytes=MAX_BYTES)
    told = cancel_document(company.editor, row.id)
    assert (told.state, told.version_number, told.problem_facts) == ("cancelled", 2, {"version": 2})
    assert is_in_force(company, row)
    assert not is_in_force(company, later)
    assert document_row(company.reader, row.id).state == "ready"
    retry_document(company.editor, row.id)
    ingest()
    assert is_in_force(company, later)


def test_what_has_ended_is_not_cancelled(company: Company) -> None:
    row = add(company.editor, company.handbook, PAGE)
    cancelled = sent(company, OTHER)
    cancel_document(company.editor, cancelled.id)
    for ended in (row, cancelled):
        with pytest.raises(Conflict, match="run_ended"):
            cancel_document(company.editor, ended.id)
    assert document_row(company.editor, row.id).state == "ready"


def test_only_who_may_edit_cancels_and_it_is_recorded(company: Company) -> None:
    row = sent(company)
    for cancel in (
        partial(cancel_document, document_id=row.id),
        partial(cancel_collection, collection_id=company.handbook.id),
    ):
        with pytest.raises(NotAllowed):
            cancel(company.reader)
        with pytest.raises(NotFound):
            cancel(company.stranger)
    assert document_row(company.editor, row.id).state == "queued"
    assert subjects(AuditAction.READING_CANCELLED) == []
    cancel_document(company.editor, row.id)
    assert subjects(AuditAction.READING_CANCELLED) == [
        {"document": str(row.id), "version": str(row.version_id), "collection": str(company.handbook.id)}
    ]


def test_all_of_a_collection_at_once(company: Company) -> None:
    ready = add(company.editor, company.handbook, PAGE)
    waiting = [sent(company, f"# Page {number}\n\nWords.") for number in range(3)]
    give_grant(company.admin, company.salaries.id, Principal("user", company.editor.user_id), Role.EDITOR)
    of_another = upload(company.editor, company.salaries.id, markdown(OTHER), max_bytes=MAX_BYTES)
    closed, read_only = sent(company, OTHER), sent(company, OTHER)
    with viewing(company.admin):
        Document.objects.filter(pk__in=(closed.id, read_only.id)).update(has_own_list=True)
        Grant.objects.create(document_id=read_only.id, user_id=company.editor.user_id, role=Role.READER)
    assert cancel_collection(company.editor, company.handbook.id) == 3
    assert {document_row(company.editor, row.id).state for row in waiting} == {"cancelled"}
    assert document_row(company.editor, ready.id).state == "ready"
    # Another collection's, one that he may not even see, and one that he may only read.
    assert {document_row(company.admin, row.id).state for row in (of_another, closed, read_only)} == {
        "queued"
    }
    assert subjects(AuditAction.READING_CANCELLED) == [
        {"collection": str(company.handbook.id), "versions": 3}
    ]
    assert cancel_collection(company.editor, company.handbook.id) == 0
    assert len(subjects(AuditAction.READING_CANCELLED)) == 1


def test_what_nobody_scanned_is_sent_to_nobody_however_it_ended(company: Company) -> None:
    row = sent(company)
    cancel_document(company.editor, row.id)
    with pytest.raises(NotFound):
        original_file(company.admin, row.version_id, files_are_scanned=True)


def test_importing_it_once_more_tries_it_again(company: Company) -> None:
    page = markdown(PAGE, source_path="rules/leave.md")
    row = upload(company.admin, company.handbook.id, page, max_bytes=MAX_BYTES)

    def is_tried_again() -> bool:
        return imported_documents(company.admin, company.handbook.id)["rules/leave.md"].has_failed

    assert not is_tried_again()
    cancel_document(company.admin, row.id)
    assert is_tried_again()


def test_what_was_cancelled_keeps_no_document_from_expiring(company: Company) -> None:
    row = add(company.editor, company.handbook, PAGE)
    replace(company.editor, row.id, markdown(OTHER), max_bytes=MAX_BYTES)
    keep_documents_for(company.admin, company.handbook.id, DocumentDays(expired_days=0))
    long_ago = timezone.localdate() - timedelta(days=9)
    with as_worker():
        DocumentVersion.objects.filter(pk=row.version_id).update(
            effective_from=long_ago,
            expires_on=long_ago + timedelta(1),
            in_force=(long_ago, long_ago + timedelta(1)),
        )
        assert delete_expired() == 0, "its successor may be ready soon"
    cancel_document(company.editor, row.id)
    with as_worker():
        assert delete_expired() == 1
