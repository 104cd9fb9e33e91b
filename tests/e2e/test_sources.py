"""From an answer to its source: the lit passage in text and on PDF pages, and the address that a colleague opens."""

import re
import unicodedata
from typing import Final

import pypdfium2
import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, HR_MANAGER, NEWCOMER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

LEAVE_IN_HAMBURG = "How many days of annual leave does a full-time employee in Hamburg have in 2025?"
LEAVE_IN_SHANGHAI = "公司 2025 年的年假政策是什么？"
CARRIED_OVER = "年假可以结转吗？"
RAG_TOKEN = "With how many passages does Harbor Assistant use RAG-Token?"
# How much of a box is darker than half: what is printed, over what is white or lit.
_INK: Final = """([canvas, box]) => {
  const scale = canvas.width / canvas.clientWidth;
  const [left, top, width, height] = [box.offsetLeft, box.offsetTop, box.offsetWidth, box.offsetHeight];
  const { data } = canvas.getContext('2d').getImageData(left * scale, top * scale, width * scale, height * scale);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] < 384) dark += 1;
  return dark / (data.length / 4);
}"""

# What the PDF library asks of its worker is answered late.
_LATE: Final = """
const send = Worker.prototype.postMessage, listen = Worker.prototype.addEventListener;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message?.action === 'GetPage') window.aPageIsUnderWay = true;
  return send.call(this, message, ...rest);
};
Worker.prototype.addEventListener = function (type, heard, ...rest) {
  const late = (event) => setTimeout(() => { heard(event); window.answered = Date.now(); }, 300);
  return listen.call(this, type, late, ...rest);
};"""


def squeezed(text: str) -> str:
    """Without blanks and a table row's bars, which a page draws as lines; look-alike characters as one."""
    return re.sub(r"[\s|]", "", unicodedata.normalize("NFKC", text))


def words_in(file: bytes, left: float, top: float, width: float, height: float) -> str:
    """What is printed on the first page of a PDF in a box given in shares of the page."""
    page = pypdfium2.PdfDocument(file)[0]
    across, down = page.get_size()
    found: str = page.get_textpage().get_text_bounded(
        left * across, (1 - top - height) * down, (left + width) * across, (1 - top) * down
    )
    return found


def panel_of(visitor: Visitor) -> Locator:
    return visitor.page.locator("[role=complementary].panel")


def test_a_citation_opens_the_text_at_the_lit_passage(visit: Visit) -> None:
    """U19."""
    visitor = visit(ENGINEER)
    visitor.open()
    answer = visitor.ask_and_wait(LEAVE_IN_HAMBURG)
    expect(answer).to_contain_text("30 working days")
    visitor.citation().click()
    panel = panel_of(visitor)
    expect(panel.get_by_role("heading", name="Annual leave policy (Hamburg) 2025").first).to_be_visible()
    lit = panel.locator("mark")
    expect(lit.first).to_be_in_viewport(ratio=1)
    assert squeezed("".join(lit.all_text_contents())) in squeezed(panel.locator("blockquote").inner_text())
    assert "30 working days" in "".join(lit.all_text_contents())
    visitor.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(visitor.citation()).to_be_focused()


def test_a_chinese_citation_opens_the_pdf_page_with_the_words_under_the_light(visit: Visit) -> None:
    """U19, U20."""
    visitor = visit(HR_MANAGER, "zh-hans")
    visitor.open()
    answer = visitor.ask_and_wait(LEAVE_IN_SHANGHAI)
    expect(answer).to_contain_text("法定年假、福利年假和司龄假三部分组成")
    number = answer.locator("p", has_text="三部分组成").locator(".cite").first.inner_text()
    visitor.citation(int(number)).click()
    panel = panel_of(visitor)
    lit = panel.get_by_test_id("lit-passage").first
    expect(lit).to_be_in_viewport(ratio=1)
    page, box = panel.locator("[data-page='1']"), lit.bounding_box()
    around = page.bounding_box()
    assert box is not None
    assert around is not None
    assert around["x"] <= box["x"] < box["x"] + box["width"] <= around["x"] + around["width"]
    assert around["y"] <= box["y"] < box["y"] + box["height"] <= around["y"] + around["height"]
    handles = [page.locator("canvas").element_handle(), lit.element_handle()]
    visitor.page.wait_for_function(f"pair => ({_INK})(pair) > 0.03", arg=handles)
    original = panel.get_by_role("link", name="下载原文件").get_attribute("href")
    file = visitor.call("GET", original or "").body()
    share = (
        (box["x"] - around["x"]) / around["width"],
        (box["y"] - around["y"]) / around["height"],
        box["width"] / around["width"],
        box["height"] / around["height"],
    )
    assert squeezed(words_in(file, *share)) == squeezed(
        panel.locator("blockquote").inner_text().partition(":")[2]
    )
    panel.get_by_role("button", name="文本").click()
    expect(panel.locator("mark").first).to_be_in_viewport(ratio=1)
    assert "三部分组成" in "".join(panel.locator("mark").all_text_contents())


def test_a_pdf_closed_while_its_page_is_under_way_fails_nowhere(visit: Visit) -> None:
    """Nor does it say of the text that is shown instead that its pages can't be."""
    visitor = visit(HR_MANAGER)
    visitor.page.add_init_script(_LATE)
    passage = visitor.call("GET", f"/api/v1/search?q={LEAVE_IN_SHANGHAI}").json()["passages"][0]
    visitor.open(f"/d/{passage['document_id']}/{passage['version_id']}")
    visitor.page.wait_for_function("() => window.aPageIsUnderWay")
    pages = visitor.page.get_by_role("button", name="Pages")
    visitor.page.get_by_role("button", name="Text").click()
    expect(visitor.page.get_by_role("region", name="Text")).to_contain_text("福利年假")
    # And at once back, while the library still closes it.
    pages.click()
    expect(visitor.page.locator("[data-page='1'] canvas")).to_be_visible()
    visitor.page.wait_for_function("() => window.answered && Date.now() - window.answered > 1000")
    assert visitor.page.locator("[data-page='1'] canvas").evaluate("canvas => canvas.width") > 300
    expect(pages).to_be_visible()


def test_previous_and_next_citation_by_keyboard(visit: Visit) -> None:
    """U21."""
    visitor = visit(HR_MANAGER, "zh-hans")
    visitor.open()
    visitor.ask_and_wait(CARRIED_OVER)
    visitor.citation(1).click()
    panel = panel_of(visitor)
    expect(panel.locator(".number")).to_have_text("1")
    visitor.page.keyboard.press("ArrowRight")
    expect(panel.locator(".number")).to_have_text("2")
    visitor.page.keyboard.press("ArrowLeft")
    expect(panel.locator(".number")).to_have_text("1")


def test_the_address_of_a_citation_opens_for_a_colleague_and_for_nobody_else(visit: Visit) -> None:
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.ask_and_wait(RAG_TOKEN)
    visitor.citation().click()
    address = panel_of(visitor).get_by_role("link", name="Open on its own page").get_attribute("href")
    assert address is not None
    expect(panel_of(visitor).locator("mark").first).to_be_in_viewport(ratio=1)
    lit = "".join(panel_of(visitor).locator("mark").all_text_contents())

    colleague = visit(ADMINISTRATOR, "zh-hans")
    colleague.open(address)
    expect(colleague.page.locator("mark").first).to_be_in_viewport(ratio=1)
    assert "".join(colleague.page.locator("mark").all_text_contents()) == lit

    stranger = visit(NEWCOMER)
    stranger.keep_what_is_sent()
    stranger.may_fail_with(404)
    stranger.open(address)
    expect(stranger.page.locator("main")).to_contain_text("not available to you, or no longer exists")
    shown = stranger.page.locator("main").inner_text()
    stranger.open(re.sub("[0-9a-f]{8}-", "00000000-", address))
    expect(stranger.page.locator("main")).to_contain_text("not available to you, or no longer exists")
    assert stranger.page.locator("main").inner_text() == shown
    assert "RAG-Token" not in stranger.all_that_was_sent()


def test_the_address_asks_to_sign_in_and_then_opens(visit: Visit) -> None:
    visitor = visit(ENGINEER)
    passage = visitor.call("GET", "/api/v1/search?q=annual%20leave%20Hamburg").json()["passages"][0]
    address = (
        f"/d/{passage['document_id']}/{passage['version_id']}?start={passage['start']}&end={passage['end']}"
    )
    stranger = visit()
    stranger.open(address)
    stranger.sign_in(NEWCOMER)
    expect(stranger.page.locator("mark").first).to_be_in_viewport()
