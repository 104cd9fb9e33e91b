"""A picture of a page, from its upload to the line that is lit in it."""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from kbchat.parsing.tesseract_library import Recogniser
from tests.e2e.conftest import Visit
from tests.e2e.stage import HR_MANAGER
from tests.e2e.test_library import READY_MS, open_collection, row_of, upload
from tests.recognition import CHINESE, ENGLISH, as_file, scan

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def test_u52_a_picture_is_read_found_and_lit(visit: Visit, tmp_path: Path, recogniser: Recogniser) -> None:
    """U52: the line that was found is lit where it stands in the picture, and its version says by what it was read."""
    file = tmp_path / "notice.png"
    file.write_bytes(as_file("PNG", scan(*ENGLISH, *CHINESE)))
    visitor = visit(HR_MANAGER)
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    row = row_of(visitor, file.name)
    expect(row).to_have_attribute("data-state", "ready", timeout=READY_MS)
    found = visitor.call("GET", f"/api/v1/search?q={quote(CHINESE[1])}").json()["passages"]
    passage = next(one for one in found if CHINESE[1] in one["quote"])
    content = visitor.call("GET", f"/api/v1/versions/{passage['version_id']}/content").json()
    block = next(one for one in content["blocks"] if CHINESE[1] in one["text"])
    start = block["start"] + block["text"].index(CHINESE[1])
    visitor.open(
        f"/d/{passage['document_id']}/{passage['version_id']}?start={start}&end={start + len(CHINESE[1])}"
    )
    lit, picture = visitor.page.get_by_test_id("lit-passage"), visitor.page.locator("main img")
    expect(lit).to_be_in_viewport()
    line, whole = lit.bounding_box(), picture.bounding_box()
    assert line is not None
    assert whole is not None
    # The fourth of the lines that `scan` draws, each as far below the one before it as two letters are high.
    assert 0.5 < (line["y"] - whole["y"]) / whole["height"] < 0.6
    assert 0.1 < (line["x"] - whole["x"]) / whole["width"] < 0.2

    open_collection(visitor, "Company handbook")
    row_of(visitor, file.name).get_by_role("button", name="Actions for").click()
    visitor.page.get_by_role("button", name="Versions", exact=True).click()
    expect(visitor.page.get_by_role("dialog")).to_contain_text("of its text was recognised in pictures (OCR)")
