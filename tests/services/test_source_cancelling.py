"""Cancelling a run of a source: what it has taken in stays, it takes in nothing more, and the next one goes on."""

from pathlib import Path

import pytest
from django.db import transaction

from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict, NotFound
from kbchat.core.leases import LeaseLost
from kbchat.library.models import KeptSource, SourceItem, SourceRun
from kbchat.library.sources import running
from kbchat.library.sources.keeping import cancel_source, list_source_runs, start_source
from kbchat.library.sources.running import run_source
from kbchat.library.sources.runs import claim, note
from kbchat.library.sources.taking import Taking
from kbchat.sources.folder import FolderSource
from tests.company import Company
from tests.servers import as_worker
from tests.services.audit_support import recorded
from tests.services.sources_support import counted, documents_in, read, surroundings_of, watched, work, write
from tests.services.turns import elsewhere, in_turn

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_that_waits_is_never_read(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    start_source(company.admin, source.id)
    row = cancel_source(company.admin, source.id)
    assert row.latest is not None
    assert (row.latest.state, row.latest.finished_at is None) == ("cancelled", False)
    with as_worker():
        run_source(row.latest.pk, reach)
    assert documents_in(company) == 0
    assert list_source_runs(company.admin, source.id)[0].state == "cancelled"


def test_what_was_taken_in_stays_and_the_next_run_goes_on(
    company: Company, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    start_source(company.admin, source.id)

    class Cancelled(Taking):
        def take(self, *arguments: object) -> None:
            super().take(*arguments)  # type: ignore[arg-type]
            if self._run.done == 3:
                elsewhere(lambda: cancel_source(company.admin, source.id))

    with monkeypatch.context() as patch:
        patch.setattr(running, "Taking", Cancelled)
        work(reach)
    (run,) = list_source_runs(company.admin, source.id)
    assert (run.state, run.problem, run.lease, run.total) == ("cancelled", "", None, 10)
    assert (run.done, counted(run)) == (3, {"new": 3})
    assert documents_in(company) == 3
    (event,) = recorded(AuditAction.SOURCE_CANCELLED)
    assert (event.actor_id, event.subject["run"]) == (company.admin.user_id, str(run.pk))
    with viewing(company.admin):
        assert KeptSource.objects.get(pk=source.id).revision == ""
    assert recorded(AuditAction.SOURCE_READ) == []
    assert counted(read(company, source, reach)) == {"new": 7, "unchanged": 3}


def test_what_is_gone_there_stays_here_where_it_was_cancelled_before(
    company: Company, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    (pages / "page2.md").unlink()
    listed = FolderSource.listing

    def then_cancelled(self: FolderSource, known: str) -> object:
        found = listed(self, known)
        elsewhere(lambda: cancel_source(company.admin, source.id))
        return found

    start_source(company.admin, source.id)
    with monkeypatch.context() as patch:
        patch.setattr(FolderSource, "listing", then_cancelled)
        work(reach)
    assert list_source_runs(company.admin, source.id)[0].state == "cancelled"
    assert documents_in(company) == 10
    assert counted(read(company, source, reach)) == {"unchanged": 9, "removed": 1}


def test_what_a_worker_is_about_to_take_in_is_waited_for(company: Company, pages: Path) -> None:
    source = watched(company, pages)
    start_source(company.admin, source.id)
    with as_worker():
        run = claim(SourceRun.objects.get(state="queued").pk)
    assert run is not None

    def take_one() -> None:
        with as_worker(), transaction.atomic():
            note(run, done=1)
            SourceItem.objects.create(source_id=source.id, path="page0.md")

    in_turn(take_one, lambda: cancel_source(company.admin, source.id), SourceItem.objects, "create")
    with as_worker():
        assert SourceItem.objects.count() == 1
        with pytest.raises(LeaseLost):
            note(run)
    ended = list_source_runs(company.admin, source.id)[0]
    assert (ended.state, ended.done) == ("cancelled", 1)


def test_it_is_for_its_owners_and_for_what_is_under_way(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    with pytest.raises(Conflict, match="source_is_not_running"):
        cancel_source(company.admin, source.id)
    start_source(company.admin, source.id)
    for viewer in (company.reader, company.editor, company.stranger):
        with pytest.raises(NotFound):
            cancel_source(viewer, source.id)
    write(pages, more="Words.")
    work(reach)
    with pytest.raises(Conflict, match="source_is_not_running"):
        cancel_source(company.admin, source.id)
    assert counted(list_source_runs(company.admin, source.id)[0]) == {"new": 11}
