"""Whoever may read less than before is let go by his open socket within two seconds, idle or not, and told why: what
his page shows is read anew (T27, T32). Nobody announces it: the socket looks by itself, so no Redis is needed.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.directory_tokens import make_directory_token
from kbchat.accounts.models import Group, User
from kbchat.accounts.people import ensure_group, take_from_group
from kbchat.core.database_threads import in_database
from kbchat.library.documents import DocumentRow
from kbchat.library.sections import close_section, list_sections
from kbchat.library.sharing import give_grant, list_grants, take_grant
from tests.identity_provider import IdentityProvider, running_provider
from tests.waiting import allowed
from tests.web.conftest import Company
from tests.web.page_socket import Page, connected
from tests.web.scim_client import GROUP, Directory
from tests.web.single_sign_on_support import sign_in, single_sign_on

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timed]

SECONDS = 2.0


@pytest.fixture(scope="module")
def server() -> Iterator[IdentityProvider]:
    with running_provider() as provider:
        yield provider


@asynccontextmanager
async def idle(cookie: str) -> Any:
    """A page that watches the library and does nothing else."""
    async with connected(cookie) as page:
        await page.watch_library()
        await page.hear_out()
        yield page


async def let_go(page: Page, since: float) -> None:
    """In time, in order, and without a word of anything else."""
    refused = await page.frame()
    assert (refused["type"], refused["code"], refused["turn_id"]) == ("refused", "rights_changed", None)
    assert await page.closed() == 4403
    assert time.monotonic() - since < allowed(SECONDS)


def share_with(company: Company, group: UUID) -> None:
    owner = company.viewer(company.owner)
    give_grant(owner, company.collection_id, Principal("group", group), Role.READER)


async def test_the_directory_takes_his_group_away(company: Company, session: Callable[[User], str]) -> None:
    def brought() -> tuple[Directory, str, str]:
        directory = Directory(make_directory_token("Okta")[1])
        staff = directory.bring("/Groups", {"schemas": [GROUP], "displayName": "Staff", "members": []})
        directory.patch(
            f"/Groups/{staff['id']}",
            {"op": "add", "path": "members", "value": [{"value": str(company.stranger.pk)}]},
        )
        share_with(company, UUID(staff["id"]))
        return directory, staff["id"], session(company.stranger)

    directory, staff, cookie = await asyncio.to_thread(brought)
    async with idle(cookie) as page:
        taken = {"op": "remove", "path": f'members[value eq "{company.stranger.pk}"]'}
        await asyncio.to_thread(directory.patch, f"/Groups/{staff}", taken)
        await let_go(page, time.monotonic())


async def test_the_next_sign_in_names_his_group_no_more(company: Company, server: IdentityProvider) -> None:
    """In another browser: the one that is open loses it, too."""

    def came() -> str:
        client, _ = sign_in(server, groups=["hr"])
        share_with(company, Group.objects.get(name="hr").pk)
        return client.cookies["kbchat_session"].value

    with single_sign_on(server, SSO_CREATE_PEOPLE="true", OIDC_GROUPS_CLAIM="groups"):
        cookie = await asyncio.to_thread(came)
        async with idle(cookie) as page:
            await asyncio.to_thread(lambda: sign_in(server, groups=[]))
            await let_go(page, time.monotonic())


async def test_a_grant_is_taken_and_a_part_closed(
    company: Company, page: DocumentRow, session: Callable[[User], str]
) -> None:
    owner = company.viewer(company.owner)
    reader = Principal("user", company.reader.pk)
    cookie = await asyncio.to_thread(session, company.reader)
    async with idle(cookie) as watching:
        section = (await in_database(list_sections, owner, page.id))[-1]
        await in_database(close_section, owner, section.id, reader)
        await let_go(watching, time.monotonic())
    async with idle(cookie) as watching:
        grants = await in_database(list_grants, owner, company.collection_id)
        his = next(grant for grant in grants if grant.principal.id == company.reader.pk)
        await in_database(take_grant, owner, his.id)
        await let_go(watching, time.monotonic())


async def test_whoever_may_read_more_or_loses_a_group_for_nothing_stays(
    company: Company, session: Callable[[User], str]
) -> None:
    cookie = await asyncio.to_thread(session, company.stranger)
    choir = await in_database(ensure_group, "choir", [company.stranger])
    async with idle(cookie) as page:
        owner, stranger = company.viewer(company.owner), Principal("user", company.stranger.pk)
        await in_database(give_grant, owner, company.collection_id, stranger, Role.READER)
        await in_database(take_from_group, choir, [company.stranger])
        assert await page.silent(SECONDS)
