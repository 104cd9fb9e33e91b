"""The search page: what was found, and that it was found by the words alone where the search model did not answer."""

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import NEWCOMER

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
