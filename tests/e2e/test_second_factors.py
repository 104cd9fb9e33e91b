"""Sign-in security in a real browser: an app, recovery codes, and passkeys of its own virtual authenticator."""

import base64
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, Stage
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

PASSWORD = "correct horse battery"
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class Words:
    """What is read on the page, in one language."""

    add_app: str
    code: str
    confirm: str
    codes: str
    kept: str
    add_passkey: str
    name: str
    go_on: str
    factor: str
    wrong: str
    again: str
    use: str
    with_passkey: str
    remove: str
    take_away: str
    prove: str


WORDS: dict[Language, Words] = {
    "en": Words(
        "Add an app",
        "Code from the app",
        "Confirm",
        "Your recovery codes",
        "I have kept them",
        "Add a passkey",
        "Name",
        "Continue",
        "Code from the app, or a recovery code",
        "The code is not right, or was used already.",
        "Begin again",
        "Use a passkey",
        "Sign in with a passkey",
        "Remove the passkey Laptop",
        "Remove",
        "Show that it is you",
    ),
    "zh-hans": Words(
        "添加应用",
        "应用显示的验证码",
        "确认",
        "您的恢复码",
        "我已保存",
        "添加通行密钥",
        "名称",
        "继续",
        "应用显示的验证码或恢复码",
        "验证码不正确，或已被使用。",
        "重新开始",
        "使用通行密钥",
        "使用通行密钥登录",
        "移除通行密钥 Laptop",
        "移除",
        "请确认是您本人",
    ),
}


def invited(visit: Visit, language: Language) -> str:
    """The e-mail of somebody new, who has chosen his password."""
    admin, email = visit(ADMINISTRATOR), f"nia.{uuid4().hex[:8]}@example.com"
    made = admin.call("POST", "/api/v1/people", {"email": email, "name": "Nia Okafor", "language": language})
    token = made.json()["link"].partition("#")[2]
    assert admin.call("POST", "/api/v1/passwords", {"token": token, "password": PASSWORD}).ok
    return email


def at_its_name(visitor: Visitor) -> Visitor:
    """Passkeys are for names, not for numbers."""
    visitor.address = visitor.address.replace("127.0.0.1", "localhost")
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
    return visitor


def code_of(secret: str, steps: int = 0) -> str:
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30)  # noqa: S303
    return totp.generate(int(time.time()) + 30 * steps).decode()


def inside(page: Page) -> Any:
    return expect(page.locator("#question"))


def signed_out(visitor: Visitor) -> None:
    visitor.call("DELETE", "/api/v1/session")
    visitor.open("/signin")
    expect(visitor.page.locator("input[type=password]")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 390)], ids=("en", "zh-hans"))
def test_an_app_codes_and_passkeys_from_adding_to_removing(
    visit: Visit, quoting: Stage, language: Language, width: int
) -> None:
    """U49."""
    words, email = WORDS[language], invited(visit, language)
    visitor = at_its_name(visit(language=language, width=width, height=844))
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    visitor.open()
    visitor.sign_in(email, PASSWORD)
    inside(page).to_be_visible()
    visitor.open("/security")

    page.get_by_role("button", name=words.add_app).click()
    secret = dialog.locator("code").inner_text().replace(" ", "")
    expect(dialog.locator("svg[role=img] path")).to_be_visible()
    assert visitor.widest_overflow() == 0
    dialog.get_by_label(words.code).fill(code_of(secret))
    dialog.get_by_role("button", name=words.confirm).click()
    shown = dialog.get_by_label(words.codes).locator("code")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    dialog.get_by_role("button", name=words.kept).click()

    page.get_by_role("button", name=words.add_passkey).click()
    dialog.get_by_label(words.name).fill("Laptop")
    dialog.get_by_role("button", name=words.go_on).click()
    expect(page.get_by_role("button", name=words.remove)).to_be_visible()
    assert visitor.widest_overflow() == 0

    visitor.may_fail_with(403)
    # What the page was still asking for when its session was ended.
    visitor.may_fail_with(401)
    signed_out(visitor)
    visitor.sign_in(email, PASSWORD)
    page.get_by_label(words.factor).fill("000000")
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("alert")).to_contain_text(words.wrong)
    assert visitor.call("GET", "/api/v1/collections").status == 401
    page.reload()
    page.get_by_label(words.factor).fill(codes[0])
    page.locator("button[type=submit]").click()
    inside(page).to_be_visible()

    signed_out(visitor)
    visitor.sign_in(email, PASSWORD)
    page.get_by_role("button", name=words.use, exact=True).click()
    inside(page).to_be_visible()

    signed_out(visitor)
    page.get_by_role("button", name=words.with_passkey).click()
    inside(page).to_be_visible()

    long_ago = f"OpenSession.objects.filter(user__email='{email}').update(proved_at=None)"
    quoting.manage("shell", "-c", f"from kbchat.accounts.models import OpenSession; {long_ago}")
    visitor.open("/security")
    page.get_by_role("button", name=words.remove).click()
    proof = page.get_by_role("dialog", name=words.prove)
    proof.get_by_role("button", name=words.use).click()
    dialog.get_by_role("button", name=words.take_away, exact=True).click()
    expect(page.get_by_role("button", name=words.remove)).to_have_count(0)


def test_whoever_has_to_add_one_first_sees_nothing_else(visit: Visit) -> None:
    """The page does as the server says; that the server opens nothing is tested there."""
    visitor = at_its_name(visit())
    page = visitor.page

    def required(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"must_add_factor": True})

    page.route("**/api/v1/session", required)
    visitor.open("/library")
    visitor.sign_in(ADMINISTRATOR)
    expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_visible()
    expect(page.get_by_role("link", name="Library")).to_have_count(0)
