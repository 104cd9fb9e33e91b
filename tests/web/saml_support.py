"""Signing in at the SAML provider of the tests, step by step, as a browser does it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from kbchat.accounts.models import Group, User
from tests.saml_provider import HONEST, SamlProvider
from tests.web.conftest import browser, show_token
from tests.web.single_sign_on_support import come_back, go_there, settings_of

REFUSED = "/signin?problem=sso_refused"


@contextmanager
def saml(provider: SamlProvider, folder: Path, **settings: str) -> Iterator[SamlProvider]:
    """Inside, the settings name this provider; `settings` are those without KBCHAT_."""
    provider.person, provider.lie = {}, HONEST
    file = folder / "metadata.xml"
    file.write_text(provider.metadata())
    with settings_of({"SAML_METADATA_FILE": str(file), **settings}):
        yield provider


def trusted_provider(tmp_path: Path) -> Iterator[SamlProvider]:
    """Everybody whom it knows gets an account. A fixture of whichever file takes it for one."""
    with saml(SamlProvider(), tmp_path, SSO_CREATE_PEOPLE="true", SAML_GROUPS_ATTRIBUTE="groups") as known:
        yield known


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


def kept() -> tuple[int, int, int]:
    return User.objects.count(), SocialAccount.objects.count(), Group.objects.count()


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Why sign-ins were refused since this was asked last; only the log tells."""
    told = [
        str(each.args[0]) for each in caplog.records if "refused" in each.msg and isinstance(each.args, tuple)
    ]
    caplog.clear()
    return told
