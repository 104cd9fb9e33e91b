"""Hostile names, titles, headings and texts of documents stay text on every page that shows them (T35), and a file that
is two things is saved, never shown (T52)."""

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.hostile_text import HOST
from tests.e2e.inertness import Inertness
from tests.e2e.recording_proxy import RecordingProxy
from tests.e2e.stage import ADMINISTRATOR, Stage
from tests.e2e.test_library import READY_MS
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

IMAGE = f"<img src=//{HOST}/i onerror=alert(1)>"
SCRIPT = f"<script src=//{HOST}/s></script><svg onload=alert(1)>"
LINK = f"[press](javascript:alert(1)) ![x](//{HOST}/m) ＜script＞"
QUOTED = "\"'><iframe srcdoc=x></iframe>"
WORD = "zebracrossing"
TEXT = f"A {WORD} is {IMAGE} for {SCRIPT} all {LINK} pedestrians {QUOTED}."
# Begins as Markdown and reads as a page and a script, too.
POLYGLOT = f"# {WORD} polyglot\n\n<!--\n/*<html><script>alert(1)</script>*/\n-->\n\n{TEXT}\n"


def word_file() -> bytes:
    document = docx.Document()
    document.core_properties.author = IMAGE
    document.core_properties.title = QUOTED
    document.add_heading(f"{SCRIPT} docx", 1)
    document.add_paragraph(TEXT)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = IMAGE, LINK
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


FILES: dict[str, bytes] = {
    f"{IMAGE.replace('/', '')}.md": f"# {IMAGE} md\n\n{TEXT}\n\n## {LINK}\n\n{TEXT}\n".encode(),
    f"{QUOTED.replace('/', '')}.txt": f"{TEXT}\n\n{IMAGE}\n".encode(),
    "page.html": (
        f"<html><head><title>{escaped(QUOTED)} html</title><meta name=author content='{escaped(IMAGE)}'></head>"
        f"<body><h1>{escaped(SCRIPT)}</h1><p>{escaped(TEXT)}</p>{SCRIPT}</body></html>"
    ).encode(),
    "letter.docx": word_file(),
    "polyglot.html.md": POLYGLOT.encode(),
}


def filled(visitor: Visitor) -> dict[str, Any]:
    """A collection of such documents, once they are searchable."""
    wish = {"name": f"{IMAGE} shelf", "description": f"{SCRIPT} {LINK}"}
    collection: dict[str, Any] = visitor.call("POST", "/api/v1/collections", wish).json()
    address = f"/api/v1/collections/{collection['id']}/documents"
    for name, content in FILES.items():
        assert visitor.send_file(address, "files", name, content).status == 201, name
    visitor.open(f"/library/{collection['id']}")
    expect(visitor.page.locator("tr[data-state=ready]")).to_have_count(len(FILES), timeout=READY_MS)
    return collection


def dialogs(page: Page) -> Iterator[str]:
    """Each dialog of a document's row, opened."""
    row = page.locator("tbody tr", has_text="letter.docx")
    for number in range(1, 20):
        row.get_by_role("button", name="Actions for").click()
        items = row.locator("button.item")
        expect(items.first).to_be_visible()
        if number > items.count():
            return
        name = items.nth(number - 1).inner_text()
        items.nth(number - 1).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.get_by_role("dialog").locator("[aria-busy=true]")).to_have_count(0)
        yield name
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_names_titles_and_texts_of_documents_stay_text(quoting: Stage, visit: Visit) -> None:
    """U50."""
    with RecordingProxy(urlsplit(quoting.address).netloc) as proxy:
        visitor = visit(ADMINISTRATOR, proxy=proxy.address)
        page, inert = visitor.page, Inertness(visitor.page)
        collection = filled(visitor)
        documents = visitor.call("GET", f"/api/v1/collections/{collection['id']}/documents").json()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{IMAGE} shelf")
        assert inert.faults() == []
        assert len({name: inert.faults() for name in dialogs(page)}) >= 4
        assert inert.faults() == []
        page.get_by_role("button", name="Share").click()
        expect(page.get_by_role("dialog")).to_contain_text(f"{IMAGE} shelf")
        assert inert.faults() == []

        for row in documents:
            visitor.open(f"/d/{row['id']}/{row['version_id']}")
            expect(page.locator("main")).to_contain_text(WORD)
            inert.press("main")
            assert inert.faults() == [], row["filename"]
            visitor.open(f"/d/{row['id']}/{row['version_id']}/passages")
            expect(page.locator("li[data-number]").first).to_contain_text(WORD)
            inert.press("main")
            assert inert.faults() == [], row["filename"]

        visitor.open(f"/search?q={quote(f'{WORD} {IMAGE}')}")
        expect(page.locator("ol li")).not_to_have_count(0)
        page.locator("ol li button").first.click()
        expect(page.locator("[role=complementary].panel")).to_contain_text(WORD)
        inert.press("[role=complementary].panel")
        assert inert.faults() == []

        visitor.open()
        visitor.ask_and_wait(f"What is a {WORD}? {IMAGE}")
        inert.press("article.turn")
        assert inert.faults() == []

        polyglot = next(row for row in documents if "polyglot" in row["filename"])
        original = f"{quoting.address}/api/v1/versions/{polyglot['version_id']}/original"
        with page.expect_download() as saving:
            page.evaluate("address => { location.href = address; }", original)
        assert saving.value.suggested_filename == "polyglot.html.md"
        assert page.url.startswith(f"{quoting.address}/c/")
        assert inert.faults() == [f"a download: {original}"]
        assert proxy.called == []
