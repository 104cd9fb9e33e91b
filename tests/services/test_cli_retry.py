"""`manage.py retry`: what failed is tried again, told by its reasons and by what became of it."""

from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kbchat.cli.management.commands import retry
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.library.collections import CollectionRow
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.retrying import list_failed
from kbchat.library.uploading import Upload, upload
from tests.company import MAX_BYTES, PAGE, Company, add, found_company, ingest, markdown
from tests.servers import as_worker
from tests.services.commands import workers_of_this_process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setattr(retry, "workers_for_a_while", workers_of_this_process)
    return found_company()


def broken(company: Company, collection: CollectionRow, name: str = "broken.pdf") -> DocumentRow:
    """Its file can be read by nobody."""
    sent = Upload(name, BytesIO(b"%PDF-1.7\nnothing"))
    row = upload(company.admin, collection.id, sent, max_bytes=MAX_BYTES)
    ingest()
    return document_row(company.admin, row.id)


def gave_up(company: Company, collection: CollectionRow, name: str = "page.md") -> DocumentRow:
    """It failed for what is over by now."""
    row = upload(company.admin, collection.id, markdown(PAGE, name), max_bytes=MAX_BYTES)
    with as_worker():
        IngestionRun.objects.filter(version=row.version_id).update(
            state=RunState.FAILED, problem="model_unavailable", finished_at=row.updated_at
        )
    return document_row(company.admin, row.id)


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("retry", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_nothing_to_try_again_is_told(company: Company) -> None:
    add(company.admin, company.handbook, PAGE)
    assert told() == "There is nothing to try again.\n"


def test_what_failed_is_tried_again_and_what_fails_once_more_is_told(company: Company) -> None:
    row = gave_up(company, company.handbook)
    assert row.state == "failed"
    words = told()
    assert "1 document to try again:\n  1 × model_unavailable: " in words
    assert "1 tried again: 1 ready (0 of them without passages), 0 failed, 0 lost." in words
    assert document_row(company.admin, row.id).state == "ready"
    broken(company, company.salaries)
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 1 failed again"):
        call_command("retry", stdout=out, stderr=StringIO())
    assert "  failed   Salaries: broken: The file is damaged" in out.getvalue()


def test_a_collection_and_a_reason_narrow_it(company: Company) -> None:
    others = gave_up(company, company.salaries)
    broken(company, company.handbook)
    row = gave_up(company, company.handbook)
    words = told("--collection", "handbook", "--code", "model_unavailable")
    assert "1 document to try again" in words
    states = [document_row(company.admin, each.id).state for each in (row, others)]
    assert states == ["ready", "failed"]
    words = told("--code", "malware_found")
    assert words.startswith("Nothing failed for this reason.\n")
    assert "  1 × corrupt: The file is damaged" in words
    with pytest.raises(CommandError, match="no collection 'Nowhere'"):
        told("--collection", "Nowhere")


def test_two_of_one_name_are_both_told(company: Company) -> None:
    rows = [broken(company, company.handbook) for _ in range(2)]
    out = StringIO()
    with pytest.raises(CommandError, match="2 of 2 failed again"):
        call_command("retry", stdout=out, stderr=StringIO())
    assert all(f"({row.id})" in out.getvalue() for row in rows)


def test_only_what_he_edits_is_counted_and_tried(company: Company) -> None:
    kept = gave_up(company, company.handbook)
    gave_up(company, company.salaries)
    assert [each.id for each in list_failed(company.editor)] == [kept.id]
    assert list_failed(company.reader) == list_failed(company.stranger) == []
    assert told("--as", "reader@example.com") == "There is nothing to try again.\n"
    assert "1 document to try again" in told("--as", "editor@example.com")
    assert [each.collection_name for each in list_failed(company.admin)] == ["Salaries"]
