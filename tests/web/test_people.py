"""People, groups and links over HTTP: for administrators; and what is told of a lost password (T27, T28, T33)."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.choosing_password import find_reset
from kbchat.accounts.models import Group, User
from kbchat.accounts.people import create_person, deactivate, set_password
from kbchat.web import mailing
from kbchat.web.ws import socket
from tests.waiting import allowed, wait_until
from tests.web.conftest import PASSWORD, Company, SignIn, browser, call
from tests.web.page_socket import connected

pytestmark = pytest.mark.django_db

NEW = "a few plain words"


@pytest.fixture
def with_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "sends_mail", lambda: True)
    monkeypatch.setattr("kbchat.web.http.passwords.sends_mail", lambda: True)


@pytest.fixture
def admin(company: Company, signed_in: SignIn) -> Client:
    return signed_in(company.owner)


def token_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000/password#(\S+)", text)
    assert found, text
    return found[1]


def test_an_administrator_invites_somebody_who_then_signs_in(admin: Client) -> None:
    """Without mail the link is shown once, to him who asked for it."""
    wish = {"email": "new@example.com", "name": "New"}
    reply = call(admin, "post", "/people", wish)
    assert reply.status_code == 201
    handed = reply.json()
    assert (handed["purpose"], handed["is_mailed"]) == ("invitation", False)
    row = call(admin, "get", f"/people/{handed['person_id']}").json()
    assert row["is_waiting"] is True
    assert "link" not in row
    page = browser()
    chosen = {"token": token_in(handed["link"]), "password": NEW}
    assert call(page, "post", "/passwords", chosen).status_code == 204
    again = call(page, "post", "/passwords", chosen)
    assert (again.status_code, again.json()["code"]) == (404, "link_invalid")
    signed = call(page, "post", "/session", {"email": "new@example.com", "password": NEW})
    assert signed.json()["person"]["name"] == "New"
    assert call(admin, "get", f"/people/{handed['person_id']}").json()["is_waiting"] is False


@pytest.mark.parametrize(
    ("language", "words"), [("en", "an administrator has made an account"), ("zh-hans", "管理员为您开通了")]
)
def test_with_mail_the_link_goes_to_the_address_alone(
    admin: Client, with_mail: None, language: str, words: str
) -> None:
    wish = {"email": "new@example.com", "name": "New", "language": language}
    handed = call(admin, "post", "/people", wish).json()
    assert (handed["is_mailed"], handed["link"]) == (True, None)
    (letter,) = mail.outbox
    assert letter.to == ["new@example.com"]
    assert words in letter.body
    assert (
        call(browser(), "post", "/passwords", {"token": token_in(letter.body), "password": NEW}).status_code
        == 204
    )


def test_a_mail_that_cannot_be_sent_leaves_the_link_to_the_administrator(
    admin: Client, with_mail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)
    handed = call(admin, "post", "/people", {"email": "new@example.com", "name": "New"}).json()
    assert handed["is_mailed"] is False
    assert token_in(handed["link"])


def test_for_everybody_else_there_is_no_such_thing(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    absent = client.get("/api/v1/nothing-of-the-kind")
    group = Group.objects.create(name="Staff")
    for method, path, body in (
        ("get", "/people", None),
        ("post", "/people", {"email": "x@example.com", "name": "X"}),
        ("get", f"/people/{company.owner.pk}", None),
        ("patch", f"/people/{company.reader.pk}", {"is_administrator": True}),
        ("post", f"/people/{company.reader.pk}/link", None),
        ("post", "/groups", {"name": "Mine"}),
        ("get", f"/groups/{group.pk}", None),
        ("post", f"/groups/{group.pk}/members", {"person_id": str(company.reader.pk)}),
        ("delete", f"/groups/{group.pk}", None),
    ):
        reply = call(client, method, path, body)
        assert (reply.status_code, reply.content) == (404, absent.content), path


def test_groups_are_managed(company: Company, admin: Client) -> None:
    made = call(admin, "post", "/groups", {"name": "Staff"}).json()
    inner = call(admin, "post", "/groups", {"name": "Inner"}).json()
    path = f"/groups/{made['id']}"
    person = str(company.reader.pk)
    assert call(admin, "patch", path, {"name": "员工"}).json()["name"] == "员工"
    assert call(admin, "post", f"{path}/members", {"person_id": person}).json()["members"][0]["id"] == person
    assert call(admin, "post", f"{path}/included", {"included_id": inner["id"]}).json()["included"] == [
        {"id": inner["id"], "name": "Inner"}
    ]
    circle = call(admin, "post", f"/groups/{inner['id']}/included", {"included_id": made["id"]})
    assert (circle.status_code, circle.json()["code"]) == (400, "group_circle")
    assert call(admin, "delete", f"{path}/members/{person}").json()["members"] == []
    assert call(admin, "delete", f"{path}/included/{inner['id']}").json()["included"] == []
    listed = call(admin, "get", "/groups").json()
    assert [(row["name"], row["source"]) for row in listed] == [("Inner", "local"), ("员工", "local")]
    assert call(admin, "delete", path).status_code == 204
    assert call(admin, "get", path).status_code == 404


def test_who_is_deactivated_is_out_everywhere_and_stays_out_of_old_sessions(
    company: Company, admin: Client, signed_in: SignIn
) -> None:
    there = signed_in(company.reader)
    _, key = create_api_key(company.reader, "script")
    script = Client(headers={"authorization": f"Bearer {key}"})
    path = f"/people/{company.reader.pk}"
    assert call(admin, "patch", path, {"is_active": False}).json()["is_active"] is False
    for client in (there, script):
        assert call(client, "get", "/collections").status_code == 401
    call(admin, "patch", path, {"is_active": True})
    for client in (there, script):
        assert call(client, "get", "/collections").status_code == 401
    assert signed_in(company.reader)


@pytest.mark.timed
@pytest.mark.django_db(transaction=True)
class TestSockets:
    """T27: within two seconds, and here at once, for nobody looks by himself."""

    @pytest.fixture(autouse=True)
    def only_when_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "RECHECK_SECONDS", 60)

    async def test_an_administrator_closes_them(
        self, company: Company, session: Callable[[User], str], admin: Client
    ) -> None:
        async with connected(await asyncio.to_thread(session, company.reader)) as page:
            await page.send(type="ping")
            await page.frame()
            path = f"/people/{company.reader.pk}"
            await asyncio.to_thread(call, admin, "patch", path, {"is_active": False})
            assert await page.closed(allowed(2)) == 4401

    async def test_a_new_password_closes_them(self, company: Company, session: Callable[[User], str]) -> None:
        async with connected(await asyncio.to_thread(session, company.reader)) as page:
            await page.send(type="ping")
            await page.frame()
            link = await asyncio.to_thread(find_reset, company.reader.email)
            assert link
            wish = {"token": link.token, "password": NEW}
            await asyncio.to_thread(lambda: call(browser(), "post", "/passwords", wish))
            assert await page.closed(allowed(2)) == 4401


def ask(client: Client, email: str) -> Any:
    return call(client, "post", "/password-resets", {"email": email})


@pytest.mark.django_db(transaction=True)
class TestLostPasswords:
    @pytest.fixture(autouse=True)
    def all_sent(self) -> Iterator[None]:
        yield
        free = mailing._MOST_AT_ONCE
        wait_until(lambda: mailing._sending._value == free, 10)

    def test_a_link_comes_to_whoever_has_the_address(self, company: Company, with_mail: None) -> None:
        assert ask(browser(), " LIN@example.com").json() == {"is_mailed": True}
        wait_until(lambda: bool(mail.outbox), 5)
        (letter,) = mail.outbox
        assert letter.to == ["lin@example.com"]
        assert "请打开以下链接重设密码" in letter.body
        page = browser()
        wish = {"token": token_in(letter.body), "password": NEW}
        assert call(page, "post", "/passwords", wish).status_code == 204
        credentials = {"email": "lin@example.com", "password": NEW}
        assert call(page, "post", "/session", credentials).status_code == 200

    def test_known_unknown_and_former_addresses_are_answered_alike(
        self, company: Company, with_mail: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """T33: in status, headers and body; in time, because nobody is looked up before all have their answers."""
        deactivate(company.stranger)
        looked_up, answered = [], threading.Event()
        monkeypatch.setattr(mailing, "find_reset", lambda email: looked_up.append(answered.wait(10)))

        def answer(email: str) -> tuple[Any, ...]:
            reply = ask(browser(), email)
            return reply.status_code, dict(reply.headers), reply.content

        told = [answer(email) for email in ("lin@example.com", "nobody@example.com", "sam@example.com")]
        assert told[0] == told[1] == told[2]
        assert looked_up == []
        answered.set()
        wait_until(lambda: looked_up == [True] * 3, 5)

    def test_nobody_else_is_written_to(self, company: Company, with_mail: None) -> None:
        deactivate(company.stranger)
        for email in ("nobody@example.com", "sam@example.com"):
            ask(browser(), email)
        wait_until(lambda: mailing._sending._value == mailing._MOST_AT_ONCE, 5)
        assert mail.outbox == []

    def test_without_mail_everybody_is_told_so_and_an_administrator_hears_of_those_who_are_known(
        self, company: Company, admin: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """T33: whoever asks is answered alike, before anybody is looked up."""
        asked: list[str] = []
        monkeypatch.setattr(mailing.notices, "tell_of_lost_password", asked.append)
        told = [ask(browser(), email).json() for email in ("lin@example.com", "nobody@example.com")]
        assert told == [{"is_mailed": False}] * 2
        wait_until(lambda: len(asked) == 2, 5)
        monkeypatch.undo()
        for email in asked:
            mailing.notices.tell_of_lost_password(email)
        (notice,) = call(admin, "get", "/notices").json()
        assert (notice["kind"], notice["email"]) == ("reset_asked", "lin@example.com")
        person = User.objects.get(email="lin@example.com")
        assert call(admin, "post", f"/people/{person.pk}/link").json()["link"]
        assert call(admin, "get", "/notices").json() == []

    def test_asking_has_limits_for_known_and_unknown_addresses(self, company: Company) -> None:
        most = settings.LIMITS.most_resets
        client = browser()
        for email in ("lin@example.com", "nobody@example.com"):
            statuses = [ask(client, email).status_code for _ in range(most + 1)]
            assert statuses == [202] * most + [429]
        for number in range(settings.LIMITS.most_resets_of_address - 2 * most):
            assert ask(client, f"guess{number}@example.com").status_code == 202
        refused = ask(client, "one-more@example.com")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_resets")
        assert "60" in refused.json()["next_step"]

    def test_without_redis_nothing_is_sent(
        self, company: Company, with_mail: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = browser()
        with monkeypatch.context() as patch:
            patch.setattr("django.conf.settings.REDIS_URL", "redis://127.0.0.1:1/0")
            assert ask(client, "lin@example.com").status_code == 503
        assert mail.outbox == []


def test_a_link_of_somebody_who_left_or_chose_already_is_nothing(company: Company) -> None:
    link = find_reset(company.reader.email)
    assert link
    set_password(company.reader, PASSWORD)
    assert call(browser(), "post", "/passwords", {"token": link.token, "password": NEW}).status_code == 404


def test_both_need_the_token_of_the_page(company: Company) -> None:
    """T26."""
    client = Client(enforce_csrf_checks=True)
    for path, body in (
        ("/password-resets", {"email": "a@b.com"}),
        ("/passwords", {"token": "t", "password": NEW}),
    ):
        reply = call(client, "post", path, body)
        assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")


def test_a_demoted_administrator_manages_nothing_more(company: Company, admin: Client) -> None:
    """T28: the role is read with every request."""
    create_person(email="second@example.com", name="Second", password=PASSWORD, is_administrator=True)
    assert call(admin, "patch", f"/people/{company.owner.pk}", {"is_administrator": False}).status_code == 200
    assert call(admin, "get", "/people").status_code == 404
    assert call(admin, "patch", f"/people/{company.owner.pk}", {"is_administrator": True}).status_code == 404
