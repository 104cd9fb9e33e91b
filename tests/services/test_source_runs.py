"""Runs of sources: what is there is compared with what was; nothing is lost, doubled, resurrected or overwritten."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kbchat.audit.models import AuditEvent
from kbchat.core.errors import Invalid
from kbchat.core.leases import LeaseLost
from kbchat.documents.models import Document
from kbchat.library.deleting import delete_document
from kbchat.library.documents import list_documents
from kbchat.library.models import SourceItem, SourceRun
from kbchat.library.moving import move_document
from kbchat.library.purging import purge_deleted
from kbchat.library.sources import running
from kbchat.library.sources.keeping import (
    SourceWish,
    keep_source,
    list_source_runs,
    remove_source,
    start_source,
)
from kbchat.library.sources.missing import Missing
from kbchat.library.sources.removing import remove_missing
from kbchat.library.sources.runs import claim
from kbchat.library.sources.taking import Taking
from kbchat.library.sources.troubles import list_troubles, retry_items
from kbchat.library.uploading import take_in
from kbchat.sources.folder import FolderSource
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.servers import as_owner, as_worker
from tests.services.sources_support import (
    counted,
    documents_in,
    read,
    surroundings_of,
    titles,
    watched,
    work,
    write,
)

pytestmark = pytest.mark.django_db


def test_new_changed_and_gone_files_follow_and_the_rest_is_not_touched(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    assert counted(read(company, source, reach)) == {"new": 10}
    assert len(titles(company)) == 10
    assert counted(read(company, source, reach)) == {"unchanged": 10}

    write(pages, page1="Other words.", deep__page="New.")
    (pages / "page2.md").unlink()
    os.utime(pages / "page3.md", ns=(1, 1))
    run = read(company, source, reach)
    # Another time and the same bytes are no change.
    assert counted(run) == {"new": 1, "changed": 1, "unchanged": 8, "removed": 1}
    assert (run.total, run.done, run.state) == (10, 10, "succeeded")
    assert sorted(titles(company)) == sorted([f"page{n}" for n in range(10) if n != 2] + ["page"])
    (changed,) = [row for row in list_documents(company.admin, company.handbook.id) if row.versions == 2]
    assert (changed.title, changed.uploaded_by) == ("page1", "Admin")
    with as_owner():
        events = AuditEvent.objects.filter(action="document_deleted")
        assert [(event.actor_id, event.subject["source"]) for event in events] == [(None, str(source.id))]


def test_a_file_that_is_being_written_waits_for_the_next_run(
    company: Company, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    listed = FolderSource.listing

    def then_written(self: FolderSource, known: str) -> object:
        found = listed(self, known)
        (pages / "page0.md").write_text("# page0\n\nHalf a sen")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(FolderSource, "listing", then_written)
        assert counted(read(company, source, reach)) == {"new": 9, "refused": 1}
    assert [row.problem_code for row in list_troubles(company.admin, source.id)] == [
        "source_changed_meanwhile"
    ]
    assert counted(read(company, source, reach)) == {"new": 1, "unchanged": 9}
    assert list_troubles(company.admin, source.id) == []


def test_who_lost_the_lease_takes_nothing_in_and_removes_nothing(company: Company, pages: Path) -> None:
    """A worker that was cut off goes on while another one has the run."""
    source, reach = watched(company, pages), surroundings_of(pages)
    start_source(company.admin, source.id)
    with as_worker():
        cut_off = claim(SourceRun.objects.get(state="queued").pk)
        assert cut_off is not None
        SourceRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert claim(cut_off.pk) is not None
        opened = FolderSource.at(source.place, reach)
        missing = Missing(company.admin, cut_off.source, ())
        taking = Taking(cut_off, company.admin, opened, reach.most_bytes, missing)
        found = opened.listing("")
        assert found is not None
        with pytest.raises(LeaseLost):
            taking.take(found.items[0], None, None)
        item = SourceItem.objects.create(source_id=source.id, path="gone.md")
        with pytest.raises(LeaseLost):
            remove_missing(cut_off, company.admin, [item], known=10)
        assert SourceItem.objects.filter(pk=item.pk).exists()
    assert documents_in(company) == 0


def test_what_was_deleted_or_moved_here_stays_so(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
    delete_document(company.admin, rows["page0"])
    delete_document(company.admin, rows["page1"])
    move_document(company.admin, rows["page2"], company.salaries.id)
    with as_worker():
        Document.objects.filter(pk=rows["page1"]).update(deleted_at=None)
        assert purge_deleted() == 1
        Document.objects.filter(pk=rows["page1"]).update(deleted_at=timezone.now())
    write(pages, page0="Newer.", page1="Newer.", page2="Newer.")
    assert counted(read(company, source, reach)) == {"unchanged": 7, "left_out": 3}
    (pages / "page2.md").unlink()
    assert counted(read(company, source, reach)) == {"unchanged": 7, "left_out": 2}
    moved = list_documents(company.admin, company.salaries.id)
    assert [(row.title, row.versions) for row in moved] == [("page2", 1)]
    # Until somebody asks for it by name.
    (left_out,) = [row for row in list_troubles(company.admin, source.id) if row.kind == "left_out"]
    assert retry_items(company.admin, source.id, [left_out.item]) == 1
    work(reach)
    assert counted(list_source_runs(company.admin, source.id)[0]) == {
        "new": 1,
        "unchanged": 7,
        "left_out": 1,
    }


def test_what_was_deleted_stays_so_also_where_its_file_was_refused_before(
    company: Company, pages: Path
) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    (pages / "page0.md").write_text("")
    assert counted(read(company, source, reach)) == {"unchanged": 9, "refused": 1}
    rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
    delete_document(company.admin, rows["page0"])
    with as_worker():
        assert purge_deleted() == 1
    write(pages, page0="Words again.")
    assert counted(read(company, source, reach)) == {"unchanged": 9, "left_out": 1}
    assert [row.kind for row in list_troubles(company.admin, source.id)] == ["left_out"]
    with pytest.raises(Invalid, match="nothing_to_retry"):
        retry_items(company.admin, source.id)


def test_what_was_imported_before_is_not_doubled(company: Company, pages: Path) -> None:
    same = markdown((pages / "page0.md").read_text(), "page0.md", source_path="page0.md")
    take_in(company.admin, company.handbook.id, same, max_bytes=MAX_BYTES)
    ingest()
    source = watched(company, pages)
    assert counted(read(company, source, surroundings_of(pages))) == {"new": 9, "unchanged": 1}
    assert documents_in(company) == 10


def test_no_other_source_takes_over_what_stands_at_the_same_place(
    company: Company, pages: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A path says nothing of the root below which it is."""
    former, other = watched(company, pages), tmp_path_factory.mktemp("other")
    read(company, former, surroundings_of(pages))
    remove_source(company.admin, former.id)
    write(other, **{f"page{number}": "Others' words." for number in range(3)})
    (other / "page3.md").write_bytes((pages / "page3.md").read_bytes())
    source, reach = watched(company, other), surroundings_of(other)
    assert counted(read(company, source, reach)) == {"new": 3, "unchanged": 1}
    assert documents_in(company) == 13
    for file in other.iterdir():
        file.unlink()
    read(company, source, reach)
    read(company, source, reach, approving=True)
    assert documents_in(company) == 9


def test_of_two_sources_at_the_same_moment_one_takes_a_document_over(
    company: Company, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = markdown((pages / "page0.md").read_text(), "page0.md", source_path="page0.md")
    take_in(company.admin, company.handbook.id, same, max_bytes=MAX_BYTES)
    ingest()
    first, reach = watched(company, pages), surroundings_of(pages)
    wish = SourceWish("folder", "The same again", {"folder": str(pages)})
    second = keep_source(company.admin, company.handbook.id, wish, reach)
    for source in (first, second):
        start_source(company.admin, source.id)
    asked = running.imported_documents

    def then_read_by_the_other(*about: Any) -> object:
        found = asked(*about)
        monkeypatch.undo()
        running.run_source(SourceRun.objects.get(source=second.id).pk, reach)
        return found

    monkeypatch.setattr(running, "imported_documents", then_read_by_the_other)
    work(reach)
    (late,), (early,) = (list_source_runs(company.admin, source.id) for source in (first, second))
    assert (counted(early), counted(late)) == ({"new": 9, "unchanged": 1}, {"new": 10})
    assert documents_in(company) == 20
