"""Documents that change are told to whoever may read them at that moment, and to nobody else."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.models import User
from kbchat.core.database_threads import in_database
from kbchat.library.cancelling import cancel_document
from kbchat.library.deleting import delete_document
from kbchat.library.sharing import give_grant, list_grants, take_grant
from kbchat.library.uploading import upload
from kbchat.web.ws import library_watch, socket
from tests.company import MAX_BYTES, markdown
from tests.web.conftest import Company
from tests.web.page_socket import connected

pytestmark = pytest.mark.django_db(transaction=True)


async def test_documents_are_told_to_whoever_may_read_them(
    company: Company, session: Callable[[User], str]
) -> None:
    owner = company.viewer(company.owner)
    async with (
        connected(await asyncio.to_thread(session, company.reader)) as reader,
        connected(await asyncio.to_thread(session, company.stranger)) as stranger,
    ):
        for page in (reader, stranger):
            await page.watch_library()
        row = await in_database(
            upload, owner, company.collection_id, markdown("# Secret plan\n\nText.\n"), max_bytes=MAX_BYTES
        )
        told = await reader.frame()
        assert (told["type"], told["document"]["id"]) == ("document_changed", str(row.id))
        assert told["document"]["collection_id"] == str(company.collection_id)
        await in_database(delete_document, owner, row.id)
        assert await reader.frame() == {"type": "document_removed", "document_id": str(row.id)}
        assert await stranger.silent()
        await reader.send(type="unwatch_library")
        await reader.send(type="ping")
        assert (await reader.frame())["type"] == "pong"
        await in_database(
            upload, owner, company.collection_id, markdown("# Another\n\nText.\n"), max_bytes=MAX_BYTES
        )
        assert await reader.silent()


async def test_what_is_cancelled_is_told_like_every_state(
    company: Company, session: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once; to whoever edits it with its reason, to others without what is the editors' own."""
    monkeypatch.setattr(library_watch, "LOOK_SECONDS", 60)
    owner = company.viewer(company.owner)
    row = await in_database(
        upload, owner, company.collection_id, markdown("# Plan\n\nText.\n"), max_bytes=MAX_BYTES
    )
    async with (
        connected(await asyncio.to_thread(session, company.owner)) as editor,
        connected(await asyncio.to_thread(session, company.reader)) as reader,
    ):
        for page in (editor, reader):
            await page.watch_library()
        await in_database(cancel_document, owner, row.id)
        told = (await editor.frame())["document"]
        assert (told["state"], told["problem"]["code"], told["retry_may_help"]) == (
            "cancelled",
            "run_cancelled",
            True,
        )
        told = (await reader.frame())["document"]
        assert (told["state"], told["problem"], told["filename"]) == ("cancelled", None, "")


async def test_a_grant_taken_away_silences_the_collection(
    company: Company, session: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Already before the socket is let go."""
    monkeypatch.setattr(socket, "RECHECK_SECONDS", 60)
    owner = company.viewer(company.owner)
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        await page.watch_library()
        grants = await in_database(list_grants, owner, company.collection_id)
        [his] = [grant for grant in grants if grant.principal.id == company.reader.pk]
        await in_database(take_grant, owner, his.id)
        await in_database(
            upload, owner, company.collection_id, markdown("# New\n\nText.\n"), max_bytes=MAX_BYTES
        )
        assert await page.silent(1.5)


async def test_a_removal_is_told_of_known_documents_only(
    company: Company, session: Callable[[User], str]
) -> None:
    """T3: that a hidden document went must not be noticed either."""
    owner = company.viewer(company.owner)
    row = await in_database(
        upload, owner, company.collection_id, markdown("# Own list\n\nText.\n"), max_bytes=MAX_BYTES
    )
    await in_database(_give_own_list, company, row.id)
    async with connected(await asyncio.to_thread(session, company.reader)) as page:
        await page.watch_library()
        await in_database(delete_document, owner, row.id)
        assert await page.silent(1.0)


def _give_own_list(company: Company, document_id: UUID) -> None:
    from kbchat.access.viewing import viewing
    from kbchat.documents.models import Document

    with viewing(company.viewer(company.owner)):
        assert Document.objects.filter(pk=document_id).update(has_own_list=True) == 1


async def test_a_new_grant_is_noticed_now_and_then(
    company: Company, session: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kbchat.web.ws import library_watch

    monkeypatch.setattr(library_watch, "REGROUP_SECONDS", 0.3)
    monkeypatch.setattr(library_watch, "LOOK_SECONDS", 0.2)
    owner = company.viewer(company.owner)
    async with connected(await asyncio.to_thread(session, company.stranger)) as page:
        await page.watch_library()
        await in_database(
            give_grant, owner, company.collection_id, Principal("user", company.stranger.pk), Role.READER
        )
        await asyncio.sleep(1.0)
        row = await in_database(
            upload, owner, company.collection_id, markdown("# Now\n\nText.\n"), max_bytes=MAX_BYTES
        )
        assert (await page.frame())["document"]["id"] == str(row.id)
