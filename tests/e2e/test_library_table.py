"""The table of documents: narrowed, ordered, several at once, and taken back; and files followed to the end."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR
from tests.e2e.test_library import READY_MS, open_collection, row_of
from tests.e2e.visitor import Visitor
from tests.rules.workbook_support import zipped

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

_DROP = """async ([zone, files]) => {
  const folder = (name, children) => ({
    name, isFile: false, isDirectory: true,
    createReader: () => {
      const portions = [children.slice(0, 1), children.slice(1), []];
      return { readEntries: give => give(portions.shift()) };
    },
  });
  const entry = ([path, text]) => ({
    name: path, isFile: true, isDirectory: false,
    file: give => give(new File([text], path, { type: 'text/markdown' })),
  });
  const tree = folder('rules', [entry(files[0]), folder('deep', files.slice(1).map(entry)),
    folder('.git', [entry(['config.md', 'nobody reads this'])]), entry(['.DS_Store', 'x'])]);
  const event = new Event('drop', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: { items: [{ webkitGetAsEntry: () => tree }], files: [] } });
  zone.dispatchEvent(event);
}"""


def send(visitor: Visitor, collection: str, **files: str) -> None:
    for name, text in files.items():
        address = f"/api/v1/collections/{collection_id(visitor, collection)}/documents"
        assert visitor.send_file(address, "files", f"{name}.md", text.encode()).ok


def collection_id(visitor: Visitor, name: str) -> str:
    return next(str(each["id"]) for each in visitor.collections() if each["name"] == name)


def choose(visitor: Visitor, *filenames: str) -> None:
    for filename in filenames:
        row_of(visitor, filename).get_by_role("checkbox").check()


def uploads(visitor: Visitor) -> Locator:
    return visitor.page.locator("section.upload > ul > li")


@pytest.mark.parametrize(
    ("language", "chosen", "move", "submit", "moved", "undo"),
    [
        ("en", "2 documents chosen", "Move to…", "Move", "2 documents moved to Engineering", "Undo"),
        ("zh-hans", "已选择 2 份文档", "移至…", "移动", "已将 2 份文档移至", "撤销"),
    ],
    ids=("en", "zh-hans"),
)
def test_u55_several_documents_are_moved_and_moved_back(
    visit: Visit, language: Language, chosen: str, move: str, submit: str, moved: str, undo: str
) -> None:
    """U55: Undo puts each where it was; one that is not chosen stays."""
    visitor = visit(ADMINISTRATOR, language)
    names = [f"{each}-{language}" for each in ("anchor", "barge", "canal")]
    send(visitor, "Company handbook", **{name: f"# {name}\n\nAbout {name}.\n" for name in names})
    open_collection(visitor, "Company handbook")
    for name in names:
        expect(row_of(visitor, f"{name}.md")).to_have_attribute("data-state", "ready", timeout=READY_MS)
    choose(visitor, *(f"{name}.md" for name in names[:2]))
    bar = visitor.page.get_by_role("group", name=chosen)
    bar.get_by_role("button", name=move).click()
    dialog = visitor.page.get_by_role("dialog")
    target = dialog.get_by_role("combobox").locator("option").nth(1).inner_text()
    dialog.get_by_role("combobox").select_option(label=target)
    dialog.get_by_role("button", name=submit, exact=True).click()
    for name in names[:2]:
        expect(row_of(visitor, f"{name}.md")).to_have_count(0)
    expect(row_of(visitor, f"{names[2]}.md")).to_be_visible()
    undo_bar = visitor.page.locator(".undo")
    expect(undo_bar).to_contain_text(target)
    elsewhere = f"/api/v1/collections/{collection_id(visitor, target)}/documents"
    assert {row["filename"] for row in visitor.call("GET", elsewhere).json()} >= {
        f"{n}.md" for n in names[:2]
    }
    undo_bar.get_by_role("button", name=undo).click()
    for name in names:
        expect(row_of(visitor, f"{name}.md")).to_be_visible()
    assert not {row["filename"] for row in visitor.call("GET", elsewhere).json()} & {f"{n}.md" for n in names}


def test_u55_several_documents_are_deleted_and_restored(visit: Visit) -> None:
    """U55: after a question; by Undo all of them, and later each from the list of what was deleted."""
    visitor = visit(ADMINISTRATOR)
    names = ("dinghy", "estuary", "ferry")
    send(visitor, "Company handbook", **{name: f"# {name}\n\nAbout {name}.\n" for name in names})
    open_collection(visitor, "Company handbook")
    for name in names:
        expect(row_of(visitor, f"{name}.md")).to_have_attribute("data-state", "ready", timeout=READY_MS)
    choose(visitor, "dinghy.md", "estuary.md")
    visitor.page.get_by_role("group", name="2 documents chosen").get_by_role("button", name="Delete").click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 2 documents with all versions?")
    expect(dialog).to_contain_text("can be restored for 7 days")
    dialog.get_by_role("button", name="Cancel").click()
    expect(row_of(visitor, "dinghy.md")).to_be_visible()
    visitor.page.get_by_role("button", name="Delete", exact=True).click()
    dialog.get_by_role("button", name="Delete").click()
    for name in names[:2]:
        expect(row_of(visitor, f"{name}.md")).to_have_count(0)
    expect(row_of(visitor, "ferry.md")).to_be_visible()
    expect(visitor.page.get_by_role("group", name=re.compile("chosen"))).to_have_count(0)
    visitor.page.locator(".undo").get_by_role("button", name="Undo").click()
    for name in names:
        expect(row_of(visitor, f"{name}.md")).to_have_attribute("data-state", "ready")
    row_of(visitor, "dinghy.md").get_by_role("button", name="Actions").click()
    visitor.page.get_by_role("table").get_by_role("button", name="Delete", exact=True).click()
    dialog.get_by_role("button", name="Delete").click()
    expect(row_of(visitor, "dinghy.md")).to_have_count(0)
    visitor.page.get_by_role("button", name="Recently deleted").click()
    listed = dialog.get_by_role("listitem").filter(has_text="dinghy")
    expect(listed).to_contain_text("Deleted by Ingrid Petersen")
    listed.get_by_role("button", name="Restore").click()
    expect(listed).to_have_count(0)
    visitor.page.keyboard.press("Escape")
    expect(row_of(visitor, "dinghy.md")).to_have_attribute("data-state", "ready")


def test_u55_the_table_is_narrowed_and_ordered(visit: Visit) -> None:
    """U55: by words, state, kind and language; by any column, both ways; by the keyboard alone."""
    visitor = visit(ADMINISTRATOR)
    visitor.send_file(
        f"/api/v1/collections/{collection_id(visitor, 'Company handbook')}/documents",
        "files",
        "gangway.pdf",
        b"%PDF-1.7\nno document\n" * 20,
    )
    open_collection(visitor, "Company handbook")
    page, rows = visitor.page, visitor.page.locator("tbody tr")
    expect(row_of(visitor, "gangway.pdf")).to_have_attribute("data-state", "failed", timeout=READY_MS)
    everything = rows.count()
    page.get_by_role("combobox", name="State").select_option(label="Failed")
    expect(row_of(visitor, "gangway.pdf")).to_be_visible()
    assert rows.count() < everything
    page.get_by_role("combobox", name="State").select_option(label="Any state")
    page.get_by_role("combobox", name="Kind of file").select_option(label="PDF")
    assert all(".pdf" in text.lower() for text in rows.all_inner_texts())
    page.get_by_role("combobox", name="Kind of file").select_option(label="Any kind")
    page.get_by_role("searchbox", name="Filter documents").fill("gangway")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("search").get_by_role("status")).to_have_text(f"1 of {everything} documents")
    page.get_by_role("searchbox", name="Filter documents").fill("")
    passages = page.get_by_role("columnheader", name="Passages")
    passages.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(passages).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Enter")
    expect(passages).to_have_attribute("aria-sort", "descending")
    counts = [
        int(text) for text in rows.locator("td.number:nth-of-type(4)").all_inner_texts() if text.isdigit()
    ]
    assert len(counts) > 3
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(("language", "ready"), [("en", "Ready"), ("zh-hans", "可用")], ids=("en", "zh-hans"))
def test_u52_a_dropped_folder_is_followed_file_by_file_until_each_is_ready(
    visit: Visit, language: Language, ready: str
) -> None:
    """U52: one bar for each file through upload and every step; what is hidden in the folder stays out."""
    visitor = visit(ADMINISTRATOR, language)
    open_collection(visitor, "Company handbook")
    visitor.page.evaluate(
        """() => {
          const seen = window.seenWords = new Set();
          new MutationObserver(() => {
            for (const item of document.querySelectorAll('section.upload > ul > li'))
              seen.add(`${item.dataset.state} ${Boolean(item.querySelector('progress'))}`);
          }).observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
        }"""
    )
    files = [
        [f"{name}-{language}.md", f"# {name} {language}\n\nRules of the {name}.\n"]
        for name in ("hull", "jetty", "keel")
    ]
    zone = visitor.page.locator(".drop").element_handle()
    visitor.page.evaluate(_DROP, [zone, files])
    for name, _ in files:
        item = uploads(visitor).filter(has_text=name)
        expect(item.locator(".word")).to_have_text(ready, timeout=READY_MS)
        expect(item.get_by_role("progressbar")).to_have_count(0)
        expect(row_of(visitor, name)).to_have_attribute("data-state", "ready")
    expect(uploads(visitor)).to_have_count(3)
    assert {"sending true", "working true", "done false"} <= set(
        visitor.page.evaluate("[...window.seenWords]")
    )


def test_u52_an_archive_is_followed_as_the_files_in_it(visit: Visit, tmp_path: Path) -> None:
    """U52: how many of them are ready, and why one is not."""
    file = tmp_path / "lagoon.zip"
    bad = "%PDF-1.7\nno document\n" * 20
    file.write_bytes(
        zipped({"lagoon-a.md": "# A\n\nAlpha.", "lagoon-b.md": "# B\n\nBeta.", "lagoon-c.pdf": bad})
    )
    visitor = visit(ADMINISTRATOR)
    open_collection(visitor, "Company handbook")
    visitor.page.locator("input[type=file]").first.set_input_files(file)
    item = uploads(visitor).filter(has_text="lagoon.zip")
    expect(item).to_have_attribute("data-state", "failed", timeout=READY_MS)
    expect(item.locator(".word")).to_have_text("2 of 3 ready")
    expect(item.locator(".reason")).to_contain_text("lagoon-c.pdf")
    expect(item.locator(".reason")).to_contain_text("damaged, or is not what its name says")


def test_u52_a_folder_is_chosen_without_a_mouse(visit: Visit, tmp_path: Path) -> None:
    """U52."""
    folder = tmp_path / "mooring"
    (folder / ".hidden").mkdir(parents=True)
    (folder / "mooring.md").write_text("# Mooring\n\nRopes.\n")
    (folder / ".hidden" / "secret.md").write_text("# No\n\nNo.\n")
    visitor = visit(ADMINISTRATOR)
    open_collection(visitor, "Company handbook")
    visitor.page.get_by_label("Choose a folder").set_input_files(folder)
    expect(uploads(visitor)).to_have_count(1)
    expect(row_of(visitor, "mooring.md")).to_have_attribute("data-state", "ready", timeout=READY_MS)
