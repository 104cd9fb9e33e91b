"""The list of one's own conversations: by day, named, pinned, deleted and brought back, found again by its words."""

import re
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, NEWCOMER
from tests.e2e.visitor import Visitor
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

LEAVE: Final = "How many days of annual leave does a full-time employee in Hamburg have in 2025?"
GIFTS: Final = "What is the limit for gifts in Hamburg?"


def rows(visitor: Visitor) -> Locator:
    return visitor.page.locator(".history li")


def choose(visitor: Visitor, title: str, item: str) -> None:
    visitor.page.get_by_role("button", name=f"Actions for “{title}”").first.click()
    visitor.page.get_by_role("button", name=item, exact=True).click()


def test_u32_conversations_are_grouped_named_renamed_and_pinned(visit: Visit) -> None:
    """U32."""
    visitor = visit(NEWCOMER)
    visitor.open()
    for question in (LEAVE, GIFTS):
        visitor.open()
        visitor.ask_and_wait(question)
    page = visitor.page
    headings = page.locator(".history h2")
    expect(headings.first).to_have_text("Today")
    expect(rows(visitor).first).to_contain_text(GIFTS)
    choose(visitor, LEAVE, "Pin to the top")
    expect(headings.first).to_have_text("Pinned")
    expect(rows(visitor).first).to_contain_text(LEAVE)
    choose(visitor, GIFTS, "Rename")
    field = page.get_by_role("textbox", name="New title")
    field.fill("Presents")
    field.press("Enter")
    page.reload()
    expect(headings.first).to_have_text("Pinned")
    expect(page.locator(".history a", has_text="Presents")).to_be_visible()
    choose(visitor, LEAVE, "Unpin")
    expect(headings.first).to_have_text("Today")


def test_u32_a_deleted_conversation_comes_back_or_is_gone(visit: Visit) -> None:
    """U32: Undo brings it back with its answers; without Undo nothing is left of it, the address included."""
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(LEAVE)
    page, address = visitor.page, visitor.page.url
    conversation = address.rpartition("/")[2]
    row = page.locator(f".history a[href='/c/{conversation}']")
    expect(row).to_be_visible()

    def delete() -> None:
        row.locator("xpath=..").get_by_role("button").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(row).to_have_count(0)

    delete()
    expect(page).to_have_url(visitor.address + "/")
    undo_bar = page.locator(".undo")
    expect(undo_bar).to_contain_text("deleted")
    # Meanwhile the list is read anew, by a search, and it is not in it.
    find = page.get_by_role("searchbox", name="Search conversations")
    find.fill("full-time employee")
    page.wait_for_timeout(500)
    expect(row).to_have_count(0)
    find.fill("")
    undo_bar.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.click()
    expect(visitor.answer()).to_contain_text("30 working days")

    delete()
    page.reload()
    expect(page.locator(".starters button").first).to_be_visible()
    assert visitor.call("GET", f"/api/v1/conversations/{conversation}").status == 404

    visitor.may_fail_with(404)
    page.goto(address)
    expect(page.locator("main")).to_contain_text("This does not exist, or you may not see it.")


def test_u32_what_nobody_takes_back_is_deleted_when_the_offer_ends(visit: Visit) -> None:
    """U32."""
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(GIFTS)
    conversation = visitor.page.url.rpartition("/")[2]
    row = visitor.page.locator(f".history a[href='/c/{conversation}']")
    row.locator("xpath=..").get_by_role("button").click()
    visitor.page.get_by_role("button", name="Delete", exact=True).click()
    undo_bar = visitor.page.locator(".undo")
    # It waits while somebody is about to press the button.
    undo_bar.hover()
    visitor.page.wait_for_timeout(11_000)
    expect(undo_bar).to_be_visible()
    assert visitor.call("GET", f"/api/v1/conversations/{conversation}").ok
    visitor.page.mouse.move(5, 5)
    expect(undo_bar).to_have_count(0)
    wait_until(lambda: visitor.call("GET", f"/api/v1/conversations/{conversation}").status == 404, 20)


@pytest.mark.parametrize(
    ("language", "email", "first", "second", "typed", "lit"),
    [
        ("en", NEWCOMER, LEAVE, GIFTS, "receives", "receive"),
        ("zh-hans", HR_MANAGER, "公司 2025 年的年假政策是什么？", "病假有多少天？", "司龄假", "司龄假"),
    ],
    ids=("en", "zh-hans"),
)
def test_u33_a_conversation_is_found_by_the_words_of_its_answer(
    visit: Visit, language: Language, email: str, first: str, second: str, typed: str, lit: str
) -> None:
    """U33: by Ctrl+K, in either language; the words are lit, and it opens at the answer that has them."""
    visitor = visit(email, language)
    visitor.open()
    visitor.ask_and_wait(first)
    conversation = visitor.page.url.rpartition("/")[2]
    turn = visitor.page.locator("article.turn").get_attribute("data-turn")
    for _ in range(3):
        visitor.ask_and_wait(second)
    visitor.open()
    page = visitor.page
    expect(page.locator("#find-conversations")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.locator("#find-conversations")).to_be_focused()
    page.keyboard.type(typed)
    row = page.locator(f".history a[href='/c/{conversation}?turn={turn}']")
    expect(row).to_be_visible()
    assert set(row.locator(".excerpt mark").all_inner_texts()) == {lit}
    row.click()
    sought = page.locator("article.turn[aria-current]")
    expect(sought).to_contain_text(first)
    expect(sought.locator(".question")).to_be_in_viewport()
    expect(page.get_by_role("button", name=re.compile("Jump to latest|跳到最新"))).to_be_visible()
    page.locator("#find-conversations").fill("zzzz")
    expect(rows(visitor)).to_have_count(0)
