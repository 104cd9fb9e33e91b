"""People and groups in a browser: from an invitation to a first sign-in, and back out again (T27)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, NEWCOMER
from tests.waiting import allowed

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

PASSWORD = "a few plain words"


def test_from_an_invitation_to_the_end(visit: Visit) -> None:
    admin = visit(ADMINISTRATOR)
    page = admin.page
    admin.open()
    page.get_by_role("link", name="People and groups").click()
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("Name", exact=True).fill("Noor Haddad")
    page.get_by_label("E-mail").fill("noor@example.com")
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.get_by_label("One-time link").input_value()
    page.get_by_role("button", name="Done").click()
    noor = page.get_by_role("listitem").filter(has_text="Noor Haddad")
    expect(noor.get_by_text("Invited")).to_be_visible()

    guest = visit()
    guest.page.goto(link)
    expect(guest.page).to_have_url(f"{guest.address}/password")
    guest.page.get_by_label("New password").fill(PASSWORD)
    guest.page.get_by_label("The same again").fill("something else")
    expect(guest.page.get_by_role("button", name="Set password")).to_be_disabled()
    guest.page.get_by_label("The same again").fill(PASSWORD)
    guest.page.get_by_role("button", name="Set password").click()
    guest.page.get_by_role("link", name="Sign in").click()
    guest.sign_in("noor@example.com", PASSWORD)
    expect(guest.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(guest.page.get_by_role("link", name="People and groups")).to_have_count(0)

    page.get_by_role("link", name="Groups", exact=True).click()
    page.get_by_label("Name of the group").fill("Pilots")
    page.get_by_role("button", name="Create").click()
    dialog = page.get_by_role("dialog", name="Pilots")
    dialog.get_by_label("Add a person").fill("noor@")
    dialog.get_by_role("button", name="Add Noor Haddad").click()
    expect(dialog.get_by_role("button", name="Remove Noor Haddad")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listitem").filter(has_text="Pilots")).to_contain_text("1 member")

    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_label("Find people").fill("noor@")
    expect(noor).to_contain_text("In Pilots")
    page.get_by_role("button", name="Edit Noor Haddad").click()
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(noor.get_by_text("Deactivated")).to_be_visible()
    # Nothing is clicked in the other window: its socket was closed.
    expect(guest.page.locator("input[type=password]")).to_be_visible(timeout=allowed(2) * 1000)


@pytest.mark.parametrize(
    ("language", "find", "edit", "groups"),
    [
        ("en", "Find people", "Edit Maya Adeyemi", "Groups"),
        ("zh-hans", "查找人员", "编辑Maya Adeyemi", "群组"),
    ],
    ids=("en", "zh-hans"),
)
def test_on_a_phone_nothing_runs_over_the_edge(
    visit: Visit, language: Language, find: str, edit: str, groups: str
) -> None:
    visitor = visit(ADMINISTRATOR, language, width=390, height=844, is_phone=True)
    page = visitor.page
    visitor.open("/people")
    page.get_by_label(find).fill("maya")
    page.get_by_role("button", name=edit).tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert visitor.widest_overflow() == 0
    page.keyboard.press("Escape")
    page.get_by_role("link", name=groups, exact=True).tap()
    expect(page.locator(".rows li").first).to_be_visible()
    assert visitor.widest_overflow() == 0


def test_others_find_no_such_page(visit: Visit) -> None:
    visitor = visit(NEWCOMER)
    visitor.open("/people")
    expect(visitor.page.locator("main")).to_contain_text("It does not exist, or you may not see it.")


def test_a_lost_password_without_mail_says_whom_to_ask(visit: Visit) -> None:
    visitor = visit(language="zh-hans")
    visitor.open()
    visitor.page.get_by_role("link", name="忘记密码？").click()
    visitor.page.get_by_label("邮箱").fill(NEWCOMER)
    visitor.page.get_by_role("button", name="发送链接").click()
    expect(visitor.page.get_by_role("status").filter(has_text="请向管理员索取链接")).to_be_visible()
