"""A walk through every page of the app: each step brings the window to a page, or to what opens there, and names it."""

import re
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import expect

from tests.e2e.conftest import Language
from tests.e2e.stage import ADMINISTRATOR, Stage
from tests.e2e.visitor import Visitor

QUESTIONS: Final[dict[Language, str]] = {
    "en": "How many days of annual leave does a full-time employee in Hamburg have in 2025?",
    "zh-hans": "公司 2025 年的年假政策是什么？",
}
_UNANSWERED: Final[dict[Language, str]] = {
    "en": "What is the capital of France?",
    "zh-hans": "法国的首都是哪里？",
}


_BOAT_HOUSE: Final = """# The boat house

## Opening hours

The boat house of the northern basin opens at 07:15 and closes at 21:00 on every working day.

## Keys

Whoever has taken part in the safety course gets a key from the porter against a receipt.

## Imprint

Edition of 2024.
"""
_CHINESE_BOAT_HOUSE: Final = """# 船库使用规定

## 开放时间

北港池船库每个工作日早上七点十五分开放，晚上九点关闭。

## 钥匙

参加过安全培训的员工可以凭收据向门卫领取钥匙。

## 版本说明

二〇二四年版。
"""
VERSIONS: Final = {
    True: (
        "boat-house.md",
        _BOAT_HOUSE,
        _BOAT_HOUSE.replace("07:15", "06:45").replace("a receipt", "a signature").replace("2024", "2025"),
    ),
    False: (
        "船库.md",
        _CHINESE_BOAT_HOUSE,
        _CHINESE_BOAT_HOUSE.replace("七点十五分", "六点四十五分")
        .replace("收据", "签名")
        .replace("二四", "二五"),
    ),
}
"""Whether in English: a file's name, and what two versions of it say."""


def at_the_door(visitor: Visitor) -> Iterator[str]:
    """`visitor` is a stranger."""
    for path, shown in (
        ("/signin", "form"),
        ("/forgot", "form"),
        ("/password#a-token", "form"),
        ("/setup", ".problem"),
    ):
        visitor.open(path)
        expect(visitor.page.locator(shown).first).to_be_visible()
        yield path.strip("/").partition("#")[0]


def inside(visitor: Visitor, stage: Stage, language: Language) -> Iterator[str]:
    """`visitor` is the administrator, who becomes an auditor; nothing that the walk makes hinders another one."""
    stage.manage("make_auditor", ADMINISTRATOR)
    yield from _chat(visitor, language)
    yield from _gaps(visitor)
    yield from _search(visitor)
    yield from _library(visitor)
    yield from _sources(visitor, stage)
    yield from _managing(visitor)
    yield from _retention(visitor)
    yield from _own(visitor)


def _chat(visitor: Visitor, language: Language) -> Iterator[str]:
    page = visitor.page
    visitor.open()
    expect(page.locator(".starters button").first).to_be_visible()
    yield "chat-empty"
    page.locator(".scope-button").click()
    page.locator(".menu input[type=date]").first.wait_for()
    yield "chat-scope"
    page.keyboard.press("Escape")
    toggle = page.locator("header button[aria-pressed]")
    toggle.click()
    page.locator(".temporary").wait_for()
    yield "chat-temporary"
    toggle.click()
    if (menu := page.locator("header .icon-button").first).is_visible():
        menu.click()
    page.locator("nav .account").click()
    expect(page.locator(".choice").first).to_be_visible()
    yield "account-menu"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "shortcuts"
    page.keyboard.press("Escape")
    visitor.ask_and_wait(QUESTIONS[language])
    page.locator(".feedback button").last.click()
    page.get_by_role("dialog").locator("form").wait_for()
    yield "answer-feedback"
    page.keyboard.press("Escape")
    yield "answer"
    visitor.citation().click()
    expect(page.get_by_test_id("lit-passage").first).to_be_in_viewport()
    yield "answer-source"
    address = page.locator(".panel a[href^='/d/']").get_attribute("href")
    page.keyboard.press("Escape")
    conversation = page.url.rpartition("/")[2]
    shared = visitor.call("POST", f"/api/v1/conversations/{conversation}/shares", {"days": 7}).json()
    visitor.ask(_UNANSWERED[language])
    expect(page.get_by_test_id("refused")).to_be_visible()
    yield "answer-refused"
    page.locator(".gap button").click()
    page.locator(".gap button[aria-haspopup]").click()
    page.get_by_role("dialog").locator("form").wait_for()
    yield "answer-refused-gap"
    page.keyboard.press("Escape")
    visitor.open(f"/shared/{shared['token']}")
    expect(visitor.answer()).to_be_visible()
    yield "shared"
    visitor.open(f"/print/{conversation}")
    expect(page.locator(".paper article section").first).to_be_visible()
    yield "print"
    visitor.open(address or "")
    expect(page.get_by_test_id("lit-passage").first).to_be_in_viewport()
    yield "document"


def _gaps(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    visitor.open("/gaps")
    board = page.locator("article").first
    board.locator(".buttons button").first.click()
    board.locator(".found").wait_for()
    yield "gaps"
    for number, button in enumerate(board.locator(".buttons [aria-haspopup]").all(), 1):
        button.click()
        page.get_by_role("dialog").locator("select, fieldset").wait_for()
        yield f"gaps-dialog-{number}"
        page.keyboard.press("Escape")


def _search(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    visitor.open("/search?q=Pier")
    expect(page.locator("ol li").first).to_be_visible()
    yield "search"
    visitor.open("/search?q=Pier&golden=new")
    page.locator("main ol").get_by_role("checkbox").first.check()
    yield "search-marking"
    keep_a_golden_question(visitor)
    visitor.open("/golden")
    page.locator("figure svg[role=img]").wait_for()
    page.locator("main table a").first.click()
    page.locator("#run-title").wait_for()
    yield "golden"


def _library(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    visitor.open("/library")
    expect(page.locator(".grid a").first).to_be_visible()
    yield "library"
    page.locator(".grid a").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()
    yield "library-collection"
    collection = page.url.rpartition("/")[2].partition("?")[0]
    listed = visitor.call("GET", f"/api/v1/collections/{collection}/documents").json()
    # Not one of those that other tests named to do harm, or by a letter.
    deleted = next(row for row in listed if re.fullmatch(r"[\w ]{8,}", row["title"]))
    assert visitor.call("DELETE", f"/api/v1/documents/{deleted['id']}").ok
    page.locator("main [aria-haspopup=dialog].text-button").click()
    restore = page.get_by_role("dialog").get_by_role("button", name=f": {deleted['title']}")
    restore.click(trial=True)
    yield "library-deleted"
    restore.click()
    expect(restore).to_have_count(0)
    page.keyboard.press("Escape")
    address = send_two_versions(visitor, collection)
    visitor.open(f"{address}/passages")
    page.locator("li[data-number] .number").nth(1).focus()
    expect(page.get_by_test_id("lit-passage").first).to_be_in_viewport()
    yield "passages"
    visitor.open(f"{address}/changes")
    page.locator("main li ins").first.wait_for()
    yield "changes"
    assert visitor.call("DELETE", f"/api/v1/documents/{address.split('/')[2]}").ok


def _sources(visitor: Visitor, stage: Stage) -> Iterator[str]:
    page = visitor.page
    source = keep_a_source(visitor, stage)
    visitor.open("/sources")
    card = page.locator("main section").first
    card.locator(".latest").wait_for()
    card.locator("summary").click()
    yield "sources"
    for number, button in enumerate(card.locator(".buttons [aria-expanded]").all(), 1):
        button.click()
        card.locator("table, ul.rows").wait_for()
        yield f"sources-history-{number}"
    card.locator(".buttons .button").nth(1).click()
    page.get_by_role("dialog").locator("ol li").first.wait_for()
    yield "sources-schedule"
    page.keyboard.press("Escape")
    page.locator("header .actions .button").click()
    page.get_by_role("dialog").locator("fieldset").wait_for()
    yield "sources-another"
    assert visitor.call("DELETE", f"/api/v1/sources/{source}").ok


def _managing(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    for path, shown in (
        ("/permissions", "main table select"),
        ("/generations", "main ul.rows > li"),
        ("/system", "main table"),
        ("/feedback", "dl meter"),
        ("/insights", "figure svg[role=img]"),
        ("/glossary", "main h1"),
        ("/style", "figure svg[role=img]"),
        ("/audit", "tbody tr"),
    ):
        visitor.open(path)
        page.locator(shown).first.wait_for()
        if path == "/insights":
            page.locator("main summary").first.click()
        yield path.strip("/")
        if path == "/permissions":
            page.locator("main select").first.select_option("editor")
            page.locator("main .buttons .primary").click()
            page.get_by_role("dialog").locator("ul.rows").wait_for()
            yield "permissions-dialog"
            page.keyboard.press("Escape")
    for path in ("/people", "/people/groups"):
        visitor.open(path)
        expect(page.locator(".rows li").first).to_be_visible()
        name = path.strip("/").replace("/", "-")
        yield name
        page.locator(".rows li button").first.click()
        expect(page.get_by_role("dialog").locator("form").first).to_be_visible()
        yield f"{name}-dialog"


def _retention(visitor: Visitor) -> Iterator[str]:
    """Each of its dialogs; what it holds, it lets go."""
    page = visitor.page
    owned = next(each for each in visitor.collections() if each["role"] == "owner")
    listed = visitor.call("GET", f"/api/v1/collections/{owned['id']}/documents").json()
    held = f"/api/v1/documents/{listed[0]['id']}/legal-holds"
    hold = visitor.call("POST", held, {"reason": "Case 12/2026"}).json()["id"]
    visitor.open("/retention")
    expect(page.locator("main ul.rows")).to_have_count(4)
    yield "retention"
    rules, holds, receipts, erasing = page.locator("main section").all()
    dialog = page.get_by_role("dialog")
    for name, button in (
        ("rule", rules.get_by_role("button").nth(1)),
        ("hold", holds.get_by_role("button").first),
        ("lift", holds.get_by_role("button").nth(1)),
        ("receipt", receipts.get_by_role("button").last),
        ("erase", erasing.get_by_role("button").first),
    ):
        button.click()
        dialog.get_by_role("button").last.wait_for()
        if name == "erase":
            dialog.get_by_role("searchbox").fill("jonas")
            dialog.locator("li button").first.click()
            dialog.locator(".problem").wait_for()
        yield f"retention-{name}"
        page.keyboard.press("Escape")
    assert visitor.call("DELETE", f"/api/v1/legal-holds/{hold}").ok


def _own(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    for path, shown in (("/security", "section h2"), ("/sessions", "main li")):
        visitor.open(path)
        expect(page.locator(shown).first).to_be_visible()
        yield path.strip("/")
    # The server gives no page at such an address; a link on the page may lead there.
    page.evaluate(
        "history.pushState(null, '', '/nothing/here'); dispatchEvent(new PopStateEvent('popstate'))"
    )
    expect(page.locator(".unknown h1")).to_be_visible()
    yield "unknown"


def send_two_versions(visitor: Visitor, collection: str) -> str:
    """Of a document with a passage that was left out and has changed. Returns the address of the first version, once
    the second one answers."""
    name, before, after = VERSIONS[visitor.page.locator("html").get_attribute("lang") == "en"]
    sent = visitor.send_file(f"/api/v1/collections/{collection}/documents", "files", name, before.encode())
    document = sent.json()[0]["id"]
    first = visitor.wait_for_version(document, 1)
    passages = visitor.call("GET", f"/api/v1/versions/{first}/passages").json()
    place = {"start": passages[-1]["start"], "end": passages[-1]["end"], "is_silenced": True}
    assert visitor.call("PUT", f"/api/v1/versions/{first}/passages", place).ok
    assert visitor.send_file(f"/api/v1/documents/{document}/versions", "file", name, after.encode()).ok
    visitor.wait_for_version(document, 2)
    return f"/d/{document}/{first}"


def keep_a_golden_question(visitor: Visitor) -> None:
    """And run all twice."""
    assert visitor.call("POST", "/api/v1/golden-questions", {"question": "Who won in Oslo?"}).ok
    for _ in range(2):
        run = visitor.call("POST", "/api/v1/golden-runs").json()
        while visitor.call("POST", f"/api/v1/golden-runs/{run['id']}/steps").json()["remaining"]:
            pass


def keep_a_source(visitor: Visitor, stage: Stage) -> str:
    """Of an empty folder, with a schedule and a run."""
    folder = stage.shared / "nothing"
    folder.mkdir(exist_ok=True)
    collections = visitor.call("GET", "/api/v1/collections").json()
    owned = next(each["id"] for each in collections if each["role"] == "owner")
    wish = {"kind": "folder", "name": "Nothing", "place": {"folder": str(folder)}}
    kept = visitor.call("POST", f"/api/v1/collections/{owned}/sources", wish).json()["id"]
    when = {"expression": "0 2 * * *", "time_zone": "Europe/Berlin"}
    assert visitor.call("PUT", f"/api/v1/sources/{kept}/schedule", when).ok
    assert visitor.call("POST", f"/api/v1/sources/{kept}/runs", {}).ok
    return str(kept)
