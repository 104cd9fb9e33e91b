"""What a question is asked of: chips that say it, an address that carries it, and a conversation that keeps it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import HR_MANAGER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "menu", "collection", "remove", "question", "searched"),
    [
        (
            "en",
            "Where to search",
            "Company handbook",
            "Stop limiting to Company handbook",
            "What is the limit for gifts in Hamburg?",
            "Searched 1 collection,",
        ),
        (
            "zh-hans",
            "搜索范围",
            "员工手册（上海）",
            "不再限定于员工手册（上海）",
            "年假有多少天？",
            "搜索了 1 个文档集",
        ),
    ],
    ids=("en", "zh-hans"),
)
def test_u27_a_chosen_collection_is_a_chip_in_the_address_and_stays_with_the_conversation(
    visit: Visit, language: Language, menu: str, collection: str, remove: str, question: str, searched: str
) -> None:
    """U27, of collections: type, date and language cannot be chosen yet."""
    visitor = visit(HR_MANAGER, language)
    visitor.open()
    page = visitor.page
    chip = page.locator(".chip", has_text=collection)
    page.locator(".scope-button").click()
    page.get_by_role("checkbox", name=collection).check()
    page.keyboard.press("Escape")
    expect(chip).to_be_visible()
    identity = next(each["id"] for each in visitor.collections() if each["name"] == collection)
    assert f"in={identity}" in page.url
    visitor.ask_and_wait(question)
    expect(page.get_by_test_id("steps")).to_contain_text(searched)
    conversation = page.url.partition("?")[0]
    visitor.open()
    expect(page.locator(".chip")).to_have_count(0)
    # Opened without the chips in its address, it still has them.
    page.goto(conversation)
    expect(chip).to_be_visible()
    page.get_by_role("button", name=remove).click()
    expect(chip).to_have_count(0)
    assert menu in (page.locator(".scope-button").get_attribute("aria-label") or "")
