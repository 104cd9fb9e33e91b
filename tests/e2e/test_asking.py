"""Writing and sending a question: a draft is kept, a question sent once, asked again, branched."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, NEWCOMER
from tests.e2e.tour import QUESTIONS

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

OTHER = "How many passages does Harbor Assistant use?"


def test_u1_enter_sends_and_never_while_a_word_is_composed(visit: Visit) -> None:
    """U1."""
    visitor = visit(HR_MANAGER, "zh-hans")
    visitor.open()
    field, turns = visitor.page.locator("#question"), visitor.page.locator("article.turn")
    field.fill("年假有多少天")
    # An input method opens a composition, and the Enter that chooses a word is a key press like any other.
    field.dispatch_event("compositionstart")
    field.press("Enter")
    field.dispatch_event("compositionend")
    # Safari ends the composition first.
    field.dispatch_event("keydown", {"key": "Enter"})
    field.press("Shift+Enter")
    expect(field).to_have_value("年假有多少天\n\n")
    expect(turns).to_have_count(0)
    visitor.answer_after(lambda: field.press("Enter"))
    expect(turns).to_have_count(1)
    expect(field).to_have_value("")


def test_u6_u7_answers_and_questions_have_versions_and_none_is_lost(visit: Visit) -> None:
    """U6, U7: the pager leads to every one, after a reload too."""
    visitor = visit(ENGINEER)
    page = visitor.page
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    page.get_by_role("button", name="Answer again").click()
    pager = page.get_by_role("group", name="Version 2 of 2")
    expect(pager).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Edit question").click()
    page.get_by_role("textbox", name="Edit your question").fill(OTHER)
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("group", name="Version 3 of 3")).to_be_visible(timeout=30_000)
    expect(page.locator(".question p")).to_have_text(OTHER)
    page.reload()
    expect(page.locator(".question p")).to_have_text(OTHER)
    for version in (2, 1):
        page.get_by_role("button", name="Previous version").click()
        expect(page.get_by_role("group", name=f"Version {version} of 3")).to_be_visible()
        expect(page.locator(".question p")).to_have_text(QUESTIONS["en"])
    expect(page.get_by_role("button", name="Previous version")).to_be_disabled()


def test_u9_without_a_network_the_page_says_so_and_sends_once_it_is_back(
    visit: Visit,
) -> None:
    """U9: what was written stays, and nobody has to do anything."""
    visitor = visit(ENGINEER)
    visitor.open()
    expect(visitor.page.locator(".starters button").first).to_be_visible()
    visitor.context.set_offline(True)
    banner = visitor.page.get_by_role("alert")
    expect(banner).to_contain_text("No connection")
    visitor.page.locator("#question").fill(OTHER)
    visitor.context.set_offline(False)
    expect(banner).to_have_count(0)
    expect(visitor.page.locator("#question")).to_have_value(OTHER)
    visitor.complaints.clear()
    visitor.answer_after(lambda: visitor.page.locator("#question").press("Enter"))


def test_u38_four_questions_to_begin_with_are_of_what_one_may_read_and_are_answered(visit: Visit) -> None:
    """U38."""
    newcomer = visit(NEWCOMER)
    readable = {
        row["title"]
        for collection in newcomer.collections()
        for row in newcomer.call("GET", f"/api/v1/collections/{collection['id']}/documents").json()
    }
    newcomer.open()
    starters = newcomer.page.locator(".starters button")
    expect(starters).to_have_count(4)
    texts = starters.all_inner_texts()
    assert all(any(title in text for title in readable) for text in texts), texts
    newcomer.answer_after(starters.first.click)
    expect(newcomer.citation()).to_be_visible()


def test_u12_a_draft_stays_with_its_conversation(visit: Visit) -> None:
    """U12: over moves to other places and over a reload."""
    visitor = visit(ENGINEER)
    page = visitor.page
    field = page.locator("#question")
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    field.fill("a draft of the old one")
    page.get_by_role("link", name="New chat").first.click()
    expect(field).to_have_value("")
    field.fill("a draft of the new one")
    page.get_by_role("link", name="Library", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Library")).to_be_visible()
    page.reload()
    page.get_by_role("link", name=QUESTIONS["en"]).first.click()
    expect(field).to_have_value("a draft of the old one")
    page.get_by_role("link", name="New chat").first.click()
    expect(field).to_have_value("a draft of the new one")
    field.fill("")
