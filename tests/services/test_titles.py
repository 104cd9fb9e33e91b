"""What names a document: the version that answers today, and no other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import IngestionRun
from kbchat.library.documents import document_row
from kbchat.library.ingesting import index_run, parse_run, sweep_runs
from kbchat.library.uploading import replace, upload
from kbchat.parsing.sandbox import SandboxLimits
from tests.company import MAX_BYTES, PAGE, Company, add, found_company, ingest, markdown
from tests.servers import as_worker

pytestmark = pytest.mark.django_db

NEW_PAGE = PAGE.replace("# Leave", "# Holidays")


@pytest.fixture
def company() -> Company:
    return found_company()


def test_a_new_version_names_the_document_when_it_is_published(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    replace(company.editor, row.id, markdown(NEW_PAGE), max_bytes=MAX_BYTES)
    run = IngestionRun.objects.get(state="queued")
    with as_worker():
        parse_run(run.pk, encoders=only(HashEmbedder()), limits=SandboxLimits())
    assert document_row(company.reader, row.id).title == "Leave", "it may still fail"
    with as_worker():
        index_run(run.pk, encoders=only(HashEmbedder()))
    assert document_row(company.reader, row.id).title == "Holidays"


def test_a_version_of_later_names_the_document_from_its_day_on(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = add(company.admin, company.handbook, PAGE)
    other = add(company.admin, company.salaries, PAGE, "other.md")
    day = timezone.localdate() + timedelta(days=10)
    replace(company.editor, row.id, markdown(NEW_PAGE), max_bytes=MAX_BYTES, effective_from=day)
    ingest()
    for today, title in ((day - timedelta(days=1), "Leave"), (day, "Holidays")):
        monkeypatch.setattr(timezone, "localdate", lambda today=today: today)
        with as_worker():
            sweep_runs()
        assert document_row(company.reader, row.id).title == title
    assert document_row(company.admin, other.id).title == "Leave"


def test_a_document_that_nothing_answers_for_yet_has_the_name_of_what_will(company: Company) -> None:
    day = timezone.localdate() + timedelta(days=10)
    row = upload(
        company.admin,
        company.handbook.id,
        markdown(PAGE, "final_2.md"),
        max_bytes=MAX_BYTES,
        effective_from=day,
    )
    assert row.title == "final 2"
    ingest()
    assert document_row(company.admin, row.id).title == "Leave"
