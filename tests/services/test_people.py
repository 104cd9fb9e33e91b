"""People and groups under an administrator: what he may do, what is recorded, and what nobody may (T28, T58)."""

import threading

import pytest
from django.db import connection

from kbchat.access.dissolving import delete_group
from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewers import viewer_of
from kbchat.accounts import managing_groups as groups
from kbchat.accounts import managing_people as people
from kbchat.accounts.api_keys import create_api_key, find_api_key
from kbchat.accounts.managing_people import Newcomer, PersonChange
from kbchat.accounts.models import Group, GroupInclusion, Source, User
from kbchat.accounts.people import ensure_group, set_administrator
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict, Invalid, KbchatError, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.collections import list_collections
from kbchat.library.sections import close_section, list_sections
from kbchat.library.sharing import give_grant, list_grants, take_grant
from tests.company import Company, add, found_company
from tests.services.audit_support import recorded, subjects

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return found_company()


def user(viewer: Viewer) -> User:
    return User.objects.get(pk=viewer.user_id)


def names(company: Company, text: str = "") -> list[str]:
    return [row.name for row in people.list_people(company.admin, text, start=0, limit=50).people]


def test_everybody_else_finds_nothing_of_it(company: Company) -> None:
    """An auditor, the owner of a collection and somebody who was an administrator a moment ago, too."""
    demoted = company.admin
    set_administrator(user(demoted), is_administrator=False)
    newcomer = Newcomer("new@example.com", "New", "en")
    for viewer in (company.editor, company.stranger, demoted):
        for attempt in (
            lambda viewer=viewer: people.list_people(viewer, "", start=0, limit=1),
            lambda viewer=viewer: people.person_row(viewer, viewer.user_id),
            lambda viewer=viewer: people.invite(viewer, newcomer),
            lambda viewer=viewer: people.link_for(viewer, viewer.user_id),
            lambda viewer=viewer: people.change(viewer, viewer.user_id, PersonChange(is_administrator=True)),
            lambda viewer=viewer: groups.group_detail(viewer, company.staff.pk),
            lambda viewer=viewer: groups.add_group(viewer, "Mine"),
            lambda viewer=viewer: groups.rename(viewer, company.staff.pk, "Mine"),
            lambda viewer=viewer: groups.add_member(viewer, company.staff.pk, viewer.user_id),
            lambda viewer=viewer: groups.remove_member(viewer, company.staff.pk, company.reader.user_id),
            lambda viewer=viewer: groups.add_included(viewer, company.staff.pk, company.staff.pk),
            lambda viewer=viewer: groups.remove_included(viewer, company.staff.pk, company.staff.pk),
            lambda viewer=viewer: delete_group(viewer, company.staff.pk),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_people_are_found_by_a_part_of_name_or_address(company: Company) -> None:
    assert names(company) == ["Admin", "Editor", "Reader", "Stranger"]
    assert names(company, "DIT") == ["Editor"]
    assert names(company, "stranger@") == ["Stranger"]
    page = people.list_people(company.admin, "e", start=1, limit=1)
    assert ([row.name for row in page.people], page.total) == (["Editor"], 4)
    reader = people.person_row(company.admin, company.reader.user_id)
    assert [group.name for group in reader.groups] == ["Staff"]
    assert (reader.is_active, reader.is_waiting, reader.by_directory) == (True, False, False)


def test_an_invited_person_waits_with_his_groups_and_roles(company: Company) -> None:
    wish = Newcomer(" New@example.com ", "新人", "zh-hans", is_auditor=True, group_ids=(company.staff.pk,))
    link = people.invite(company.admin, wish)
    row = people.person_row(company.admin, link.person.pk)
    assert (row.email, row.language, row.is_waiting, row.is_auditor) == (
        "New@example.com",
        "zh-hans",
        True,
        True,
    )
    assert [collection.name for collection in list_collections(viewer_of(link.person))] == ["Handbook"]
    actions = (AuditAction.PERSON_CREATED, AuditAction.GROUP_CHANGED, AuditAction.LINK_MADE)
    assert [event.actor_id for event in recorded(*actions)[-3:]] == [company.admin.user_id] * 3
    assert link.token not in repr(subjects())
    with pytest.raises(Conflict, match="email_taken"):
        people.invite(company.admin, wish)


def test_changes_are_recorded_with_who_made_them(company: Company) -> None:
    told = len(recorded())
    change = PersonChange(name="Renamed", email="new@example.com", is_administrator=True, is_auditor=True)
    row = people.change(company.admin, company.reader.user_id, change)
    assert (row.name, row.email, row.is_administrator, row.is_auditor) == (
        "Renamed",
        "new@example.com",
        True,
        True,
    )
    people.change(company.admin, company.reader.user_id, change)
    added = recorded()[told:]
    assert [event.action for event in added] == ["person_changed", "administrator_changed", "auditor_changed"]
    assert {event.actor_id for event in added} == {company.admin.user_id}
    assert added[0].subject == {"person": str(company.reader.user_id), "changed": ["email", "name"]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (PersonChange(email="stranger@example.com"), "email_taken"),
        (PersonChange(email="nonsense"), "email_invalid"),
        (PersonChange(name=" "), "name_missing"),
    ],
)
def test_what_cannot_be_changes_nothing(company: Company, change: PersonChange, code: str) -> None:
    told = len(recorded())
    with pytest.raises(KbchatError, match=code):
        people.change(company.admin, company.reader.user_id, change)
    assert len(recorded()) == told
    assert user(company.reader).email == "reader@example.com"


def test_the_last_administrator_stays(company: Company) -> None:
    for change in (PersonChange(is_active=False), PersonChange(is_administrator=False)):
        with pytest.raises(Invalid, match="last_administrator"):
            people.change(company.admin, company.admin.user_id, change)
    people.change(company.admin, company.reader.user_id, PersonChange(is_administrator=True))
    people.change(company.admin, company.admin.user_id, PersonChange(is_administrator=False))
    with pytest.raises(NotFound):
        people.change(company.admin, company.reader.user_id, PersonChange(is_active=False))


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_leave_one() -> None:
    company = found_company()
    people.change(company.admin, company.reader.user_id, PersonChange(is_administrator=True))
    start, outcomes = threading.Barrier(2), []

    def demote(viewer: Viewer, other: Viewer) -> None:
        start.wait()
        try:
            people.change(viewer, other.user_id, PersonChange(is_administrator=False))
        except NotFound:
            outcomes.append("too late")
        finally:
            connection.close()

    pair = (company.admin, company.reader)
    threads = [threading.Thread(target=demote, args=each) for each in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert User.objects.filter(is_administrator=True).count() == 1
    assert outcomes == ["too late"]


def test_who_is_deactivated_comes_back_without_sessions_and_keys(company: Company) -> None:
    before = user(company.reader)
    _, key = create_api_key(before, "script")
    people.change(company.admin, before.pk, PersonChange(is_active=False))
    assert find_api_key(key) is None
    assert list_collections(company.reader) == []
    with pytest.raises(NotAllowed, match="not_active"):
        people.link_for(company.admin, before.pk)
    people.change(company.admin, before.pk, PersonChange(is_active=True))
    assert [row.name for row in list_collections(company.reader)] == ["Handbook"]
    assert find_api_key(key) is None
    ended = recorded(AuditAction.PERSON_DEACTIVATED, AuditAction.PERSON_REACTIVATED)
    assert [event.actor_id for event in ended] == [company.admin.user_id] * 2
    assert ended[0].subject == {"person": str(before.pk), "keys": 1}


def test_groups_are_made_renamed_filled_and_emptied(company: Company) -> None:
    made = groups.add_group(company.admin, " 研发 ")
    assert (made.name, made.source, made.members) == ("研发", Source.LOCAL, [])
    with pytest.raises(Conflict, match="group_name_taken"):
        groups.add_group(company.admin, "Staff")
    with pytest.raises(Conflict, match="group_name_taken"):
        groups.rename(company.admin, made.id, "Staff")
    renamed = groups.rename(company.admin, company.staff.pk, "Everybody here")
    assert [member.name for member in renamed.members] == ["Reader"]
    filled = groups.add_member(company.admin, company.staff.pk, company.stranger.user_id)
    assert [member.email for member in filled.members] == ["reader@example.com", "stranger@example.com"]
    assert [row.name for row in list_collections(company.stranger)] == ["Handbook"]
    groups.remove_member(company.admin, company.staff.pk, company.stranger.user_id)
    assert list_collections(company.stranger) == []
    with pytest.raises(Invalid, match="principal_unknown"):
        groups.add_member(company.admin, company.staff.pk, made.id)


def test_no_group_includes_itself_by_way_of_others(company: Company) -> None:
    first, second, third = (groups.add_group(company.admin, name).id for name in ("One", "Two", "Three"))
    groups.add_included(company.admin, first, second)
    groups.add_included(company.admin, second, third)
    for container, included in ((third, first), (second, first), (first, first)):
        with pytest.raises(Invalid, match="group_circle"):
            groups.add_included(company.admin, container, included)
    assert GroupInclusion.objects.count() == 2
    groups.remove_included(company.admin, first, second)
    groups.add_included(company.admin, third, first)
    assert [group.name for group in groups.group_detail(company.admin, third).included] == ["One"]


def test_what_the_directory_keeps_nobody_changes_here(company: Company) -> None:
    kept = Group.objects.create(name="From Entra", source=Source.DIRECTORY, external_id="g1")
    reader = user(company.reader)
    for attempt in (
        lambda: groups.rename(company.admin, kept.pk, "Mine"),
        lambda: groups.add_member(company.admin, kept.pk, reader.pk),
        lambda: groups.remove_member(company.admin, kept.pk, reader.pk),
        lambda: groups.add_included(company.admin, kept.pk, company.staff.pk),
        lambda: groups.remove_included(company.admin, kept.pk, company.staff.pk),
        lambda: delete_group(company.admin, kept.pk),
        lambda: ensure_group("From Entra", [reader]),
    ):
        with pytest.raises(NotAllowed, match="kept_by_directory"):
            attempt()
    # It may stand in a group of ours, and things may be shared with it.
    assert groups.add_included(company.admin, company.staff.pk, kept.pk).included[0].name == "From Entra"


def test_a_deleted_group_takes_what_was_shared_with_it(company: Company) -> None:
    delete_group(company.admin, company.staff.pk)
    assert list_collections(company.reader) == []
    assert not Group.objects.exists()
    taken = recorded(AuditAction.GRANT_TAKEN, AuditAction.GROUP_DELETED)
    assert [event.action for event in taken] == ["grant_taken", "group_deleted"]
    assert {event.actor_id for event in taken} == {company.admin.user_id}


def test_a_group_to_which_something_is_closed_is_not_deleted(company: Company) -> None:
    """Nor one inside such a group: its members would see more than before (I4)."""
    page = add(company.admin, company.handbook, "# Leave\n\n28 days.\n\n## Board\n\nSecret.\n")
    give_grant(company.admin, company.handbook.id, Principal("everyone"), Role.READER)
    outer = groups.add_group(company.admin, "Contractors")
    groups.add_included(company.admin, outer.id, company.staff.pk)
    section = list_sections(company.admin, page.id)[-1].id
    closed = close_section(company.admin, section, Principal("group", outer.id))
    for group in (outer.id, company.staff.pk):
        with pytest.raises(Invalid, match="group_closes_sections"):
            delete_group(company.admin, group)
    Grant.objects.filter(pk=closed.id).delete()
    delete_group(company.admin, outer.id)


def test_a_group_that_alone_owns_something_is_not_deleted(company: Company) -> None:
    give_grant(company.admin, company.handbook.id, Principal("group", company.staff.pk), Role.OWNER)
    own = next(
        each
        for each in list_grants(company.admin, company.handbook.id)
        if each.role == Role.OWNER and each.principal.kind == "user"
    )
    take_grant(company.admin, own.id)
    with pytest.raises(Invalid, match="group_is_last_owner"):
        delete_group(company.admin, company.staff.pk)
    assert [row.name for row in list_collections(company.reader)] == ["Handbook"]
