"""Whoever leaves the company by its directory is out at once (T27)."""

import asyncio
from typing import Any

import pytest

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.directory_tokens import make_directory_token
from kbchat.accounts.identities import Admission, Identity, admit
from kbchat.accounts.models import User
from kbchat.accounts.people import deactivate, reactivate, set_password
from kbchat.core.errors import NotAllowed
from kbchat.web.ws import socket
from tests.waiting import allowed
from tests.web.conftest import PASSWORD, Company, SignIn, call
from tests.web.page_socket import connected
from tests.web.scim_client import Directory, okta_user, shown

pytestmark = pytest.mark.django_db

LEFT = {"op": "Replace", "path": "active", "value": False}
CAME_BACK = {"op": "Replace", "path": "active", "value": True}


@pytest.mark.timed
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["patch", "put", "delete"])
async def test_who_leaves_the_company_is_out_within_two_seconds(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """T27: sockets, sessions and keys; and nobody looks by himself."""
    monkeypatch.setattr(socket, "RECHECK_SECONDS", 60)

    def came() -> tuple[Directory, dict[str, Any], Any, str]:
        directory = Directory(make_directory_token("Okta")[1])
        bob = directory.bring("/Users", okta_user("bob"))
        person = User.objects.get(pk=bob["id"])
        set_password(person, PASSWORD)
        return directory, bob, signed_in(person), create_api_key(person, "script")[1]

    def leaves(directory: Directory, bob: dict[str, Any]) -> None:
        path = f"/Users/{bob['id']}"
        match way:
            case "patch":
                directory.patch(path, {"op": "Replace", "path": "active", "value": "False"})
            case "put":
                assert directory.call("put", path, okta_user("bob", active=False)).status_code == 200
            case "delete":
                assert directory.call("delete", path).status_code == 204

    directory, bob, client, key = await asyncio.to_thread(came)
    cookie = client.cookies["kbchat_session"].value
    async with connected(cookie) as page, connected(origin=None, key=key) as script:
        for open_one in (page, script):
            await open_one.send(type="ping")
            await open_one.frame()
        await asyncio.to_thread(leaves, directory, bob)
        assert await page.closed(allowed(2)) == 4401
        assert await script.closed(allowed(2)) == 4401
    assert (await asyncio.to_thread(client.get, "/api/v1/collections")).status_code == 401


@pytest.mark.parametrize("is_active", [False, True])
def test_what_does_not_say_whether_he_is_active_leaves_it_as_it_is(
    directory: Directory, is_active: bool
) -> None:
    bob = directory.bring("/Users", okta_user("bob", active=is_active))
    unsaid = {name: value for name, value in okta_user("bob").items() if name != "active"}
    for body in (unsaid, {**unsaid, "active": None}):
        assert directory.call("put", f"/Users/{bob['id']}", body).json()["active"] is is_active
    for operation in (
        {"op": "remove", "path": "active"},
        {"op": "replace", "path": "active", "value": None},
        {"op": "replace", "value": {"active": None}},
        {"op": "replace", "path": "displayName", "value": "Rob"},
    ):
        assert directory.patch(f"/Users/{bob['id']}", operation).json()["active"] is is_active, operation
    assert User.objects.get().is_active is is_active


def test_somebody_new_is_active_where_it_does_not_say(directory: Directory) -> None:
    unsaid = {name: value for name, value in okta_user("bob").items() if name != "active"}
    assert directory.bring("/Users", unsaid)["active"] is True
    assert directory.bring("/Users", okta_user("ann", active=None))["active"] is True


def test_whom_the_directory_ended_it_brings_back(directory: Directory) -> None:
    bob = directory.bring("/Users", okta_user("bob"))
    directory.patch(f"/Users/{bob['id']}", LEFT)
    assert directory.patch(f"/Users/{bob['id']}", CAME_BACK).json()["active"] is True


@pytest.mark.parametrize("was_ended_there", [False, True])
def test_whom_an_administrator_deactivated_the_directory_does_not_bring_back(
    company: Company, directory: Directory, signed_in: SignIn, was_ended_there: bool
) -> None:
    """It is told so, and goes on keeping him; he comes back by an administrator alone."""
    bob = directory.bring("/Users", okta_user("bob"))
    admin, path = signed_in(company.owner), f"/Users/{bob['id']}"
    if was_ended_there:
        directory.patch(path, LEFT)
    assert call(admin, "patch", f"/people/{bob['id']}", {"is_active": False}).status_code == 200
    directory.patch(path, LEFT)
    assert directory.call("put", path, okta_user("bob", displayName="Rob")).json()["active"] is False
    assert directory.patch(path, CAME_BACK).json()["active"] is False
    assert (shown(directory, bob)["active"], shown(directory, bob)["displayName"]) == (False, "Rob")
    assert call(admin, "patch", f"/people/{bob['id']}", {"is_active": True}).json()["is_active"]
    directory.patch(path, LEFT)
    assert directory.patch(path, CAME_BACK).json()["active"] is True


def test_a_command_deactivates_and_brings_back_as_an_administrator_does(directory: Directory) -> None:
    bob = directory.bring("/Users", okta_user("bob"))
    deactivate(User.objects.get())
    assert directory.patch(f"/Users/{bob['id']}", CAME_BACK).json()["active"] is False
    reactivate(User.objects.get())
    assert shown(directory, bob)["active"] is True


def test_whoever_was_deleted_and_brought_anew_signs_in(directory: Directory) -> None:
    """His identity is not the former person's any more, who stays what he is: nobody."""
    identity = Identity("https://idp.example", "s-1", "bob@example.com", True, "Bob", None, "")
    trusting = Admission(create_people=False, trust_email=True)
    former = directory.bring("/Users", okta_user("bob"))
    assert str(admit(identity, trusting, language="en").pk) == former["id"]
    assert directory.call("delete", f"/Users/{former['id']}").status_code == 204
    with pytest.raises(NotAllowed):
        admit(identity, trusting, language="en")
    new = directory.bring("/Users", okta_user("bob"))
    assert str(admit(identity, trusting, language="en").pk) == new["id"] != former["id"]
    assert not User.objects.get(pk=former["id"]).is_active
