"""What a person is told stands below the page, which makes room for it, and takes little of a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER, NEWCOMER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

AWAY = "Put the notice away"

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
    notice.get_by_role("button", name=AWAY).click()
    expect(notice).to_have_count(0)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("language", "away", "read_on", "fold", "another"),
    [
        ("en", AWAY, "Read on", "Show less", "1 more notice"),
        ("zh-hans", "收起通知", "展开全文", "折叠", "另有 1 条通知"),
    ],
    ids=("en", "zh-hans"),
)
def test_on_a_phone_a_notice_takes_two_lines_until_it_is_read_on(
    visit: Visit, language: Language, away: str, read_on: str, fold: str, another: str
) -> None:
    """U44, at 320 px: what can be done about it is never folded away, and the focus stays where it is."""
    visitor = visit(ADMINISTRATOR, language, width=320, height=640, is_phone=True)
    page = visitor.page
    visitor.open("/library")
    notice = page.get_by_role("status", name="Notices" if language == "en" else "通知")
    text, toggle = notice.locator("p").first, notice.locator("[aria-expanded]")

    def height_of(place: Locator) -> float:
        return float(place.evaluate("node => node.getBoundingClientRect().height"))

    def is_whole() -> bool:
        return bool(text.evaluate("node => node.scrollHeight <= node.clientHeight"))

    expect(text).to_be_visible()
    two_lines = height_of(text)
    for _ in ("once", "again"):
        if toggle.count():
            expect(toggle).to_have_text(read_on)
            assert not is_whole()
            assert height_of(text) == two_lines
            toggle.press("Enter")
            expect(toggle).to_have_text(fold)
            expect(toggle).to_be_focused()
            assert is_whole()
            assert covered(visitor, ".told") == []
            toggle.press("Enter")
            expect(toggle).to_be_focused()
        else:
            assert is_whole(), "two lines have room for it"
        assert height_of(notice) < 120
        assert covered(visitor, ".told") == covered(visitor, "main") == []
        expect(notice.locator("a[href='/people']")).to_be_visible()
        expect(notice.get_by_role("button", name=away)).to_be_visible()
    assert language == "zh-hans" or toggle.count()

    asked = visit()
    asked.call("GET", "/api/v1/session")
    assert asked.call("POST", "/api/v1/password-resets", {"email": HR_MANAGER}).ok
    page.reload()
    expect(toggle).to_have_text(another)
    expect(notice.get_by_role("listitem")).to_have_count(1)
    assert height_of(notice) < 120
    toggle.press("Enter")
    expect(notice.get_by_role("listitem")).to_have_count(2)
    assert covered(visitor, "main") == []
    assert visitor.widest_overflow() == 0
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(toggle).to_have_count(0)
    expect(notice.get_by_role("listitem")).to_have_count(2)


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
        expect(notice.get_by_role("button", name=AWAY)).to_be_visible()
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
