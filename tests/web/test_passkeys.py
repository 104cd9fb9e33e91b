"""Passkeys on the server: whatever is wrong with what a device signed is refused alike (T29, T33)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from fido2.webauthn import AuthenticatorData

from kbchat.accounts.models import Passkey, PasskeyChallenge, User
from kbchat.audit.models import AuditAction
from tests.passkey_device import Device
from tests.services.audit_support import recorded
from tests.web.conftest import PASSWORD, Company, SignIn, browser, call, show_token
from tests.web.factors_support import half_signed_in, is_in

pytestmark = pytest.mark.django_db

HOST = "localhost:8000"


@pytest.fixture
def at_home(signed_in: SignIn) -> SignIn:
    """At the address that passkeys are for."""

    def sign_in(person: User) -> Client:
        return named(signed_in(person))

    return sign_in


def named(client: Client, host: str = HOST) -> Client:
    client.defaults["HTTP_HOST"] = host
    return client


def add(client: Client, device: Device, name: str = "Laptop") -> Any:
    options = call(client, "post", "/factors/passkeys/options").json()["options"]
    return call(client, "post", "/factors/passkeys", {"name": name, "credential": device.make(options)})


def options_for(client: Client) -> dict[str, Any]:
    asked: dict[str, Any] = call(client, "post", "/session/passkey/options").json()["options"]
    return asked


def sign_in_by(client: Client, device: Device, **changed: str) -> Any:
    return send(client, device.sign(options_for(client), **changed))


def send(client: Client, credential: dict[str, Any]) -> Any:
    reply = call(client, "post", "/session/passkey", {"credential": credential})
    if reply.status_code == 200:
        show_token(client)
    return reply


def test_a_passkey_alone_opens(company: Company, at_home: SignIn) -> None:
    client, device = at_home(company.reader), Device()
    assert len(add(client, device).json()["codes"]) == 10
    assert add(client, Device(), "Phone").json()["codes"] is None
    rows = call(client, "get", "/factors").json()["passkeys"]
    assert [row["name"] for row in rows] == ["Laptop", "Phone"]
    door = named(browser())
    reply = sign_in_by(door, device)
    assert reply.json()["person"]["email"] == company.reader.email
    assert is_in(door)
    assert recorded(AuditAction.SIGNED_IN)[-1].subject == {"factor": "passkey"}
    assert call(door, "delete", f"/factors/passkeys/{rows[0]['id']}").status_code == 204
    assert not is_in(client)
    assert sign_in_by(named(browser()), device).json()["code"] == "passkey_refused"


def test_it_finishes_a_sign_in_of_its_owner_alone(company: Company, at_home: SignIn) -> None:
    mine, others = Device(), Device()
    add(at_home(company.reader), mine)
    add(at_home(company.stranger), others)
    client = named(half_signed_in(company.reader))
    asked = options_for(client)
    assert len(asked["publicKey"]["allowCredentials"]) == 1
    assert send(client, others.sign(asked)).json()["code"] == "passkey_refused"
    assert recorded(AuditAction.SECOND_FACTOR_FAILED)[-1].subject["person"] == str(company.reader.pk)
    assert not is_in(client)
    assert sign_in_by(client, mine).status_code == 200


LIES: dict[str, Callable[[Device], None]] = {
    "another port": lambda device: setattr(device, "origin", "http://localhost:9000"),
    "a subdomain": lambda device: setattr(device, "origin", "http://evil.localhost:8000"),
    "another site": lambda device: setattr(device, "origin", "https://kb.example.com"),
    "another relying party": lambda device: setattr(device, "rp_id", "example.com"),
    "nobody unlocked it": lambda device: setattr(device, "flags", AuthenticatorData.FLAG.UP),
    "nobody was there": lambda device: setattr(device, "flags", AuthenticatorData.FLAG.UV),
    "another key": lambda device: setattr(device, "key", Device().key),
    "another person": lambda device: setattr(device, "user", b"0" * 16),
    "a copy that counts behind": lambda device: setattr(device, "uses", 0),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused(company: Company, at_home: SignIn, lie: str) -> None:
    device = Device(uses=5)
    add(at_home(company.reader), device)
    LIES[lie](device)
    door = named(browser())
    reply = sign_in_by(door, device)
    assert (reply.status_code, reply.json()["code"]) == (403, "passkey_refused")
    assert not is_in(door)


@pytest.mark.parametrize(
    "lie", ["another port", "another relying party", "nobody unlocked it", "a subdomain"]
)
def test_a_lie_adds_nothing(company: Company, at_home: SignIn, lie: str) -> None:
    device = Device()
    LIES[lie](device)
    assert add(at_home(company.reader), device).json()["code"] == "passkey_refused"
    assert not Passkey.objects.exists()


def test_a_challenge_is_good_once_here_and_for_its_purpose(company: Company, at_home: SignIn) -> None:
    client, device = at_home(company.reader), Device()
    add(client, device)
    door = named(browser())
    answer = device.sign(options_for(door))
    elsewhere = named(browser())
    options_for(elsewhere)
    assert send(elsewhere, answer).json()["code"] == "passkey_refused"
    assert send(door, answer).status_code == 200
    door.cookies.pop("kbchat_session")
    for late in (door, named(browser())):
        assert send(late, answer).json()["code"] == "passkey_refused"
    proof = device.sign(call(client, "post", "/session/proof/passkey/options").json()["options"])
    assert send(client, proof).json()["code"] == "passkey_refused"
    assert call(client, "post", "/session/proof/passkey", {"credential": proof}).status_code == 204
    assert call(client, "post", "/session/proof/passkey", {"credential": proof}).status_code == 403
    # What was asked a while ago is not waited for.
    slow = named(browser())
    asked = options_for(slow)
    PasskeyChallenge.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert send(slow, device.sign(asked)).json()["code"] == "passkey_refused"
    # Of whoever never answers nothing is kept.
    held = slow.cookies["kbchat_session"].value
    Session.objects.filter(pk=held).update(expire_date="2020-01-01T00:00:00Z")
    options_for(named(browser()))
    assert not Session.objects.filter(pk=held).exists()


@pytest.mark.parametrize("rubbish", [{}, {"id": 7}, {"id": "guessed"}, {"id": None, "response": []}])
def test_rubbish_is_refused(company: Company, at_home: SignIn, rubbish: dict[str, Any]) -> None:
    device = Device()
    client = at_home(company.reader)
    add(client, device)
    whole = {"id": Passkey.objects.get().credential_id, "response": {"clientDataJSON": "e30"}} | rubbish
    for told in (rubbish, whole):
        door = named(browser())
        options_for(door)
        assert send(door, told).json()["code"] == "passkey_refused"
        call(client, "post", "/factors/passkeys/options")
        added = call(client, "post", "/factors/passkeys", {"name": "n", "credential": told})
        assert added.json()["code"] == "passkey_refused"


def test_at_an_address_of_numbers_there_are_none(company: Company, signed_in: SignIn) -> None:
    client = named(signed_in(company.reader), "127.0.0.1:8000")
    assert not call(client, "get", "/factors").json()["takes_passkeys"]
    assert call(client, "post", "/factors/passkeys/options").json()["code"] == "passkeys_need_a_name"


def test_a_passkey_is_somebody_s_alone(company: Company, at_home: SignIn) -> None:
    device = Device()
    add(at_home(company.reader), device)
    assert add(at_home(company.stranger), device).json()["code"] == "passkey_known"
    reply = call(browser(), "post", "/session", {"email": company.stranger.email, "password": PASSWORD})
    assert reply.status_code == 200
