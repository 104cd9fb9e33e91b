"""Whoever leaves the company by its directory is out at once (T27)."""

import asyncio
from typing import Any

import pytest

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.directory_tokens import make_directory_token
from kbchat.accounts.models import User
from kbchat.accounts.people import set_password
from kbchat.web.ws import socket
from tests.waiting import allowed
from tests.web.conftest import PASSWORD, Company, SignIn
from tests.web.page_socket import connected
from tests.web.scim_client import Directory, okta_user

pytestmark = pytest.mark.django_db


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
