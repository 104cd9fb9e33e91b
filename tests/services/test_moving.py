"""A document is moved to another collection: its readers change with it, and nothing that is indexed does."""

import pytest
from django.db import connection

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.deleting import delete_document
from kbchat.library.documents import document_row, list_documents
from kbchat.library.moving import move_document
from kbchat.library.sections import close_section, list_sections
from kbchat.library.sharing import give_grant
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import PAGE, Company, add, found_company
from tests.services.audit_support import subjects

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    """The stranger reads the salaries, the reader the handbook."""
    company = found_company()
    principal = Principal("user", company.stranger.user_id)
    give_grant(company.admin, company.salaries.id, principal, Role.READER)
    return company


def found(company: Company, name: str) -> int:
    retriever = PostgresRetriever(only(HashEmbedder()))
    return len(retriever.retrieve(getattr(company, name), "annual leave", retriever.pin(), limit=9).passages)


def vectors() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT chunk_id, xmin::text FROM indexing_embedding ORDER BY chunk_id")
        return cursor.fetchall()


def test_its_readers_change_at_once_and_no_vector_is_touched(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    assert (found(company, "reader"), found(company, "stranger")) == (2, 0)
    before = vectors()
    moved = move_document(company.admin, row.id, company.salaries.id)
    assert (moved.id, moved.collection_id, moved.state) == (row.id, company.salaries.id, "ready")
    assert vectors() == before != []
    assert (found(company, "reader"), found(company, "stranger")) == (0, 2)
    with pytest.raises(NotFound):
        document_row(company.reader, row.id)
    assert [each.id for each in list_documents(company.stranger, company.salaries.id)] == [row.id]
    assert subjects(AuditAction.DOCUMENT_MOVED) == [
        {
            "document": str(row.id),
            "collection": str(company.salaries.id),
            "before": str(company.handbook.id),
        }
    ]


def test_what_was_granted_and_closed_on_itself_goes_with_it(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    Grant.objects.create(document_id=row.id, user_id=company.reader.user_id, role=Role.READER)
    carry_over = list_sections(company.admin, row.id)[-1]
    close_section(company.admin, carry_over.id, Principal("user", company.stranger.user_id))
    move_document(company.admin, row.id, company.salaries.id)
    assert (found(company, "reader"), found(company, "stranger")) == (2, 1)


def test_only_editors_of_both_move_it(company: Company) -> None:
    """Who edits the document alone, or one of the two, does not."""
    row = add(company.admin, company.handbook, PAGE)
    here, there = company.handbook.id, company.salaries.id
    for person, error in ((company.reader, NotAllowed), (company.stranger, NotFound)):
        with pytest.raises(error):
            move_document(person, row.id, there)
    with pytest.raises(NotFound):
        move_document(company.editor, row.id, there)
    editor = Principal("user", company.editor.user_id)
    give_grant(company.admin, there, editor, Role.READER)
    with pytest.raises(NotAllowed):
        move_document(company.editor, row.id, there)
    give_grant(company.admin, there, editor, Role.EDITOR)
    assert move_document(company.editor, row.id, there).collection_id == there
    Grant.objects.create(document_id=row.id, user_id=company.stranger.user_id, role=Role.OWNER)
    give_grant(company.admin, here, Principal("user", company.stranger.user_id), Role.OWNER)
    with pytest.raises(NotAllowed):
        move_document(company.stranger, row.id, here)


def test_moving_to_where_it_is_and_a_deleted_one(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    assert move_document(company.admin, row.id, company.handbook.id).id == row.id
    assert subjects(AuditAction.DOCUMENT_MOVED) == []
    delete_document(company.admin, row.id)
    with viewing(company.admin), pytest.raises(NotFound):
        move_document(company.admin, row.id, company.salaries.id)
