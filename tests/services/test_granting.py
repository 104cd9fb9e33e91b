"""Who may share, with whom, and that a collection is never without an owner."""

import threading
from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import connection

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group, GroupInclusion, Membership, User
from kbchat.accounts.people import ensure_group
from kbchat.core.errors import Invalid, KbchatError, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
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


def own_grant(company: Company) -> UUID:
    """The administrator's, of the handbook."""
    grants = list_grants(company.admin, company.handbook.id)
    return next(grant.id for grant in grants if grant.principal.id == company.admin.user_id)


def make_owner(company: Company, group: Group) -> None:
    give_grant(company.admin, company.handbook.id, Principal("group", group.pk), Role.OWNER)


def assert_is_last_owner(company: Company) -> None:
    with pytest.raises(Invalid, match="last_owner"):
        take_grant(company.admin, own_grant(company))
    with pytest.raises(Invalid, match="last_owner"):
        give_grant(company.admin, company.handbook.id, Principal("user", company.admin.user_id), Role.EDITOR)
    assert list_grants(company.admin, company.handbook.id), "and nothing has changed"


def test_a_group_owns_through_its_active_members(company: Company) -> None:
    board, committee = ensure_group("Board"), ensure_group("Committee")
    make_owner(company, board)
    assert_is_last_owner(company)
    GroupInclusion.objects.create(container=board, included=committee)
    Membership.objects.create(user_id=company.stranger.user_id, group=committee)
    User.objects.filter(pk=company.stranger.user_id).update(is_active=False)
    assert_is_last_owner(company)
    User.objects.filter(pk=company.stranger.user_id).update(is_active=True)
    take_grant(company.admin, own_grant(company))
    assert list_grants(company.stranger, company.handbook.id)


def test_who_has_left_owns_nothing(company: Company) -> None:
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    User.objects.filter(pk=company.editor.user_id).update(is_active=False)
    assert_is_last_owner(company)


def test_everyone_owns_as_well_as_anybody(company: Company) -> None:
    give_grant(company.admin, company.handbook.id, Principal("everyone"), Role.OWNER)
    take_grant(company.admin, own_grant(company))
    assert list_grants(company.stranger, company.handbook.id)


def refused_while(first: Callable[[], object], second: Callable[[], object], viewer: Viewer) -> list[str]:
    """The codes of what `second` raises, begun by another while `first` is done by `viewer` and not yet committed."""
    refused: list[str] = []

    def second_too() -> None:
        try:
            second()
        except KbchatError as error:
            refused.append(error.code)
        finally:
            connection.close()

    other = threading.Thread(target=second_too)
    with viewing(viewer):
        first()
        other.start()
        other.join(0.5)
    other.join(10)
    return refused


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wish", ["take", "give"])
def test_two_owners_who_leave_at_once_do_not_both_leave(company: Company, wish: str) -> None:
    """Each would see the other's grant and go."""
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    grants = {grant.principal.id: grant.id for grant in list_grants(company.admin, company.handbook.id)}

    def leave(owner: Viewer) -> None:
        if wish == "take":
            take_grant(owner, grants[owner.user_id])
        else:
            give_grant(owner, company.handbook.id, Principal("user", owner.user_id), Role.READER)

    leaving = partial(leave, company.admin), partial(leave, company.editor)
    assert refused_while(*leaving, company.admin) == ["last_owner"]
    assert [row.role for row in list_collections(company.editor)] == [Role.OWNER]


@pytest.mark.django_db(transaction=True)
def test_an_owner_who_is_put_out_while_he_waits_changes_nothing_any_more(company: Company) -> None:
    handbook, editor = company.handbook.id, Principal("user", company.editor.user_id)
    give_grant(company.admin, handbook, editor, Role.OWNER)
    putting_out = partial(give_grant, company.admin, handbook, editor, Role.READER)
    sharing = partial(give_grant, company.editor, handbook, Principal("everyone"), Role.EDITOR)
    assert refused_while(putting_out, sharing, company.admin) == ["not_allowed"]


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
