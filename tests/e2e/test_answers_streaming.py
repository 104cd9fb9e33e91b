"""A generated answer on the page: it grows, it can be stopped, it survives a reload and says plainly how it failed."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.contracts.scenario import TRANSLATING
from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, Stage
from tests.waiting import allowed

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("generating")]

CHAT = "/v1/chat/completions"
QUESTIONS: dict[Language, str] = {
    "en": "How many days of annual leave does a full-time employee in Hamburg have in 2025?",
    "zh-hans": "公司 2025 年的年假政策是什么？",
}
# Each numbered, so that a gap or a repeat shows.
LONG: dict[Language, str] = {
    "en": " ".join(f"Rule {number} speaks of annual leave in Hamburg [1]." for number in range(1, 26)),
    "zh-hans": "".join(f"第{number}条讲上海的年假[1]。" for number in range(1, 26)),
}
PEOPLE: dict[Language, str] = {"en": ENGINEER, "zh-hans": HR_MANAGER}
LANGUAGES: tuple[Language, ...] = ("en", "zh-hans")


def script(stage: Stage, reply: str, **more: object) -> None:
    """Without log-probabilities the strategy decides by its rules: one request a turn."""
    stage.model.script(log_probabilities=False, default={"reply": reply, **more})


def words(text: str) -> list[str]:
    """Without citations and blanks, to compare what was scripted with what is read."""
    return re.findall(r"\w", re.sub(r"\[\d+\]", "", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_grows_and_ends_as_it_was_written(
    generating: Stage, visit: Visit, language: Language
) -> None:
    script(generating, LONG[language], tokens_per_second=120)
    visitor = visit(PEOPLE[language], language)
    visitor.open()
    visitor.ask(QUESTIONS[language])
    expect(visitor.page.get_by_text(QUESTIONS[language]).first).to_be_visible()
    lengths = set()
    answer = visitor.answer()
    expect(answer).to_be_visible(timeout=30_000)
    while answer.get_attribute("aria-busy") == "true":
        lengths.add(len(visitor.answer_text()))
    assert len(lengths) > 5
    assert words(visitor.answer_text()) == words(LONG[language])
    assert visitor.citation().is_visible()
    prompt = generating.model.requests(CHAT)[-1]["prompt"]
    assert QUESTIONS[language] in prompt


@pytest.mark.parametrize(
    ("language", "searched", "writing", "stopped"),
    [
        ("en", "Searched {} collections", "Writing the answer", "You stopped this answer"),
        ("zh-hans", "已搜索 {} 个文档集", "正在撰写回答", "您停止了这个回答"),
    ],
    ids=("en", "zh-hans"),
)
def test_the_steps_are_shown_with_their_counts_and_escape_stops(
    generating: Stage, visit: Visit, language: Language, searched: str, writing: str, stopped: str
) -> None:
    """U3, U5."""
    script(generating, "", mode="hang")
    visitor = visit(PEOPLE[language], language)
    visitor.open()
    visitor.ask(QUESTIONS[language])
    steps = visitor.page.get_by_test_id("steps")
    expect(steps).to_contain_text(writing)
    expect(steps).to_contain_text(searched.format(len(visitor.collections())))
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.get_by_test_id("outcome")).to_contain_text(stopped)
    generating.model.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None)


@pytest.mark.timed
def test_stop_in_the_middle_ends_the_page_and_the_request_at_once(generating: Stage, visit: Visit) -> None:
    """U5."""
    script(generating, LONG["en"], tokens_per_second=20)
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask(QUESTIONS["en"])
    visitor.wait_for_answer_longer_than(60)
    stopped_at = time.monotonic()
    visitor.page.get_by_role("button", name="Stop").click()
    generating.model.wait_for(
        lambda seen: seen["closed_by_client_after_seconds"] is not None, seconds=allowed(1.0)
    )
    expect(visitor.page.get_by_test_id("outcome")).to_contain_text("What was written so far is kept")
    assert time.monotonic() - stopped_at < allowed(1.5)
    kept = visitor.answer_text()
    assert len(words(kept)) > 40
    assert words(LONG["en"])[: len(words(kept))] == words(kept)
    visitor.page.reload()
    expect(visitor.page.get_by_test_id("outcome")).to_contain_text("You stopped this answer")
    assert words(visitor.answer_text()) == words(kept)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reload_in_the_middle_goes_on_without_gap_or_repeat(
    generating: Stage, visit: Visit, language: Language
) -> None:
    """U8."""
    script(generating, LONG[language], tokens_per_second=60)
    visitor = visit(PEOPLE[language], language)
    visitor.open()
    visitor.ask(QUESTIONS[language])
    visitor.wait_for_answer_longer_than(60)
    visitor.page.reload()
    before = visitor.wait_for_answer_longer_than(60)
    assert len(words(before)) < len(words(LONG[language])), "the answer was over before the reload"
    expect(visitor.answer()).to_have_attribute("aria-busy", "false")
    assert words(visitor.answer_text()) == words(LONG[language])
    asked = generating.model.requests(CHAT)
    assert len([one for one in asked if not any(words in one["prompt"] for words in TRANSLATING)]) == 1


@pytest.mark.parametrize(
    ("language", "broke_off", "again"),
    [
        ("en", "The language model broke off in the middle.", "Try again"),
        ("zh-hans", "语言模型中途断开了。", "重试"),
    ],
    ids=("en", "zh-hans"),
)
def test_a_broken_answer_says_so_and_is_asked_again(
    generating: Stage, visit: Visit, language: Language, broke_off: str, again: str
) -> None:
    """U15."""
    script(generating, LONG[language], mode="drop", after=30)
    visitor = visit(PEOPLE[language], language)
    visitor.open()
    visitor.ask(QUESTIONS[language])
    outcome = visitor.page.get_by_test_id("outcome")
    expect(outcome).to_contain_text(broke_off)
    assert words(visitor.answer_text())
    script(generating, LONG[language])
    outcome.get_by_role("button", name=again).click()
    expect(outcome).to_have_count(0)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false")
    assert words(visitor.answer_text()) == words(LONG[language])


@pytest.mark.parametrize(
    ("language", "instead"), [("en", "Answer with quotes instead"), ("zh-hans", "改用原文摘录回答")]
)
def test_u15_where_the_model_fails_quotes_are_one_click_away(
    generating: Stage, visit: Visit, language: Language, instead: str
) -> None:
    """U15: the question is kept, and answered from the documents while the model is away."""
    script(generating, "", mode="drop", after=0)
    visitor = visit(PEOPLE[language], language)
    visitor.open()
    visitor.ask(QUESTIONS[language])
    button = visitor.page.get_by_role("button", name=instead)
    expect(button).to_be_visible(timeout=30_000)
    asked = len(generating.model.requests(CHAT))
    button.click()
    expect(visitor.citation()).to_be_visible(timeout=30_000)
    expect(visitor.page.locator("article.turn")).to_have_count(1)
    assert len(generating.model.requests(CHAT)) == asked


def test_two_windows_of_one_person_read_the_same_answer(generating: Stage, visit: Visit) -> None:
    """U16."""
    script(generating, LONG["en"], tokens_per_second=60)
    first, second = visit(ENGINEER), visit(ENGINEER)
    first.open()
    first.ask(QUESTIONS["en"])
    first.wait_for_answer_longer_than(20)
    second.page.goto(first.page.url)
    for window in (first, second):
        expect(window.answer()).to_have_attribute("aria-busy", "false")
        assert words(window.answer_text()) == words(LONG["en"])
