"""Second factors at the door (T29, T33): a password alone opens nothing, a code opens once."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from kbchat.accounts.factors import factors_of, has_factor
from kbchat.accounts.models import AuthenticatorApp, PendingSignIn, RecoveryCodes
from kbchat.accounts.people import deactivate, set_password
from kbchat.web.authentication import Credential, viewer_of_credential
from tests.security.filling import routes
from tests.web.conftest import PASSWORD, Company, browser, call
from tests.web.factors_support import App, half_signed_in, is_in, send_code, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(company: Company) -> App:
    return with_app(company.reader)


def test_a_password_alone_opens_nothing_and_the_code_does(company: Company, app: App) -> None:
    client = half_signed_in(company.reader)
    shown = call(client, "get", "/session").json()
    assert (shown["person"], shown["second_factor"]) == (None, {"app": True, "passkey": False})
    assert not is_in(client)
    waiting = client.cookies["kbchat_session"].value
    reply = send_code(client, app.code())
    assert reply.json()["person"]["email"] == company.reader.email
    assert is_in(client)
    assert client.cookies["kbchat_session"].value != waiting
    assert not client.session.exists(waiting)


def test_a_code_opens_once(company: Company, app: App) -> None:
    code = app.code()
    assert send_code(half_signed_in(company.reader), code).status_code == 200
    again = send_code(half_signed_in(company.reader), code)
    assert (again.status_code, again.json()["code"]) == (403, "wrong_code")
    assert send_code(half_signed_in(company.reader), app.code(1)).status_code == 200
    # An earlier one, though never used, is as dead.
    assert send_code(half_signed_in(company.reader), app.code(0)).status_code == 403
    assert send_code(half_signed_in(company.reader), app.code(2)).status_code == 403


def test_a_recovery_code_opens_once_however_it_is_typed(company: Company, app: App) -> None:
    first = app.codes[0]
    assert send_code(half_signed_in(company.reader), f" {first.upper().replace('-', ' ')}").status_code == 200
    again = send_code(half_signed_in(company.reader), first)
    wrong = send_code(half_signed_in(company.reader), "aaaaa-aaaaa")
    unlike = send_code(half_signed_in(company.reader), "")
    assert again.status_code == 403
    assert again.content == wrong.content == unlike.content
    assert factors_of(company.reader).codes_left == 9


def test_wrong_codes_are_counted_with_wrong_passwords_and_a_right_password_does_not_forget_them(
    company: Company, app: App
) -> None:
    for _ in range(4):
        assert send_code(half_signed_in(company.reader), "000000").status_code == 403
    client = half_signed_in(company.reader)
    assert send_code(client, "000000").status_code == 403
    refused = send_code(client, app.code())
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    again = call(browser(), "post", "/session", {"email": company.reader.email, "password": PASSWORD})
    assert again.status_code == 429


def test_it_is_this_browser_s_for_minutes_and_until_the_password_changes(company: Company, app: App) -> None:
    def refused(client: Client) -> bool:
        return bool(send_code(client, app.code()).json()["code"] == "sign_in_ended")

    assert refused(browser())
    late = half_signed_in(company.reader)
    PendingSignIn.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refused(late)
    changed = half_signed_in(company.reader)
    set_password(company.reader, "another long password")
    assert refused(changed)
    left = half_signed_in(company.reader, "another long password")
    deactivate(company.reader)
    assert refused(left)
    assert not AuthenticatorApp.objects.get().last_step


def test_a_new_password_takes_no_factor_away(company: Company, app: App) -> None:
    set_password(company.reader, "another long password")
    assert has_factor(company.reader)
    assert not is_in(half_signed_in(company.reader, "another long password"))


def every_route() -> list[tuple[str, str, bool]]:
    """Method, an address of nothing, and whether somebody has to be signed in."""
    return [
        (route.method, re.sub(r"{.*?}", str(uuid4()), route.path), "security" in route.operation)
        for route in routes()
        if route.method != "head"
    ]


def answer(client: Client, method: str, path: str) -> Any:
    body = {} if method in ("get", "head") else {"data": {}, "content_type": "application/json"}
    return getattr(client, method)(path, **body)


def test_no_route_opens_to_a_sign_in_that_is_half_done(company: Company, app: App) -> None:
    """Those that are open to anybody know nobody; no key is made, and none is what the browser holds."""
    client = half_signed_in(company.reader)
    opened = [
        (method, path)
        for method, path, is_guarded in every_route()
        if is_guarded and answer(client, method, path).status_code != 401
    ]
    assert opened == []
    held = client.cookies["kbchat_session"].value
    bearer = client.get("/api/v1/collections", headers={"authorization": f"Bearer {held}"})
    assert bearer.status_code == 401
    assert viewer_of_credential(Credential(session_key=held)) is None
    assert send_code(client, app.code()).status_code == 200


def test_what_stands_in_the_database_opens_nothing(company: Company, app: App) -> None:
    stored = repr(list(AuthenticatorApp.objects.values())) + repr(list(RecoveryCodes.objects.values()))
    assert app.secret not in stored
    assert not [code for code in app.codes if code in stored or code.replace("-", "") in stored]


def test_a_changed_secret_key_opens_while_the_former_one_is_named(company: Company, app: App) -> None:
    former = settings.SECRET_KEY
    with override_settings(SECRET_KEY="a new key " * 5, SECRET_KEY_FALLBACKS=[]):
        assert send_code(half_signed_in(company.reader), app.code(-1)).status_code == 403
    with override_settings(SECRET_KEY="a new key " * 5, SECRET_KEY_FALLBACKS=[former]):
        assert send_code(half_signed_in(company.reader), app.code()).status_code == 200
    # It was sealed anew with that.
    with override_settings(SECRET_KEY="a new key " * 5, SECRET_KEY_FALLBACKS=[]):
        assert send_code(half_signed_in(company.reader), app.code(1)).status_code == 200
