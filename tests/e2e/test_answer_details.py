"""What an answer tells of itself on demand: how long it took, how it was made, and why it read these passages."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "email", "question", "details", "why", "first"),
    [
        (
            "en",
            ENGINEER,
            "How many days of annual leave does a full-time employee in Hamburg have?",
            "Details of this answer",
            "Why these passages?",
            "first three",
        ),
        ("zh-hans", HR_MANAGER, "年假有多少天？", "回答详情", "为什么是这些段落？", "前三"),
    ],
    ids=("en", "zh-hans"),
)
def test_u14_u30_an_answer_tells_its_times_and_the_ranks_of_its_passages(
    visit: Visit, language: Language, email: str, question: str, details: str, why: str, first: str
) -> None:
    """U14, U30: seconds and counts that the answer has; ranks as bands, and no score."""
    visitor = visit(email, language)
    visitor.open()
    visitor.ask_and_wait(question)
    page = visitor.page
    page.get_by_role("button", name=details).click()
    expect(page.locator("dl").filter(has_text=re.compile(r"\d\.\d"))).to_be_visible()
    page.get_by_role("button", name=why).click()
    dialog = page.get_by_role("dialog")
    rows = dialog.locator("tbody tr")
    read = int(re.findall(r"\d+", page.get_by_test_id("steps").inner_text())[-1])
    expect(rows).to_have_count(read)
    expect(dialog.get_by_role("cell", name=first, exact=True).first).to_be_visible()
    assert not re.search(r"0\.\d", dialog.inner_text())
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
