"""U11: while an answer is being written one question waits for its end, and is sent by itself, now, or never."""

import time

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, Stage
from tests.e2e.test_answers_streaming import LONG, QUESTIONS, script
from tests.e2e.test_pages_accessible import AXE, Examination
from tests.e2e.test_writing_questions import turns
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("generating")]

SECOND = "And how many days are there in Shanghai?"


def asked_while_one_hangs(visitor: Visitor, stage: Stage, question: str = SECOND) -> Locator:
    """An answer that does not come, and a question behind it; returns what shows that it waits."""
    script(stage, "", mode="hang")
    visitor.open()
    visitor.ask(QUESTIONS["en"])
    expect(visitor.page.get_by_test_id("steps")).to_contain_text("Writing the answer")
    visitor.ask(question)
    return visitor.page.get_by_role("group", name="Next question")


@pytest.mark.parametrize(
    ("language", "email", "label", "second", "said"),
    [
        ("en", ENGINEER, "Next question", SECOND, "Your question waits"),
        ("zh-hans", HR_MANAGER, "下一个问题", "那病假有多少天？", "正在排队"),
    ],
    ids=("en", "zh-hans"),
)
def test_u11_it_is_sent_by_itself_when_the_answer_is_there(
    generating: Stage, visit: Visit, language: Language, email: str, label: str, second: str, said: str
) -> None:
    """U11: once, after the answer, and with what a screen reader is told."""
    script(generating, LONG[language], tokens_per_second=60)
    visitor = visit(email, language, script=AXE)
    page, field = visitor.page, visitor.page.locator("#question")
    visitor.open()
    visitor.ask(QUESTIONS[language])
    expect(visitor.answer()).to_be_visible()
    visitor.ask(second)
    waiting = page.get_by_role("group", name=label)
    expect(waiting).to_contain_text(second)
    expect(page.get_by_role("status").filter(has_text=said)).to_have_count(1)
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    turns(visitor, 1)
    examination = Examination(visitor)
    examination.examine("a question that waits")
    assert not examination.violations, examination.violations
    expect(waiting).to_have_count(0, timeout=60_000)
    turns(visitor, 2)
    expect(page.locator("article.turn").last).to_contain_text(second)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=60_000)
    page.wait_for_timeout(500)
    turns(visitor, 2)
    page.reload()
    turns(visitor, 2)


def test_u11_it_is_changed_deleted_and_there_is_one(generating: Stage, visit: Visit) -> None:
    """U11: nothing that is written is lost by any of it."""
    visitor = visit(ENGINEER)
    page, field = visitor.page, visitor.page.locator("#question")
    waiting = asked_while_one_hangs(visitor, generating)
    expect(waiting).to_contain_text(SECOND)
    visitor.ask("A third one")
    expect(page.locator("#composer-hint")).to_contain_text("One question waits already")
    expect(field).to_have_value("A third one")
    expect(page.get_by_role("button", name="Ask after this answer")).to_have_count(0)
    waiting.get_by_role("button", name="Change the next question").click()
    expect(waiting).to_have_count(0)
    expect(field).to_have_value(f"{SECOND}\nA third one")
    expect(field).to_be_focused()
    field.fill("Another one")
    page.get_by_role("button", name="Ask after this answer").click()
    expect(waiting).to_contain_text("Another one")
    waiting.get_by_role("button", name="Delete the next question").press("Enter")
    expect(waiting).to_have_count(0)
    expect(field).to_be_focused()
    turns(visitor, 1)
    script(generating, LONG["en"])
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("outcome")).to_be_visible()
    page.wait_for_timeout(500)
    turns(visitor, 1)


@pytest.mark.parametrize("reloads", [False, True])
def test_u11_sending_now_stops_the_answer(generating: Stage, visit: Visit, reloads: bool) -> None:
    """U11: also where it is pressed before the conversation is there again."""
    visitor = visit(ENGINEER)
    waiting = asked_while_one_hangs(visitor, generating)
    expect(waiting).to_be_visible()
    if reloads:
        visitor.page.route("**/api/v1/conversations/*", lambda route: (time.sleep(1), route.continue_()))
        visitor.page.reload(wait_until="commit")
    script(generating, LONG["en"])
    waiting.get_by_role("button", name="Send now").click()
    turns(visitor, 2)
    expect(waiting).to_have_count(0)
    expect(visitor.page.get_by_test_id("outcome").first).to_contain_text("You stopped this answer")
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    expect(visitor.page.locator("article.turn").last).to_contain_text(SECOND)


def test_u11_stopping_keeps_it_over_a_reload_and_it_goes_to_no_other_conversation(
    generating: Stage, visit: Visit
) -> None:
    """U11, U12: who stops an answer has not asked for the next one."""
    visitor = visit(ENGINEER)
    page = visitor.page
    waiting = asked_while_one_hangs(visitor, generating)
    expect(waiting).to_be_visible()
    page.reload()
    expect(waiting).to_contain_text(SECOND)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    script(generating, LONG["en"])
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("outcome")).to_be_visible()
    page.wait_for_timeout(500)
    turns(visitor, 1)
    page.reload()
    expect(waiting).to_contain_text(SECOND)
    page.get_by_role("link", name="New chat").first.click()
    expect(waiting).to_have_count(0)
    page.go_back()
    expect(waiting).to_contain_text(SECOND)
    turns(visitor, 1)
    waiting.get_by_role("button", name="Send now").click()
    turns(visitor, 2)
    expect(waiting).to_have_count(0)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)


def test_u11_a_failed_answer_keeps_it_and_does_not_send_it(generating: Stage, visit: Visit) -> None:
    """U11: the first answer breaks off; once it was asked again, the question behind it is sent."""
    script(generating, LONG["en"], tokens_per_second=10, mode="drop", after=30)
    visitor = visit(ENGINEER)
    page = visitor.page
    visitor.open()
    visitor.ask(QUESTIONS["en"])
    expect(visitor.answer()).to_be_visible(timeout=30_000)
    visitor.ask(SECOND)
    waiting = page.get_by_role("group", name="Next question")
    expect(waiting).to_be_visible()
    expect(page.get_by_test_id("outcome")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(500)
    expect(waiting).to_contain_text(SECOND)
    turns(visitor, 1)
    script(generating, LONG["en"])
    page.get_by_test_id("outcome").get_by_role("button").first.click()
    expect(page.locator("article.turn").last).to_contain_text(SECOND, timeout=30_000)
    turns(visitor, 2)
    expect(waiting).to_have_count(0)


def test_u11_two_windows_send_it_once(generating: Stage, visit: Visit) -> None:
    """U11, U16."""
    script(generating, LONG["en"], tokens_per_second=30)
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask(QUESTIONS["en"])
    expect(visitor.answer()).to_be_visible(timeout=30_000)
    visitor.ask(SECOND)
    waiting = visitor.page.get_by_role("group", name="Next question")
    expect(waiting).to_be_visible()
    other = visitor.another_window()
    other.page.goto(visitor.page.url)
    expect(other.page.get_by_role("group", name="Next question")).to_contain_text(SECOND)
    for window in (visitor, other):
        expect(window.page.get_by_role("group", name="Next question")).to_have_count(0, timeout=60_000)
    expect(visitor.page.get_by_role("button", name="Stop", exact=True)).to_have_count(0, timeout=60_000)
    conversation = visitor.page.url.rpartition("/")[2]
    told = visitor.call("GET", f"/api/v1/conversations/{conversation}").json()
    assert [turn["question"] for turn in told["turns"]] == [QUESTIONS["en"], SECOND]


def test_u11_in_a_temporary_chat_it_waits_and_nothing_of_it_is_kept(generating: Stage, visit: Visit) -> None:
    """U11, U39."""
    visitor = visit(ENGINEER)
    page = visitor.page
    script(generating, "", mode="hang")
    visitor.open("/?temporary=1")
    visitor.ask(QUESTIONS["en"])
    expect(page.get_by_test_id("steps")).to_contain_text("Writing the answer")
    visitor.ask(SECOND)
    waiting = page.get_by_role("group", name="Next question")
    expect(waiting).to_be_visible()
    assert "Shanghai" not in page.evaluate("JSON.stringify(localStorage)")
    script(generating, LONG["en"])
    waiting.get_by_role("button", name="Send now").click()
    turns(visitor, 2)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    page.get_by_role("link", name="New chat").first.click()
    expect(waiting).to_have_count(0)
