"""Where questions are written: what sends, and what is kept."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, Stage
from tests.e2e.test_answers_streaming import LONG, QUESTIONS, script
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("generating")]


def turns(visitor: Visitor, count: int) -> None:
    expect(visitor.page.locator("article.turn")).to_have_count(count)


def test_u1_enter_sends_and_neither_shift_nor_a_chinese_word_does(generating: Stage, visit: Visit) -> None:
    """U1: the input method's Enter chooses a word."""
    script(generating, LONG["zh-hans"])
    visitor = visit(HR_MANAGER, "zh-hans")
    visitor.open()
    field = visitor.page.locator("#question")
    field.press_sequentially("第一行")
    field.press("Shift+Enter")
    field.press_sequentially("第二行")
    expect(field).to_have_value("第一行\n第二行")
    field.fill("年假")
    # As browsers send it: the composition is on, or has ended with this very key.
    field.evaluate(
        """field => {
          const press = more => field.dispatchEvent(
            new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...more }));
          field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
          press({ isComposing: true });
          press({});
          field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
          press({});
        }"""
    )
    visitor.page.wait_for_timeout(300)
    turns(visitor, 0)
    expect(field).to_have_value("年假")
    field.press("Enter")
    turns(visitor, 1)
    expect(field).to_have_value("")


def test_u9_without_a_network_the_draft_stays_and_the_question_goes_out_afterwards(
    generating: Stage, visit: Visit
) -> None:
    """U9: a banner while it is away, and everything goes on by itself when it is back."""
    script(generating, LONG["en"])
    visitor = visit(ENGINEER)
    visitor.open()
    expect(visitor.page.locator(".starters button").first).to_be_visible()
    field, lost = visitor.page.locator("#question"), visitor.page.get_by_role("alert")
    field.fill("Half a ques")
    visitor.context.set_offline(True)
    expect(lost).to_contain_text("No connection", timeout=60_000)
    expect(field).to_have_value("Half a ques")
    visitor.ask(QUESTIONS["en"])
    turns(visitor, 1)
    visitor.context.set_offline(False)
    expect(lost).to_have_count(0, timeout=60_000)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=60_000)
    visitor.complaints[:] = [line for line in visitor.complaints if "ERR_INTERNET_DISCONNECTED" not in line]


# In one turn of the page: before anything about the first question can have come back.
_SENDS = "field => { field.form.requestSubmit(); %s }"
_GOES_ON = """setTimeout(() => {
  field.value = 'And then';
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
});"""


def test_u12_what_is_written_while_the_first_question_is_on_its_way_is_kept(
    generating: Stage, visit: Visit
) -> None:
    """U12: the conversation gets its number while the next question is being written."""
    script(generating, LONG["en"])
    visitor = visit(ENGINEER)
    visitor.open()
    page, field = visitor.page, visitor.page.locator("#question")
    field.fill(QUESTIONS["en"])
    field.evaluate(_SENDS % _GOES_ON)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    expect(field).to_have_value("And then")
    page.get_by_role("link", name="New chat").first.click()
    expect(field).to_have_value("")
    page.go_back()
    expect(field).to_have_value("And then")


def test_u4_a_question_that_is_still_on_its_way_is_stopped_as_well(generating: Stage, visit: Visit) -> None:
    """U4: Stop is there as soon as the question is sent, and it holds."""
    script(generating, "", mode="hang")
    visitor = visit(ENGINEER)
    visitor.open()
    field = visitor.page.locator("#question")
    field.fill(QUESTIONS["en"])
    field.evaluate(_SENDS % "setTimeout(() => document.querySelector('.round[type=button]').click());")
    expect(visitor.page.get_by_test_id("outcome")).to_be_visible(timeout=30_000)


def test_u12_each_conversation_keeps_its_draft(generating: Stage, visit: Visit) -> None:
    """U12: over another conversation, another page and a reload."""
    script(generating, LONG["en"])
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    page, field = visitor.page, visitor.page.locator("#question")
    field.fill("About this one")
    page.get_by_role("link", name="New chat").first.click()
    expect(field).to_have_value("")
    field.fill("About something new")
    page.get_by_role("link", name="Library").click()
    page.go_back()
    expect(field).to_have_value("About something new")
    page.locator(".history li a").first.click()
    expect(field).to_have_value("About this one")
    page.reload()
    expect(field).to_have_value("About this one")
    visitor.open()
    expect(field).to_have_value("About something new")
    field.fill("")
