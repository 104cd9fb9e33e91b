"""The table of rights: what an owner sees and changes of his collections, and what he is told before he does (U57)."""

from uuid import uuid4

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.models import GroupInclusion, User
from kbchat.accounts.people import deactivate, ensure_group
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Invalid, KbchatError, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.permissions import Foreseen, RightsChange, change_rights, foresee_rights, rights_table
from kbchat.library.sharing import give_grant, list_grants
from tests.company import Company, person
from tests.services.audit_support import subjects

pytestmark = pytest.mark.django_db

EVERYONE = Principal("everyone")


def roles(viewer: Viewer) -> dict[tuple[str, str], str]:
    """By group and collection."""
    table = rights_table(viewer)
    names = {each.id: each.name for each in table.collections}
    return {
        (row.principal.name, names[cell.collection_id]): cell.role for row in table.rows for cell in row.cells
    }


def staff(company: Company) -> Principal:
    return Principal("group", company.staff.pk)


def test_an_owner_sees_groups_by_collections_of_his(company: Company) -> None:
    assert roles(company.admin) == {("Staff", "Handbook"): "reader"}
    table = rights_table(company.admin)
    # He himself owns both, and the editor edits the handbook, by name.
    assert [(each.name, each.people) for each in table.collections] == [("Handbook", 2), ("Salaries", 1)]
    assert [(row.principal.kind, row.principal.name) for row in table.rows] == [
        ("everyone", ""),
        ("group", "Staff"),
    ]
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    assert [each.name for each in rights_table(company.editor).collections] == ["Handbook"]
    for viewer in (company.reader, company.stranger):
        with pytest.raises(NotAllowed):
            rights_table(viewer)


def test_several_changes_are_made_together_or_not_at_all(company: Company) -> None:
    changes = [
        RightsChange(company.handbook.id, staff(company), Role.EDITOR),
        RightsChange(company.salaries.id, EVERYONE, Role.READER),
    ]
    change_rights(company.admin, changes)
    assert roles(company.admin) == {("Staff", "Handbook"): "editor", ("", "Salaries"): "reader"}
    away = [RightsChange(company.salaries.id, EVERYONE, None), RightsChange(uuid4(), EVERYONE, Role.READER)]
    with pytest.raises(NotFound):
        change_rights(company.admin, away)
    assert roles(company.admin)["", "Salaries"] == "reader"
    change_rights(company.admin, away[:1])
    assert ("", "Salaries") not in roles(company.admin)
    assert [each["role"] for each in subjects(AuditAction.GRANT_TAKEN)] == ["reader"]


def test_nobody_changes_what_he_does_not_own(company: Company) -> None:
    for viewer, shelf, error in (
        (company.editor, company.handbook, NotAllowed),
        (company.reader, company.handbook, NotAllowed),
        (company.reader, company.salaries, NotFound),
        (company.stranger, company.handbook, NotFound),
    ):
        for role in (Role.READER, None):
            for attempt in (foresee_rights, change_rights):
                with pytest.raises(error):
                    attempt(viewer, [RightsChange(shelf.id, EVERYONE, role)])
    with pytest.raises(Invalid):
        change_rights(
            company.admin, [RightsChange(company.handbook.id, Principal("group", uuid4()), Role.READER)]
        )
    assert roles(company.admin) == {("Staff", "Handbook"): "reader"}


def test_whom_a_change_reaches_is_told_before_and_nothing_is_changed(company: Company) -> None:
    ensure_group("Interns", [person("intern@example.com"), User.objects.get(pk=company.reader.user_id)])
    interns = ensure_group("Interns", [])
    GroupInclusion.objects.create(container=company.staff, included=interns)
    deactivate(person("gone@example.com"))
    handbook = company.handbook.id

    def told(*changes: RightsChange) -> Foreseen:
        before = list_grants(company.admin, handbook), len(subjects(AuditAction.GRANT_GIVEN))
        [one] = foresee_rights(company.admin, changes)
        assert (list_grants(company.admin, handbook), len(subjects(AuditAction.GRANT_GIVEN))) == before
        return one

    # The intern is staff by her group already; the stranger alone is nobody yet.
    assert told(RightsChange(handbook, EVERYONE, Role.READER)) == Foreseen(
        handbook, 1, 0, 0, 0, is_lost=False
    )
    assert told(RightsChange(handbook, staff(company), Role.EDITOR)) == Foreseen(
        handbook, 0, 0, 2, 0, is_lost=False
    )
    assert told(RightsChange(handbook, staff(company), None)) == Foreseen(handbook, 0, 2, 0, 0, is_lost=False)
    group = Principal("group", interns.pk)
    assert told(RightsChange(handbook, group, Role.READER)) == Foreseen(handbook, 0, 0, 0, 0, is_lost=False)
    both = RightsChange(handbook, staff(company), None), RightsChange(handbook, group, Role.OWNER)
    assert told(*both) == Foreseen(handbook, 0, 0, 2, 0, is_lost=False)


def test_an_owner_is_told_that_he_would_own_it_no_longer(company: Company) -> None:
    owner = person("second@example.com")
    owners = ensure_group("Owners", [owner])
    give_grant(company.admin, company.handbook.id, Principal("group", owners.pk), Role.OWNER)
    second = Viewer(owner.pk)
    away = [RightsChange(company.handbook.id, Principal("group", owners.pk), None)]
    assert foresee_rights(second, away) == [Foreseen(company.handbook.id, 0, 1, 0, 0, is_lost=True)]
    assert change_rights(second, away).collections == []
    with pytest.raises(NotAllowed):
        rights_table(second)


def test_an_owner_puts_others_in_his_place(company: Company) -> None:
    owner = person("second@example.com")
    owners = Principal("group", ensure_group("Owners", [owner]).pk)
    give_grant(company.admin, company.handbook.id, owners, Role.OWNER)
    handbook = company.handbook.id
    handing_over = [RightsChange(handbook, owners, None), RightsChange(handbook, staff(company), Role.OWNER)]
    change_rights(Viewer(owner.pk), handing_over)
    assert roles(company.admin) == {("Staff", "Handbook"): "owner"}


def test_the_last_owner_stays_and_is_told_so_before(company: Company) -> None:
    owner = person("only@example.com")
    owners = ensure_group("Owners", [owner])
    change_rights(
        company.admin, [RightsChange(company.handbook.id, Principal("group", owners.pk), Role.OWNER)]
    )
    deactivate(User.objects.get(pk=company.admin.user_id))
    for attempt in (foresee_rights, change_rights):
        with pytest.raises(KbchatError) as refused:
            attempt(
                Viewer(owner.pk),
                [RightsChange(company.handbook.id, Principal("group", owners.pk), Role.READER)],
            )
        assert refused.value.code == "last_owner"
