"""Another search index in a browser: built while questions are answered, looked at, put in force, gone back from and
dropped (U62)."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

NOT_THERE = "It does not exist, or you may not see it."
# A build gives way to whatever else the machine has to do: no promise, a wait.
BUILT_MS = 150_000
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "build": "Build another index",
        "list": "Indexes",
        "in_force": "in force",
        "built": "built, not in force",
        "kept": "kept to go back to",
        "passed": "Checks: passed",
        "switch": "Put in force",
        "back": "Go back to it",
        "drop": "Drop",
    },
    "zh-hans": {
        "build": "另建索引",
        "list": "索引",
        "in_force": "使用中",
        "built": "已建好，未启用",
        "kept": "保留，可退回",
        "passed": "检查: 通过",
        "switch": "启用",
        "back": "退回到它",
        "drop": "删除",
    },
}


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 320)], ids=("en", "zh-hans"))
def test_another_index_is_built_put_in_force_gone_back_from_and_dropped(
    visit: Visit, language: Language, width: int
) -> None:
    """U62. By the keyboard alone, and nobody who searches meanwhile notices."""
    words = WORDS[language]
    visitor = visit(ADMINISTRATOR, language, width=width)
    page = visitor.page
    visitor.open("/generations")
    items = page.get_by_role("list", name=words["list"], exact=True).locator("> li")
    expect(items).to_have_count(1)

    def press(where: Locator, name: str) -> None:
        where.get_by_role("button", name=name, exact=True).press("Enter")
        press_in_dialog(name)

    def press_in_dialog(name: str) -> None:
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name=name, exact=True).press("Enter")
        expect(dialog).to_have_count(0)

    asker = visit(NEWCOMER, language)

    def asker_finds() -> None:
        asker.open("/search?q=canteen")
        expect(asker.page.locator("main ol li").first).to_be_visible()

    asker_finds()
    press(page.get_by_role("main"), words["build"])
    asker_finds()
    new, first = items.nth(0), items.nth(1)
    expect(new).to_contain_text(words["built"], timeout=BUILT_MS)
    expect(new).to_contain_text(words["passed"])
    expect(first).to_contain_text(words["in_force"])
    assert visitor.widest_overflow() == 0

    press(new, words["switch"])
    expect(new).to_contain_text(words["in_force"])
    expect(first).to_contain_text(words["kept"])
    asker_finds()

    press(first, words["back"])
    expect(first).to_contain_text(words["in_force"])
    asker_finds()
    press(new, words["drop"])
    expect(items).to_have_count(1)
    asker_finds()


def test_others_have_no_such_page(visit: Visit) -> None:
    visitor = visit(NEWCOMER)
    visitor.open("/generations")
    expect(visitor.page.get_by_role("heading", name="Search index")).to_be_visible()
    expect(visitor.page.get_by_role("main")).to_contain_text(NOT_THERE)
    expect(visitor.page.get_by_role("main").get_by_role("button")).to_have_count(0)
    expect(visitor.page.get_by_role("link", name="Search index")).to_have_count(0)
