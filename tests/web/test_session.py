"""Signing in and out, the reader's language, API keys and the first administrator (T26, T29, T33)."""

import pytest
from django.test import Client

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import User
from kbchat.accounts.people import create_person
from kbchat.accounts.setting_up import new_setup_token
from tests.web.conftest import PASSWORD, Company, SignIn, browser, show_token

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, body: object, **headers: str) -> "object":
    return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers or None)


def test_nobody_is_signed_in_at_first(company: Company) -> None:
    told = browser().get("/api/v1/session").json()
    nobody = {
        "person": None,
        "generating": False,
        "model": None,
        "setup_open": False,
        "single_sign_on": None,
        "takes_passkeys": False,
        "second_factor": None,
        "must_add_factor": False,
    }
    assert told == nobody


def test_signing_in_says_who_it_is(company: Company, signed_in: SignIn) -> None:
    person = signed_in(company.reader).get("/api/v1/session").json()["person"]
    assert person == {
        "id": str(company.reader.pk),
        "name": "林晓雯",
        "email": "lin@example.com",
        "language": "zh-hans",
        "is_administrator": False,
        "is_auditor": False,
    }


def test_e_mail_is_taken_in_any_case(company: Company) -> None:
    reply = post(browser(), "/session", {"email": " Lin@Example.COM ", "password": PASSWORD})
    assert reply.status_code == 200


def test_the_session_key_is_new_after_signing_in(company: Company) -> None:
    """T29: a key that somebody planted before is worth nothing afterwards."""
    client = browser()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["kbchat_session"] = planted
    reply = post(client, "/session", {"email": "lin@example.com", "password": PASSWORD})
    assert reply.status_code == 200
    assert client.cookies["kbchat_session"].value != planted
    assert not client.session.exists(planted)
    assert "planted" not in client.session
    cookie = client.cookies["kbchat_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_signing_out_ends_the_session(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    old = client.cookies["kbchat_session"].value
    assert client.delete("/api/v1/session").status_code == 204
    client.cookies["kbchat_session"] = old
    assert client.get("/api/v1/session").json()["person"] is None
    assert client.get("/api/v1/collections").status_code == 401


@pytest.mark.parametrize(
    ("email", "password"), [("lin@example.com", "wrong"), ("nobody@example.com", PASSWORD)]
)
def test_wrong_credentials_look_alike(company: Company, email: str, password: str) -> None:
    reply = post(browser(), "/session", {"email": email, "password": password})
    assert reply.status_code == 401
    assert reply.json() == {
        "code": "wrong_credentials",
        "message": "E-mail or password is not right.",
        "next_step": "Check both and try again.",
    }


def test_the_sixth_failure_is_refused_even_with_the_right_password(company: Company) -> None:
    """T33; another address is not shut out, and X-Forwarded-For does not make one."""
    client = browser()
    for _ in range(5):
        assert post(client, "/session", {"email": "lin@example.com", "password": "no"}).status_code == 401
    right = {"email": "lin@example.com", "password": PASSWORD}
    refused = post(client, "/session", right)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert "15" in refused.json()["next_step"]
    assert post(client, "/session", right, **{"x-forwarded-for": "10.9.8.7"}).status_code == 429
    elsewhere = browser()
    elsewhere.defaults["REMOTE_ADDR"] = "10.1.1.1"
    assert post(elsewhere, "/session", right).status_code == 200


def test_one_address_cannot_try_everybody(company: Company) -> None:
    client = browser()
    for number in range(30):
        post(client, "/session", {"email": f"guess{number}@example.com", "password": "no"})
    reply = post(client, "/session", {"email": "lin@example.com", "password": PASSWORD})
    assert reply.status_code == 429


def test_a_deactivated_person_is_nobody_at_once(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    User.objects.filter(pk=company.reader.pk).update(is_active=False)
    assert client.get("/api/v1/collections").status_code == 401
    reply = post(browser(), "/session", {"email": "lin@example.com", "password": PASSWORD})
    assert reply.status_code == 401


def test_a_new_password_ends_older_sessions(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    company.reader.set_password("another long password")
    company.reader.save()
    assert client.get("/api/v1/collections").status_code == 401


def test_language_is_kept(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    reply = client.patch("/api/v1/session", {"language": "zh-hans"}, content_type="application/json")
    assert reply.json()["person"]["language"] == "zh-hans"
    company.owner.refresh_from_db()
    assert company.owner.language == "zh-hans"
    refused = client.patch("/api/v1/session", {"language": "fr"}, content_type="application/json")
    assert refused.status_code == 422


@pytest.mark.parametrize("path", ["/session", "/setup", "/collections", "/api-keys"])
def test_changes_need_the_token(company: Company, signed_in: SignIn, path: str) -> None:
    """T26: a form on another site sends cookies, but not this header."""
    client = signed_in(company.owner)
    del client.defaults["HTTP_X_CSRFTOKEN"]
    bodies = {
        "/session": {"email": "lin@example.com", "password": PASSWORD},
        "/setup": {"token": "t", "email": "a@example.com", "name": "A", "password": PASSWORD},
        "/collections": {"name": "Stolen"},
        "/api-keys": {"name": "stolen"},
    }
    reply = post(client, path, bodies[path])
    assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")
    assert client.delete("/api/v1/session").status_code == 403


def test_an_api_key_needs_no_token_and_no_cookie(company: Company) -> None:
    _, secret = create_api_key(company.owner, "script")
    client = Client(enforce_csrf_checks=True)
    reply = post(client, "/collections", {"name": "Made by a script"}, authorization=f"Bearer {secret}")
    assert reply.status_code == 200
    assert not client.cookies.get("kbchat_session")


def test_a_bad_key_is_not_saved_by_a_good_cookie(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    reply = client.get("/api/v1/collections", headers={"authorization": "Bearer kbc_wrong"})
    assert (reply.status_code, reply.json()["code"]) == (401, "signed_out")


@pytest.mark.parametrize("shown", ["Bearer", "Bearer ", "bearer  "])
def test_a_header_without_a_key_is_not_saved_by_a_good_cookie(
    company: Company, signed_in: SignIn, shown: str
) -> None:
    """T26: it would spare the cookie its token."""
    client = signed_in(company.owner)
    del client.defaults["HTTP_X_CSRFTOKEN"]
    reply = post(client, "/collections", {"name": "Stolen"}, authorization=shown)
    assert (reply.status_code, reply.json()["code"]) == (401, "signed_out")
    assert client.get("/api/v1/collections", headers={"authorization": shown}).status_code == 401


@pytest.mark.parametrize("shown", ["Basic b2xnYTpw", "kbc_wrong", ""])
def test_a_header_of_a_proxy_is_none_of_ours_and_spares_no_token(
    company: Company, signed_in: SignIn, shown: str
) -> None:
    client = signed_in(company.owner)
    assert client.get("/api/v1/collections", headers={"authorization": shown}).status_code == 200
    del client.defaults["HTTP_X_CSRFTOKEN"]
    reply = post(client, "/collections", {"name": "Stolen"}, authorization=shown)
    assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")


def test_the_first_administrator_sets_up(db: None) -> None:
    client = browser()
    assert client.get("/api/v1/session").json()["setup_open"] is True
    wish = {"token": new_setup_token(), "email": "first@example.com", "name": "First", "password": PASSWORD}
    for wrong, code in (
        ({"password": "short"}, "password_too_short"),
        ({"email": "nonsense"}, "email_invalid"),
        ({"name": " "}, "name_missing"),
        ({"token": "guess"}, "setup_link_invalid"),
    ):
        assert post(client, "/setup", wish | wrong).json()["code"] == code
    reply = post(client, "/setup", wish)
    assert reply.json()["person"]["is_administrator"] is True
    show_token(client)
    assert client.get("/api/v1/collections").status_code == 200
    again = post(client, "/setup", wish | {"email": "second@example.com"})
    assert (again.status_code, again.json()["code"]) == (404, "setup_link_invalid")


def test_a_message_speaks_the_asked_language_then_the_person_s(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    path = "/api/v1/collections/5f0c6f3a-0000-4000-8000-000000000000/documents"
    in_english = client.get(path, headers={"accept-language": "en-GB,zh;q=0.5"}).json()
    in_chinese = client.get(path, headers={"accept-language": "zh-CN"}).json()
    his_own = client.get(path, headers={"accept-language": "fr"}).json()
    assert in_english["message"] == "This does not exist, or you may not see it."
    assert in_chinese["message"] == "此内容不存在，或您无权查看。"
    assert his_own == in_chinese


def test_nobody_learns_of_an_e_mail_by_time(company: Company) -> None:
    """An absent person costs as much as a wrong password: one hash either way."""
    hashes: list[str] = []
    from django.contrib.auth import hashers

    original = hashers.MD5PasswordHasher.encode

    def counting(self: hashers.MD5PasswordHasher, password: str, salt: str) -> str:
        hashes.append(password)
        return original(self, password, salt)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashers.MD5PasswordHasher, "encode", counting)
        post(browser(), "/session", {"email": "lin@example.com", "password": "wrong"})
        known = len(hashes)
        post(browser(), "/session", {"email": "nobody@example.com", "password": "wrong"})
    assert len(hashes) == 2 * known


def test_create_person_refuses_a_taken_address(company: Company) -> None:
    from kbchat.core.errors import Conflict

    with pytest.raises(Conflict, match="email_taken"):
        create_person(email="LIN@example.com", name="x", password=PASSWORD)
