"""Who may share, with whom, and that a collection is never without an owner."""

from uuid import uuid4

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.library.collections import list_collections
from kbchat.library.sharing import give_grant, list_grants, list_groups, take_grant
from tests.company import Company, found_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return found_company()


def test_a_grant_is_given_changed_and_taken(company: Company) -> None:
    everyone = Principal("everyone")
    given = give_grant(company.admin, company.salaries.id, everyone, Role.READER)
    assert [item.name for item in list_collections(company.stranger)] == ["Salaries"]
    changed = give_grant(company.admin, company.salaries.id, everyone, Role.EDITOR)
    assert changed.id == given.id
    assert [item.role for item in list_collections(company.stranger)] == [Role.EDITOR]
    take_grant(company.admin, given.id)
    assert list_collections(company.stranger) == []


def test_the_last_owner_stays_owner(company: Company) -> None:
    owner = next(
        grant for grant in list_grants(company.admin, company.handbook.id) if grant.role == Role.OWNER
    )
    with pytest.raises(Invalid, match="last_owner"):
        take_grant(company.admin, owner.id)
    with pytest.raises(Invalid, match="last_owner"):
        give_grant(company.admin, company.handbook.id, Principal("user", company.admin.user_id), Role.READER)
    give_grant(company.admin, company.handbook.id, Principal("group", company.staff.pk), Role.OWNER)
    take_grant(company.admin, owner.id)
    with pytest.raises(NotFound):
        list_grants(company.admin, company.handbook.id)


def test_only_owners_share_and_strangers_learn_nothing(company: Company) -> None:
    grant = list_grants(company.admin, company.handbook.id)[0]
    for outsider, error in (
        (company.stranger, NotFound),
        (company.reader, NotAllowed),
        (company.editor, NotAllowed),
    ):
        with pytest.raises(error):
            list_grants(outsider, company.handbook.id)
        with pytest.raises(error):
            give_grant(outsider, company.handbook.id, Principal("user", outsider.user_id), Role.OWNER)
        with pytest.raises(error):
            take_grant(outsider, grant.id)
        with pytest.raises(NotAllowed):
            list_groups(outsider)
    assert [(group.name, group.members) for group in list_groups(company.admin)] == [("Staff", 1)]


def test_nobody_and_nothing_are_no_principals(company: Company) -> None:
    for principal in (Principal("user", uuid4()), Principal("group", uuid4()), Principal("user")):
        with pytest.raises(Invalid, match="principal_unknown"):
            give_grant(company.admin, company.handbook.id, principal, Role.READER)
    with pytest.raises(NotFound):
        take_grant(company.admin, uuid4())
