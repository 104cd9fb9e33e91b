"""Notices inside the program, where no mail is sent: who is told what, and until when (T33)."""

from uuid import uuid4

import pytest

from kbchat.accounts.acting import COMMAND
from kbchat.accounts.choosing_password import new_password_link
from kbchat.accounts.models import DirectoryPerson, NoticeKind, User
from kbchat.accounts.notices import dismiss, list_notices, tell, tell_of_lost_password
from kbchat.accounts.people import deactivate
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from tests.company import Company

pytestmark = pytest.mark.django_db


def told(viewer: Viewer) -> list[tuple[str, str]]:
    return [(notice.kind, notice.person.email) for notice in list_notices(viewer)]


def test_a_lost_password_is_told_to_administrators_once_and_settled_by_a_link(company: Company) -> None:
    for email in ("reader@example.com", " READER@example.com ", "stranger@example.com"):
        tell_of_lost_password(email)
    assert told(company.admin) == [
        ("reset_asked", "stranger@example.com"),
        ("reset_asked", "reader@example.com"),
    ]
    assert told(company.reader) == told(company.editor) == []
    new_password_link(User.objects.get(email="reader@example.com"), by=COMMAND)
    assert told(company.admin) == [("reset_asked", "stranger@example.com")]


def test_nobody_is_told_of_an_address_that_nobody_has(company: Company) -> None:
    deactivate(User.objects.get(email="stranger@example.com"))
    by_directory = User.objects.get(email="editor@example.com")
    DirectoryPerson.objects.create(user=by_directory, user_name="editor")
    by_directory.set_unusable_password()
    by_directory.save()
    for email in ("nobody@example.com", "stranger@example.com", "editor@example.com", ""):
        tell_of_lost_password(email)
    assert told(company.admin) == []


def test_what_happened_to_an_account_is_told_to_its_owner_alone(company: Company) -> None:
    tell(User.objects.get(pk=company.reader.user_id), NoticeKind.PASSKEY_ADDED)
    assert told(company.reader) == [("passkey_added", "reader@example.com")]
    assert told(company.admin) == told(company.stranger) == []


def test_a_notice_is_put_away_by_those_whom_it_tells_and_by_nobody_else(company: Company) -> None:
    tell(User.objects.get(pk=company.reader.user_id), NoticeKind.APP_REMOVED)
    tell_of_lost_password("stranger@example.com")
    (own,), (asked,) = list_notices(company.reader), list_notices(company.admin)
    for viewer, notice in (
        (company.admin, own.pk),
        (company.stranger, own.pk),
        (company.reader, asked.pk),
        (company.stranger, asked.pk),
        (company.reader, uuid4()),
    ):
        with pytest.raises(NotFound):
            dismiss(viewer, notice)
    dismiss(company.reader, own.pk)
    dismiss(company.admin, asked.pk)
    assert told(company.reader) == told(company.admin) == []


def test_a_former_administrator_is_told_of_nobody(company: Company) -> None:
    """T28: although his session was opened by one."""
    tell_of_lost_password("stranger@example.com")
    User.objects.filter(pk=company.admin.user_id).update(is_administrator=False)
    assert told(company.admin) == []
