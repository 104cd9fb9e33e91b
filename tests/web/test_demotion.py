"""Whoever loses a role has lost it with his next request and his next command (T28)."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import User
from kbchat.accounts.people import set_auditor
from kbchat.chat.turns import AcceptedTurn
from kbchat.web.ws import socket
from tests.web.conftest import Company, SignIn
from tests.web.page_socket import connected

pytestmark = pytest.mark.django_db(transaction=True)


def made(client: Client, name: str) -> int:
    reply = client.post("/api/v1/collections", {"name": name}, content_type="application/json")
    return int(reply.status_code)


async def test_a_demoted_administrator_manages_nothing_by_session_key_or_open_socket(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []

    def asked(viewer: Any, ask: Any) -> AcceptedTurn:
        seen.append((viewer.is_administrator, viewer.is_auditor))
        return AcceptedTurn(uuid4(), uuid4())

    def before() -> tuple[Client, Client]:
        set_auditor(company.owner, is_auditor=True)
        _, secret = create_api_key(company.owner, "script")
        page, script = signed_in(company.owner), Client(headers={"authorization": f"Bearer {secret}"})
        assert (made(page, "One"), made(script, "Two")) == (200, 200)
        assert page.get("/api/v1/audit").status_code == 200
        return page, script

    def demoted() -> None:
        set_auditor(company.owner, is_auditor=False)
        User.objects.filter(pk=company.owner.pk).update(is_administrator=False)

    def after(page: Client, script: Client) -> None:
        assert (made(page, "Three"), made(script, "Four")) == (403, 403)
        for path in ("/audit", "/audit/export"):
            assert page.get(f"/api/v1{path}").status_code == 403

    monkeypatch.setattr(socket, "open_turn", asked)
    clients = await asyncio.to_thread(before)
    async with connected(clients[0].cookies["kbchat_session"].value) as open_socket:
        await open_socket.send(type="ask", client_message_id=uuid4(), question="x")
        await open_socket.frame()
        await asyncio.to_thread(demoted)
        await open_socket.send(type="ask", client_message_id=uuid4(), question="x")
        while len(seen) < 2:
            await open_socket.frame()
        assert seen == [(True, True), (False, False)]
        await asyncio.to_thread(after, *clients)
