"""A conversation is taken along: printed to PDF by the browser, with its sources and their addresses, and as JSON."""

import io
import json
import re
import unicodedata
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, HR_MANAGER, NEWCOMER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

HAMBURG = "How many days of annual leave does a full-time employee in Hamburg have in 2025?"
SHANGHAI = "公司 2025 年的年假政策是什么？"


def printed(visitor: Visitor) -> str:
    """What stands on the paper, without line breaks; look-alike characters of fonts as one."""
    pages = pypdfium2.PdfDocument(io.BytesIO(visitor.page.pdf(format="A4")))
    text = "".join(page.get_textpage().get_text_bounded() for page in pages)
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize(
    ("language", "email", "question", "save", "answer", "heading"),
    [
        ("en", ENGINEER, HAMBURG, "Print or save as PDF", "30 working days", "Sources"),
        ("zh-hans", HR_MANAGER, SHANGHAI, "打印或保存为 PDF", "法定年假、福利年假和司龄假三部分组成", "来源"),
    ],
    ids=("en", "zh-hans"),
)
def test_u35_a_conversation_is_printed_with_its_sources(
    visit: Visit, language: Language, email: str, question: str, save: str, answer: str, heading: str
) -> None:
    """U35: question, answer, numbers, and for each number its document, its words and an address that opens."""
    visitor = visit(email, language, theme="dark")
    visitor.open()
    visitor.ask_and_wait(question)
    numbers = set(visitor.answer().locator(".cite").all_inner_texts())
    row = visitor.page.locator(".history li.current")
    row.get_by_role("button").click()
    paper = visitor.another_window()
    address = visitor.page.get_by_role("link", name=save).get_attribute("href")
    assert address is not None
    paper.page.add_init_script("window.print = () => (window.asked_to_print = true)")
    paper.open(address)
    paper.page.wait_for_function("() => window.asked_to_print")
    expect(paper.page).to_have_title(question)
    text = printed(paper)
    assert squeezed(question) in text
    assert squeezed(answer) in text
    assert squeezed(heading) in text
    for number in numbers:
        assert f"[{number}]" in text
    links = [link.get_attribute("href") or "" for link in paper.page.locator("ol a").all()]
    expect(paper.page.locator("ol > li[value]")).to_have_count(len(numbers))
    assert len(set(links)) == len(links) >= len(numbers)
    for link in links:
        assert link.startswith(f"{visitor.address}/d/")
        assert squeezed(link) in text
    # Neither the page's frame nor its buttons are on the paper.
    assert squeezed(save) not in text
    background = paper.page.evaluate(
        "matchMedia('print').matches ? '' : getComputedStyle(document.documentElement).colorScheme"
    )
    assert "dark" in background
    paper.page.emulate_media(media="print")
    assert paper.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    paper.page.emulate_media(media="screen")
    paper.page.locator("ol a").first.click()
    expect(paper.page.locator("main mark, [data-testid=lit-passage]").first).to_be_visible()


def test_u35_the_line_of_questions_that_is_shown_is_taken_along_as_json(visit: Visit, tmp_path: Path) -> None:
    """U35."""
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(HAMBURG)
    page = visitor.page
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".pager span")).to_have_text("2/2", timeout=30_000)
    expect(page.locator(".actions")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Previous version").click()
    page.locator(".history li.current").get_by_role("button").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as JSON").click()
    file = tmp_path / "saved.json"
    saved.value.save_as(file)
    taken = json.loads(file.read_text())
    assert saved.value.suggested_filename.endswith(".json")
    assert taken["title"] == HAMBURG
    [turn] = taken["turns"]
    assert turn["id"] == page.locator("article.turn").get_attribute("data-turn")
    assert "30 working days" in turn["answer"]
    assert any(each["event"]["type"] == "citation_added" for each in turn["events"])


def test_u35_nobody_prints_another_persons_conversation(visit: Visit) -> None:
    """U35."""
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(HAMBURG)
    conversation = visitor.page.url.rpartition("/")[2]
    stranger = visit(NEWCOMER)
    stranger.may_fail_with(404)
    stranger.open(f"/print/{conversation}")
    expect(stranger.page.get_by_role("alert")).to_contain_text("does not exist, or you may not see it.")
