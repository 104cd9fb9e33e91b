"""Sources in a browser: added, scheduled in plain words with the next five times, run, looked into, removed (U61)."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER, NEWCOMER, Stage

pytestmark = pytest.mark.e2e

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "add": "Add a source",
        "name": "Name",
        "collection": "Collection",
        "where": "Folder on the server",
        "save": "Save",
        "schedule": "Schedule:",
        "when": "When",
        "workdays": "From Monday to Friday",
        "at": "At",
        "cron": "Cron expression",
        "as_cron": "As a cron expression",
        "zone": "Time zone",
        "said": "From Monday to Friday at 08:30 (Asia/Shanghai)",
        "trial": "Test connection",
        "missing": "The folder is not there",
        "there": "there are documents",
        "often": "Every 15 minutes",
        "unreadable": "no cron expression",
        "next": "Next five times",
        "run": "Run now",
        "new": "5 new",
        "history": "History:",
        "troubles": "Problems",
        "no_troubles": "Nothing stands in its way",
        "empty": "The file is empty",
        "retry": "Try all again",
        "one_new": "1 new",
        "held": "4 documents are gone",
        "let_go": "Remove them",
        "removed": "4 removed",
        "remove": "Remove",
        "delete": "Delete",
    },
    "zh-hans": {
        "add": "添加来源",
        "name": "名称",
        "collection": "文档集",
        "where": "服务器上的文件夹",
        "save": "保存",
        "schedule": "定时：",
        "when": "何时",
        "workdays": "周一至周五",
        "at": "时间",
        "cron": "cron 表达式",
        "as_cron": "用 cron 表达式",
        "zone": "时区",
        "said": "周一至周五 08:30（Asia/Shanghai）",
        "trial": "测试连接",
        "missing": "文件夹不存在",
        "there": "其中有文档",
        "often": "每 15 分钟",
        "unreadable": "这不是 cron 表达式",
        "next": "接下来的五次",
        "run": "立即运行",
        "new": "新增 5",
        "history": "历史：",
        "troubles": "问题",
        "no_troubles": "没有问题",
        "empty": "文件是空的",
        "retry": "全部重试",
        "one_new": "新增 1",
        "held": "少了 4 个文档",
        "let_go": "移除它们",
        "removed": "移除 4",
        "remove": "移除",
        "delete": "删除",
    },
}


@pytest.fixture
def folder(quoting: Stage, request: pytest.FixtureRequest) -> Path:
    """Five pages and a file that says nothing."""
    made = quoting.shared / request.node.name
    made.mkdir()
    for number in range(5):
        (made / f"note-{number}.md").write_text(f"# Zwiebelfisch note {number}\n\nOf no matter.\n")
    (made / "empty.md").write_text("")
    return made


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 390)], ids=("en", "zh-hans"))
def test_a_source_from_adding_to_letting_go(
    visit: Visit, language: Language, width: int, folder: Path
) -> None:
    """U61."""
    words, name = WORDS[language], f"Notes {language}"
    visitor = visit(ADMINISTRATOR, language, width=width)
    page = visitor.page
    shelf = f"Zz {language}"
    assert visitor.call("POST", "/api/v1/collections", {"name": shelf, "description": ""}).ok
    visitor.open("/sources")
    page.get_by_role("button", name=words["add"]).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["name"], exact=True).fill(name)
    dialog.get_by_role("combobox", name=words["collection"]).select_option(label=shelf)
    expect(dialog).to_contain_text(str(folder.parent))
    trial = dialog.get_by_role("button", name=words["trial"])
    expect(trial).to_be_disabled()
    dialog.get_by_label(words["where"]).fill(str(folder / "gone"))
    trial.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text(words["missing"])
    dialog.get_by_label(words["where"]).fill(str(folder))
    # What was said is said of something else.
    expect(dialog.get_by_role("alert")).to_have_count(0)
    trial.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text(words["there"])
    dialog.get_by_label(words["where"]).fill("/etc")
    expect(dialog.get_by_role("status")).to_be_empty()
    save = dialog.get_by_role("button", name=words["save"], exact=True)
    save.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("KBCHAT_SOURCE_ROOTS")
    dialog.get_by_label(words["where"]).fill(str(folder))
    save.press("Enter")
    card = page.get_by_role("region", name=name, exact=True)
    expect(card).to_contain_text(str(folder))
    expect(dialog).to_have_count(0)
    assert visitor.widest_overflow() == 0

    press(button(card, words["schedule"]))
    dialog.get_by_role("combobox", name=words["when"]).select_option(label=words["as_cron"])
    dialog.get_by_role("textbox", name=words["cron"]).fill("61 * * * *")
    expect(dialog.get_by_role("status")).to_contain_text(words["unreadable"])
    expect(save).to_be_disabled()
    dialog.get_by_role("textbox", name=words["cron"]).fill("*/15 * * * *")
    expect(dialog.get_by_role("status")).to_contain_text(words["often"])
    dialog.get_by_role("combobox", name=words["when"]).select_option(label=words["workdays"])
    dialog.get_by_label(words["at"], exact=True).fill("08:30")
    dialog.get_by_role("combobox", name=words["zone"]).select_option(label="Asia/Shanghai")
    times = dialog.get_by_role("list", name=words["next"]).get_by_role("listitem")
    expect(times).to_have_count(5)
    expect(times.first).to_contain_text("08:30")
    save.press("Enter")
    expect(card).to_contain_text(words["said"])
    card.locator("summary").press("Enter")
    expect(card.get_by_role("list", name=words["next"]).get_by_role("listitem")).to_have_count(5)

    press(button(card, words["troubles"]))
    expect(card.get_by_role("list", name=name)).to_contain_text(words["no_troubles"])
    press(button(card, words["run"]))
    expect(card).to_contain_text(words["new"])
    expect(card.get_by_role("listitem").filter(has_text="empty.md")).to_contain_text(words["empty"])
    (folder / "empty.md").write_text("# Zwiebelfisch, no longer empty\n\nWords.\n")
    press(card.get_by_role("button", name=words["retry"], exact=True))
    expect(card.locator(".latest")).to_contain_text(words["one_new"])

    for number in range(4):
        (folder / f"note-{number}.md").unlink()
    press(button(card, words["run"]))
    expect(card.locator(".held")).to_contain_text(words["held"])
    press(button(card, words["history"]))
    rows = card.get_by_role("region").get_by_role("row")
    expect(rows).to_have_count(4)
    assert visitor.widest_overflow() == 0
    press(card.get_by_role("button", name=words["let_go"]))
    dialog.get_by_role("button", name=words["delete"], exact=True).press("Enter")
    expect(card.locator(".latest")).to_contain_text(words["removed"])
    expect(card.locator(".held")).to_have_count(0)
    expect(rows).to_have_count(5)

    press(card.get_by_role("button", name=re.compile(f"^{words['remove']}.*{name}")))
    dialog.get_by_role("button", name=words["delete"], exact=True).press("Enter")
    expect(card).to_have_count(0)
    # What was refused on purpose, the browser says too.
    refused = [line for line in visitor.complaints if "400 (Bad Request)" in line]
    refused += [line for line in visitor.complaints if "503 (Service Unavailable)" in line]
    assert len(refused) == len(visitor.complaints) == 3
    visitor.complaints.clear()


SAID: dict[Language, dict[str, str]] = {
    "en": {
        "kind": "Kind",
        "bucket": "S3 bucket",
        "address": "Address of the S3 server",
        "name_of_bucket": "Bucket",
        "secret": "Secret key",
        "who": "Who reads its documents",
        "source": "Those whom the source names",
        "collection": "Whoever reads the collection",
        "now": "Read by those whom the source names",
        "withheld": "5 documents are for owners alone",
        "change": "Change",
        "then": "Read by whoever reads the collection",
    },
    "zh-hans": {
        "kind": "种类",
        "bucket": "S3 存储桶",
        "address": "S3 服务器的地址",
        "name_of_bucket": "存储桶",
        "secret": "私有密钥",
        "who": "谁可以阅读其文档",
        "source": "来源指定的人",
        "collection": "可以阅读此文档集的人",
        "now": "来源指定的人才可以阅读",
        "withheld": "有 5 个文档仅供所有者查看",
        "change": "更改",
        "then": "可以阅读此文档集的人都可以阅读",
    },
}


@pytest.mark.parametrize(("language", "width"), [("en", 390), ("zh-hans", 1440)], ids=("en", "zh-hans"))
def test_a_source_says_itself_who_reads_what(
    visit: Visit, language: Language, width: int, folder: Path
) -> None:
    (folder / "empty.md").unlink()
    words, said, name = WORDS[language], SAID[language], f"Named {language}"
    visitor = visit(ADMINISTRATOR, language, width=width)
    page = visitor.page
    assert visitor.call("POST", "/api/v1/collections", {"name": f"Zz {name}", "description": ""}).ok
    visitor.open("/sources")
    page.get_by_role("button", name=words["add"]).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["name"], exact=True).fill(name)
    dialog.get_by_role("combobox", name=words["collection"]).select_option(label=f"Zz {name}")
    kind = dialog.get_by_role("combobox", name=said["kind"], exact=True)
    kind.select_option(label=said["bucket"])
    dialog.get_by_label(said["address"]).fill("http://169.254.169.254")
    dialog.get_by_label(said["name_of_bucket"], exact=True).fill("notes")
    expect(dialog.get_by_label(said["secret"])).to_have_attribute("type", "password")
    save = dialog.get_by_role("button", name=words["save"], exact=True)
    save.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("KBCHAT_SOURCE_ORIGINS")

    kind.select_option(value="folder")
    dialog.get_by_label(words["where"]).fill(str(folder))
    dialog.get_by_role("combobox", name=said["who"]).select_option(label=said["source"])
    expect(dialog).to_contain_text(".kbchat-access.toml")
    assert visitor.widest_overflow() == 0
    save.press("Enter")
    card = page.get_by_role("region", name=name, exact=True)
    expect(card).to_contain_text(said["now"])
    press(button(card, words["run"]))
    expect(card).to_contain_text(words["new"])
    expect(card).to_contain_text(said["withheld"])
    (folder / ".kbchat-access.toml").write_text('[[rule]]\npath = "**"\neveryone = true\n')
    press(button(card, words["run"]))
    expect(card).not_to_contain_text(said["withheld"])
    press(button(card, said["change"]))
    expect(dialog).to_contain_text(name)
    dialog.get_by_role("button", name=said["collection"]).press("Enter")
    expect(card).to_contain_text(said["then"])
    assert visitor.widest_overflow() == 0
    assert len([line for line in visitor.complaints if "400 (Bad Request)" in line]) == 1
    visitor.complaints.clear()


def press(button: Locator) -> None:
    """By the keyboard, once it may be pressed: not while a run is under way."""
    expect(button).to_be_enabled()
    button.press("Enter")


def button(card: Locator, words: str) -> Locator:
    return card.get_by_role("button", name=re.compile(words)).first


def test_another_owner_takes_a_source_over(visit: Visit, folder: Path) -> None:
    """Also while its keeper is still there: he may not edit the collection any more, and nobody is told that."""
    keeper = visit(ADMINISTRATOR)
    shelf = keeper.call("POST", "/api/v1/collections", {"name": "Zz taken over", "description": ""}).json()
    wish = {"kind": "folder", "name": "Handed on", "place": {"folder": str(folder)}}
    assert keeper.call("POST", f"/api/v1/collections/{shelf['id']}/sources", wish).ok
    other = visit(HR_MANAGER)
    person = other.call("GET", "/api/v1/session").json()["person"]["id"]
    grant = {"kind": "user", "id": person, "role": "owner"}
    assert keeper.call("POST", f"/api/v1/collections/{shelf['id']}/grants", grant).ok
    other.open("/sources")
    card = other.page.get_by_role("region", name="Handed on", exact=True)
    expect(card).to_contain_text("on behalf of Ingrid")
    press(card.get_by_role("button", name="Take over"))
    expect(card.get_by_role("button", name="Take over")).to_have_count(0)
    expect(card).not_to_contain_text("Ingrid")


def test_others_have_no_such_page(visit: Visit, quoting: Stage) -> None:
    visitor = visit(NEWCOMER)
    visitor.open("/sources")
    expect(visitor.page.get_by_role("main")).to_contain_text("own no collection")
    expect(visitor.page.get_by_role("link", name="Sources")).to_have_count(0)
