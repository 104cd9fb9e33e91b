"""The passages of a document beside the document: pointing, clicking, leaving out, and what became of the file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER
from tests.e2e.test_library import READY_MS, open_collection, row_of, upload
from tests.e2e.visitor import Visitor
from tests.rules.pdf_support import lines, pdf
from tests.rules.workbook_support import rows_xml, workbook

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

PAGES = 40


def report(number: int, canvas: Canvas) -> None:
    lines(canvas, f"Chapter {number}", y=760, size=20)
    lines(
        canvas, f"Pontoon {number} carries {number} tons,", "and not one ton more, whatever the tide.", y=700
    )


def open_passages(visitor: Visitor, file: Path, words: str) -> Locator:
    """Of a file that is uploaded; its passages."""
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    row = row_of(visitor, file.name)
    expect(row).to_have_attribute("data-state", "ready", timeout=READY_MS)
    row.locator("button[aria-haspopup]").click()
    visitor.page.locator(".menu").get_by_role("link", name=words).click()
    return visitor.page.locator("li[data-number]")


def delete(visitor: Visitor) -> None:
    """The newest documents are what others are shown questions about."""
    document = visitor.page.url.split("/d/")[1].split("/")[0]
    assert visitor.call("DELETE", f"/api/v1/documents/{document}").ok


@pytest.mark.parametrize(
    ("language", "words", "report_says"),
    [("en", "Passages and report", "40 pages"), ("zh-hans", "段落与读取情况", "40 页")],
    ids=("en", "zh-hans"),
)
def test_u56_pointing_at_a_passage_lights_its_place_on_the_page_and_clicking_there_finds_it(
    visit: Visit, tmp_path: Path, language: Language, words: str, report_says: str
) -> None:
    """U56: by pointer and by keyboard, on a page far below; the rectangles are where the text is."""
    file = tmp_path / f"pontoons-{language}.pdf"
    file.write_bytes(pdf(*(lambda canvas, n=n: report(n, canvas) for n in range(1, PAGES + 1))))
    visitor = visit(ADMINISTRATOR, language)
    page = visitor.page
    passages = open_passages(visitor, file, words)
    expect(page.locator(".facts").first).to_contain_text(report_says)
    lit = page.get_by_test_id("lit-passage")
    passages.filter(has_text="Pontoon 3 carries").hover()
    expect(lit).to_have_count(1)
    expect(page.locator(".page[data-page='3'] [data-testid=lit-passage]")).to_be_in_viewport()
    passages.filter(has_text=f"Pontoon {PAGES} carries").get_by_role("button").focus()
    on_last = page.locator(f".page[data-page='{PAGES}'] [data-testid=lit-passage]")
    expect(on_last).to_be_in_viewport()
    box, sheet = on_last.bounding_box(), page.locator(f".page[data-page='{PAGES}']").bounding_box()
    assert box is not None
    assert sheet is not None
    assert box["height"] < sheet["height"] / 8, "a region of two lines"
    assert 0.1 < (box["y"] - sheet["y"]) / sheet["height"] < 0.2
    # What is clicked in the document is marked in the list.
    passages.first.get_by_role("button").focus()
    expect(page.locator(".page[data-page='1'] [data-testid=lit-passage]")).to_be_in_viewport()
    second = page.locator(".page[data-page='2']")
    second.scroll_into_view_if_needed()
    size = second.bounding_box()
    assert size is not None
    second.click(position={"x": 0.2 * size["width"], "y": 0.17 * size["height"]})
    expect(passages.nth(1).get_by_role("button")).to_have_attribute("aria-pressed", "true")
    delete(visitor)


@pytest.mark.parametrize(
    ("language", "words", "found", "left_out", "hidden"),
    [
        ("en", "Passages and report", "can be found", "Left out", "Hidden sheets left out"),
        ("zh-hans", "段落与读取情况", "可被找到", "已停用", "已略过隐藏的工作表"),
    ],
    ids=("en", "zh-hans"),
)
def test_u56_a_sheet_tells_what_was_skipped_and_a_passage_is_left_out(
    visit: Visit, tmp_path: Path, language: Language, words: str, found: str, left_out: str, hidden: str
) -> None:
    """U56: nobody finds it until it is heard again; cells are lit as passages of text are."""
    file = tmp_path / f"moorings-{language}.xlsx"
    said = f"{language} mooring beside the crane"
    sheets = {"Moorings": rows_xml("Place | Price", f"{said} | 12"), "Secret": rows_xml("Bonus | 99")}
    file.write_bytes(workbook(sheets, states={"Secret": "hidden"}))
    owner, engineer = visit(ADMINISTRATOR, language), visit(ENGINEER)

    def is_found() -> bool:
        engineer.open(f"/search?q={said}")
        main = engineer.page.locator("main")
        expect(main.get_by_role("heading", level=2)).to_be_visible()
        return said in main.inner_text()

    item = open_passages(owner, file, words).filter(has_text=said)
    expect(owner.page.get_by_text(hidden)).to_be_visible()
    item.hover()
    expect(owner.page.locator("td mark").filter(has_text=said)).to_be_in_viewport()
    assert is_found()
    item.get_by_role("checkbox", name=re.compile(found)).uncheck()
    expect(item).to_contain_text(left_out)
    assert not is_found()
    owner.page.locator("td", has_text=said).click()
    item.get_by_role("checkbox").check()
    expect(item).not_to_contain_text(left_out)
    assert is_found()
    delete(owner)


def test_u56_of_many_passages_those_are_drawn_that_come_near(visit: Visit, tmp_path: Path) -> None:
    """U56: on a phone, too; the last one is found by its words, and by clicking at it in the text."""
    file = tmp_path / "buoys.md"
    file.write_text("# Buoys\n\n" + "".join(f"## Buoy {n}\n\nBuoy number {n}.\n\n" for n in range(1, 301)))
    visitor = visit(ADMINISTRATOR, width=390, height=844, is_phone=True)
    page = visitor.page
    passages = open_passages(visitor, file, "Passages and report")
    expect(passages.first).to_be_visible()
    assert passages.count() < 250
    page.get_by_role("searchbox").fill("number 300.")
    expect(passages).to_have_count(1)
    passages.get_by_role("button").tap()
    lit = page.get_by_test_id("lit-passage").filter(has_text="Buoy number 300.")
    expect(lit).to_be_in_viewport()
    page.get_by_role("searchbox").fill("")
    below = page.locator(".text p", has_text="Buoy number 299.")
    below.scroll_into_view_if_needed()
    below.tap()
    chosen = passages.filter(has_text="Buoy number 299.")
    expect(chosen).to_be_in_viewport()
    expect(chosen.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    assert visitor.widest_overflow() == 0
    delete(visitor)
