"""A picture of a page, from its upload to the line that is lit in it."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, expect

from kbchat.parsing.tesseract_library import Recogniser
from tests.e2e.conftest import Visit
from tests.e2e.stage import HR_MANAGER
from tests.e2e.test_library import READY_MS, open_collection, row_of, upload
from tests.e2e.visitor import Visitor
from tests.recognition import CHINESE, ENGLISH, as_file, photograph, scan

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def lit_in(visitor: Visitor, file: Path, words: str) -> tuple[float, float, Locator]:
    """Sent in, found, and opened at the words: how far down and across in its picture they are lit, and the picture."""
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    row = row_of(visitor, file.name)
    expect(row).to_have_attribute("data-state", "ready", timeout=READY_MS)
    found = visitor.call("GET", f"/api/v1/search?q={quote(words)}").json()["passages"]
    passage = next(one for one in found if words in one["quote"])
    content = visitor.call("GET", f"/api/v1/versions/{passage['version_id']}/content").json()
    block = next(one for one in content["blocks"] if words in one["text"])
    start = block["start"] + block["text"].index(words)
    visitor.open(
        f"/d/{passage['document_id']}/{passage['version_id']}?start={start}&end={start + len(words)}"
    )
    lit = visitor.page.get_by_test_id("lit-passage")
    picture = visitor.page.locator("main .page").filter(has=lit).locator("img")
    expect(lit).to_be_in_viewport()
    line, whole = lit.bounding_box(), picture.bounding_box()
    assert line is not None
    assert whole is not None
    down, across = line["y"] - whole["y"], line["x"] - whole["x"]
    return down / whole["height"], across / whole["width"], picture


def test_a_photograph_is_shown_as_its_camera_was_held(
    visit: Visit, tmp_path: Path, recogniser: Recogniser
) -> None:
    file = tmp_path / "photograph.jpg"
    words = "Of photographs there are forty two in the drawer."
    file.write_bytes(photograph(scan("The first line says little.", words), 6))
    down, across, picture = lit_in(visit(HR_MANAGER), file, words)
    assert 0.36 < down < 0.42
    assert 0.1 < across < 0.2
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] > box["height"]


def test_a_page_of_a_tiff_is_lit_where_it_is_drawn(
    visit: Visit, tmp_path: Path, recogniser: Recogniser
) -> None:
    """Browsers do not show it: the server draws its pages."""
    file = tmp_path / "pages.tif"
    words = "Of telegrams there are seventeen in the cellar."
    file.write_bytes(as_file("TIFF", *[scan("A page of no matter.")] * 2, scan("Other words.", words)))
    visitor = visit(HR_MANAGER)
    down, across, picture = lit_in(visitor, file, words)
    assert 0.36 < down < 0.42
    assert 0.1 < across < 0.2
    expect(visitor.page.locator("main .page")).to_have_count(3)
    expect(picture).to_have_attribute("src", re.compile(r"/pages/3$"))


def test_u52_a_picture_is_read_found_and_lit(visit: Visit, tmp_path: Path, recogniser: Recogniser) -> None:
    """U52: the line that was found is lit where it stands in the picture, and its version says by what it was read."""
    file = tmp_path / "notice.png"
    file.write_bytes(as_file("PNG", scan(*ENGLISH, *CHINESE)))
    visitor = visit(HR_MANAGER)
    down, across, _ = lit_in(visitor, file, CHINESE[1])
    # The fourth of the lines that `scan` draws, each as far below the one before it as two letters are high.
    assert 0.5 < down < 0.6
    assert 0.1 < across < 0.2

    open_collection(visitor, "Company handbook")
    row_of(visitor, file.name).get_by_role("button", name="Actions for").click()
    visitor.page.get_by_role("button", name="Versions", exact=True).click()
    expect(visitor.page.get_by_role("dialog")).to_contain_text("of its text was recognised in pictures (OCR)")
