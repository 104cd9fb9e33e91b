"""The library as somebody else sees it: nothing that the one who looks may not read, nothing that the other may not,
and the look is recorded."""

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.documents.models import Section
from kbchat.ingestion.models import IngestionRun
from kbchat.library.as_another import collections_as, documents_as
from kbchat.library.collections import list_collections
from kbchat.library.documents import list_documents
from kbchat.library.sharing import give_grant
from tests.company import PAGE, Company, add, person
from tests.servers import as_worker
from tests.services.audit_support import recorded

pytestmark = pytest.mark.django_db

READER = "reader@example.com"


def named(rows: object) -> set[str]:
    return {getattr(row, "title", "") or getattr(row, "name", "") for row in rows}  # type: ignore[attr-defined]


def test_only_what_both_may_read_is_listed(company: Company) -> None:
    """An administrator who reads the handbook and not the minutes; a reader of the handbook and the minutes."""
    leave = add(company.admin, company.handbook, PAGE, "leave.md")
    hidden = add(company.admin, company.handbook, "# Salaries of the board\n\nMuch.\n", "board.md")
    add(company.admin, company.salaries, "# Salary bands\n\nE3 has 69,800.\n", "bands.md")
    looking = person("looking@example.com", is_administrator=True)
    viewer = viewer_of(looking)
    assert collections_as(viewer, READER) == []
    give_grant(company.admin, company.handbook.id, Principal("user", looking.pk), Role.READER)
    Grant.objects.create(document_id=hidden.id, user_id=looking.pk, deny=True)
    [handbook] = collections_as(viewer, READER)
    assert (handbook.name, handbook.documents, handbook.role) == ("Handbook", 1, Role.READER)
    assert named(documents_as(viewer, READER, handbook.id)) == {leave.title}
    # The reader loses it: the one who looks reads on.
    denial = Grant.objects.create(document_id=leave.id, group=company.staff, deny=True)
    assert documents_as(viewer, READER, handbook.id) == []
    assert named(list_documents(viewer, handbook.id)) == {leave.title}
    denial.delete()
    with pytest.raises(NotFound):
        documents_as(viewer, READER, company.salaries.id)
    User.objects.filter(email=READER).update(is_active=False)
    assert collections_as(viewer, READER) == []


def test_closed_passages_of_either_are_not_counted(company: Company) -> None:
    leave = add(company.admin, company.handbook, PAGE, "leave.md")
    [whole] = documents_as(company.admin, READER, company.handbook.id)
    assert (whole.passages, whole.filename) == (2, "leave.md")
    with as_worker():
        carry_over = Section.objects.get(document=leave.id, path=["Leave", "Carry-over"])
    Grant.objects.create(section=carry_over, group=company.staff, deny=True)
    [partly] = documents_as(company.admin, READER, company.handbook.id)
    assert partly.passages == 1
    [mine] = list_documents(company.admin, company.handbook.id)
    assert mine.passages == 2


def test_what_only_editors_are_told_is_told_to_two_editors(company: Company) -> None:
    """A version that is not in force yet: the reader's row is shown, whoever looks."""
    add(company.admin, company.handbook, PAGE, "leave.md")
    with as_worker():
        IngestionRun.objects.update(state="failed", problem="file_damaged")
    [row] = documents_as(company.admin, READER, company.handbook.id)
    assert (row.filename, row.problem_code) == ("", "")
    [row] = documents_as(company.admin, "editor@example.com", company.handbook.id)
    assert (row.filename, row.problem_code) == ("leave.md", "file_damaged")


def test_owners_look_at_what_they_own_and_others_at_nothing(company: Company) -> None:
    add(company.admin, company.handbook, PAGE, "leave.md")
    for viewer in (company.editor, company.reader, company.stranger):
        with pytest.raises(NotAllowed):
            collections_as(viewer, "admin@example.com")
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    give_grant(company.admin, company.salaries.id, Principal("user", company.editor.user_id), Role.READER)
    assert named(list_collections(company.editor)) == {"Handbook", "Salaries"}
    assert named(collections_as(company.editor, "admin@example.com")) == {"Handbook"}
    with pytest.raises(NotFound):
        documents_as(company.editor, "admin@example.com", company.salaries.id)
    with pytest.raises(NotFound):
        collections_as(company.editor, "nobody@example.com")


def test_every_look_is_recorded(company: Company) -> None:
    collections_as(company.admin, READER)
    documents_as(company.admin, READER, company.handbook.id)
    first, second = recorded(AuditAction.VIEWED_AS)
    assert {first.actor_id, second.actor_id} == {company.admin.user_id}
    assert first.subject == {"person": str(company.reader.user_id), "collection": None, "shown": 1}
    assert second.subject["collection"] == str(company.handbook.id)
