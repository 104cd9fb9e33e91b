"""Signing in with a second factor by the API: an app that shows codes, and clients at each step of the way."""

import base64
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client

from kbchat.accounts.authenticator_app import STEP_SECONDS, offer_app
from kbchat.accounts.factors import add_app
from kbchat.accounts.models import AuthenticatorApp, User
from tests.web.conftest import PASSWORD, browser, call, show_token


@dataclass(frozen=True)
class App:
    """`codes`: that came with it."""

    secret: str
    codes: list[str]

    def code(self, steps: int = 0) -> str:
        """Of this half minute, or of one so many later."""
        totp = TOTP(base64.b32decode(self.secret), 6, SHA1(), STEP_SECONDS)  # noqa: S303
        return totp.generate(int(time.time()) + steps * STEP_SECONDS).decode()


def with_app(person: User) -> App:
    """Its first code was used long ago."""
    offer = offer_app(person)
    codes = add_app(person, "", offer.sealed, App(offer.secret, []).code())
    AuthenticatorApp.objects.filter(user=person).update(last_step=0)
    return App(offer.secret, codes or [])


def half_signed_in(person: User, password: str = PASSWORD) -> Client:
    """Whose password was right."""
    client = browser()
    reply = call(client, "post", "/session", {"email": person.email, "password": password})
    assert reply.status_code == 202, reply.content
    return client


def send_code(client: Client, code: str) -> Any:
    reply = call(client, "post", "/session/code", {"code": code})
    if reply.status_code == 200:
        show_token(client)
    return reply


def is_in(client: Client) -> bool:
    return call(client, "get", "/collections").status_code == 200
