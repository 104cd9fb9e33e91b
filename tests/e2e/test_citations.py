"""Sources of an answer: numbered where they support it, opened by any means, listed as used or only read."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, NEWCOMER
from tests.e2e.tour import QUESTIONS

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def test_u18_a_citation_tells_by_hover_focus_and_key_where_it_is_from(visit: Visit) -> None:
    """U18: title, path, words, collection and date; by the keyboard alone too."""
    visitor = visit(ENGINEER)
    page = visitor.page
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    number, card = visitor.citation(), page.locator(".card")
    expect(number).to_have_accessible_name(re.compile("Annual leave policy"))
    number.hover()
    for part in ("Annual leave policy (Hamburg) 2025", "30 working days", "Company handbook", "2025"):
        expect(card).to_contain_text(part)
    page.mouse.move(5, 300)
    expect(card).to_have_count(0)
    page.get_by_role("log").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if number.evaluate("one => one === document.activeElement"):
            break
    expect(card).to_contain_text("30 working days")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(number).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("aside.panel mark").first).to_be_in_viewport()


def test_u26_u13_used_and_only_read_sources_are_told_apart_and_copied_along(
    visit: Visit,
) -> None:
    """U13, U26."""
    visitor = visit(ENGINEER)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.page
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    sources = page.get_by_test_id("sources")
    used = sources.locator("ul.used li")
    titles = used.locator(".title").all_inner_texts()
    assert len(titles) == len(set(titles)) > 0, "grouped by document"
    sources.locator("summary").click()
    expect(sources.locator("details li").first).to_be_visible()
    page.get_by_role("button", name="Copy answer").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "30 working days" in copied
    assert re.search(r"\[1\] Annual leave policy \(Hamburg\) 2025", copied.partition("Sources:")[2])
    assert "<" not in copied


def test_u27_the_scope_is_kept_by_the_chat_and_its_address(visit: Visit) -> None:
    """U27."""
    visitor = visit(HR_MANAGER)
    page = visitor.page
    visitor.open()
    page.get_by_role("button", name="Where to search").click()
    page.get_by_role("checkbox", name="Company handbook").check()
    page.keyboard.press("Escape")
    chip = page.locator(".chip", has_text="Company handbook")
    expect(chip).to_be_visible()
    assert "in=" in page.url
    visitor.ask_and_wait("How many days of annual leave are there?")
    expect(page.get_by_test_id("steps")).to_contain_text("Searched 1 collection")
    page.goto(page.url.partition("?")[0])
    expect(chip).to_be_visible()
    chip.get_by_role("button").click()
    expect(chip).to_have_count(0)


def test_u31_the_original_is_for_readers_and_looks_missing_to_others(visit: Visit) -> None:
    """U31: byte for byte the same answer as for an id that never was."""
    manager, newcomer = visit(HR_MANAGER), visit(NEWCOMER)
    closed = next(one for one in manager.collections() if one["name"].startswith("Human resources"))
    row = manager.call("GET", f"/api/v1/collections/{closed['id']}/documents").json()[0]
    path = f"/api/v1/versions/{row['version_id']}/original"
    assert manager.call("GET", path).ok
    refused = newcomer.call("GET", path)
    missing = newcomer.call("GET", re.sub("[0-9a-f]{8}-", "00000000-", path))
    assert refused.status == missing.status == 404
    assert refused.body() == missing.body()
