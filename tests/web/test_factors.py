"""Adding, changing and losing second factors: with a fresh proof, told by mail, recorded, and ending other sessions."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.authenticator_app import offer_app
from kbchat.accounts.factors import add_app, factors_of, has_factor
from kbchat.accounts.models import OpenSession
from kbchat.audit.models import AuditAction
from kbchat.composition import environment
from kbchat.core.errors import NotAllowed
from kbchat.web import mailing
from kbchat.web.authentication import Credential, viewer_of_credential
from tests.services.audit_support import recorded
from tests.web.conftest import PASSWORD, Company, SignIn, call
from tests.web.factors_support import App, half_signed_in, is_in, send_code, with_app
from tests.web.test_second_factors import answer, every_route

pytestmark = pytest.mark.django_db

OPEN_WITHOUT_FACTOR = re.compile(r"/(session|session/.*|factors|factors/.*)")


@pytest.fixture
def with_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "sends_mail", lambda: True)


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda who: monkeypatch.setattr(environment(), "require_second_factor", who)


def added(client: Client) -> App:
    """By the API, as the page does it."""
    offer = call(client, "post", "/factors/app/offer").json()
    app = App(offer["secret"], [])
    made = call(client, "post", "/factors/app", {"sealed": offer["sealed"], "code": app.code()})
    assert made.status_code == 201, made.content
    return App(offer["secret"], made.json()["codes"] or [])


def outlasted(client: Client) -> None:
    """What was proved at the door is long ago."""
    key = client.cookies["kbchat_session"].value
    OpenSession.objects.filter(session_id=key).update(proved_at=timezone.now() - timedelta(minutes=11))


def test_an_app_is_added_with_its_first_code_and_ends_other_sessions(
    company: Company, signed_in: SignIn, with_mail: None
) -> None:
    client, other = signed_in(company.reader), signed_in(company.reader)
    offer = call(client, "post", "/factors/app/offer").json()
    assert offer["address"].startswith("otpauth://totp/kbchat:lin%40example.com?")
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", offer["path"])
    app = App(offer["secret"], [])
    wrong = call(client, "post", "/factors/app", {"sealed": offer["sealed"], "code": app.code(9)})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_code")
    assert is_in(other)
    made = call(client, "post", "/factors/app", {"sealed": offer["sealed"], "code": app.code()})
    assert len(set(made.json()["codes"])) == 10
    assert is_in(client)
    assert not is_in(other)
    shown = call(client, "get", "/factors").json()
    assert (shown["app"] is not None, shown["codes_left"], shown["is_proved"]) == (True, 10, True)
    assert (
        call(client, "post", "/factors/app", {"sealed": offer["sealed"], "code": app.code(1)}).status_code
        == 409
    )
    (letter,) = mail.outbox
    assert letter.to == ["lin@example.com"]
    assert "身份验证器应用" in letter.body
    event = recorded(AuditAction.FACTOR_ADDED)[-1]
    assert event.subject == {"person": str(company.reader.pk), "factor": "app"}
    assert not client.session.get("sealed")


def test_an_offer_is_its_person_s_and_ends(company: Company, signed_in: SignIn) -> None:
    offer = call(signed_in(company.reader), "post", "/factors/app/offer").json()
    code = App(offer["secret"], []).code()
    other = call(
        signed_in(company.stranger), "post", "/factors/app", {"sealed": offer["sealed"], "code": code}
    )
    broken = call(signed_in(company.reader), "post", "/factors/app", {"sealed": "guessed", "code": code})
    assert other.json()["code"] == broken.json()["code"] == "app_offer_ended"
    assert not has_factor(company.stranger)


def test_nothing_is_changed_without_a_fresh_proof(company: Company, signed_in: SignIn) -> None:
    """It takes all that he has: the password, and a code beside it once there are codes."""
    client = signed_in(company.reader)
    app = added(client)
    outlasted(client)
    own = "/api/v1/factors"
    changes = [each for each in every_route() if each[1].startswith(own) and each[0] != "get"]
    assert len(changes) == 7
    bodies = {
        "/api/v1/factors/app": {"sealed": "s", "code": "1"},
        "/api/v1/factors/passkeys": {"name": "n", "credential": {}},
    }
    for method, path, _ in changes:
        body = bodies.get(path, {}) if method == "post" else {}
        reply = getattr(client, method)(path, data=body, content_type="application/json")
        assert (reply.status_code, reply.json()["code"]) == (403, "proof_needed"), path
    wrong = (PASSWORD, ""), ("no", app.codes[0]), (PASSWORD, "1")
    for proof in ({"password": password, "code": code} for password, code in wrong):
        refused = call(client, "post", "/session/proof", proof)
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_proof")
    assert call(client, "delete", "/factors/app").status_code == 403
    assert (
        call(client, "post", "/session/proof", {"password": PASSWORD, "code": app.codes[1]}).status_code
        == 204
    )
    assert call(client, "delete", "/factors/app").status_code == 204


def test_new_codes_void_the_earlier_ones_and_go_with_the_last_factor(
    company: Company, signed_in: SignIn, with_mail: None
) -> None:
    client = signed_in(company.reader)
    assert call(client, "post", "/factors/codes").json()["code"] == "factor_missing"
    app = added(client)
    other = signed_in_with(company, app)
    fresh = call(client, "post", "/factors/codes").json()["codes"]
    assert not set(fresh) & set(app.codes)
    assert not is_in(other)
    outlasted(client)
    spent = call(client, "post", "/session/proof", {"password": PASSWORD, "code": app.codes[0]})
    assert spent.status_code == 403
    assert call(client, "post", "/session/proof", {"password": PASSWORD, "code": fresh[0]}).status_code == 204
    assert call(client, "delete", "/factors/app").status_code == 204
    assert factors_of(company.reader).codes_left is None
    assert is_in(signed_in(company.reader))
    assert len(mail.outbox) == 3


def signed_in_with(company: Company, app: App) -> Client:
    client = half_signed_in(company.reader)
    assert send_code(client, app.codes[2]).status_code == 200
    return client


def test_an_administrator_takes_lost_factors_away(
    company: Company, signed_in: SignIn, with_mail: None
) -> None:
    client = signed_in(company.reader)
    added(client)
    admin, path = signed_in(company.owner), f"/people/{company.reader.pk}"
    assert call(admin, "get", path).json()["has_second_factor"]
    assert call(signed_in(company.stranger), "delete", f"{path}/factors").status_code == 404
    outlasted(admin)
    assert call(admin, "delete", f"{path}/factors").json()["code"] == "proof_needed"
    assert call(admin, "post", "/session/proof", {"password": PASSWORD, "code": ""}).status_code == 204
    assert call(admin, "delete", f"{path}/factors").status_code == 204
    assert not is_in(client)
    assert is_in(signed_in(company.reader))
    assert not call(admin, "get", path).json()["has_second_factor"]
    event = recorded(AuditAction.FACTORS_TAKEN)[-1]
    assert event.actor_id == company.owner.pk
    assert event.subject == {"person": str(company.reader.pk), "apps": 1, "passkeys": 0}
    assert "管理员" in mail.outbox[-1].body


def test_a_command_lets_the_last_administrator_in_again(company: Company, signed_in: SignIn) -> None:
    with_app(company.owner)
    call_command("take_factors", "Olga@example.com", verbosity=0)
    assert is_in(signed_in(company.owner))
    assert recorded(AuditAction.FACTORS_TAKEN)[-1].actor_id is None


def test_whoever_needs_a_factor_first_reaches_nothing_else(
    company: Company, signed_in: SignIn, required: Callable[[str], None]
) -> None:
    client = signed_in(company.owner)
    required("managers")
    assert is_in(signed_in(company.reader))
    assert call(client, "get", "/session").json()["must_add_factor"]
    reached = [
        (method, path)
        for method, path, is_guarded in every_route()
        if is_guarded
        and not OPEN_WITHOUT_FACTOR.fullmatch(path.removeprefix("/api/v1"))
        and b'"second_factor_required"' not in answer(client, method, path).content
    ]
    assert reached == []
    held = client.cookies["kbchat_session"].value
    assert viewer_of_credential(Credential(session_key=held)) is None
    added(client)
    assert is_in(client)
    assert viewer_of_credential(Credential(session_key=held)) is not None
    assert not call(client, "get", "/session").json()["must_add_factor"]


def test_whom_the_company_s_provider_lets_in_is_not_asked(
    company: Company, signed_in: SignIn, required: Callable[[str], None]
) -> None:
    """Neither for a factor, nor may he add one where he has no password."""
    required("everybody")
    client = signed_in(company.reader)
    assert not is_in(client)
    OpenSession.objects.update(issuer="https://login.example.com", proved_at=None)
    assert is_in(client)
    company.reader.set_unusable_password()
    offer = offer_app(company.reader)
    with pytest.raises(NotAllowed, match="factors_need_password"):
        add_app(company.reader, "", offer.sealed, App(offer.secret, []).code())


def test_what_is_nobody_s_is_not_found_and_a_key_finds_nothing(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    _, key = create_api_key(company.reader, "script")
    by_key = Client().get("/api/v1/factors", headers={"authorization": f"Bearer {key}"})
    assert (by_key.status_code, by_key.json()["code"]) == (403, "session_needed")
    assert call(client, "delete", "/factors/app").status_code == 404
    assert call(client, "delete", f"/factors/passkeys/{uuid4()}").status_code == 404
    assert call(signed_in(company.owner), "delete", f"/people/{uuid4()}/factors").status_code == 404
