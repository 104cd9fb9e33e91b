"""SAML in a real browser: what another site posts comes without our cookies, and still leads to the right session."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from kbchat.accounts.models import OpenSession
from tests.browser import find_browser
from tests.saml_provider import SamlProvider
from tests.web.saml_support import someone
from tests.web.test_process import running_web

pytestmark = pytest.mark.slow

# To a browser another site than 127.0.0.1, and as good as TLS.
ELSEWHERE = "http://localhost:9/sign-in"


def test_who_comes_from_the_provider_s_page_is_signed_in(transactional_db: None, tmp_path: Path) -> None:
    program = find_browser()
    if program is None:
        pytest.skip("no browser; on Debian: apt-get install chromium")
    provider, metadata = SamlProvider(), tmp_path / "metadata.xml"
    provider.person = someone()
    metadata.write_text(provider.metadata(address=ELSEWHERE))
    settings = {"KBCHAT_SAML_METADATA_FILE": str(metadata), "KBCHAT_SSO_CREATE_PEOPLE": "true"}
    # In a thread of its own: it leaves an event loop in the one where it runs.
    with running_web(tmp_path, **settings) as web, ThreadPoolExecutor(1) as thread:
        address = f"http://127.0.0.1:{web.port}"
        email, cookie = thread.submit(_signed_in, program, address, provider).result(120)
    assert email == "ada@example.com"
    assert cookie is None
    assert OpenSession.objects.count() == 1


def _signed_in(program: Path, address: str, provider: SamlProvider) -> tuple[str, str | None]:
    """Who is so in the end; and the cookie that came along with what the provider's page had posted."""

    def let_in(route: Route) -> None:
        """The provider's page: a form that sends itself off."""
        where, message = provider.answer(route.request.url)
        form = f'<form method="post" action="{where}"><input name="SAMLResponse" value="{message}"></form>'
        route.fulfill(body=f"{form}<script>document.forms[0].submit()</script>", content_type="text/html")

    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=program) as browser:
        page = browser.new_page()
        page.route(f"{ELSEWHERE}?**", let_in)
        _session(page, address)
        there = _way_there(page, address)
        with page.expect_request("**/sso/saml/acs") as posted:
            page.goto(there, wait_until="commit")
        cookie = posted.value.all_headers().get("cookie")
        page.wait_for_url(f"{address}/library", wait_until="commit")
        return _session(page, address)["person"]["email"], cookie


def _session(page: Page, address: str) -> dict[str, Any]:
    page.goto(f"{address}/api/v1/session")
    return dict(json.loads(page.inner_text("body")))


def _way_there(page: Page, address: str) -> str:
    known = {cookie.get("name"): cookie.get("value", "") for cookie in page.context.cookies()}
    reply = page.request.post(
        f"{address}/api/v1/session/single-sign-on",
        data={"next_path": "/library"},
        headers={"X-CSRFToken": known["kbchat_csrf"], "Origin": address},
    )
    assert reply.ok, reply.text()
    return str(reply.json()["address"])
