"""A file that nobody wants to have read any more."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import HR_MANAGER
from tests.e2e.test_library import READY_MS, open_collection, row_of, upload

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

# It takes long enough to be read for a click.
BOOK = "\n\n".join(f"## Rule {number}\n\nRule {number} holds on day {number}." for number in range(1200))


@pytest.mark.parametrize(
    ("language", "cancel", "said", "retry"),
    [
        (
            "en",
            "Cancel reading",
            "Reading this file was cancelled. Try again, or delete the document.",
            "Try again",
        ),
        ("zh-hans", "取消读取", "此文件的读取已取消。", "重试"),
    ],
    ids=("en", "zh-hans"),
)
def test_a_file_under_way_is_cancelled_beside_its_progress_and_tried_again(
    visit: Visit, tmp_path: Path, language: Language, cancel: str, said: str, retry: str
) -> None:
    file = tmp_path / f"book-{language}.md"
    file.write_text(f"# Book {language}\n\n{BOOK}", encoding="utf-8")
    visitor = visit(HR_MANAGER, language)
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    row = row_of(visitor, file.name)
    row.get_by_role("button", name=cancel).click()
    expect(row).to_have_attribute("data-state", "cancelled")
    expect(row).to_contain_text(said)
    expect(row.get_by_role("button", name=cancel)).to_have_count(0)
    # The page is told what the server has, not what it hopes.
    visitor.page.reload()
    expect(row).to_have_attribute("data-state", "cancelled")

    row.get_by_role("button", name=retry).click()
    expect(row.get_by_role("button", name=cancel)).to_be_visible()
    expect(row).to_have_attribute("data-state", "ready", timeout=READY_MS)

    # A thousand like passages would be the nearest to whatever the library does not hold.
    [listed] = [each for each in visitor.collections() if each["name"] == "Company handbook"]
    for document in visitor.call("GET", f"/api/v1/collections/{listed['id']}/documents").json():
        if document["title"] == f"Book {language}":
            assert visitor.call("DELETE", f"/api/v1/documents/{document['id']}").ok
