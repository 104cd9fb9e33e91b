"""The visibility rule, asked of the database itself: raw SQL as the application's role, whatever the program asks."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.utils import DatabaseError

from kbchat.access.models import Grant, Role
from kbchat.access.self_check import PROTECTED
from kbchat.access.viewers import viewer_of
from kbchat.access.viewing import viewing
from kbchat.accounts.models import GroupInclusion, Membership, User
from kbchat.accounts.people import ensure_group
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion, Section
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow
from tests.company import Company, add, found_company
from tests.servers import as_worker

pytestmark = pytest.mark.django_db

PAGE = "# Leave\n\nEverybody has 28 days.\n\n## Secret\n\nThe board has 40.\n\n### Deeper\n\nAnd a boat.\n"


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def leave(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE)


def rows(
    viewer: Viewer | None, statement: str, parameters: Sequence[object] = ()
) -> list[tuple[object, ...]]:
    def ask() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())

    if viewer is None:
        return ask()
    with viewing(viewer):
        return ask()


def count(viewer: Viewer | None, table: str) -> object:
    return rows(viewer, f"SELECT count(*) FROM {table}")[0][0]


def counts(viewer: Viewer | None) -> list[object]:
    return [count(viewer, table) for table in PROTECTED]


def add_grant(**fields: object) -> Grant:
    return Grant.objects.create(**fields)


def section_of(leave: DocumentRow, heading: str) -> Section:
    with as_worker():
        return Section.objects.get(document=leave.id, path__contains=[heading], path__len=2)


def second_version(leave: DocumentRow) -> DocumentVersion:
    return DocumentVersion(
        document_id=leave.id,
        number=2,
        blob="0" * 64,
        size=1,
        filename="mine.md",
        effective_from=leave.effective_from,
    )


def chunk_texts(viewer: Viewer) -> list[object]:
    return [row[0] for row in rows(viewer, "SELECT text FROM ingestion_chunk ORDER BY ordinal")]


def test_without_a_viewer_nothing_is_visible(leave: DocumentRow) -> None:
    assert counts(None) == [0] * len(PROTECTED)


def test_the_granted_see_and_the_others_do_not(company: Company, leave: DocumentRow) -> None:
    seen = {table: number for table, number in zip(PROTECTED, counts(company.reader), strict=True) if number}
    assert seen == {
        "documents_collection": 1,
        "documents_document": 1,
        "documents_documentversion": 1,
        "documents_versioncontent": 1,
        "documents_section": 4,
        "ingestion_chunk": 3,
    }
    assert counts(company.stranger) == [0] * len(PROTECTED)


def test_a_collection_without_a_grant_has_no_name(company: Company) -> None:
    assert rows(company.reader, "SELECT name FROM documents_collection") == [("Handbook",)]


def test_the_viewer_ends_with_the_block(company: Company, leave: DocumentRow) -> None:
    with viewing(company.reader):
        pass
    assert counts(None) == [0] * len(PROTECTED)
    with viewing(company.admin):
        assert counts(company.stranger)[1] == 0
        assert rows(None, "SELECT count(*) FROM documents_document")[0][0] == 1


def test_the_viewer_ends_with_an_error_too(company: Company, leave: DocumentRow) -> None:
    with pytest.raises(RuntimeError), viewing(company.reader):
        raise RuntimeError
    assert counts(None) == [0] * len(PROTECTED)


def test_groups_in_groups_reach_their_members(company: Company, leave: DocumentRow) -> None:
    team = ensure_group("Team")
    Membership.objects.create(user_id=company.stranger.user_id, group=team)
    assert count(company.stranger, "documents_document") == 0
    GroupInclusion.objects.create(container=company.staff, included=team)
    assert count(company.stranger, "documents_document") == 1
    # Groups that include each other are no trap.
    GroupInclusion.objects.create(container=team, included=company.staff)
    assert count(company.stranger, "documents_document") == 1


def test_everyone_means_everyone_who_is_active(company: Company, leave: DocumentRow) -> None:
    add_grant(collection_id=company.handbook.id, everyone=True)
    assert count(company.stranger, "documents_document") == 1
    User.objects.filter(pk=company.stranger.user_id).update(is_active=False)
    assert count(company.stranger, "documents_document") == 0


def test_a_grant_on_one_document_shows_that_one(company: Company, leave: DocumentRow) -> None:
    other = add(company.admin, company.handbook, PAGE, "other.md")
    add_grant(document_id=leave.id, user_id=company.stranger.user_id)
    assert rows(company.stranger, "SELECT id FROM documents_document") == [(leave.id,)]
    assert other.id != leave.id
    assert count(company.stranger, "documents_collection") == 1


def test_a_document_with_its_own_list_follows_that_list(company: Company, leave: DocumentRow) -> None:
    with as_worker():
        Document.objects.filter(pk=leave.id).update(has_own_list=True)
    assert count(company.reader, "documents_document") == 0
    assert count(company.admin, "documents_document") == 1, "the collection's owners keep it"
    add_grant(document_id=leave.id, user_id=company.reader.user_id)
    assert count(company.reader, "documents_document") == 1


@pytest.mark.parametrize("target", ["collection", "document"])
def test_a_denial_wins(company: Company, leave: DocumentRow, target: str) -> None:
    where = {"collection_id": company.handbook.id} if target == "collection" else {"document_id": leave.id}
    add_grant(document_id=leave.id, user_id=company.reader.user_id)
    add_grant(**where, group=company.staff, deny=True)
    assert count(company.reader, "documents_document") == 0
    assert count(company.reader, "ingestion_chunk") == 0
    assert count(company.editor, "documents_document") == 1


def test_a_closed_section_takes_its_subtree_and_the_whole_text(company: Company, leave: DocumentRow) -> None:
    add_grant(section=section_of(leave, "Secret"), group=company.staff, deny=True)
    assert chunk_texts(company.reader) == ["Everybody has 28 days."]
    assert count(company.reader, "documents_section") == 2
    assert count(company.reader, "documents_versioncontent") == 0
    assert len(chunk_texts(company.admin)) == 3


def test_a_deleted_document_is_gone_for_readers(company: Company, leave: DocumentRow) -> None:
    delete_document(company.admin, leave.id)
    assert count(company.reader, "documents_document") == 0
    assert count(company.reader, "ingestion_chunk") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents_document SET title = 'mine'",
        "UPDATE documents_collection SET name = 'mine'",
        "UPDATE documents_document SET deleted_at = now()",
        "UPDATE documents_documentversion SET in_force = NULL",
    ],
)
def test_a_reader_changes_no_row(company: Company, leave: DocumentRow, statement: str) -> None:
    for viewer in (company.reader, company.stranger):
        with viewing(viewer), connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents_documentversion SET state = 'ready'",
        "UPDATE ingestion_chunk SET text = 'mine'",
        "DELETE FROM documents_document",
        "INSERT INTO ingestion_chunk (version_id) VALUES (NULL)",
        "UPDATE indexing_embedding SET terms = 0",
        "DELETE FROM indexing_posting",
        "SELECT kbchat_create_generation_partitions(99)",
        "ALTER TABLE documents_document DISABLE ROW LEVEL SECURITY",
        "DROP POLICY viewer_reads ON documents_document",
    ],
)
def test_the_application_has_no_right_to(company: Company, leave: DocumentRow, statement: str) -> None:
    # The tests' login may become the owner; the application's own role decides here.
    with pytest.raises(ProgrammingError), viewing(company.admin), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_reader_cannot_add_a_document_or_a_version(company: Company, leave: DocumentRow) -> None:
    refused = pytest.raises(DatabaseError, match="violates row-level security policy")
    for viewer in (company.reader, company.stranger):
        with refused, transaction.atomic(), viewing(viewer):
            Document(collection_id=company.handbook.id, title="mine").save(force_insert=True)
        with refused, transaction.atomic(), viewing(viewer):
            second_version(leave).save(force_insert=True)
    with viewing(company.editor):
        second_version(leave).save(force_insert=True)


def test_the_worker_sees_documents_and_no_conversation() -> None:
    with as_worker(), pytest.raises(ProgrammingError), transaction.atomic():
        rows(None, "SELECT count(*) FROM chat_turn")


def test_the_owner_of_the_tables_is_bound_too(leave: DocumentRow) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE kbchat_owner")
        cursor.execute("SELECT count(*) FROM documents_document")
        assert cursor.fetchone() == (0,)
        cursor.execute("SET LOCAL ROLE kbchat_app")


def test_an_id_that_is_no_person_sees_nothing(leave: DocumentRow) -> None:
    nobody = Viewer(UUID(int=0), is_administrator=True)
    assert counts(nobody) == [0] * len(PROTECTED)


def test_an_administrator_reads_what_is_granted_to_him_and_no_more(
    company: Company, leave: DocumentRow
) -> None:
    other = User.objects.get(pk=company.stranger.user_id)
    User.objects.filter(pk=other.pk).update(is_administrator=True)
    assert count(viewer_of(User.objects.get(pk=other.pk)), "documents_document") == 0


def test_an_editor_takes_no_document_to_where_he_may_not_write(company: Company, leave: DocumentRow) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), viewing(company.editor):
        Document.objects.filter(pk=leave.id).update(collection_id=company.salaries.id)


def test_roles_rank(company: Company, leave: DocumentRow) -> None:
    add_grant(collection_id=company.handbook.id, user_id=company.reader.user_id, role=Role.EDITOR)
    found = rows(company.reader, "SELECT role FROM kbchat_collections_of(%s)", [company.reader.user_id])
    assert found == [("editor",)]
