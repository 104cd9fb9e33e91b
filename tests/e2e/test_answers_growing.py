"""What is seen while an answer grows: no raw markup, no invented number, nothing that moves what is read; and what is
heard of it."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, Stage
from tests.e2e.test_answers_streaming import CHAT, LONG, QUESTIONS, script

pytestmark = pytest.mark.e2e

_SAID = """() => {
  const region = document.querySelector('[role=status][aria-live=polite]');
  window.said = [];
  new MutationObserver(() => window.said.push(region.textContent))
    .observe(region, { childList: true, characterData: true, subtree: true });
}"""


@pytest.mark.parametrize(
    ("language", "email", "searching", "ready"),
    [
        ("en", ENGINEER, "Searching", "Answer ready, 1 source"),
        ("zh-hans", HR_MANAGER, "正在搜索", "回答完成，1 处来源"),
    ],
    ids=("en", "zh-hans"),
)
def test_u42_a_screen_reader_hears_the_beginning_and_the_end_once(
    generating: Stage, visit: Visit, language: Language, email: str, searching: str, ready: str
) -> None:
    """U42: and nothing in between; the focus stays where the question was written."""
    script(generating, LONG[language], tokens_per_second=120)
    visitor = visit(email, language)
    page = visitor.page
    visitor.open()
    expect(page.locator("#question")).to_be_visible()
    page.evaluate(_SAID)
    visitor.ask(QUESTIONS[language])
    visitor.wait_for_answer_longer_than(20)
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "off")
    expect(visitor.answer()).to_have_attribute("aria-busy", "true")
    expect(visitor.answer()).to_have_attribute("aria-live", "off")
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    assert page.evaluate("window.said") == [searching, ready]
    assert log.get_by_role("heading", level=2).count() == 1
    assert log.get_by_role("heading", level=3).count() == 1
    expect(page.locator("#question")).to_be_focused()


def test_u10_who_scrolls_up_is_left_there_and_led_back(visit: Visit, generating: Stage) -> None:
    """U10: what is read does not move while the answer grows below it."""
    visitor = visit(ENGINEER, height=500)
    page = visitor.page
    script(generating, f"{LONG['en']} " * 4, tokens_per_second=150)
    visitor.open()
    visitor.ask(QUESTIONS["en"])
    visitor.wait_for_answer_longer_than(1200)
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
    assert len(seen) > 4
    assert not [text for text in seen if any(raw in text for raw in ("**", "`", "|", "](", "[1"))]
    assert seen[-1].startswith("Thirty days")


def test_u17_u22_numbers_stand_behind_their_claims_and_none_is_invented(
    visit: Visit, generating: Stage
) -> None:
    """U17, U22: a number that no source has is not shown, not even for a moment."""
    visitor = visit(ENGINEER)
    invented = "Leave is long [1]. It is longer [99]. Nobody counts [0]. The end [1]."
    script(generating, invented, tokens_per_second=40, cut_by=2)
    visitor.open()
    expect(visitor.page.locator("#question")).to_be_visible()
    visitor.page.evaluate(
        """() => {
          window.numbers = new Set();
          new MutationObserver(() => {
            for (const one of document.querySelectorAll('.cite')) window.numbers.add(one.textContent);
            if (/99/.test(document.querySelector('[data-testid=answer]')?.innerText ?? ''))
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


def test_u24_a_sentence_without_support_is_marked_and_said_to_be(visit: Visit, generating: Stage) -> None:
    """U24: which part it is, by a sign and by words, and not by its underline alone."""
    visitor = visit(ENGINEER)
    supported = "A full-time employee in Hamburg has 30 working days of annual leave in 2025 [1]."
    script(generating, f"{supported} Everybody gets a golden bicycle on Mondays [1].")
    visitor.open()
    answer = visitor.ask_and_wait(QUESTIONS["en"])
    flag = answer.get_by_role("img", name="No source supports this sentence")
    expect(flag).to_have_count(1)
    expect(answer.locator(".unsupported").first).to_contain_text("golden bicycle")
    expect(visitor.page.locator(".turn")).to_contain_text("are not supported by the sources")


def test_u28_chinese_is_answered_in_chinese_with_the_words_of_the_document(
    visit: Visit, generating: Stage
) -> None:
    """U28: the model is told so, and the passage is quoted as it is written."""
    visitor = visit(HR_MANAGER, "zh-hans")
    script(generating, "汉堡的员工有 30 天年假[1]。")
    visitor.open()
    answer = visitor.ask_and_wait("Hamburg annual leave 有多少天？")
    expect(answer).to_contain_text("汉堡的员工有 30 天年假")
    asked = json.dumps(generating.model.requests(CHAT)[-1], ensure_ascii=False)
    assert "中文" in asked
    visitor.citation().hover()
    expect(visitor.page.locator(".card blockquote")).to_contain_text(re.compile("[A-Za-z]{4,}|[一-龥]{4,}"))
