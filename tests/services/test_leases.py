"""The lease of a run that is worked on: renewed until the work ends, whatever happens to one connection."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from kbchat.core import leases
from kbchat.core.jobs import Job
from kbchat.core.leases import LeaseLost, kept
from kbchat.core.viewer import Viewer
from kbchat.ingestion.models import IngestionRun, Step
from kbchat.ingestion.runs import advance, claim, due_runs, succeed
from kbchat.library.cancelling import cancel_document
from kbchat.library.uploading import upload
from kbchat.rebuilding.models import Build
from tests.company import MAX_BYTES, PAGE, found_company, markdown
from tests.servers import as_worker
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def taken(monkeypatch: pytest.MonkeyPatch) -> tuple[Viewer, UUID, IngestionRun]:
    """A run that a worker has, of a document that its uploader may cancel; its lease is renewed at once."""
    monkeypatch.setattr(leases, "_RENEW_SECONDS", 0.05)
    company = found_company()
    row = upload(company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    with as_worker():
        run = claim(IngestionRun.objects.get(version=row.version_id).pk, Job.PARSE_RUN)
    assert run is not None
    return company.admin, row.id, run


def test_a_lease_is_renewed_after_its_connection_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, run = taken(monkeypatch)
    with kept(run):
        wait_until(lambda: is_renewed(run), 5)
        end_renewing_connection()
        run.refresh_from_db()
        wait_until(lambda: is_renewed(run), 5)


def test_whoever_works_learns_that_it_is_not_his_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer, document, run = taken(monkeypatch)
    with kept(run) as lost:
        wait_until(lambda: is_renewed(run), 5)
        assert not lost.is_set()
        cancel_document(viewer, document)
        assert lost.wait(5)


def test_the_disk_is_waited_for_at_the_end_of_a_run_alone() -> None:
    company = found_company()
    row = upload(company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    with as_worker():
        queued = IngestionRun.objects.get(version=row.version_id).pk
        with transaction.atomic():
            run = claim(queued, Job.PARSE_RUN)
            assert waits_for_the_disk() == "off"
        assert run is not None
        for step in (Step.PARSING, Step.CHUNKING):
            with transaction.atomic():
                advance(run, step, 0.1)
                assert waits_for_the_disk() == "off"
        with transaction.atomic():
            succeed(run)
            assert waits_for_the_disk() == "on"


def waits_for_the_disk() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


def is_renewed(run: IngestionRun) -> bool:
    now = IngestionRun.objects.get(pk=run.pk)
    assert run.leased_until is not None
    assert now.leased_until is not None
    return now.leased_until > run.leased_until


def end_renewing_connection() -> None:
    with connection.cursor() as cursor:
        # Whoever logged in may end his own sessions; the role that he works as may not.
        cursor.execute("SET ROLE NONE")
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = session_user "
            "AND pid <> pg_backend_pid() AND query LIKE 'UPDATE \"ingestion_ingestionrun\"%%leased_until%%'"
        )
        assert cursor.fetchone() == (1,)
        cursor.execute("RESET ROLE")


def test_of_those_who_claim_one_has_it_and_whoever_lost_it_writes_nothing() -> None:
    row = Build.objects.create()
    rows = Build.objects.filter(pk=row.pk)
    assert leases.claim(rows.filter(leases.due()))
    first = rows.get()
    assert not leases.claim(rows.filter(leases.due()))
    rows.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert leases.claim(rows.filter(leases.due()))
    with pytest.raises(LeaseLost):
        leases.write(first, problem="internal")
    leases.write(rows.get(), problem="unavailable")
    now = rows.get()
    assert (now.problem, now.attempts) == ("unavailable", 2)
    assert [leases.is_poison(now, most) for most in (1, 2)] == [True, False]


def test_a_pause_doubles() -> None:
    pauses = [leases.pause_after(attempts, 10.0).total_seconds() for attempts in range(5)]
    assert pauses == [10.0, 10.0, 20.0, 40.0, 80.0]


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_wrong_clock_takes_no_lease_and_loses_none(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """F37: on the machine that takes a file in, and on one that works."""
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
    company = found_company()
    row = upload(company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    monkeypatch.setattr(timezone, "now", right)
    with as_worker():
        (waiting,) = due_runs(10)
        assert waiting.version_id == row.version_id, "it waits for no hour to come"
        assert claim(waiting.pk, Job.PARSE_RUN)
        monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
        assert due_runs(10) == []
        assert claim(waiting.pk, Job.PARSE_RUN) is None
        monkeypatch.setattr(timezone, "now", right)
        IngestionRun.objects.update(leased_until=right() - timedelta(seconds=1))
        monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
        again = claim(waiting.pk, Job.PARSE_RUN)
    assert again is not None
    assert again.leased_until is not None
    assert abs((again.leased_until - right()).total_seconds() - leases.LEASE_SECONDS) < 20
