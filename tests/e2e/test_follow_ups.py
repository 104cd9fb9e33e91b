"""A conversation: the second question is understood from the first, and history keeps both; the next is suggested."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import HR_MANAGER, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "email", "first", "second", "understood", "answer"),
    [
        (
            "en",
            NEWCOMER,
            "What is the limit for gifts in Hamburg?",
            "And in Shanghai?",
            "limit for gifts in Shanghai",
            "200 yuan",
        ),
        ("zh-hans", HR_MANAGER, "年假有多少天？", "那病假呢？", "病假有多少天", "病假"),
    ],
    ids=("en", "zh-hans"),
)
def test_a_follow_up_is_understood_and_kept(
    visit: Visit,
    language: Language,
    email: str,
    first: str,
    second: str,
    understood: str,
    answer: str,
) -> None:
    visitor = visit(email, language)
    visitor.open()
    visitor.ask_and_wait(first)
    expect(visitor.ask_and_wait(second)).to_contain_text(answer)
    steps = visitor.page.get_by_test_id("steps").last
    steps.locator("summary").click()
    expect(steps).to_contain_text(understood)
    shown = visitor.page.get_by_test_id("answer").all_inner_texts()
    visitor.page.reload()
    expect(visitor.page.locator("article.turn")).to_have_count(2)
    expect(visitor.page.get_by_test_id("answer")).to_have_count(2)
    assert visitor.page.get_by_test_id("answer").all_inner_texts() == shown
    visitor.open()
    visitor.page.get_by_role("link", name=first).first.click()
    expect(visitor.page.get_by_test_id("answer")).to_have_count(2)


@pytest.mark.parametrize(
    ("language", "email", "question", "asks"),
    [
        ("en", NEWCOMER, "What is the limit for gifts in Hamburg?", "What does “"),
        ("zh-hans", HR_MANAGER, "年假有多少天？", "《"),
    ],
    ids=("en", "zh-hans"),
)
def test_u37_what_is_suggested_next_is_answered(
    visit: Visit, language: Language, email: str, question: str, asks: str
) -> None:
    """U37: every suggestion, and not only the one that is clicked first."""
    visitor = visit(email, language)
    visitor.open()
    visitor.ask_and_wait(question)
    suggested = visitor.page.locator(".next button")
    expect(suggested.first).to_contain_text(asks)
    texts = suggested.all_inner_texts()
    assert len(texts) == len(set(texts)) <= 3
    visitor.answer_after(suggested.first.click)
    expect(visitor.citation()).to_be_visible()
    for text in texts[1:]:
        visitor.ask_and_wait(text)
        expect(visitor.citation()).to_be_visible()
