"""Keeping sources: who may add, see and remove one, on whose behalf it is read, and what a worker may do by itself."""

import threading
from pathlib import Path

import pytest
from django.db import connection, transaction

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import no_viewer, viewing
from kbchat.accounts.models import User
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.core.leases import LeaseLost
from kbchat.documents.models import Document
from kbchat.library.models import SourceItem, SourceRun
from kbchat.library.sharing import give_grant, list_grants
from kbchat.library.sources.keeping import (
    SourceWish,
    keep_source,
    list_source_runs,
    list_sources,
    remove_source,
    start_source,
    take_over,
)
from kbchat.library.sources.runs import claim, note
from kbchat.library.sources.troubles import list_troubles
from tests.company import Company
from tests.servers import as_worker
from tests.services.sources_support import (
    counted,
    documents_in,
    read,
    surroundings_of,
    watched,
    work,
    write,
)
from tests.services.turns import somebody_waits
from tests.waiting import allowed, wait_until

pytestmark = pytest.mark.django_db


def test_a_source_that_is_removed_leaves_its_documents_and_ends_its_run(
    company: Company, pages: Path
) -> None:
    source = watched(company, pages)
    read(company, source, surroundings_of(pages))
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
def test_a_source_is_removed_while_a_worker_takes_something_in(company: Company, pages: Path) -> None:
    source = watched(company, pages)
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


def test_nothing_is_read_for_somebody_who_may_not_edit_any_more(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    Grant.objects.filter(collection=company.handbook.id, user=company.admin.user_id).delete()
    write(pages, page0="Secret.", more="Secret.")
    (pages / "page1.md").unlink()
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


def test_a_worker_adds_no_document_on_its_own(company: Company) -> None:
    """What the database itself says, should the program forget to ask."""
    for viewer in (None, company.reader, company.stranger):
        with (
            as_worker(),
            pytest.raises(Exception, match="row-level security"),
            viewing(viewer) if viewer else no_viewer(),
        ):
            Document.objects.create(collection_id=company.handbook.id, title="smuggled")
    with as_worker(), viewing(company.editor):
        Document.objects.create(collection_id=company.handbook.id, title="as an editor")


def test_sources_are_for_owners_and_places_for_administrators(company: Company, pages: Path) -> None:
    source = watched(company, pages)
    for nobody in (company.editor, company.reader, company.stranger):
        assert list_sources(nobody) == []
        for ask in (start_source, remove_source, take_over, list_source_runs, list_troubles):
            with pytest.raises(NotFound):
                ask(nobody, source.id)
    wish = SourceWish("folder", "Another", {"folder": str(pages)})
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    assert [row.name for row in list_sources(company.editor)] == [source.name]
    with pytest.raises(NotAllowed, match="source_by_administrators"):
        keep_source(company.editor, company.handbook.id, wish, surroundings_of(pages))
    with pytest.raises(NotFound):
        keep_source(company.stranger, company.handbook.id, wish, surroundings_of(pages))


def test_groups_that_it_names_may_read_and_keep_what_they_have(company: Company, pages: Path) -> None:
    wish = SourceWish("folder", "Pages", {"folder": str(pages)}, readers=[company.staff.pk])
    keep_source(company.admin, company.salaries.id, wish, surroundings_of(pages))
    keep_source(company.admin, company.handbook.id, wish, surroundings_of(pages))
    for collection in (company.salaries, company.handbook):
        given = list_grants(company.admin, collection.id)
        assert [each.role for each in given if each.principal.id == company.staff.pk] == [Role.READER]
    with pytest.raises(Invalid, match="source_name_taken"):
        keep_source(company.admin, company.handbook.id, wish, surroundings_of(pages))
