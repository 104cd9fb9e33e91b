"""Links by which people choose a password: they work once, for a while, for one person, and only their hash is kept."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from kbchat.accounts.acting import COMMAND, Actor
from kbchat.accounts.choosing_password import PasswordLink, choose_password, find_reset, new_password_link
from kbchat.accounts.models import LinkPurpose, OneTimeLink, User
from kbchat.accounts.people import change_person, create_person, deactivate, set_password
from kbchat.accounts.provisioned_people import DirectoryProfile, bring_person
from kbchat.accounts.setting_up import new_setup_token
from kbchat.accounts.signing_in import EmailBackend
from kbchat.core.errors import Invalid, NotFound
from tests.company import person
from tests.services.audit_support import recorded

pytestmark = pytest.mark.django_db

NEW = "a few plain words"


def link_of(someone: User) -> PasswordLink:
    with transaction.atomic():
        return new_password_link(someone, by=COMMAND)


def signs_in(email: str, password: str) -> bool:
    return EmailBackend().authenticate(None, email=email, password=password) is not None


def refused(token: str) -> bool:
    try:
        choose_password(token, NEW)
    except NotFound as error:
        return error.code == "link_invalid"
    return False


def test_a_link_works_once_and_ends_what_was_open() -> None:
    lin = person("lin@example.com")
    opened_with = lin.get_session_auth_hash()
    token = link_of(lin).token
    with pytest.raises(Invalid, match="password_too_short"):
        choose_password(token, "short")
    choose_password(token, NEW)
    assert signs_in("lin@example.com", NEW)
    assert not signs_in("lin@example.com", "secret")
    assert User.objects.get().get_session_auth_hash() != opened_with
    assert refused(token)
    assert [event.actor_id for event in recorded()][-3:-1] == [None, lin.pk]


def test_only_the_hash_is_kept() -> None:
    link = link_of(person("lin@example.com"))
    kept = OneTimeLink.objects.get()
    assert link.token not in repr(vars(kept))
    assert len(kept.digest) == 64
    assert link.token not in repr([event.subject for event in recorded()])


def test_the_first_link_is_an_invitation_and_lasts_longer() -> None:
    newcomer = create_person(email="new@example.com", name="New", password=None)
    invited, lost = link_of(newcomer), link_of(person("lin@example.com"))
    assert (invited.purpose, lost.purpose) == (LinkPurpose.INVITATION, LinkPurpose.RESET)
    ends = {link.purpose: link.expires_at - timezone.now() for link in OneTimeLink.objects.all()}
    assert timedelta(days=6) < ends["invitation"] <= timedelta(days=7)
    assert timedelta(minutes=59) < ends["reset"] <= timedelta(hours=1)


def test_void_are_late_replaced_and_overtaken_links() -> None:
    lin = person("lin@example.com")
    late = link_of(lin).token
    OneTimeLink.objects.update(expires_at=timezone.now())
    assert refused(late)
    replaced = link_of(lin).token
    link_of(lin)
    assert refused(replaced)
    moved = link_of(lin).token
    change_person(lin, email="other@example.com")
    assert refused(moved)
    overtaken = link_of(lin).token
    set_password(lin, "yet another password")
    assert refused(overtaken)
    left = link_of(lin).token
    deactivate(lin)
    assert refused(left)
    assert refused("guessed")
    assert signs_in("other@example.com", "yet another password") is False


def test_a_setup_link_chooses_nobody_s_password() -> None:
    assert refused(new_setup_token())


def test_a_lost_password_is_asked_for_by_whoever_has_the_address() -> None:
    lin = person("Lin@example.com")
    found = find_reset(" lin@EXAMPLE.com ")
    assert found is not None
    assert found.person == lin
    assert find_reset("nobody@example.com") is None
    deactivate(lin)
    assert find_reset("lin@example.com") is None


def test_whom_the_directory_brought_gets_no_password_by_himself() -> None:
    """It would go round the company's own sign-in."""
    profile = DirectoryProfile(user_name="li", email="li@example.com", name="Li")
    brought = bring_person(profile, by=Actor())
    assert find_reset("li@example.com") is None
    set_password(brought, NEW)
    assert find_reset("li@example.com") is not None
