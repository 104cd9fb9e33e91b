"""What is heard of an answer while it grows."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, Stage
from tests.e2e.test_answers_streaming import LONG, QUESTIONS, script

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
