"""Sources of an answer: numbered where they support it, opened by any means, listed as used or only read."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, NEWCOMER, Stage
from tests.e2e.test_answers_streaming import LONG, QUESTIONS, script

pytestmark = pytest.mark.e2e


def test_u17_u22_numbers_stand_behind_their_claims_and_none_is_invented(
    visit: Visit, generating: Stage
) -> None:
    """U17, U22: a number that no source has is not shown, not even for a moment."""
    visitor = visit(ENGINEER)
    invented = "Leave is long [1]. It is longer [99]. Nobody counts [0] or [7777777777]. The end [1]."
    script(generating, invented, tokens_per_second=40, cut_by=2)
    visitor.open()
    expect(visitor.page.locator("#question")).to_be_visible()
    visitor.page.evaluate(
        """() => {
          window.numbers = new Set();
          new MutationObserver(() => {
            for (const one of document.querySelectorAll('.cite')) window.numbers.add(one.textContent);
            if (/\\[?(99|7777777777)/.test(document.querySelector('[data-testid=answer]')?.innerText ?? ''))
              window.numbers.add('invented');
          }).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )
    answer = visitor.ask_and_wait(QUESTIONS["en"])
    assert visitor.page.evaluate("[...window.numbers]") == ["1"]
    assert re.search(r"Leave is long\s*1", answer.inner_text())
    expect(answer.locator(".cite")).to_have_count(2)


def test_u17_numbers_stay_while_the_answer_grows(visit: Visit, generating: Stage) -> None:
    """U17."""
    visitor = visit(ENGINEER)
    script(generating, LONG["en"], tokens_per_second=60)
    visitor.open()
    visitor.ask(QUESTIONS["en"])
    visitor.wait_for_answer_longer_than(200)
    early = visitor.answer().locator(".cite").all_inner_texts()[:3]
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    assert visitor.answer().locator(".cite").all_inner_texts()[:3] == early


def test_u18_a_citation_tells_by_hover_focus_and_key_where_it_is_from(visit: Visit, quoting: Stage) -> None:
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
    visit: Visit, quoting: Stage
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


def test_u27_the_scope_is_kept_by_the_chat_and_its_address(visit: Visit, quoting: Stage) -> None:
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


def test_u28_chinese_is_answered_in_chinese_with_the_words_of_the_document(
    visit: Visit, generating: Stage
) -> None:
    """U28: the model is told so, and the passage is quoted as it is written."""
    visitor = visit(HR_MANAGER, "zh-hans")
    script(generating, "汉堡的员工有 30 天年假[1]。")
    visitor.open()
    answer = visitor.ask_and_wait("Hamburg annual leave 有多少天？")
    expect(answer).to_contain_text("汉堡的员工有 30 天年假")
    asked = json.dumps(generating.model.requests("/v1/chat/completions")[-1], ensure_ascii=False)
    assert "中文" in asked
    visitor.citation().hover()
    expect(visitor.page.locator(".card blockquote")).to_contain_text(re.compile("[A-Za-z]{4,}|[一-龥]{4,}"))


def test_u31_the_original_is_for_readers_and_looks_missing_to_others(visit: Visit, quoting: Stage) -> None:
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
