"""Signing in at the SAML provider of the tests, step by step, as a browser does it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from tests.saml_provider import HONEST, SamlProvider
from tests.web.conftest import browser, show_token
from tests.web.single_sign_on_support import come_back, go_there, settings_of


@contextmanager
def saml(provider: SamlProvider, folder: Path, **settings: str) -> Iterator[SamlProvider]:
    """Inside, the settings name this provider; `settings` are those without KBCHAT_."""
    provider.person, provider.lie = {}, HONEST
    file = folder / "metadata.xml"
    file.write_text(provider.metadata())
    with settings_of({"SAML_METADATA_FILE": str(file), **settings}):
        yield provider


def someone(**said: Any) -> dict[str, Any]:
    return {"sub": "s-1", "email": "ada@example.com", "displayName": "Ada Zhao", **said}


@cache
def elsewhere() -> Client:
    """Whatever sends no cookie of ours. One for all: making it takes longer than most of what it does."""
    return Client(enforce_csrf_checks=True)


def post_there(address: str, message: str) -> str:
    """The provider's page posts it: the browser sends no cookie of ours along. Where it is sent then."""
    reply = elsewhere().post(urlsplit(address).path, {"SAMLResponse": message})
    assert reply.status_code == 302, reply.content
    assert not reply.cookies, "it would replace those of somebody who is signed in"
    return str(reply["Location"])


def come_back_with(client: Client, answer: tuple[str, str]) -> str:
    """Where the browser is sent at last."""
    landed = post_there(*answer)
    return landed if landed.startswith("/signin") else come_back(client, landed)


def sign_in(provider: SamlProvider, client: Client | None = None, **said: Any) -> tuple[Client, str]:
    """A browser that has been there and back, and where it was sent then."""
    client = client or browser()
    show_token(client)
    provider.person = someone(**said)
    return client, come_back_with(client, provider.answer(go_there(client)))
