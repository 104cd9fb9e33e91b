"""What a person is told stands below the page, which makes room for it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ADMINISTRATOR, NEWCOMER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

# Everything that can be pressed, scrolled to the lower and to the upper edge: what lies over the middle of it.
_COVERED = """place => [false, true].flatMap(upwards =>
  [...document.querySelectorAll(`${place} :is(a[href], button, input, select, summary)`)]
    .filter(each => each.checkVisibility({ visibilityProperty: true }) && !each.closest('.sr-only'))
    .filter(each => {
      each.scrollIntoView({ block: upwards ? 'start' : 'end', inline: 'nearest' });
      const { left, top, width, height } = each.getBoundingClientRect();
      if (width <= 1 || height <= 1) return false;
      const over = document.elementFromPoint(left + width / 2, top + height / 2);
      return !over || !(each.contains(over) || over.contains(each) || each.closest('label')?.contains(over));
    })
    .map(each => each.getAttribute('aria-label') ?? each.textContent.trim()))"""


def covered(visitor: Visitor, place: str) -> list[str]:
    assert visitor.page.locator(f"{place} button").count() > 0
    found: list[str] = visitor.page.evaluate(_COVERED, place)
    return found


@pytest.fixture
def told(visit: Visit) -> Iterator[None]:
    """Administrators, that somebody has forgotten a password."""
    stranger = visit()
    stranger.call("GET", "/api/v1/session")
    assert stranger.call("POST", "/api/v1/password-resets", {"email": NEWCOMER}).ok
    yield
    administrator = visit(ADMINISTRATOR)
    for notice in administrator.call("GET", "/api/v1/notices").json():
        assert administrator.call("DELETE", f"/api/v1/notices/{notice['id']}").ok


@pytest.mark.usefixtures("told")
def test_what_is_told_lies_over_nothing_that_can_be_pressed(visit: Visit) -> None:
    """Until it is closed, and as long as Undo is offered. A phone's drawer has its whole height."""
    for width in (320, 390, 1440):
        notice = look_around(visit, width)
    notice.get_by_role("button").click()
    expect(notice).to_have_count(0)


def look_around(visit: Visit, width: int) -> Locator:
    """What is told, still open."""
    is_phone = width < 900
    visitor = visit(ADMINISTRATOR, width=width, height=640 if is_phone else 900, is_phone=is_phone)
    page = visitor.page
    visitor.open()
    notice = page.get_by_role("status", name="Notices")
    for path, shown in (
        ("/", ".starters button"),
        ("/people", "main li button"),
        ("/library", "main .grid a"),
    ):
        visitor.open(path)
        expect(page.locator(shown).first).to_be_visible()
        expect(notice.get_by_role("button")).to_be_visible()
        assert covered(visitor, "main") == []
        assert covered(visitor, ".told") == []
        assert visitor.widest_overflow() == 0
    visitor.open()
    visitor.ask_and_wait("How many days of annual leave does a full-time employee in Hamburg have in 2025?")
    if is_phone:
        page.get_by_role("button", name="Open menu").click()
        expect(notice).to_be_hidden()
    assert covered(visitor, ".sidebar") == []
    row = page.locator(".history a[href^='/c/']").first
    row.locator("xpath=..").get_by_role("button").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".undo button")).to_be_visible()
    for place in ("main", ".told", ".undo"):
        assert covered(visitor, place) == []
    page.locator(".undo button").click()
    expect(page.locator(".undo")).to_have_count(0)
    return notice
