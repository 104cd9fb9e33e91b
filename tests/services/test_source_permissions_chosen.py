"""Whether a source says who reads is chosen by owners, and what people have granted and denied by hand stays."""

from pathlib import Path

import pytest

from kbchat.access.models import Grant
from kbchat.accounts.models import Group
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.library.deleting import delete_document
from kbchat.library.documents import list_documents
from kbchat.library.models import PermissionsFrom
from kbchat.library.moving import move_document
from kbchat.library.sources.keeping import (
    SourceWish,
    keep_source,
    list_sources,
    start_source,
)
from kbchat.library.sources.permitting import choose_permissions
from kbchat.library.uploading import take_in
from kbchat.sources.port import Surroundings
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.services.audit_support import recorded
from tests.services.source_access_support import ALL, mirrored, rule, say, seen
from tests.services.sources_support import read, surroundings_of, watched

pytestmark = pytest.mark.django_db


class TestBesideWhatPeopleDo:
    def test_what_was_imported_before_follows_the_source_from_then_on(
        self, company: Company, folder: Path
    ) -> None:
        same = markdown((folder / "other.md").read_text(), "other.md", source_path="other.md")
        take_in(company.admin, company.handbook.id, same, max_bytes=MAX_BYTES)
        ingest()
        assert seen(company, company.reader) == {"other"}
        read(company, mirrored(company, folder), surroundings_of(folder))
        assert seen(company, company.reader) == {"leave"}

    def test_a_denial_and_a_grant_by_hand_stay(self, company: Company, board: Group, folder: Path) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)
        rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
        Grant.objects.create(document_id=rows["leave"], user_id=company.reader.user_id, deny=True)
        Grant.objects.create(document_id=rows["other"], group=company.staff)
        say(folder, rule("**", "Staff"))
        read(company, source, reach)
        assert seen(company, company.reader) == {"plan", "other"}
        say(folder, rule("none", "Staff"))
        read(company, source, reach)
        assert seen(company, company.reader) == {"other"}

    def test_what_was_moved_or_deleted_here_is_no_matter_of_the_source_s(
        self, company: Company, folder: Path
    ) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)
        rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
        move_document(company.admin, rows["other"], company.salaries.id)
        delete_document(company.admin, rows["plan"])
        say(folder, rule("**", "Staff"))
        assert read(company, source, reach).readers_changed == 0
        assert seen(company, company.reader) == {"leave"}


class TestChoosing:
    def test_it_is_chosen_anew_and_closes_at_once(self, company: Company, folder: Path) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        assert seen(company, company.reader) == ALL
        row = choose_permissions(company.admin, source.id, PermissionsFrom.SOURCE)
        assert (row.permissions_from, row.knows_readers) == ("source", True)
        assert seen(company, company.reader) == set()
        read(company, source, reach)
        assert seen(company, company.reader) == {"leave"}
        choose_permissions(company.admin, source.id, PermissionsFrom.COLLECTION)
        assert seen(company, company.reader) == ALL
        assert not Grant.objects.filter(is_from_source=True).exists()
        read(company, source, reach)
        assert seen(company, company.reader) == ALL
        chosen = [event.subject for event in recorded(AuditAction.SOURCE_PERMISSIONS_CHOSEN)]
        assert [(each["before"], each["after"], each["documents"]) for each in chosen] == [
            ("collection", "source", 3),
            ("source", "collection", 3),
        ]

    def test_by_owners_alone_and_not_while_a_run_is_under_way(self, company: Company, folder: Path) -> None:
        source = mirrored(company, folder)
        for nobody in (company.editor, company.reader, company.stranger):
            with pytest.raises(NotFound):
                choose_permissions(nobody, source.id, PermissionsFrom.COLLECTION)
        start_source(company.admin, source.id)
        with pytest.raises(Conflict, match="source_is_running"):
            choose_permissions(company.admin, source.id, PermissionsFrom.COLLECTION)

    def test_a_kind_that_knows_of_nobody_is_not_asked(self, company: Company, tmp_path: Path) -> None:
        place = {"sitemap": "https://docs.example.com/sitemap.xml"}
        reach = Surroundings(origins=frozenset({"https://docs.example.com"}))
        wish = SourceWish("website", "Pages", place)
        source = keep_source(company.admin, company.handbook.id, wish, reach)
        with pytest.raises(Invalid, match="source_knows_no_readers"):
            choose_permissions(company.admin, source.id, PermissionsFrom.SOURCE)
        wish = SourceWish("website", "More", place, permissions_from=PermissionsFrom.SOURCE)
        with pytest.raises(Invalid, match="source_knows_no_readers"):
            keep_source(company.admin, company.handbook.id, wish, reach)
        assert [row.permissions_from for row in list_sources(company.admin)] == ["collection"]
