"""A phone of 390 x 844: nothing runs over its edges, and everything can be reached by thumb."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import HR_MANAGER, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "email", "question", "opened", "source", "closed"),
    [
        (
            "en",
            NEWCOMER,
            "How many days of annual leave does a full-time employee in Hamburg have in 2025?",
            "Open source",
            "Source",
            "Close source",
        ),
        ("zh-hans", HR_MANAGER, "公司 2025 年的年假政策是什么？", "打开来源", "来源", "关闭来源"),
    ],
    ids=("en", "zh-hans"),
)
def test_asking_and_reading_the_source(
    visit: Visit, language: Language, email: str, question: str, opened: str, source: str, closed: str
) -> None:
    """U45."""
    visitor = visit(email, language, width=390, height=844, is_phone=True)
    visitor.open()
    composer = visitor.page.locator("#question")
    expect(composer).to_be_in_viewport(ratio=1)
    visitor.ask_and_wait(question)
    expect(composer).to_be_in_viewport(ratio=1)
    assert visitor.widest_overflow() == 0
    visitor.citation().tap()
    visitor.page.get_by_role("button", name=opened).tap()
    sheet = visitor.page.get_by_role("dialog", name=source, exact=True)
    expect(sheet.get_by_test_id("lit-passage").first).to_be_in_viewport()
    box = sheet.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert visitor.widest_overflow() == 0
    sheet.get_by_role("button", name=closed).tap()
    expect(sheet).to_have_count(0)
    expect(composer).to_be_in_viewport(ratio=1)


def test_every_page_fits_and_the_menu_leads_to_it(visit: Visit) -> None:
    """U44."""
    visitor = visit(HR_MANAGER, width=390, height=844, is_phone=True)
    page = visitor.page
    visitor.open()
    page.get_by_role("button", name="Open menu").tap()
    page.get_by_role("link", name="Library").tap()
    expect(page.get_by_role("heading", level=1, name="Library")).to_be_visible()
    assert visitor.widest_overflow() == 0
    page.get_by_role("link", name="Human resources").tap()
    expect(page.locator("tbody tr").first).to_be_visible()
    assert visitor.widest_overflow() == 0
    visitor.open("/search?q=salary")
    expect(page.locator("ol li").first).to_be_visible()
    assert visitor.widest_overflow() == 0


def test_no_name_runs_over_the_edge_of_a_narrow_table(visit: Visit) -> None:
    """U44, at 320 px: nor is one broken in the middle of a word."""
    visitor = visit(HR_MANAGER, width=320, height=640, is_phone=True)
    page = visitor.page
    visitor.open("/library")
    page.get_by_role("link", name="Company handbook").tap()
    names = page.locator("tbody .date .file").filter(has_text="Ingrid Petersen")
    expect(names.first).to_be_visible()
    edge = page.locator("table").evaluate("table => table.getBoundingClientRect().right")
    for name in names.all():
        right, lines = name.evaluate(
            "name => [name.getBoundingClientRect().right, "
            "(range => (range.selectNodeContents(name), range.getClientRects().length))(document.createRange())]"
        )
        assert (right < edge, lines) == (True, 1)
