"""Writing and sending a question: a draft is kept, a question sent once, asked again, branched."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, Stage
from tests.e2e.test_answers_streaming import LONG, QUESTIONS, script, words

pytestmark = pytest.mark.e2e

OTHER = "How many passages does Harbor Assistant use?"


def test_u1_enter_sends_and_never_while_a_word_is_composed(visit: Visit, quoting: Stage) -> None:
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


def test_u6_u7_answers_and_questions_have_versions_and_none_is_lost(visit: Visit, quoting: Stage) -> None:
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
    visit: Visit, quoting: Stage
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


def test_u12_a_draft_stays_with_its_conversation(visit: Visit, quoting: Stage) -> None:
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


def test_u10_who_scrolls_up_is_left_there_and_led_back(visit: Visit, generating: Stage) -> None:
    """U10: what is read does not move while the answer grows below it."""
    visitor = visit(ENGINEER, height=500)
    page = visitor.page
    script(generating, f"{LONG['en']} " * 3, tokens_per_second=60)
    visitor.open()
    visitor.ask(QUESTIONS["en"])
    visitor.wait_for_answer_longer_than(1500)
    page.get_by_role("log").hover()
    for _ in range(20):
        page.mouse.wheel(0, -100)
    latest = page.get_by_role("button", name="Jump to latest")
    expect(latest).to_be_visible()
    top = page.get_by_role("log").evaluate("one => one.scrollTop")
    question = page.locator(".question p").bounding_box()
    visitor.wait_for_answer_longer_than(len(visitor.answer_text()) + 100)
    assert page.get_by_role("log").evaluate("one => one.scrollTop") == top
    assert page.locator(".question p").bounding_box() == question
    latest.click()
    expect(latest).to_have_count(0)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    left = page.get_by_role("log").evaluate("one => one.scrollHeight - one.scrollTop - one.clientHeight")
    assert left < 5


def test_u4_half_written_markdown_is_never_seen(visit: Visit, generating: Stage) -> None:
    """U4: looked at after every change, however it is cut into tokens."""
    written = (
        "**Thirty** days of *annual* leave [1], see `leave` and [the handbook](https://example.com/a).\n\n"
        "| Place | Days |\n|---|---|\n| **Hamburg** | 30 [1] |\n\n```\nleave = 30\n```\n\n- **one** [1]\n- two\n"
    )
    visitor = visit(ENGINEER)
    script(generating, written, tokens_per_second=30, cut_by=3)
    visitor.open()
    expect(visitor.page.locator("#question")).to_be_visible()
    visitor.page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const text = document.querySelector('[data-testid=answer]')?.innerText;
            if (text && text !== window.seen.at(-1)) window.seen.push(text);
          }).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )
    visitor.ask_and_wait(QUESTIONS["en"])
    seen = visitor.page.evaluate("window.seen")
    assert len(seen) > 10
    assert not [text for text in seen if any(raw in text for raw in ("**", "`", "|", "](", "[1"))]
    assert words(seen[-1])[:2] == ["T", "h"]
