"""On a screen of 3840 pixels nothing runs over its edge, and no line of a text is longer than eyes can follow; on a low
one the way out stays in sight."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ADMINISTRATOR

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

PAGES = ("/", "/search?q=leave", "/library", "/permissions", "/people", "/retention", "/system", "/style")
# Of 16 pixels each.
MOST_EM, MOST_EM_OF_AN_ANSWER = 62, 48
# Texts of more than a line, with their width.
_TOO_LONG = """most => [...document.querySelectorAll('main :is(p, li, dd)')]
  .filter(one => one.checkVisibility() && one.textContent.length > 120 && !one.querySelector('p, li, div, button'))
  .map(one => [one.getBoundingClientRect().width / 16, one.textContent])
  .filter(([em]) => em > most)"""


def test_on_a_very_large_screen_lines_stay_readable(visit: Visit) -> None:
    visitor = visit(ADMINISTRATOR, width=3840, height=2160)
    for path in PAGES:
        visitor.open(path)
        expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
        expect(visitor.page.locator("main :is(select, li, td)").first).to_be_visible()
        visitor.page.wait_for_load_state("networkidle")
        assert visitor.widest_overflow() == 0, path
        assert visitor.page.evaluate(_TOO_LONG, MOST_EM) == [], path
    visitor.open()
    answer = visitor.ask_and_wait(
        "How many days of annual leave does a full-time employee in Hamburg have in 2025?"
    )
    expect(answer).to_be_visible()
    assert visitor.widest_overflow() == 0
    assert visitor.page.evaluate(_TOO_LONG, MOST_EM_OF_AN_ANSWER) == []


@pytest.mark.parametrize("height", [520, 650, 800])
def test_on_a_low_screen_the_account_stays_in_sight(visit: Visit, height: int) -> None:
    """The administrator has the most places beside it."""
    page = visit(ADMINISTRATOR, width=1366, height=height)
    page.open()
    bar = page.page.get_by_role("navigation", name="Main navigation")
    expect(bar.get_by_role("link", name="System")).to_be_attached()
    expect(bar.get_by_role("link", name="New chat")).to_be_in_viewport(ratio=1)
    expect(bar.get_by_role("button", name="Account")).to_be_in_viewport(ratio=1)
    bar.get_by_role("searchbox").scroll_into_view_if_needed()
    expect(bar.get_by_role("searchbox")).to_be_in_viewport(ratio=1)
    bar.get_by_role("button", name="Account").click()
    expect(page.page.get_by_role("button", name="Sign out", exact=True)).to_be_in_viewport(ratio=1)
