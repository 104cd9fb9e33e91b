"""Sockets know second factors too: none opens before one was shown, or added where it has to be (T27, T29)."""

import asyncio

import pytest

from kbchat.composition import environment
from kbchat.web.ws import socket
from tests.waiting import allowed
from tests.web.conftest import Company, SignIn
from tests.web.factors_support import half_signed_in, with_app
from tests.web.page_socket import connected
from tests.web.test_factors import added

pytestmark = pytest.mark.django_db(transaction=True)


async def test_none_opens_before_the_second_factor(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(with_app, company.reader)
    half = await asyncio.to_thread(half_signed_in, company.reader)
    async with connected(half.cookies["kbchat_session"].value) as page:
        assert await page.closed() == 4401
    client = await asyncio.to_thread(signed_in, company.stranger)
    monkeypatch.setattr(environment(), "require_second_factor", "everybody")
    async with connected(client.cookies["kbchat_session"].value) as page:
        assert await page.closed() == 4401


@pytest.mark.timed
async def test_adding_one_closes_the_sockets_of_other_sessions(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "RECHECK_SECONDS", 60)
    here = await asyncio.to_thread(signed_in, company.reader)
    there = await asyncio.to_thread(signed_in, company.reader)
    async with (
        connected(here.cookies["kbchat_session"].value) as page,
        connected(there.cookies["kbchat_session"].value) as other,
    ):
        for each in (page, other):
            await each.send(type="ping")
            await each.frame()
        await asyncio.sleep(0.3)
        await asyncio.to_thread(added, here)
        assert await other.closed(allowed(2.0)) == 4401
        await page.send(type="ping")
        assert (await page.frame())["type"] == "pong"
