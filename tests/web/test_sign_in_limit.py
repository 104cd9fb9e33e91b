"""Guesses at passwords are counted before they are looked at; whoever knows his password is never counted (T33)."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from kbchat.core.errors import NotAllowed
from kbchat.web.attempts import counted_attempt, most_failures
from kbchat.web.http import session
from tests.web.conftest import PASSWORD, Company, browser

pytestmark = pytest.mark.django_db

GUESSES = 12


def sign_in(client: Client, password: str, email: str = "lin@example.com") -> int:
    body = {"email": email, "password": password}
    return int(client.post("/api/v1/session", body, content_type="application/json").status_code)


@pytest.fixture
def counters(company: Company) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


def test_guesses_sent_at_once_count_each_other(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def slow(*_: object, password: str, **__: object) -> None:
        looked_at.append(password)
        time.sleep(0.5)

    monkeypatch.setattr(session, "authenticate", slow)
    clients = [browser() for _ in range(GUESSES)]
    with ThreadPoolExecutor(GUESSES) as threads:
        statuses = list(threads.map(sign_in, clients, [f"guess {number}" for number in range(GUESSES)]))
    allowed = most_failures()["account at address"]
    assert sorted(statuses) == [401] * allowed + [429] * (GUESSES - allowed)
    assert len(looked_at) == allowed


def test_a_success_is_not_counted_and_forgets_what_failed_before(company: Company) -> None:
    """People behind one address sign in all morning; four slips are forgiven each time."""
    client = browser()
    for _ in range(6):
        for _ in range(4):
            assert sign_in(client, "slip") == 401
        assert sign_in(browser(), PASSWORD) == 200
    assert most_failures()["address"] == 30
    for _ in range(10):
        assert sign_in(browser(), PASSWORD) == 200


def test_a_guess_that_was_refused_closes_the_account_nowhere_else(company: Company) -> None:
    client = browser()
    for _ in range(most_failures()["account"] + 5):
        sign_in(client, "guess")
    elsewhere = browser()
    elsewhere.defaults["REMOTE_ADDR"] = "10.1.1.1"
    assert sign_in(elsewhere, PASSWORD) == 200


def test_a_fault_of_the_server_is_nobody_s_guess(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError

    client = browser()
    with monkeypatch.context() as patch:
        patch.setattr(session, "authenticate", broken)
        for _ in range(most_failures()["account at address"] + 1):
            assert sign_in(client, PASSWORD) == 500
    assert sign_in(client, PASSWORD) == 200


def test_the_window_begins_with_the_first_failure_and_ends(counters: "redis.Redis") -> None:
    for _ in range(2):
        with pytest.raises(NotAllowed), counted_attempt("a@example.com", "10.0.0.1"):
            raise NotAllowed
    keys = counters.keys("sign-in:*")
    assert len(keys) == len(most_failures())
    assert {counters.get(key) for key in keys} == {b"2"}
    assert all(0 < counters.ttl(key) <= settings.LIMITS.sign_in_window_seconds for key in keys)


def test_what_is_taken_back_after_its_window_leaves_no_credit(counters: "redis.Redis") -> None:
    with counted_attempt("a@example.com", "10.0.0.1"):
        counters.flushdb()
    assert counters.keys("sign-in:*") == []


def test_without_redis_people_sign_in_uncounted(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser()
    with monkeypatch.context() as patch:
        patch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
        for _ in range(most_failures()["account at address"] + 1):
            assert sign_in(client, "guess") == 401
        assert sign_in(client, PASSWORD) == 200


def test_another_spelling_signs_nobody_in(company: Company) -> None:
    """To PostgreSQL the capital of ı is I: each such spelling would be counted by itself, and let in."""
    assert sign_in(browser(), PASSWORD, "lın@example.com") == 401
    assert sign_in(browser(), PASSWORD, "LIN@example.com") == 200
