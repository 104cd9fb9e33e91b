"""An editor's work: files on their way to searchable, and files that cannot be read."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER
from tests.e2e.visitor import Visitor
from tests.rules.workbook_support import zipped

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

READY_MS = 60_000
BICYCLES = """# Bicycle leasing

Every permanent employee may lease one bicycle through the company.
The company pays 40 euro towards the monthly leasing rate.
A leased bicycle is insured against theft from the first day.
"""
GYM = """# 健身补贴办法

正式员工每年可以报销健身费用，上限为 2400 元。
报销健身费用须在每年 11 月 30 日前提交发票。
"""


def open_collection(visitor: Visitor, name: str) -> None:
    visitor.open("/library")
    visitor.page.get_by_role("link", name=name).click()
    expect(visitor.page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(visitor.page.locator("tbody tr").first).to_be_visible()


def upload(visitor: Visitor, *files: Path) -> None:
    visitor.page.locator("input[type=file][multiple]").first.set_input_files(list(files))


def row_of(visitor: Visitor, filename: str) -> Locator:
    return visitor.page.locator("tbody tr", has_text=filename)


@pytest.mark.parametrize(
    ("language", "collection", "filename", "text", "question", "answer"),
    [
        (
            "en",
            "Company handbook",
            "bicycle-leasing.md",
            BICYCLES,
            "How much does the company pay towards the monthly leasing rate of a bicycle?",
            "40 euro",
        ),
        ("zh-hans", "员工手册（上海）", "健身补贴.md", GYM, "每年可以报销多少健身费用？", "2400 元"),
    ],
    ids=("en", "zh-hans"),
)
def test_an_uploaded_file_is_searchable_soon_and_answers_with_its_citation(
    visit: Visit,
    tmp_path: Path,
    language: Language,
    collection: str,
    filename: str,
    text: str,
    question: str,
    answer: str,
) -> None:
    file = tmp_path / filename
    file.write_text(text, encoding="utf-8")
    title = text.splitlines()[0].removeprefix("# ")
    visitor = visit(HR_MANAGER, language)
    open_collection(visitor, collection)
    watch_states(visitor, filename)
    upload(visitor, file)
    expect(row_of(visitor, filename)).to_have_attribute("data-state", "ready", timeout=READY_MS)
    states = visitor.page.evaluate("window.seenStates")
    assert states[-1] == "ready" != states[0], states
    expect(row_of(visitor, filename)).to_contain_text(title)

    visitor.open()
    expect(visitor.ask_and_wait(question)).to_contain_text(answer)
    visitor.citation().click()
    panel = visitor.page.locator("[role=complementary].panel")
    expect(panel.get_by_role("heading", name=title).first).to_be_visible()
    expect(panel.locator("mark").first).to_contain_text(answer)


def watch_states(visitor: Visitor, filename: str) -> None:
    """From here on the page notes in `seenStates` what its row went through, without being loaded anew."""
    visitor.page.evaluate(
        """filename => {
          const seen = window.seenStates = [];
          new MutationObserver(() => {
            const rows = [...document.querySelectorAll('tbody tr')];
            const state = rows.find(row => row.textContent.includes(filename))?.dataset.state;
            if (state && state !== seen.at(-1)) seen.push(state);
          }).observe(document.body, { childList: true, subtree: true, attributes: true });
        }""",
        filename,
    )


@pytest.mark.parametrize(
    ("language", "reason", "next_step"),
    [
        (
            "en",
            "The file is damaged, or is not what its name says.",
            "Open it in the program that made it",
        ),
        ("zh-hans", "文件已损坏，或与其扩展名不符。", "请用原来的程序打开并重新保存"),
    ],
    ids=("en", "zh-hans"),
)
def test_a_broken_file_says_why_and_what_to_do(
    visit: Visit, tmp_path: Path, language: Language, reason: str, next_step: str
) -> None:
    """U53."""
    file = tmp_path / f"broken-{language}.pdf"
    file.write_bytes(b"%PDF-1.7\n" + language.encode() + b" this is no document\n" * 20)
    visitor = visit(HR_MANAGER, language)
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    row = row_of(visitor, file.name)
    expect(row).to_have_attribute("data-state", "failed", timeout=READY_MS)
    expect(row).to_contain_text(reason)
    expect(row).to_contain_text(next_step)
    # Nothing of it was ever in force or indexed.
    for date in row.locator(".date").all():
        expect(date).to_contain_text("–")
        expect(date).not_to_contain_text("20")
    # The same file fails again: the page offers no second try, only another version.
    expect(row.locator(".state button")).to_have_count(0)


def test_a_file_of_another_kind_is_refused_beside_its_name(visit: Visit, tmp_path: Path) -> None:
    """U53."""
    file = tmp_path / "records.json"
    file.write_text('{"days": 15}')
    visitor = visit(HR_MANAGER)
    visitor.may_fail_with(400)
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    shown = visitor.page.get_by_role("list", name="Uploads").locator("li", has_text="records.json")
    expect(shown).to_contain_text("Save it as PDF, DOCX, ")
    expect(shown.get_by_role("button")).to_have_count(0)
    expect(row_of(visitor, "records.json")).to_have_count(0)


def test_only_administrators_are_offered_a_new_collection(visit: Visit) -> None:
    button = "New collection"
    for email, count in ((HR_MANAGER, 0), (ADMINISTRATOR, 1)):
        visitor = visit(email)
        visitor.open("/library")
        expect(visitor.page.get_by_role("link", name="Company handbook")).to_be_visible()
        expect(visitor.page.get_by_role("button", name=button)).to_have_count(count)


@pytest.mark.parametrize(
    ("language", "count", "reason"),
    [
        ("en", "Not received from it: 1 file", "The file is an archive of other files. Unpack it"),
        ("zh-hans", "其中未接收的文件：1 个", "文件是压缩包。请解压后上传其中的文件"),
    ],
    ids=("en", "zh-hans"),
)
def test_a_zip_brings_its_files_and_tells_which_it_did_not(
    visit: Visit, tmp_path: Path, language: Language, count: str, reason: str
) -> None:
    """U52."""
    page = f"parking-{language}.md"
    members = {
        f"rules/{page}": f"# Parking {language}\n\nEverybody parks.",
        "inner.zip": zipped({"a.md": "x"}),
    }
    file = tmp_path / f"rules-{language}.zip"
    file.write_bytes(zipped(members))
    visitor = visit(HR_MANAGER, language)
    open_collection(visitor, "Company handbook")
    upload(visitor, file)
    expect(row_of(visitor, page)).to_have_attribute("data-state", "ready", timeout=READY_MS)
    shown = visitor.page.locator("section.upload > ul > li", has_text=file.name)
    shown.get_by_text(count).click()
    expect(shown).to_contain_text("inner.zip")
    expect(shown).to_contain_text(reason)
