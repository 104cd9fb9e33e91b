"""Where somebody is signed in, and signing out from afar (T27)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import OpenSession
from kbchat.audit.models import AuditAction
from kbchat.web.devices import browser_of, system_of
from tests.services.audit_support import subjects
from tests.web.conftest import Company, SignIn, call

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.60"


def listed(client: Client) -> list[dict[str, object]]:
    return call(client, "get", "/sessions").json()


def test_they_are_listed_without_a_place_and_ended_one_by_one(company: Company, signed_in: SignIn) -> None:
    here, there = signed_in(company.reader), signed_in(company.reader)
    signed_in(company.owner)
    OpenSession.objects.filter(session_id=there.cookies["kbchat_session"].value).update(device=EDGE)
    rows = listed(here)
    assert [(row["is_this"], row["browser"], row["system"]) for row in rows] == [
        (False, "Edge", "Windows"),
        (True, "", ""),
    ]
    assert set(rows[0]) == {"id", "browser", "system", "opened_at", "last_seen_at", "is_this"}
    assert call(here, "delete", f"/sessions/{rows[0]['id']}").status_code == 204
    assert call(there, "get", "/collections").status_code == 401
    assert [row["is_this"] for row in listed(here)] == [True]
    assert call(here, "delete", f"/sessions/{rows[0]['id']}").status_code == 404


def test_another_s_session_does_not_exist(company: Company, signed_in: SignIn) -> None:
    owner, reader = signed_in(company.owner), signed_in(company.reader)
    theirs = listed(owner)[0]["id"]
    assert call(reader, "delete", f"/sessions/{theirs}").status_code == 404
    assert len(listed(owner)) == 1


def test_signing_out_everywhere_ends_all_of_them_and_no_key(company: Company, signed_in: SignIn) -> None:
    here, there, other = (signed_in(person) for person in (company.reader, company.reader, company.owner))
    _, secret = create_api_key(company.reader, "script")
    script = Client(headers={"authorization": f"Bearer {secret}"})
    assert script.get("/api/v1/sessions").json()["code"] == "session_needed"
    assert call(here, "delete", "/sessions").status_code == 204
    assert [call(client, "get", "/collections").status_code for client in (here, there)] == [401, 401]
    assert (
        call(other, "get", "/collections").status_code == script.get("/api/v1/collections").status_code == 200
    )
    assert subjects(AuditAction.SESSIONS_ENDED) == [{"person": str(company.reader.pk), "sessions": 2}]


def test_a_session_that_was_ended_is_not_opened_by_what_remains_of_it(
    company: Company, signed_in: SignIn
) -> None:
    """Its data without its row is nobody's."""
    client = signed_in(company.reader)
    OpenSession.objects.all().delete()
    assert client.session.get("_auth_user_id")
    assert call(client, "get", "/collections").status_code == 401


def test_when_it_was_last_seen_is_written_now_and_then(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    seen = OpenSession.objects.get().last_seen_at
    listed(client)
    assert OpenSession.objects.get().last_seen_at == seen
    OpenSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    listed(client)
    assert OpenSession.objects.get().last_seen_at > seen


@pytest.mark.parametrize(
    ("device", "known_as"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (EDGE, ("Edge", "Windows")),
        (WECHAT, ("WeChat", "iPhone")),
        ("curl/8", ("", "")),
    ],
)
def test_a_browser_is_known_by_what_it_says_of_itself(device: str, known_as: tuple[str, str]) -> None:
    assert (browser_of(device), system_of(device)) == known_as
