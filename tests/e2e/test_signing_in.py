"""The door: signing in and out, and what is said when it stays closed."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, Stage
from tests.identity_provider import HONEST, Lie

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "email", "wrong", "greeting"),
    [
        (
            "en",
            ENGINEER,
            "E-mail or password is not right. Check both and try again.",
            "What would you like to know?",
        ),
        ("zh-hans", HR_MANAGER, "邮箱或密码不正确。请检查后重试。", "想了解什么？"),
    ],
    ids=("en", "zh-hans"),
)
def test_a_wrong_password_is_told_plainly_and_the_right_one_opens(
    visit: Visit, language: Language, email: str, wrong: str, greeting: str
) -> None:
    """In the browser's language first, in the person's own behind the door."""
    visit(email, language)
    visitor = visit(language=language)
    visitor.may_fail_with(401)
    visitor.open()
    visitor.sign_in(email, "not this one")
    expect(visitor.page.get_by_role("alert")).to_have_text(wrong)
    visitor.sign_in(email)
    expect(visitor.page.get_by_role("heading", name=greeting)).to_be_visible()


def test_signing_out_closes_the_door_for_the_other_window_too(visit: Visit) -> None:
    visitor = visit()
    visitor.open()
    visitor.sign_in(ENGINEER)
    expect(visitor.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    other = visitor.another_window()
    other.open("/library")
    expect(other.page.get_by_role("link", name="Engineering")).to_be_visible()
    visitor.page.get_by_role("button", name="Account: Jonas Brandt").click()
    visitor.page.get_by_role("button", name="Sign out").click()
    for window in (visitor, other):
        expect(window.page.locator("input[type=password]")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "button", "refused", "no_account"),
    [
        ("en", "Sign in with Nordlicht", "could not be verified", "no account here"),
        ("zh-hans", "使用 Nordlicht 登录", "无法核实本次登录", "还没有账户"),
    ],
    ids=("en", "zh-hans"),
)
def test_the_company_s_sign_in_lets_in_whom_it_knows_and_tells_why_not(
    visit: Visit, quoting: Stage, language: Language, button: str, refused: str, no_account: str
) -> None:
    """U49. Behind the door she sees where she is signed in, and signs out everywhere."""
    visitor = visit(language=language)
    page, provider = visitor.page, quoting.provider
    ada = {
        "sub": language,
        "email": f"ada.{language}@example.com",
        "name": "Ada Zhao",
        "email_verified": True,
    }
    visitor.may_go_to(provider.issuer)
    visitor.open("/library")
    for claims, lie, told in (
        (ada | {"email_verified": False}, HONEST, no_account),
        (ada, Lie(key="other"), refused),
    ):
        provider.person, provider.lie = claims, lie
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_contain_text(told)
    provider.lie = HONEST
    visitor.open("/library")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("button", name="Ada Zhao")).to_be_visible()
    assert page.url.endswith("/library")
    visitor.open("/sessions")
    everywhere = {"en": "Sign out everywhere", "zh-hans": "全部退出登录"}[language]
    expect(page.get_by_text("Chrome · Linux")).to_be_visible()
    page.get_by_role("button", name=everywhere).click()
    page.get_by_role("dialog").get_by_role("button", name=everywhere).click()
    expect(page.locator("input[type=password]")).to_be_visible()
