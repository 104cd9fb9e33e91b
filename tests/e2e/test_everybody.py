"""The page for everybody: by keyboard alone, read aloud, in either theme, with less motion, in the system's colours."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, HR_MANAGER
from tests.e2e.tour import QUESTIONS
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

# What can be operated and seen, as a screen shows it, in the order of the page.
_OPERABLE = """() => [...document.querySelectorAll(
    'a[href], button, input, textarea, select, summary, [tabindex="0"]')]
  .filter(one => !one.disabled && !one.closest('[inert]') && one.checkVisibility())
  .map(one => one.getAttribute('aria-label') || one.placeholder || one.textContent.trim())"""
# Of what has the focus: its name, and whether anything around it shows that.
_FOCUSED = """() => {
  const one = document.activeElement;
  const shows = element => element && getComputedStyle(element).outlineStyle !== 'none';
  const found = {
    name: one.getAttribute('aria-label') || one.placeholder || one.textContent.trim(),
    isBody: one === document.body,
    // Another part of a date, and of no other element.
    isSame: one === window.focused,
    isShown: shows(one) || shows(one.parentElement) || shows(one.parentElement?.parentElement),
  };
  window.focused = one;
  return found;
}"""
_COLOURS_FROM_THE_START = """
window.papers = new Set();
const look = () => {
  if (document.body) window.papers.add(getComputedStyle(document.body).backgroundColor);
  requestAnimationFrame(look);
};
look();
"""


def tab_through(visitor: Visitor) -> list[str]:
    """Names of everything that Tab comes to until it leaves the page, each of which shows that it has the focus."""
    names: list[str] = []
    for _ in range(200):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.evaluate(_FOCUSED)
        if focused["isBody"]:
            return names
        assert focused["isShown"], f"the focus on {focused['name']!r} is not seen"
        if not focused["isSame"]:
            names.append(focused["name"])
    raise AssertionError(f"Tab goes round without an end: {names}")


def test_u40_tab_comes_to_everything_in_its_order_and_shows_where_it_is(visit: Visit) -> None:
    """U40."""
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    conversation = visitor.page.url.removeprefix(visitor.address)
    for path, shown in (
        (conversation, ".actions"),
        ("/library", ".grid a"),
        ("/search?q=Pier", "main ol li"),
    ):
        visitor.open(path)
        expect(visitor.page.locator(shown).first).to_be_visible()
        # An owner's places stand in the sidebar once it is known what he owns.
        visitor.page.wait_for_load_state("networkidle")
        operable = visitor.page.evaluate(_OPERABLE)
        # A citation that has the focus shows its card, and Tab comes to what is in it.
        reached = [name for name in tab_through(visitor) if name != "Open source"]
        assert reached[0].startswith("Skip to")
        assert reached == operable


def test_u40_no_link_comes_late_where_the_sidebar_had_it_before(visit: Visit) -> None:
    """What he may do there is asked for anew; until it is known the links stand where they stood."""
    visitor = visit(ADMINISTRATOR)
    visitor.open("/library")
    links = visitor.page.get_by_role("navigation").get_by_role("link", name="Permissions")
    expect(links).to_be_visible()
    asked: list[Route] = []
    is_held = True
    visitor.page.route(
        "**/api/v1/collections", lambda route: asked.append(route) if is_held else route.continue_()
    )
    visitor.page.reload(wait_until="commit")
    expect(links).to_be_visible()
    assert asked, "it is not known yet"
    # Whoever asks once more is answered at once.
    is_held = False
    for route in asked:
        route.continue_()
    visitor.page.wait_for_load_state("networkidle")
    expect(links).to_be_visible()


def test_u40_the_skip_link_leads_past_the_sidebar(visit: Visit) -> None:
    """U40."""
    visitor = visit(ENGINEER)
    visitor.open("/library")
    expect(visitor.page.locator("main a").first).to_be_visible()
    visitor.page.keyboard.press("Tab")
    link = visitor.page.get_by_role("link", name="Skip to the content")
    expect(link).to_be_in_viewport(ratio=1)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("main")).to_be_focused()


def test_u41_shortcuts_are_listed_do_what_they_say_and_can_be_turned_off(visit: Visit) -> None:
    """U41."""
    visitor = visit(ENGINEER)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.page
    field, dialog = page.locator("#question"), page.get_by_role("dialog")
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    first = page.url
    page.keyboard.press("Control+Shift+C")
    assert "[1]" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Control+Shift+O")
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(field).to_be_focused()
    field.blur()
    page.keyboard.press("Alt+ArrowDown")
    expect(page).to_have_url(first)
    field.blur()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.press("Control+Shift+S")
    expect(page.locator("nav")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.locator("#find-conversations")).to_be_focused()
    page.locator("main").click(position={"x": 5, "y": 5})
    page.keyboard.press("?")
    listed = dialog.locator("kbd").all_inner_texts()
    assert len(listed) == len(set(listed)) == 10
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    for keys in ("Control+/", "?", "Alt+ArrowDown", "Control+Shift+S"):
        page.keyboard.press(keys)
    expect(dialog).to_have_count(0)
    expect(page.locator("nav")).to_be_visible()
    assert page.url == first


@pytest.mark.parametrize(("chosen", "system"), [("dark", "light"), ("light", "dark"), (None, "dark")])
def test_u46_the_theme_is_there_from_the_first_frame(visit: Visit, chosen: str | None, system: str) -> None:
    """U46: chosen or the system's, no other paper is ever seen."""
    visitor = visit(ENGINEER, theme="dark" if system == "dark" else "light")
    if chosen:
        visitor.page.add_init_script(f"localStorage.setItem('kbchat.theme', '{chosen}')")
    visitor.page.add_init_script(_COLOURS_FROM_THE_START)
    visitor.open()
    expect(visitor.page.locator(".starters button").first).to_be_visible()
    (paper,) = visitor.page.evaluate("[...window.papers]")
    brightness = sum(map(int, re.findall(r"\d+", paper)[:3])) / 3
    assert (brightness < 100) == ((chosen or system) == "dark"), paper


def test_u46_less_motion_where_the_system_asks_for_it(visit: Visit) -> None:
    """U46: nothing moves or fades but the turning sign of waiting, which slows down."""
    visitor = visit(ENGINEER)
    visitor.page.emulate_media(reduced_motion="reduce")
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    visitor.citation().hover()
    moving = visitor.page.evaluate(
        """[...document.querySelectorAll('*')].filter(one => {
          const style = getComputedStyle(one);
          const moves = durations => durations.split(', ').some(each => parseFloat(each) > 0);
          return moves(style.transitionDuration) || (moves(style.animationDuration) && !one.matches('.spinner'));
        }).map(one => one.outerHTML.slice(0, 120))"""
    )
    assert moving == []
    assert visitor.page.evaluate("getComputedStyle(document.querySelector('#main')).scrollBehavior") == "auto"


def test_u46_in_the_system_s_colours_everything_keeps_its_edge(visit: Visit) -> None:
    """U46: where a background tells apart, a line does there."""
    visitor = visit(ADMINISTRATOR)
    page = visitor.page
    page.emulate_media(forced_colors="active")
    visitor.open()
    visitor.ask_and_wait(QUESTIONS["en"])
    visitor.citation().click()
    expect(page.locator("mark").first).to_be_in_viewport()
    edgeless = page.evaluate(
        """[...document.querySelectorAll('.button, .input, textarea, .question p, .cite, [aria-current=page]')]
          .filter(one => one.checkVisibility()).filter(one => {
            const around = [one, one.parentElement, one.parentElement.parentElement]
              .map(each => getComputedStyle(each));
            const lined = style => style.borderTopStyle !== 'none' || style.outlineStyle !== 'none';
            return !around.some(lined)
              && around[0].fontWeight < 600 && around[0].textDecorationLine === 'none';
          }).map(one => one.outerHTML.slice(0, 160))"""
    )
    assert edgeless == []
    lit = page.locator("mark").first.evaluate("one => getComputedStyle(one).backgroundColor")
    assert lit != page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_u47_the_language_changes_at_once_with_its_dates(visit: Visit) -> None:
    """U47: without loading the page anew, and what was written stays."""
    visitor = visit(HR_MANAGER, "en")
    page = visitor.page
    visitor.open("/library")
    page.get_by_role("link", name="Company handbook").click()
    date = page.locator("tbody td.date").first
    expect(date).to_have_text(re.compile(r"\d{1,2} \w{3} \d{4}|\w{3} \d{1,2}, \d{4}"))
    page.evaluate("window.isTheSame = true")
    page.get_by_role("button", name="Account:").click()
    page.get_by_role("button", name="中文").click()
    expect(date).to_have_text(re.compile(r"\d{4}年\d{1,2}月\d{1,2}日"))
    expect(page.get_by_role("link", name="文档库", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.evaluate("window.isTheSame")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Library", exact=True)).to_be_visible()
