"""axe finds nothing on any page, in either theme, in either language, on desktop and phone."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, Stage
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SETTLED = """Promise.all(document.getAnimations()
  .filter(one => one.effect.getComputedTiming().endTime !== Infinity)
  .map(one => one.finished.catch(() => null)))"""
_RUN = """async rules => {
  const found = await axe.run(document, { runOnly: rules });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 200)).join(' | ')}`);
}"""
# Every theme, language and width once; colours know no language, and names no theme.
LOOKS: tuple[tuple[Language, Literal["light", "dark"], int], ...] = (
    ("en", "light", 1440),
    ("zh-hans", "dark", 390),
)
QUESTIONS: dict[Language, str] = {
    "en": "How many days of annual leave does a full-time employee in Hamburg have in 2025?",
    "zh-hans": "公司 2025 年的年假政策是什么？",
}


class Examination:
    """Collects what axe finds, page by page."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self.violations: list[str] = []

    def examine(self, name: str) -> None:
        page = self._visitor.page
        # A fading element has no colour of its own yet.
        page.evaluate(_SETTLED)
        self.violations += [f"{name}: {line}" for line in page.evaluate(_RUN, _RULES)]


def keep_a_golden_question(visitor: Visitor) -> None:
    """And run all twice."""
    assert visitor.call("POST", "/api/v1/golden-questions", {"question": "Who won in Oslo?"}).ok
    for _ in range(2):
        run = visitor.call("POST", "/api/v1/golden-runs").json()
        while visitor.call("POST", f"/api/v1/golden-runs/{run['id']}/steps").json()["remaining"]:
            pass


def keep_a_source(visitor: Visitor, stage: Stage) -> str:
    """Of an empty folder, with a schedule and a run."""
    folder = stage.shared / "nothing"
    folder.mkdir(exist_ok=True)
    collections = visitor.call("GET", "/api/v1/collections").json()
    owned = next(each["id"] for each in collections if each["role"] == "owner")
    wish = {"kind": "folder", "name": "Nothing", "place": {"folder": str(folder)}}
    kept = visitor.call("POST", f"/api/v1/collections/{owned}/sources", wish).json()["id"]
    when = {"expression": "0 2 * * *", "time_zone": "Europe/Berlin"}
    assert visitor.call("PUT", f"/api/v1/sources/{kept}/schedule", when).ok
    assert visitor.call("POST", f"/api/v1/sources/{kept}/runs", {}).ok
    return str(kept)


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_the_page_of_sources_has_none(
    visit: Visit, quoting: Stage, language: Language, theme: Literal["light", "dark"], width: int
) -> None:
    visitor = visit(ADMINISTRATOR, language, theme=theme, width=width, script=AXE)
    page, inside = visitor.page, Examination(visitor)
    source = keep_a_source(visitor, quoting)
    visitor.open("/sources")
    card = page.locator("main section").first
    card.locator(".latest").wait_for()
    card.locator("summary").click()
    inside.examine("sources")
    for button in card.locator(".buttons [aria-expanded]").all():
        button.click()
        card.locator("table, ul.rows").wait_for()
        inside.examine("what a source did")
    card.locator(".buttons .button").nth(1).click()
    page.get_by_role("dialog").locator("ol li").first.wait_for()
    inside.examine("schedule")
    page.keyboard.press("Escape")
    page.locator("header .actions .button").click()
    page.get_by_role("dialog").locator("fieldset").wait_for()
    inside.examine("another source")
    assert visitor.call("DELETE", f"/api/v1/sources/{source}").ok
    assert not inside.violations, "\n".join(inside.violations)


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_no_page_has_a_violation(
    visit: Visit, language: Language, theme: Literal["light", "dark"], width: int
) -> None:
    """U43."""
    door = visit(language=language, theme=theme, width=width, script=AXE)
    door.open()
    expect(door.page.locator("form")).to_be_visible()
    at_the_door = Examination(door)
    at_the_door.examine("sign in")
    for path in ("/forgot", "/password#a-token"):
        door.open(path)
        expect(door.page.locator("form")).to_be_visible()
        at_the_door.examine(path)

    visitor = visit(ADMINISTRATOR, language, theme=theme, width=width, script=AXE)
    page, inside = visitor.page, Examination(visitor)
    visitor.open()
    expect(page.locator(".starters button").first).to_be_visible()
    inside.examine("empty chat")
    visitor.ask_and_wait(QUESTIONS[language])
    page.locator(".feedback button").last.click()
    page.get_by_role("dialog").locator("form").wait_for()
    inside.examine("dialog of feedback")
    page.keyboard.press("Escape")
    inside.examine("answer")
    visitor.citation().click()
    expect(page.get_by_test_id("lit-passage").first).to_be_in_viewport()
    inside.examine("source panel")
    address = page.locator(".panel a[href^='/d/']").get_attribute("href")
    page.keyboard.press("Escape")
    visitor.ask_and_wait("What is the capital of France?" if language == "en" else "法国的首都是哪里？")
    expect(page.get_by_test_id("refused")).to_be_visible()
    inside.examine("refused answer")
    page.locator(".gap button").click()
    page.locator(".gap button[aria-haspopup]").click()
    page.get_by_role("dialog").locator("form").wait_for()
    inside.examine("dialog of a gap")
    page.keyboard.press("Escape")
    visitor.open("/gaps")
    board = page.locator("article").first
    board.locator(".buttons button").first.click()
    board.locator(".found").wait_for()
    inside.examine("/gaps")
    for button in board.locator(".buttons [aria-haspopup]").all():
        button.click()
        page.get_by_role("dialog").locator("select, fieldset").wait_for()
        inside.examine("dialog of the board")
        page.keyboard.press("Escape")
    visitor.open(address or "")
    expect(page.get_by_test_id("lit-passage").first).to_be_in_viewport()
    inside.examine("document")
    visitor.open("/search?q=Pier")
    expect(page.locator("ol li").first).to_be_visible()
    inside.examine("search")
    visitor.open("/search?q=Pier&golden=new")
    page.locator("main ol").get_by_role("checkbox").first.check()
    inside.examine("marking")
    keep_a_golden_question(visitor)
    visitor.open("/golden")
    page.locator("figure svg[role=img]").wait_for()
    page.locator("main table a").first.click()
    page.locator("#run-title").wait_for()
    inside.examine("/golden")
    visitor.open("/generations")
    page.locator("main ul.rows > li").first.wait_for()
    inside.examine("/generations")
    visitor.open("/system")
    page.locator("main table").wait_for()
    inside.examine("/system")
    visitor.open("/library")
    expect(page.locator(".grid a").first).to_be_visible()
    inside.examine("library")
    page.locator(".grid a").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()
    inside.examine("collection")
    visitor.open("/feedback")
    expect(page.locator("dl meter").first).to_be_visible()
    inside.examine("/feedback")
    visitor.open("/insights")
    page.locator("figure svg[role=img]").first.wait_for()
    page.locator("main summary").first.click()
    inside.examine("/insights")
    for path in ("/people", "/people/groups"):
        visitor.open(path)
        expect(page.locator(".rows li").first).to_be_visible()
        inside.examine(path)
        page.locator(".rows li button").first.click()
        expect(page.get_by_role("dialog").locator("form").first).to_be_visible()
        inside.examine(f"dialog of {path}")
    visitor.open("/security")
    expect(page.locator("section h2").first).to_be_visible()
    inside.examine("/security")
    assert not at_the_door.violations + inside.violations, "\n".join(
        at_the_door.violations + inside.violations
    )
