"""Signing in at the identity provider of the tests, step by step, as a browser does it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from kbchat.composition import environment
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, HONEST, IdentityProvider
from tests.web.conftest import browser, call


@contextmanager
def single_sign_on(provider: IdentityProvider, **settings: str) -> Iterator[IdentityProvider]:
    """Inside, the settings name this provider; `settings` are those without KBCHAT_."""
    provider.person, provider.lie = {}, HONEST
    own = {"ISSUER": provider.issuer, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}
    with settings_of({f"OIDC_{name}": value for name, value in own.items()} | settings):
        yield provider


@contextmanager
def settings_of(wanted: Mapping[str, str]) -> Iterator[None]:
    """By their names without KBCHAT_."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in wanted.items():
            patch.setenv(f"KBCHAT_{name}", value)
        environment.cache_clear()
        yield
    environment.cache_clear()


def someone(**claims: Any) -> dict[str, Any]:
    return {"sub": "s-1", "email": "ada@example.com", "email_verified": True, "name": "Ada Zhao", **claims}


def go_there(client: Client, next_path: str = "/") -> str:
    reply = call(client, "post", "/session/single-sign-on", {"next_path": next_path})
    assert reply.status_code == 200, reply.content
    return str(reply.json()["address"])


def come_back(client: Client, address: str) -> str:
    """Where the browser is sent then."""
    parts = urlsplit(address)
    reply = client.get(f"{parts.path}?{parts.query}")
    assert reply.status_code == 302, reply.content
    return str(reply["Location"])


def sign_in(provider: IdentityProvider, client: Client | None = None, **claims: Any) -> tuple[Client, str]:
    """A browser that has been there and back, and where it was sent then."""
    client = client or browser()
    provider.person = someone(**claims)
    return client, come_back(client, provider.send_back(go_there(client)))


def person_in(client: Client) -> dict[str, Any] | None:
    return client.get("/api/v1/session").json()["person"]
