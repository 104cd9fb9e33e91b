"""Golden questions in a browser: marked on the search page, run with a plot beside what was in force, changed, removed
(U58)."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

QUESTION = "How many days of annual leave does a full-time employee in Hamburg have?"
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "save": "Save as golden question",
        "keep": "Save",
        "not_held": "The library does not hold it",
        "run": "Run all",
        "table": "All runs",
        "questions": "Questions",
        "rightly": "refused, as it should be",
        "place": r"place \d",
        "edit": "Change",
        "remove": "Remove",
        "delete": "Delete",
        "one": "1 of 1",
        "ranking": "How it was ranked",
    },
    "zh-hans": {
        "save": "保存为基准问题",
        "keep": "保存",
        "not_held": "文档库中没有答案",
        "run": "全部运行",
        "table": "全部运行",
        "questions": "问题",
        "rightly": "正确拒答",
        "place": r"第 \d 位",
        "edit": "修改",
        "remove": "删除",
        "delete": "删除",
        "one": "1 / 1",
        "ranking": "排序依据",
    },
}


def listed(page: Page, words: dict[str, str], text: str) -> Locator:
    region = page.get_by_role("region", name=words["questions"], exact=True)
    return region.get_by_role("listitem").filter(has_text=text)


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 320)], ids=("en", "zh-hans"))
def test_a_question_is_marked_run_changed_and_removed(visit: Visit, language: Language, width: int) -> None:
    """U58. By the keyboard alone."""
    words = WORDS[language]
    visitor = visit(ADMINISTRATOR, language, width=width)
    page = visitor.page
    visitor.open(f"/search?q={QUESTION}")
    page.get_by_role("button", name=words["save"]).press("Enter")
    form = page.get_by_role("region", name=words["save"])
    keep = form.get_by_role("button", name=words["keep"], exact=True)
    expect(form.get_by_role("textbox").first).to_have_value(QUESTION)
    expect(form.get_by_role("textbox").first).to_be_focused()
    expect(keep).to_be_disabled()
    marks = page.locator("main ol").get_by_role("checkbox")
    marks.first.press("Space")
    # Other words are searched for; the mark stays.
    words_field = page.locator("#words")
    words_field.fill("canteen")
    words_field.press("Enter")
    expect(page).to_have_url(re.compile("q=canteen"))
    expect(form.get_by_role("listitem")).to_have_count(1)
    assert visitor.widest_overflow() == 0
    keep.press("Enter")
    expect(form).to_have_count(0)
    visitor.open("/search?q=chess championship in Oslo&golden=new")
    form.get_by_role("radio", name=words["not_held"]).press("Space")
    keep.press("Enter")
    expect(form).to_have_count(0)

    visitor.open("/golden")
    page.get_by_role("button", name=words["run"]).press("Enter")
    row = page.get_by_role("region", name=words["table"]).get_by_role("row").nth(1)
    expect(row).to_contain_text(words["one"])
    expect(page.get_by_role("img")).to_be_visible()
    expect(listed(page, words, QUESTION)).to_contain_text(re.compile(words["place"]))
    expect(listed(page, words, "chess")).to_contain_text(words["rightly"])
    row.get_by_role("link").press("Enter")
    expect(page).to_have_url(re.compile("run="))
    expect(page.locator("section[aria-labelledby=run-title] li")).to_have_count(2)
    assert visitor.widest_overflow() == 0

    listed(page, words, QUESTION).get_by_role("link").press("Enter")
    expect(page.locator("main").get_by_role("checkbox", checked=True)).not_to_have_count(0)
    expect(page.locator("main form").nth(1).get_by_role("textbox").first).to_have_value(QUESTION)
    for text in (QUESTION, "chess"):
        visitor.open("/golden")
        listed(page, words, text).get_by_role("button").press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name=words["delete"], exact=True).press("Enter")
        expect(dialog).to_have_count(0)
        expect(listed(page, words, text)).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "width", "narrowed"),
    [("en", 1440, ["English", "Markdown"]), ("zh-hans", 320, ["英语", "Markdown"])],
    ids=("en", "zh-hans"),
)
def test_what_is_saved_is_asked_of_what_was_searched(
    visit: Visit, language: Language, width: int, narrowed: list[str]
) -> None:
    """U58. A document, its language and its kind: explained, saved, told, asked, and found again when it is changed."""
    words = WORDS[language]
    visitor = visit(ADMINISTRATOR, language, width=width)
    page = visitor.page
    [answer, *_] = visitor.call("GET", f"/api/v1/search?q={QUESTION}").json()["passages"]
    scope = f"doc={answer['document_id']}&kind=markdown&lang=en&until=2099-01-01"
    visitor.open(f"/search?q={QUESTION}&{scope}&why=1")
    expect(page.get_by_role("list", name=words["ranking"])).to_be_visible()
    for _ in ("it is made", "it is changed"):
        expect(page.locator(".chip")).to_have_count(4)
        if page.get_by_role("button", name=words["save"]).count():
            page.get_by_role("button", name=words["save"]).click()
            page.locator("main ol").get_by_role("checkbox").first.check()
        expect(page.locator("main ol").get_by_role("checkbox", checked=True)).not_to_have_count(0)
        titles = page.locator("main ol > li .title").all_inner_texts()
        assert set(titles) == {answer["title"]}, "what is marked is what was searched"
        page.get_by_role("button", name=words["keep"], exact=True).click()
        expect(page.get_by_role("button", name=words["save"])).to_be_visible()
        [kept] = visitor.call("GET", "/api/v1/golden-questions").json()
        assert kept["scope"] == {
            "collection_ids": [],
            "document_ids": [answer["document_id"]],
            "kinds": ["markdown"],
            "languages": ["en"],
            "since": None,
            "until": "2099-01-01",
        }
        visitor.open("/golden")
        for told in (answer["title"], *narrowed):
            expect(listed(page, words, QUESTION)).to_contain_text(told)
        assert visitor.widest_overflow() == 0
        page.get_by_role("button", name=words["run"]).click()
        expect(listed(page, words, QUESTION)).to_contain_text(re.compile(words["place"]))
        listed(page, words, QUESTION).get_by_role("link").click()
    assert visitor.call("DELETE", f"/api/v1/golden-questions/{kept['id']}").ok


def test_others_have_no_such_page(visit: Visit) -> None:
    visitor = visit(NEWCOMER)
    visitor.open("/search?q=canteen&golden=new")
    expect(visitor.page.locator("main ol li").first).to_be_visible()
    expect(visitor.page.get_by_role("checkbox")).to_have_count(0)
    visitor.open("/golden")
    expect(visitor.page.get_by_role("main")).to_contain_text("not")
    expect(visitor.page.get_by_role("link", name="Golden questions")).to_have_count(0)
