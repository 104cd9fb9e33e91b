"""Feedback on an answer in a browser: given, kept over a reload, explained, handed over, taken back (U36)."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, NEWCOMER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

QUESTIONS: dict[Language, str] = {
    "en": "How many days of annual leave does a full-time employee in Hamburg have in 2025?",
    "zh-hans": "公司 2025 年的年假政策是什么？",
}
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "up": "Helpful",
        "down": "Not helpful",
        "reason": "A source is outdated",
        "comment": "Comment",
        "hand_over": "Administrators may read this question and my comment",
        "save": "Save",
        "take_back": "Take my feedback back",
        "handed": "Handed over",
    },
    "zh-hans": {
        "up": "有帮助",
        "down": "没有帮助",
        "reason": "来源已过时",
        "comment": "意见",
        "hand_over": "允许管理员阅读这个问题和我的意见",
        "save": "保存",
        "take_back": "撤回我的反馈",
        "handed": "已提交的问题",
    },
}


def pressed(visitor: Visitor, name: str, *, is_pressed: bool = True) -> Locator:
    button = visitor.page.get_by_role("button", name=name, exact=True)
    expect(button).to_have_attribute("aria-pressed", str(is_pressed).lower())
    return button


@pytest.mark.parametrize(
    ("language", "email", "width"),
    [("en", NEWCOMER, 1440), ("zh-hans", ENGINEER, 320)],
    ids=("en", "zh-hans"),
)
def test_it_is_given_explained_handed_over_and_taken_back(
    visit: Visit, language: Language, email: str, width: int
) -> None:
    """U36. By the keyboard alone."""
    words, question = WORDS[language], QUESTIONS[language]
    visitor = visit(email, language, width=width)
    page = visitor.page
    visitor.open()
    visitor.ask_and_wait(question)
    pressed(visitor, words["up"], is_pressed=False).press("Enter")
    pressed(visitor, words["up"])
    page.reload()
    pressed(visitor, words["up"]).press("Enter")
    pressed(visitor, words["up"], is_pressed=False)
    pressed(visitor, words["down"], is_pressed=False).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name=words["reason"]).press("Space")
    dialog.get_by_role("textbox", name=words["comment"]).fill("See page 3.")
    dialog.get_by_role("checkbox", name=words["hand_over"]).press("Space")
    assert visitor.widest_overflow() == 0
    dialog.get_by_role("button", name=words["save"], exact=True).press("Enter")
    expect(dialog).to_have_count(0)
    page.reload()
    pressed(visitor, words["down"])

    administrator = visit(ADMINISTRATOR, language, width=width)
    administrator.open("/feedback")
    handed = administrator.page.get_by_role("region", name=words["handed"]).get_by_role("listitem")
    expect(handed.filter(has_text=question)).to_contain_text("See page 3.")
    expect(handed.filter(has_text=question)).to_contain_text(words["reason"])
    expect(administrator.page.get_by_role("main")).not_to_contain_text(email.partition(".")[0].title())
    assert administrator.widest_overflow() == 0

    pressed(visitor, words["down"]).press("Enter")
    expect(dialog.get_by_role("checkbox", name=words["reason"])).to_be_checked()
    dialog.get_by_role("button", name=words["take_back"]).press("Enter")
    expect(dialog).to_have_count(0)
    expect(pressed(visitor, words["down"], is_pressed=False)).to_be_focused()
    administrator.page.reload()
    expect(handed.first).to_be_visible()
    expect(handed.filter(has_text=question)).to_have_count(0)


def test_others_have_no_such_page(visit: Visit) -> None:
    visitor = visit(NEWCOMER)
    visitor.open("/feedback")
    expect(visitor.page.get_by_role("main")).to_contain_text("not")
    expect(visitor.page.get_by_role("link", name="Feedback")).to_have_count(0)
