"""SAML in a real browser: what another site posts comes without our cookies, and still leads to the right session."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from kbchat.accounts.models import OpenSession
from tests.saml_provider import SamlProvider
from tests.web.saml_support import someone
from tests.web.test_process import running_web

pytestmark = pytest.mark.slow

# To a browser another site than 127.0.0.1, and as good as TLS.
ELSEWHERE = "http://localhost:9/sign-in"


def test_who_comes_from_the_provider_s_page_is_signed_in(
    chromium: Browser, transactional_db: None, tmp_path: Path
) -> None:
    provider, metadata = SamlProvider(), tmp_path / "metadata.xml"
    provider.person = someone()
    metadata.write_text(provider.metadata(address=ELSEWHERE))
    settings = {"KBCHAT_SAML_METADATA_FILE": str(metadata), "KBCHAT_SSO_CREATE_PEOPLE": "true"}
    cookies: list[str | None] = []

    def let_in(route: Route) -> None:
        """The provider's page: a form that sends itself off."""
        where, message = provider.answer(route.request.url)
        form = f'<form method="post" action="{where}"><input name="SAMLResponse" value="{message}"></form>'
        route.fulfill(body=f"{form}<script>document.forms[0].submit()</script>", content_type="text/html")

    with running_web(tmp_path, **settings) as web:
        page = chromium.new_context().new_page()
        page.on(
            "request",
            lambda sent: cookies.append(sent.all_headers().get("cookie")) if "/acs" in sent.url else None,
        )
        page.route(f"{ELSEWHERE}?**", let_in)
        address = f"http://127.0.0.1:{web.port}"
        assert _session(page, address)["single_sign_on"] == "localhost:9"
        page.goto(_way_there(page, address))
        page.wait_for_url(f"{address}/library")
        assert _session(page, address)["person"]["email"] == "ada@example.com"
    assert cookies == [None]
    assert OpenSession.objects.count() == 1


def _session(page: Page, address: str) -> dict[str, dict[str, str]]:
    page.goto(f"{address}/api/v1/session")
    return dict(json.loads(page.inner_text("body")))


def _way_there(page: Page, address: str) -> str:
    known = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    reply = page.request.post(
        f"{address}/api/v1/session/single-sign-on",
        data={"next_path": "/library"},
        headers={"X-CSRFToken": known["kbchat_csrf"], "Origin": address},
    )
    assert reply.ok, reply.text()
    return str(reply.json()["address"])
