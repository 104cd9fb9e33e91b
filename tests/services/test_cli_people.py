"""People and groups from the command line: who gets in, with which password, and in which groups."""

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kbchat.access.viewers import viewer_of
from kbchat.accounts.directory_tokens import directory_of_token
from kbchat.accounts.models import Group, Source, User
from kbchat.accounts.people import create_person
from kbchat.accounts.signing_in import EmailBackend
from kbchat.library.collections import create_collection, list_collections
from kbchat.library.sharing import let_read

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = "Password, shown only now: "


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def said(*arguments: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def signs_in(email: str, password: str) -> bool:
    return EmailBackend().authenticate(None, email=email, password=password) is not None


def password_in(words: str) -> str:
    return words.partition(SHOWN)[2].strip()


def groups_of(email: str) -> set[str]:
    return set(Group.objects.filter(memberships__user__email=email).values_list("name", flat=True))


def test_a_person_signs_in_with_the_password_that_is_shown() -> None:
    create_person(email="first@example.com", name="First", password="p", is_administrator=True)
    words = said("create_person", " Li.Na@example.com", "--name", "李娜", "--language", "zh-hans", "--group", "Staff",
                 "--group", "研发")  # fmt: skip
    person = User.objects.get(email="Li.Na@example.com")
    assert (person.name, person.language, person.is_administrator) == ("李娜", "zh-hans", False)
    assert groups_of(person.email) == {"Staff", "研发"}
    assert "The group Staff is new." in words
    assert len(password_in(words)) >= 16
    assert signs_in("li.na@example.com", password_in(words))
    assert "is new" not in said("create_person", "b@example.com", "--name", "B", "--group", "Staff")


def test_an_administrator_may_be_made_where_nobody_is() -> None:
    said("create_person", "a@example.com", "--name", "A", "--administrator")
    viewer = viewer_of(User.objects.get(email="a@example.com"))
    assert create_collection(viewer, name="Handbook").name == "Handbook"


def test_a_password_can_be_typed_in_and_is_not_shown(typed: Callable[[str], None]) -> None:
    typed("correct horse battery\n")
    words = said("create_person", "a@example.com", "--name", "A", "--ask-password")
    assert "horse" not in words
    assert SHOWN not in words
    assert signs_in("a@example.com", "correct horse battery")
    typed("too short\n")
    with pytest.raises(CommandError, match="at least 12 characters"):
        said("set_password", "a@example.com", "--ask-password")
    assert signs_in("a@example.com", "correct horse battery")


@pytest.mark.parametrize(
    ("email", "name", "words"),
    [
        ("A@Example.com", "A", "exists already"),
        ("nobody", "A", "not an e-mail"),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.com", "A", "not an e-mail"),
        ("b@example.com", " ", "name is missing"),
        ("b@example.com", "B" * 201, "too long"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(email: str, name: str, words: str) -> None:
    create_person(email="a@example.com", name="A", password="p")
    with pytest.raises(CommandError, match=words):
        said("create_person", email, "--name", name, "--group", "Made for nobody")
    assert User.objects.count() == 1
    assert not Group.objects.exists()


def test_a_new_password_replaces_the_old_one_and_ends_sessions() -> None:
    person = create_person(email="a@example.com", name="A", password="old password")
    opened_with = person.get_session_auth_hash()
    words = said("set_password", "A@example.com")
    assert signs_in("a@example.com", password_in(words))
    assert not signs_in("a@example.com", "old password")
    # What a session keeps of the password it was opened with (web.authentication compares).
    assert User.objects.get().get_session_auth_hash() != opened_with
    with pytest.raises(CommandError, match="no active person"):
        said("set_password", "b@example.com")


def test_a_group_gives_what_it_may_read_and_takes_it_away() -> None:
    admin = viewer_of(
        create_person(email="admin@example.com", name="Admin", password="p", is_administrator=True)
    )
    reader = viewer_of(create_person(email="reader@example.com", name="Reader", password="p"))
    collection = create_collection(admin, name="Handbook")
    words = said("add_to_group", "Operations", "Reader@example.com", "admin@example.com")
    assert words == "The group Operations is new.\nOperations has 2 members now.\n"
    let_read(admin, collection.id, Group.objects.get().pk)
    assert [row.name for row in list_collections(reader)] == ["Handbook"]
    assert said("add_to_group", "Operations", "reader@example.com") == "Operations has 2 members now.\n"
    said("add_to_group", "Operations", "reader@example.com", "--remove")
    assert groups_of("reader@example.com") == set()
    assert groups_of("admin@example.com") == {"Operations"}
    assert list_collections(reader) == []


def test_unknown_names_change_nothing() -> None:
    create_person(email="a@example.com", name="A", password="p")
    with pytest.raises(CommandError, match=r"e-mail b@example\.com\."):
        said("add_to_group", "Staff", "a@example.com", "b@example.com")
    with pytest.raises(CommandError, match="no group Staff"):
        said("add_to_group", "Staff", "a@example.com", "--remove")
    assert not Group.objects.exists()


def test_what_the_directory_keeps_is_refused_in_words() -> None:
    Group.objects.create(name="Sales", source=Source.DIRECTORY)
    create_person(email="a@example.com", name="A", password="p")
    for arguments in (
        ["add_to_group", "Sales", "a@example.com"],
        ["add_to_group", "Sales", "a@example.com", "--remove"],
    ):
        with pytest.raises(CommandError, match=r"kept by your company.s directory\. Change it there"):
            said(*arguments)


def test_a_directory_gets_an_address_and_a_token_that_is_shown_once() -> None:
    words = said("connect_directory", "Entra")
    assert "Address: http://127.0.0.1:8000/scim/v2\n" in words
    token = words.partition("Token, shown only now: ")[2].strip()
    assert directory_of_token(token) is not None
    assert said("connect_directory", "Entra", "--revoke") == "1 token called Entra ended now.\n"
    assert directory_of_token(token) is None
    with pytest.raises(CommandError, match="no valid token called Entra"):
        said("connect_directory", "Entra", "--revoke")
