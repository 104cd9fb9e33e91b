"""One question asked again, or asked otherwise: every version stays; and an answer that is taken along."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER, Stage
from tests.e2e.test_answers_streaming import QUESTIONS, script

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("generating")]

NUMBERS = ("first", "second", "third")


def test_u6_answering_again_keeps_every_answer(generating: Stage, visit: Visit) -> None:
    """U6: a pager leads back to each, after a reload, too."""
    visitor = visit(ENGINEER)
    visitor.open()
    page = visitor.page
    for number in NUMBERS:
        script(generating, f"The {number} answer speaks of annual leave [1].")
        if number == "first":
            visitor.ask_and_wait(QUESTIONS["en"])
        else:
            page.get_by_role("button", name="Answer again").click()
        expect(visitor.answer()).to_contain_text(f"The {number} answer")
        expect(page.locator(".actions")).to_be_visible(timeout=30_000)
    pager = page.locator(".pager span")
    for _ in ("live", "stored"):
        expect(pager).to_have_text("3/3")
        page.get_by_role("button", name="Previous version").click()
        expect(pager).to_have_text("2/3")
        expect(visitor.answer()).to_contain_text("The second answer")
        page.get_by_role("button", name="Previous version").click()
        expect(visitor.answer()).to_contain_text("The first answer")
        expect(page.get_by_role("button", name="Previous version")).to_be_disabled()
        page.reload()
    expect(page.locator("article.turn")).to_have_count(1)


def test_u7_an_edited_question_begins_a_branch_and_the_old_one_stays(generating: Stage, visit: Visit) -> None:
    """U7: with everything that was asked below it."""
    visitor = visit(ENGINEER)
    visitor.open()
    page = visitor.page
    script(generating, "Leave in Hamburg [1].")
    visitor.ask_and_wait(QUESTIONS["en"])
    script(generating, "Leave that is carried over [1].")
    visitor.ask_and_wait("How many days of annual leave does a part-time employee in Hamburg have in 2025?")
    expect(page.locator("article.turn")).to_have_count(2)
    script(generating, "Leave in Shanghai [1].")
    page.locator(".question").first.hover()
    page.get_by_role("button", name="Edit question").first.click()
    page.get_by_role("textbox", name="Edit your question").fill("How many days of annual leave in Shanghai?")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("article.turn")).to_have_count(1)
    expect(visitor.answer()).to_contain_text("Leave in Shanghai")
    expect(page.locator(".pager span")).to_have_text("2/2", timeout=30_000)
    page.get_by_role("button", name="Previous version").click()
    expect(page.locator("article.turn")).to_have_count(2)
    expect(page.locator(".question").first).to_contain_text(QUESTIONS["en"])
    expect(page.locator(".question").last).to_contain_text("part-time")


def test_u13_a_copied_answer_is_markdown_with_numbered_sources(generating: Stage, visit: Visit) -> None:
    """U13: by the button and by the keyboard; code is copied by itself."""
    script(
        generating,
        "Leave in Hamburg is **thirty** days [1].\n\n- Ask your manager about leave [1].\n\n"
        "```text\nleave --days 30\n```",
    )
    visitor = visit(ENGINEER)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open()
    page = visitor.page
    visitor.ask_and_wait(QUESTIONS["en"])

    def copied() -> str:
        found: str = page.evaluate("navigator.clipboard.readText()")
        return found

    page.get_by_role("button", name="Copy answer").click()
    expect(page.locator(".toast")).to_have_text("Copied")
    text = copied()
    assert "**thirty** days [1]" in text
    assert "\n- Ask your manager" in text
    assert re.search(r"\nSources:\n\n\[1\] .*leave", text, re.IGNORECASE)
    page.evaluate("navigator.clipboard.writeText('')")
    page.keyboard.press("Control+Shift+c")
    page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
    assert copied() == text
    page.get_by_role("button", name="Copy code").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).trim() === 'leave --days 30'")
