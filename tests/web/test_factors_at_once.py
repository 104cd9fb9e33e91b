"""What opens once opens once, also for many who come at the same moment (T29, T33)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from kbchat.accounts.models import RecoveryCodes
from tests.passkey_device import Device
from tests.web.conftest import Company, SignIn, browser
from tests.web.factors_support import half_signed_in, send_code, with_app
from tests.web.test_passkeys import add, named, options_for, send

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4


def at_once(*sent: Callable[[], int]) -> list[int]:
    """The statuses, in order."""
    together = Barrier(len(sent))

    def one(send_it: Callable[[], int]) -> int:
        try:
            together.wait()
            return send_it()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(sent)) as threads:
        return sorted(threads.map(one, sent))


def test_one_code_or_passkey_opens_for_one(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recovery code and an app's code in several browsers; one passkey's answer, and two codes, in one browser."""
    # Who fails after the one who gets in stays counted.
    monkeypatch.setattr(settings.LIMITS, "most_sign_in_failures", 100)
    device = Device()
    add(named(signed_in(company.stranger)), device)
    app = with_app(company.reader)
    for code in (app.codes[0], app.code()):
        tries = [partial(status_of, half_signed_in(company.reader), code) for _ in range(AT_ONCE)]
        assert at_once(*tries) == [200, 403, 403, 403]
    assert len(RecoveryCodes.objects.get(user=company.reader).digests) == 9

    door = named(browser())
    answer = device.sign(options_for(door))
    assert at_once(*(lambda: send(copy(door), answer).status_code,) * AT_ONCE) == [200, 403, 403, 403]

    half = half_signed_in(company.reader)
    assert at_once(*(partial(status_of, copy(half), code) for code in app.codes[1:3])) == [200, 403]


def status_of(client: Client, code: str) -> int:
    return int(send_code(client, code).status_code)


def copy(client: Client) -> Client:
    """Another request of the same browser."""
    other = browser()
    other.cookies.update(client.cookies)
    other.defaults = dict(client.defaults)
    return other
