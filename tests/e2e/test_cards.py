"""The card beside a citation, by pointer, by keyboard and by finger, and what it says of an old version."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, HR_MANAGER
from tests.e2e.test_library import READY_MS, open_collection, row_of
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

HAMBURG = "How many days of annual leave does a full-time employee in Hamburg have in 2025?"


def card_of(visitor: Visitor, name: str = "Source preview") -> Locator:
    return visitor.page.get_by_role("dialog", name=name)


def check(card: Locator, title: str, words: str, *facts: str) -> None:
    expect(card).to_contain_text(title)
    expect(card.locator("blockquote")).to_contain_text(words)
    for fact in facts:
        expect(card.locator(".facts")).to_contain_text(fact)


def test_u18_a_card_opens_by_hover_and_by_keyboard_alone(visit: Visit) -> None:
    """U18: title, path, words, collection, date and who uploaded it."""
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(HAMBURG)
    page, card = visitor.page, card_of(visitor)
    facts = ("Company handbook", "in force since", "uploaded by")
    visitor.citation().hover()
    check(card, "Annual leave policy (Hamburg) 2025", "30 working days", *facts)
    page.mouse.move(5, 5)
    expect(card).to_have_count(0)

    page.locator("#question").focus()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.cite')"):
            break
    expect(card).to_be_visible()
    expect(card.locator("blockquote")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('.cite')")
    page.keyboard.press("Enter")
    expect(page.locator("[role=complementary].panel")).to_be_visible()


def test_u18_u28_a_finger_opens_the_card_in_the_language_of_the_source(visit: Visit) -> None:
    """U18, U28: on a phone, of a page of a PDF; the quote is in the document's own words."""
    visitor = visit(HR_MANAGER, "zh-hans", width=390, height=844, is_phone=True)
    visitor.open()
    visitor.ask_and_wait("公司 2025 年的年假政策是什么？")
    visitor.citation().tap()
    card = card_of(visitor, "来源预览")
    expect(card.locator("blockquote")).to_contain_text("假")
    expect(card.locator(".facts")).to_contain_text(re.compile("第 ?1 ?页"))
    assert visitor.widest_overflow() == 0


@pytest.mark.parametrize(
    ("language", "flag", "changes", "turned"),
    [
        (
            "en",
            "A newer version of this document is in force.",
            "What has changed since",
            "Turn round",
        ),
        ("zh-hans", "这份文档已有新版本生效。", "此后有哪些更改", "对调"),
    ],
    ids=("en", "zh-hans"),
)
def test_u25_a_citation_of_a_superseded_version_says_so_and_what_has_changed(
    visit: Visit, language: Language, flag: str, changes: str, turned: str
) -> None:
    """U25: in the card and in the source panel, once another version answers; the changes in both directions."""
    visitor = visit(ADMINISTRATOR, language)
    name = f"lockers-{language}.md"
    old = f"# Lockers {language}\n\nThe locker room of pier {language} opens at 07:15 for divers.\n"
    collection = next(each["id"] for each in visitor.collections() if each["name"] == "Company handbook")
    sent = visitor.send_file(f"/api/v1/collections/{collection}/documents", "files", name, old.encode())
    document = sent.json()[0]["id"]
    open_collection(visitor, "Company handbook")
    expect(row_of(visitor, name)).to_have_attribute("data-state", "ready", timeout=READY_MS)
    visitor.open()
    visitor.ask_and_wait(f"When does the locker room of pier {language} open for divers?")
    visitor.citation().hover()
    card = visitor.page.locator(".card")
    expect(card).to_be_visible()
    expect(card.locator(".past")).to_have_count(0)
    new = old.replace("07:15", "09:45").encode()
    assert visitor.send_file(f"/api/v1/documents/{document}/versions", "file", name, new).ok
    row = f"/api/v1/documents/{document}"
    visitor.page.wait_for_function(
        "async address => (await (await fetch(address)).json()).versions.some(one => one.number === 2 && one.in_force)",
        arg=row,
        timeout=READY_MS,
    )
    visitor.page.reload()
    visitor.citation().hover()
    expect(card.locator(".past")).to_have_text(flag)
    visitor.citation().click()
    panel = visitor.page.locator("[role=complementary].panel")
    expect(panel).to_contain_text(flag)
    panel.get_by_role("link", name=changes).click()
    told = visitor.page.locator("main ol > li")
    expect(told.locator("del")).to_contain_text("07:15")
    expect(told.locator("ins")).to_contain_text("09:45")
    visitor.page.get_by_role("button", name=turned).click()
    expect(told.locator("del")).to_contain_text("09:45")
    expect(told.locator("ins")).to_contain_text("07:15")
    assert visitor.call("DELETE", row).ok
