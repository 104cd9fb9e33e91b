"""Signing out at the identity provider (T31), and what it ends here (T27)."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from kbchat.audit.models import AuditAction
from kbchat.web.ws import socket
from tests.identity_provider import CLIENT_ID, LOGOUT_EVENT, MISSING, IdentityProvider, Lie, running_provider
from tests.services.audit_support import recorded, subjects
from tests.web.conftest import Company
from tests.web.page_socket import connected
from tests.web.single_sign_on_support import person_in, sign_in, single_sign_on

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[IdentityProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(server: IdentityProvider) -> Iterator[IdentityProvider]:
    with single_sign_on(server, SSO_CREATE_PEOPLE="true") as known:
        yield known


def send(token: str) -> int:
    """As the provider's server does: no cookie, no token of ours."""
    return int(Client(enforce_csrf_checks=True).post("/sso/logout", {"logout_token": token}).status_code)


NOW = int(time.time())
MALFORMED = {
    "an ID token": Lie({"events": MISSING, "nonce": "n"}, {"typ": "JWT"}),
    "of another kind": Lie(header={"typ": "at+jwt"}),
    "of no kind but without the event": Lie({"events": MISSING}, {"typ": "JWT"}),
    "of no kind but with a nonce": Lie({"nonce": "n"}, {"typ": "JWT"}),
    "without the event": Lie({"events": {}}),
    "whose event says nothing": Lie({"events": {LOGOUT_EVENT: True}}),
    "with a nonce": Lie({"nonce": "n"}),
    "for another client": Lie({"aud": "another"}),
    "for others, too": Lie({"aud": [CLIENT_ID, "another"]}),
    "of another issuer": Lie({"iss": "https://evil.example"}),
    "expired": Lie({"exp": NOW - 3600, "iat": NOW - 7200}),
    "without an end, made some minutes ago": Lie({"exp": MISSING, "iat": NOW - 400}),
    "without an end and without its time": Lie({"exp": MISSING, "iat": MISSING}),
    "good for a day": Lie({"exp": NOW + 86400}),
    "without its time": Lie({"iat": MISSING}),
    "made long ago": Lie({"iat": NOW - 3600}),
    "without a number": Lie({"jti": MISSING}),
    "about nobody": Lie({"sub": MISSING}),
    "not signed": Lie(key="none"),
    "signed with the public key": Lie(algorithm="HS256"),
    "signed by another": Lie(key="other"),
}


def test_a_malformed_token_ends_nothing(provider: IdentityProvider) -> None:
    """T31: one for each rule; the same token without its fault is obeyed."""
    client, _ = sign_in(provider)
    wrong = {name: send(provider.logout_token(lie, sub="s-1")) for name, lie in MALFORMED.items()}
    assert {name: status for name, status in wrong.items() if status != 400} == {}
    assert send("") == send("no.token.at-all") == 400
    assert person_in(client)
    assert recorded(AuditAction.SESSIONS_ENDED) == []
    assert send(provider.logout_token(sub="s-1")) == 200
    assert person_in(client) is None


@pytest.mark.parametrize(
    "lie",
    [
        Lie(header={"typ": "JWT"}),
        Lie(header={"typ": None}),
        Lie(header={"typ": "application/logout+jwt"}),
        Lie({"exp": MISSING}),
        Lie({"exp": MISSING, "iat": NOW - 120}, {"typ": "JWT"}),
    ],
    ids=["JWT", "no kind", "media type", "without an end", "without an end, a while ago"],
)
def test_what_providers_send_that_keep_to_less_is_obeyed_once(provider: IdentityProvider, lie: Lie) -> None:
    """Back-Channel Logout 1.0 names the kind in a header that many leave as it always is."""
    client, _ = sign_in(provider)
    token = provider.logout_token(lie, sub="s-1")
    assert send(token) == 200
    assert person_in(client) is None
    assert send(token) == 400


def test_it_ends_all_sessions_of_the_person_and_nobody_else_s(provider: IdentityProvider) -> None:
    here, _ = sign_in(provider)
    there, _ = sign_in(provider)
    other, _ = sign_in(provider, sub="s-2", email="bo@example.com")
    token = provider.logout_token(sub="s-1")
    assert send(token) == 200
    assert (person_in(here), person_in(there)) == (None, None)
    assert person_in(other)
    assert [subject["sessions"] for subject in subjects(AuditAction.SESSIONS_ENDED)] == [2]
    assert send(token) == 400, "it is good once"
    assert send(provider.logout_token(sub="nobody")) == 200, "nothing is told of who is signed in"


@pytest.mark.parametrize("claims", [{"sid": "tablet"}, {"sid": "tablet", "sub": "s-1"}], ids=("sid", "both"))
def test_it_ends_the_one_session_that_it_names(provider: IdentityProvider, claims: dict[str, str]) -> None:
    here, _ = sign_in(provider, sid="desk")
    there, _ = sign_in(provider, sid="tablet")
    assert send(provider.logout_token(**claims)) == 200
    assert person_in(here)
    assert person_in(there) is None


def test_without_redis_none_is_obeyed_and_the_provider_may_send_it_again(
    provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T31: whether it was used before is not known."""
    client, _ = sign_in(provider)
    token = provider.logout_token(sub="s-1")
    with monkeypatch.context() as patch:
        patch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
        assert send(token) == 503
        assert person_in(client)
    assert send(token) == 200
    assert person_in(client) is None


def test_without_a_provider_there_is_nothing_to_sign_out_of(company: Company) -> None:
    assert send("x") == 404


@pytest.mark.django_db(transaction=True)
async def test_it_closes_the_person_s_sockets_at_once(
    provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T27: told, not found out."""
    monkeypatch.setattr(socket, "RECHECK_SECONDS", 60)
    client, _ = await asyncio.to_thread(sign_in, provider)
    async with connected(client.cookies["kbchat_session"].value) as page:
        await page.send(type="ping")
        await page.frame()
        # Its ear joins the person's group behind the first frame.
        await asyncio.sleep(0.3)
        assert await asyncio.to_thread(send, provider.logout_token(sub="s-1")) == 200
        assert await page.closed(2) == 4401
