"""Sources: what they hold is compared with what they held; nothing is lost, doubled, resurrected or removed unasked."""

import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.audit.models import AuditEvent
from kbchat.core.errors import Conflict, Invalid, NotAllowed, NotFound
from kbchat.core.leases import LeaseLost
from kbchat.documents.models import Document
from kbchat.library.documents import delete_document, list_documents
from kbchat.library.models import SourceItem, SourceRun
from kbchat.library.moving import move_document
from kbchat.library.purging import purge_deleted
from kbchat.library.sharing import give_grant, list_grants
from kbchat.library.sources import running
from kbchat.library.sources.keeping import (
    SourceWish,
    keep_source,
    list_source_runs,
    list_sources,
    remove_source,
    start_source,
    take_over,
)
from kbchat.library.sources.removing import remove_missing
from kbchat.library.sources.runs import claim, note
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
from tests.waiting import allowed, wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(10):
        write(tmp_path, **{f"page{number}": "Words."})
    return tmp_path


def test_new_changed_and_gone_files_follow_and_the_rest_is_not_touched(
    company: Company, folder: Path
) -> None:
    source, reach = watched(company, folder), surroundings_of(folder)
    assert counted(read(company, source, reach)) == {"new": 10}
    assert len(titles(company)) == 10
    assert counted(read(company, source, reach)) == {"unchanged": 10}

    write(folder, page1="Other words.", deep__page="New.")
    (folder / "page2.md").unlink()
    os.utime(folder / "page3.md", ns=(1, 1))
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


def test_the_same_reasons_as_an_upload_and_a_second_try_for_one_of_them(
    company: Company, folder: Path
) -> None:
    (folder / "empty.md").write_text("")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of the kind")
    source, reach = watched(company, folder), surroundings_of(folder, most_bytes=2000)
    (folder / "large.md").write_text("x" * 2001)
    assert counted(read(company, source, reach)) == {"new": 11, "refused": 2}
    told = {row.path: (row.kind, row.problem_code) for row in list_troubles(company.admin, source.id)}
    assert told == {
        "broken.pdf": ("failed", "corrupt"),
        "empty.md": ("refused", "empty_file"),
        "large.md": ("refused", "too_large"),
    }
    # What cannot be otherwise is not fetched again, and still told.
    assert counted(read(company, source, reach)) == {"unchanged": 11, "refused": 2}
    (large,) = [row.item for row in list_troubles(company.admin, source.id) if row.path == "large.md"]
    assert retry_items(company.admin, source.id, [large]) == 1
    work(surroundings_of(folder))
    assert counted(list_source_runs(company.admin, source.id)[0]) == {
        "new": 1,
        "unchanged": 11,
        "refused": 1,
    }
    assert retry_items(company.admin, source.id) == 2
    with pytest.raises(Conflict, match="source_is_running"):
        retry_items(company.admin, source.id)


def test_a_file_that_is_being_written_waits_for_the_next_run(
    company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, reach = watched(company, folder), surroundings_of(folder)
    listed = FolderSource.listing

    def then_written(self: FolderSource, known: str) -> object:
        found = listed(self, known)
        (folder / "page0.md").write_text("# page0\n\nHalf a sen")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(FolderSource, "listing", then_written)
        assert counted(read(company, source, reach)) == {"new": 9, "refused": 1}
    assert [row.problem_code for row in list_troubles(company.admin, source.id)] == [
        "source_changed_meanwhile"
    ]
    assert counted(read(company, source, reach)) == {"new": 1, "unchanged": 9}
    assert list_troubles(company.admin, source.id) == []


def test_who_lost_the_lease_takes_nothing_in_and_removes_nothing(company: Company, folder: Path) -> None:
    """A worker that was cut off goes on while another one has the run."""
    source, reach = watched(company, folder), surroundings_of(folder)
    start_source(company.admin, source.id)
    with as_worker():
        cut_off = claim(SourceRun.objects.get(state="queued").pk)
        assert cut_off is not None
        SourceRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert claim(cut_off.pk) is not None
        opened = FolderSource.at(source.place, reach)
        taking = Taking(cut_off, company.admin, opened, reach.most_bytes)
        found = opened.listing("")
        assert found is not None
        with pytest.raises(LeaseLost):
            taking.take(found.items[0], None, None)
        item = SourceItem.objects.create(source_id=source.id, path="gone.md")
        with pytest.raises(LeaseLost):
            remove_missing(cut_off, company.admin, [item], known=10)
        assert SourceItem.objects.filter(pk=item.pk).exists()
    assert documents_in(company) == 0


class TestRemovals:
    def test_many_at_once_are_held_and_go_when_somebody_says_so(self, company: Company, folder: Path) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        for number in range(3):
            (folder / f"page{number}.md").unlink()
        assert counted(read(company, source, reach)) == {"unchanged": 7, "held": 3}
        assert documents_in(company) == 10
        assert [row.kind for row in list_troubles(company.admin, source.id)] == ["held"] * 3
        assert list_sources(company.admin)[0].held == 3
        # One of them is back, and another has gone since: nobody let that one go.
        write(folder, page0="Words.")
        (folder / "page9.md").unlink()
        run = read(company, source, reach, approving=True)
        assert counted(run) == {"unchanged": 7, "removed": 3}
        assert "page0" in titles(company)
        assert list_sources(company.admin)[0].held_in is None
        with pytest.raises(Invalid, match="source_holds_nothing"):
            start_source(company.admin, source.id, lets_go=run.id)

    def test_what_is_let_go_is_what_was_held(self, company: Company, folder: Path) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        for number in range(3):
            (folder / f"page{number}.md").unlink()
        read(company, source, reach)
        for number in range(3, 10):
            (folder / f"page{number}.md").unlink()
        assert counted(read(company, source, reach, approving=True)) == {"removed": 3, "held": 7}
        assert documents_in(company) == 7

    def test_while_some_are_held_no_run_removes_any_unasked(self, company: Company, folder: Path) -> None:
        """Also where so many are back that the rest is few."""
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        for number in range(3):
            (folder / f"page{number}.md").unlink()
        read(company, source, reach)
        write(folder, page0="Words.")
        assert counted(read(company, source, reach)) == {"unchanged": 8, "held": 2}
        (folder / "page9.md").unlink()
        assert counted(read(company, source, reach)) == {"unchanged": 7, "held": 3}
        assert documents_in(company) == 10
        assert counted(read(company, source, reach, approving=True)) == {"unchanged": 7, "removed": 3}

    def test_nobody_lets_go_what_he_was_not_shown(self, company: Company, folder: Path) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        for number in range(3):
            (folder / f"page{number}.md").unlink()
        read(company, source, reach)
        shown = list_sources(company.admin)[0]
        for number in range(3, 9):
            (folder / f"page{number}.md").unlink()
        assert counted(read(company, source, reach)) == {"unchanged": 1, "held": 9}
        with pytest.raises(Conflict, match="source_holds_something_else"):
            start_source(company.admin, source.id, lets_go=shown.held_in)
        work(reach)
        assert documents_in(company) == 10

    def test_an_emptied_folder_removes_nothing(self, company: Company, folder: Path) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        for file in folder.iterdir():
            file.unlink()
        assert counted(read(company, source, reach)) == {"held": 10}
        folder.rmdir()
        gone = read(company, source, reach)
        assert (gone.state, gone.problem) == ("failed", "source_folder_missing")
        assert documents_in(company) == 10

    def test_a_listing_that_lacks_a_part_removes_nothing(
        self, company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(folder, closed__inner="Words.")
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        scanned = os.scandir

        def refusing(path: object) -> object:
            if str(path).endswith("closed"):
                raise PermissionError(13, "no", str(path))
            return scanned(path)  # type: ignore[call-overload]

        (folder / "page0.md").unlink()
        monkeypatch.setattr(os, "scandir", refusing)
        run = read(company, source, reach)
        assert (counted(run), run.is_complete) == ({"unchanged": 9}, False)
        monkeypatch.undo()
        assert counted(read(company, source, reach)) == {"unchanged": 10, "removed": 1}


class TestWhatPeopleDoMeanwhile:
    def test_what_was_deleted_or_moved_here_stays_so(self, company: Company, folder: Path) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
        delete_document(company.admin, rows["page0"])
        delete_document(company.admin, rows["page1"])
        move_document(company.admin, rows["page2"], company.salaries.id)
        with as_worker():
            Document.objects.filter(pk=rows["page1"]).update(deleted_at=None)
            assert purge_deleted() == 1
            Document.objects.filter(pk=rows["page1"]).update(deleted_at=timezone.now())
        write(folder, page0="Newer.", page1="Newer.", page2="Newer.")
        assert counted(read(company, source, reach)) == {"unchanged": 7, "left_out": 3}
        (folder / "page2.md").unlink()
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
        self, company: Company, folder: Path
    ) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        (folder / "page0.md").write_text("")
        assert counted(read(company, source, reach)) == {"unchanged": 9, "refused": 1}
        rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
        delete_document(company.admin, rows["page0"])
        with as_worker():
            assert purge_deleted() == 1
        write(folder, page0="Words again.")
        assert counted(read(company, source, reach)) == {"unchanged": 9, "left_out": 1}
        assert [row.kind for row in list_troubles(company.admin, source.id)] == ["left_out"]
        with pytest.raises(Invalid, match="nothing_to_retry"):
            retry_items(company.admin, source.id)

    def test_what_was_imported_before_is_not_doubled(self, company: Company, folder: Path) -> None:
        same = markdown((folder / "page0.md").read_text(), "page0.md", source_path="page0.md")
        take_in(company.admin, company.handbook.id, same, max_bytes=MAX_BYTES)
        ingest()
        source = watched(company, folder)
        assert counted(read(company, source, surroundings_of(folder))) == {"new": 9, "unchanged": 1}
        assert documents_in(company) == 10

    def test_no_other_source_takes_over_what_stands_at_the_same_place(
        self, company: Company, folder: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """A path says nothing of the root below which it is."""
        former, other = watched(company, folder), tmp_path_factory.mktemp("other")
        read(company, former, surroundings_of(folder))
        remove_source(company.admin, former.id)
        write(other, **{f"page{number}": "Others' words." for number in range(3)})
        (other / "page3.md").write_bytes((folder / "page3.md").read_bytes())
        source, reach = watched(company, other), surroundings_of(other)
        assert counted(read(company, source, reach)) == {"new": 3, "unchanged": 1}
        assert documents_in(company) == 13
        for file in other.iterdir():
            file.unlink()
        read(company, source, reach)
        read(company, source, reach, approving=True)
        assert documents_in(company) == 9

    def test_of_two_sources_at_the_same_moment_one_takes_a_document_over(
        self, company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        same = markdown((folder / "page0.md").read_text(), "page0.md", source_path="page0.md")
        take_in(company.admin, company.handbook.id, same, max_bytes=MAX_BYTES)
        ingest()
        first, reach = watched(company, folder), surroundings_of(folder)
        wish = SourceWish("folder", "The same again", {"folder": str(folder)})
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

    def test_a_source_that_is_removed_leaves_its_documents_and_ends_its_run(
        self, company: Company, folder: Path
    ) -> None:
        source = watched(company, folder)
        read(company, source, surroundings_of(folder))
        start_source(company.admin, source.id)
        with as_worker():
            run = claim(SourceRun.objects.get(state="queued").pk)
        assert run is not None
        remove_source(company.admin, source.id)
        with as_worker(), pytest.raises(LeaseLost):
            note(run)
        assert documents_in(company) == 10
        assert not SourceItem.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_source_is_removed_while_a_worker_takes_something_in(company: Company, folder: Path) -> None:
    source = watched(company, folder)
    start_source(company.admin, source.id)
    wrong: list[Exception] = []

    def remove() -> None:
        try:
            remove_source(company.admin, source.id)
        except Exception as error:  # noqa: BLE001 (told by the thread that waits)
            wrong.append(error)
        finally:
            connection.close()

    removing = threading.Thread(target=remove)
    with as_worker():
        run = claim(SourceRun.objects.get(state="queued").pk)
        assert run is not None
        with transaction.atomic():
            note(run)
            removing.start()
            wait_until(somebody_waits, allowed(10))
            SourceItem.objects.create(source_id=source.id, path="page0.md")
        removing.join()
        assert wrong == []
        with pytest.raises(LeaseLost):
            note(run)
        assert not SourceItem.objects.exists()
    assert list_sources(company.admin) == []


def somebody_waits() -> bool:
    """For a row that another transaction has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


class TestRights:
    def test_nothing_is_read_for_somebody_who_may_not_edit_any_more(
        self, company: Company, folder: Path
    ) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
        Grant.objects.filter(collection=company.handbook.id, user=company.admin.user_id).delete()
        write(folder, page0="Secret.", more="Secret.")
        (folder / "page1.md").unlink()
        with pytest.raises(NotFound):
            start_source(company.admin, source.id)
        start_source(company.editor, source.id)
        work(reach)
        run = list_source_runs(company.editor, source.id)[0]
        assert (run.state, run.problem, counted(run)) == ("failed", "source_without_keeper", {})
        assert documents_in(company) == 10
        take_over(company.editor, source.id)
        start_source(company.editor, source.id)
        work(reach)
        run = list_source_runs(company.editor, source.id)[0]
        assert counted(run) == {"new": 1, "changed": 1, "unchanged": 8, "removed": 1}
        User.objects.filter(pk=company.editor.user_id).update(is_active=False)
        with as_worker():
            again = SourceRun.objects.create(source_id=source.id)
        work(reach)
        with as_worker():
            assert SourceRun.objects.get(pk=again.pk).problem == "source_without_keeper"

    def test_a_worker_adds_no_document_on_its_own(self, company: Company) -> None:
        """What the database itself says, should the program forget to ask."""
        for viewer in (None, company.reader, company.stranger):
            with as_worker(), pytest.raises(Exception, match="row-level security"), viewing_or_not(viewer):
                Document.objects.create(collection_id=company.handbook.id, title="smuggled")
        with as_worker(), viewing(company.editor):
            Document.objects.create(collection_id=company.handbook.id, title="as an editor")

    def test_sources_are_for_owners_and_places_for_administrators(
        self, company: Company, folder: Path
    ) -> None:
        source = watched(company, folder)
        for nobody in (company.editor, company.reader, company.stranger):
            assert list_sources(nobody) == []
            for ask in (start_source, remove_source, take_over, list_source_runs, list_troubles):
                with pytest.raises(NotFound):
                    ask(nobody, source.id)
        wish = SourceWish("folder", "Another", {"folder": str(folder)})
        give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
        assert [row.name for row in list_sources(company.editor)] == [source.name]
        with pytest.raises(NotAllowed, match="source_by_administrators"):
            keep_source(company.editor, company.handbook.id, wish, surroundings_of(folder))
        with pytest.raises(NotFound):
            keep_source(company.stranger, company.handbook.id, wish, surroundings_of(folder))

    def test_groups_that_it_names_may_read_and_keep_what_they_have(
        self, company: Company, folder: Path
    ) -> None:
        wish = SourceWish("folder", "Pages", {"folder": str(folder)}, readers=[company.staff.pk])
        keep_source(company.admin, company.salaries.id, wish, surroundings_of(folder))
        keep_source(company.admin, company.handbook.id, wish, surroundings_of(folder))
        for collection in (company.salaries, company.handbook):
            given = list_grants(company.admin, collection.id)
            assert [each.role for each in given if each.principal.id == company.staff.pk] == [Role.READER]
        with pytest.raises(Invalid, match="source_name_taken"):
            keep_source(company.admin, company.handbook.id, wish, surroundings_of(folder))


def viewing_or_not(viewer: object) -> object:
    from django.db import transaction

    return viewing(viewer) if viewer else transaction.atomic()  # type: ignore[arg-type]
