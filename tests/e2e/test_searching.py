"""The search page: what was found, that it was found by the words alone where the search model did not answer, and how
owners see what other settings would make of it."""

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def without_model(route: Route) -> None:
    """The server's own answer, as it is while the model loads."""
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | {"by_words_alone": True})


@pytest.mark.parametrize(
    ("language", "words", "note"),
    [
        ("en", "annual leave Hamburg", "Found by the words alone"),
        ("zh-hans", "annual leave Hamburg", "仅按词语找到"),
    ],
    ids=("en", "zh-hans"),
)
def test_it_says_when_only_words_were_searched(
    visit: Visit, language: Language, words: str, note: str
) -> None:
    visitor = visit(NEWCOMER, language)
    found = visitor.page.locator("main ol li")
    visitor.open(f"/search?q={words}")
    expect(found.first).to_be_visible()
    expect(visitor.page.get_by_test_id("by-words")).to_have_count(0)
    visitor.page.route("**/api/v1/search?*", without_model)
    visitor.page.reload()
    expect(visitor.page.get_by_test_id("by-words")).to_contain_text(note)
    expect(found.first).to_be_visible()
    visitor.page.unroute("**/api/v1/search?*")
    visitor.page.reload()
    expect(found.first).to_be_visible()
    expect(visitor.page.get_by_test_id("by-words")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "named", "width"),
    [
        ("en", ("Compare with other settings", "Ranked by", "In force", "With these settings"), 1440),
        ("zh-hans", ("与其他设置比较", "排序依据", "当前设置", "试用设置"), 390),
    ],
    ids=("en", "zh-hans"),
)
def test_an_owner_compares_what_is_in_force_with_other_settings(
    visit: Visit, language: Language, named: tuple[str, str, str, str], width: int
) -> None:
    """U58. By the keyboard alone; side by side where there is room, one below the other on a phone."""
    compare, legs, in_force, tried = named
    visitor = visit(ADMINISTRATOR, language, width=width)
    page = visitor.page
    visitor.open("/search?q=annual leave Hamburg&why=1")
    page.get_by_text(compare).focus()
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name=legs).select_option("lexical")
    page.locator("details form").get_by_role("button").press("Enter")
    sides = [page.get_by_role("region", name=name) for name in (in_force, tried)]
    for side in sides:
        expect(side.get_by_role("listitem").first).to_be_visible()
    left, right = (side.bounding_box() for side in sides)
    assert left is not None
    assert right is not None
    assert (left["y"] == right["y"]) == (width > 400)
    assert visitor.widest_overflow() == 0
    # What is in force is what the page shows below, still.
    shown = page.locator("main ol.plain li .title").all_inner_texts()
    assert sides[0].locator(".title").all_inner_texts() == shown
    said = sides[1].locator(".moved").all_inner_texts()
    assert len(said) == sides[1].get_by_role("listitem").count()
    assert len(set(said)) > 1


@pytest.mark.parametrize(
    ("language", "label"), [("en", "As it was on"), ("zh-hans", "截至日期")], ids=("en", "zh-hans")
)
def test_a_search_as_of_a_day_finds_what_answered_then(visit: Visit, language: Language, label: str) -> None:
    visitor = visit(NEWCOMER, language)
    found = visitor.page.locator("main ol li")
    visitor.open("/search?q=annual leave Hamburg")
    expect(found.first).to_be_visible()
    visitor.page.get_by_label(label).fill("1999-12-31")
    expect(found).to_have_count(0)
    assert "day=1999-12-31" in visitor.page.url
    visitor.page.get_by_label(label).fill("")
    expect(found.first).to_be_visible()
