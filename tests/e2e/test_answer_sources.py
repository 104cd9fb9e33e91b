"""What stands below a generated answer: its sources by use and document, and quotes in their own language."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER, Stage
from tests.e2e.test_answers_streaming import QUESTIONS, script

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("generating")]


def test_u28_a_chinese_question_is_answered_in_chinese_over_an_english_page(
    generating: Stage, visit: Visit
) -> None:
    """U28: the model is told the language of the question; the quote stays in the language of the document."""
    script(generating, "汉堡的全职员工有三十天年假 [1]。")
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait("Harbor Assistant 的 RAG-Token 用多少 passages？")
    prompt = generating.model.requests("/v1/chat/completions")[-1]["prompt"]
    assert re.search("中文|Chinese", prompt)
    visitor.citation().hover()
    quote = visitor.page.locator(".card blockquote")
    expect(quote).to_contain_text(re.compile("[A-Za-z]{4}"))
    assert not re.search("[\u4e00-\u9fff]", quote.inner_text())


def test_u26_sources_are_told_apart_by_use_and_put_together_by_document(
    generating: Stage, visit: Visit
) -> None:
    """U26: each number that the answer has, once, under its document; what was only searched is folded below."""
    script(
        generating, "Annual leave in Hamburg is thirty days [1]. Leave is asked for early [2]. It ends [1]."
    )
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    shown = visitor.page.get_by_test_id("sources")
    numbers = shown.locator(".used .number").all_inner_texts()
    assert sorted(numbers) == sorted(set(visitor.answer().locator(".cite").all_inner_texts()))
    titles = shown.locator(".used .title").all_inner_texts()
    assert len(titles) == len(set(titles))
    found = int(re.findall(r"\d+", visitor.page.get_by_test_id("steps").inner_text())[-1])
    unused = shown.locator("summary")
    expect(unused).to_have_text(f"Searched but not used ({found - len(numbers)})")
    unused.click()
    expect(shown.locator("details li")).to_have_count(found - len(numbers))
    shown.locator("details li button").first.click()
    expect(visitor.page.locator("[role=complementary].panel mark").first).to_be_visible()
