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
    """U27, of collections."""
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


@pytest.mark.parametrize(
    ("language", "kind", "tongue", "year", "refusal", "widen"),
    [
        (
            "en",
            "Markdown",
            "Chinese",
            "This year",
            "Only this was searched: Markdown, Chinese",
            "everything I may",
        ),
        ("zh-hans", "Markdown 文件", "中文", "今年", "仅搜索了：Markdown 文件、中文", "全部内容"),
    ],
    ids=("en", "zh-hans"),
)
def test_u27_kind_language_and_date_are_chips_narrow_and_are_named_where_nothing_is_found(
    visit: Visit, language: Language, kind: str, tongue: str, year: str, refusal: str, widen: str
) -> None:
    """U27, U23. Only what there is can be chosen; the search page takes the same."""
    visitor = visit(HR_MANAGER, language)
    visitor.open()
    page = visitor.page
    chips = page.locator(".chip")
    page.locator(".scope-button").click()
    menu = page.locator(".menu:popover-open")
    for name in (kind, tongue):
        menu.get_by_role("checkbox", name=name, exact=True).check()
    menu.get_by_role("button", name=year).click()
    expect(chips).to_have_count(3)
    offered = visitor.call("GET", "/api/v1/search/choices").json()
    assert menu.get_by_role("checkbox").count() == len(visitor.collections()) + sum(
        len(offered[part]) for part in ("kinds", "languages")
    )
    page.keyboard.press("Escape")
    assert "kind=markdown&lang=zh&since=" in page.url
    visitor.ask_and_wait_for_refusal("What is the capital of France?")
    refused = page.get_by_test_id("refused")
    expect(refused).to_contain_text(refusal)
    page.goto(page.url.partition("?")[0])
    expect(refused).to_contain_text(refusal)
    expect(chips).to_have_count(3)
    refused.locator("a[href^='/search']").click()
    expect(page.get_by_role("search").locator(".chip")).to_have_count(3)
    page.go_back()
    refused.get_by_role("button", name=widen).click()
    expect(chips).to_have_count(0)
    expect(refused.last).not_to_contain_text(refusal)
