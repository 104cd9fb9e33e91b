"""The same file twice, a file that replaces another, and a file that is read in another encoding."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR
from tests.e2e.test_library import READY_MS, open_collection, row_of, upload
from tests.e2e.test_library_table import uploads

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "known", "anyway", "replacing", "send", "versions", "changes"),
    [
        (
            "en",
            "This very file is in the library already: “Slipway en” in Company handbook.",
            "Upload it anyway",
            "Upload new version",
            "Upload version",
            "Versions",
            "What changed since version 1",
        ),
        (
            "zh-hans",
            "文档库中已有完全相同的文件：Company handbook中的“Slipway zh-hans”。",
            "仍要上传",
            "上传新版本",
            "上传版本",
            "版本",
            "与第 1 版相比的更改",
        ),
    ],
    ids=("en", "zh-hans"),
)
def test_u54_a_file_twice_and_a_file_that_replaces_another(
    visit: Visit,
    tmp_path: Path,
    language: Language,
    known: str,
    anyway: str,
    replacing: str,
    send: str,
    versions: str,
    changes: str,
) -> None:
    """U54: the second of two is named, and taken on demand; a new version keeps the old one; changes are told."""
    visitor = visit(ADMINISTRATOR, language)
    page = visitor.page
    file = tmp_path / f"slipway-{language}.md"
    file.write_text(f"# Slipway {language}\n\nThe slipway {language} is 12 metres wide.\n")
    visitor.may_fail_with(400)
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    expect(row_of(visitor, file.name)).to_have_attribute("data-state", "ready", timeout=READY_MS)
    upload(visitor, file)
    item = uploads(visitor).filter(has_text=known)
    expect(item).to_be_visible()
    expect(row_of(visitor, file.name)).to_have_count(1)
    item.get_by_role("button", name=anyway).click()
    expect(row_of(visitor, file.name).get_by_role("link")).to_have_count(2, timeout=READY_MS)

    file.write_text(f"# Slipway {language}\n\nThe slipway {language} is 14 metres wide.\n")
    links = row_of(visitor, file.name).get_by_role("link").evaluate_all("all => all.map(one => one.pathname)")
    documents = [str(link).split("/")[2] for link in links]
    row = page.locator("tbody tr", has=page.locator(f"a[href*='{documents[0]}']"))
    row.locator("button[aria-haspopup]").click()
    page.locator(".menu").get_by_role("button", name=replacing).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_role("button", name=send).click()
    visitor.wait_for_version(documents[0], 2)
    row.locator("button[aria-haspopup]").click()
    page.locator(".menu").get_by_role("button", name=versions, exact=True).click()
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    dialog.get_by_role("link", name=changes).click()
    told = page.locator("main ol > li")
    expect(told.locator("del")).to_contain_text("12")
    expect(told.locator("ins")).to_contain_text("14")
    for document in documents:
        assert visitor.call("DELETE", f"/api/v1/documents/{document}").ok


@pytest.mark.parametrize(
    ("language", "reason", "choose", "read"),
    [
        ("en", "It is not clear in which encoding", "Choose the encoding", "Read it so"),
        ("zh-hans", "无法确定文本的编码", "选择编码", "按此读取"),
    ],
    ids=("en", "zh-hans"),
)
def test_u54_the_encoding_of_a_file_is_chosen_by_hand(
    visit: Visit, tmp_path: Path, language: Language, reason: str, choose: str, read: str
) -> None:
    """U54, U53: where it could not be told, and where it was told wrong."""
    visitor = visit(ADMINISTRATOR, language)
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    file = tmp_path / f"sizes-{language}.txt"
    file.write_bytes("Größe".encode("cp437"))
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    row = row_of(visitor, file.name)
    expect(row).to_have_attribute("data-state", "failed", timeout=READY_MS)
    expect(row).to_contain_text(reason)
    row.get_by_role("button", name=choose).click()
    dialog.get_by_role("combobox").select_option("cp850")
    dialog.get_by_role("button", name=read).click()
    expect(row).to_have_attribute("data-state", "ready", timeout=READY_MS)
    # Of this version: the next one may be there as soon as it is asked for.
    address = row.get_by_role("link").get_attribute("href") or ""
    row.locator("button[aria-haspopup]").click()
    page.locator(".menu").get_by_role("button", name=choose).click()
    dialog.get_by_role("combobox").select_option("windows-1252")
    dialog.get_by_role("button", name=read).click()
    document = address.split("/")[2]
    second = visitor.wait_for_version(document, 2)
    visitor.open(f"/d/{document}/{second}")
    expect(page.locator("main")).to_contain_text("Gr”áe")
    visitor.open(address)
    expect(page.locator("main")).to_contain_text("Größe")
    assert visitor.call("DELETE", f"/api/v1/documents/{document}").ok
