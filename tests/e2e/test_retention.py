"""Retention in a browser: what a rule would do is told first, what is held stays, and receipts of what is gone."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, NEWCOMER
from tests.e2e.test_library import READY_MS
from tests.e2e.visitor import Visitor
from tests.waiting import allowed

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

# A worker looks every minute for what may be purged.
_PURGED_SECONDS = allowed(75)


def shelf(visitor: Visitor, name: str) -> str:
    """A new collection of the visitor's with one document, `about.md`; its id."""
    made = visitor.call("POST", "/api/v1/collections", {"name": name, "description": ""}).json()["id"]
    path = f"/api/v1/collections/{made}/documents"
    sent = visitor.send_file(path, "files", "about.md", f"# About {name}\n\nAll about {name}.\n".encode())
    visitor.wait_for_version(sent.json()[0]["id"], 1)
    return str(made)


def section(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("region", name=title)


def row(visitor: Visitor, title: str, words: str) -> Locator:
    return section(visitor, title).get_by_role("listitem").filter(has_text=words)


def test_what_is_held_is_not_purged_and_says_so_until_it_is_lifted(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(ADMINISTRATOR)
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    collection = shelf(visitor, "Regatta")
    visitor.open(f"/library/{collection}")
    page.locator("tbody").get_by_role("button", name="Actions for About Regatta").click()
    page.get_by_role("button", name="Place a legal hold").click()
    dialog.get_by_label("Reason").fill("Case 12/2026")
    dialog.get_by_role("button", name="Place a hold").click()
    expect(dialog).to_have_count(0)
    page.locator("tbody").get_by_role("button", name="Actions for About Regatta").click()
    page.get_by_role("button", name="Place a legal hold").click()
    dialog.get_by_label("Reason").fill("Twice")
    visitor.may_fail_with(409)
    dialog.get_by_role("button", name="Place a hold").click()
    expect(dialog.get_by_role("alert")).to_contain_text("held already")

    [listed] = visitor.call("GET", f"/api/v1/collections/{collection}/documents").json()
    assert visitor.call("DELETE", f"/api/v1/documents/{listed['id']}").ok
    visitor.open("/retention")
    held = row(visitor, "Deleted documents", "About Regatta")
    expect(held).to_contain_text("Cannot be removed. A legal hold keeps it: Case 12/2026")

    # The rule with which it would go at once tells that it does not.
    rule = row(visitor, "How long things stay", "Regatta")
    expect(rule).to_contain_text("can be restored for 7 days")
    rule.get_by_role("button").click()
    dialog.get_by_label("Days in which").fill("0")
    expect(dialog.get_by_role("status")).to_have_text("Nothing would go now. 1 more is kept by a legal hold.")
    dialog.get_by_role("button", name="Put in force").click()
    expect(rule).to_contain_text("gone for good within minutes")

    hold = row(visitor, "Legal holds", "About Regatta")
    expect(hold).to_contain_text("Placed by Ingrid Petersen")
    hold.get_by_role("button", name="Lift").click()
    expect(dialog).to_contain_text("goes for good the next time")
    dialog.get_by_role("button", name="Lift", exact=True).click()
    expect(hold).to_have_count(0)
    gone = section(visitor, "Deleted documents").get_by_role("listitem").filter(has_text=listed["id"])

    def is_purged() -> None:
        page.reload()
        expect(gone).to_contain_text("Removed for good", timeout=3_000)

    until(is_purged)
    expect(gone).not_to_contain_text("Regatta")
    gone.get_by_role("button", name="Receipt").click()
    expect(dialog).to_contain_text("1 version")
    expect(dialog).to_contain_text("Ingrid Petersen")
    with page.expect_download() as downloading:
        dialog.get_by_role("button", name="Download").click()
    saved = downloading.value
    assert saved.suggested_filename == f"deletion-receipt-{listed['id']}.txt"
    saved.save_as(tmp_path / "receipt.txt")
    text = (tmp_path / "receipt.txt").read_text()
    assert listed["id"] in text
    assert "1 file" in text
    assert "About" not in text


def until(look: Callable[[], None]) -> None:
    """As long as a worker may take."""
    end = time.monotonic() + _PURGED_SECONDS
    while True:
        try:
            return look()
        except AssertionError:
            if time.monotonic() > end:
                raise


def test_a_rule_that_would_delete_for_good_counts_first_and_wants_a_name(visit: Visit) -> None:
    visitor = visit(ADMINISTRATOR)
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    collection = shelf(visitor, "Lighthouse")
    [listed] = visitor.call("GET", f"/api/v1/collections/{collection}/documents").json()
    assert visitor.call("DELETE", f"/api/v1/documents/{listed['id']}").ok
    visitor.open("/retention")
    waiting = row(visitor, "Deleted documents", "About Lighthouse")
    expect(waiting).to_contain_text("Can be restored until")
    rule = row(visitor, "How long things stay", "Lighthouse")
    rule.get_by_role("button", name="Change the rule: Lighthouse").click()
    apply = dialog.get_by_role("button", name="Put in force")
    expect(dialog.get_by_role("status")).to_have_text("Nothing would go now.")
    dialog.get_by_label("Days in which").fill("")
    expect(apply).to_be_disabled()
    dialog.get_by_label("Days in which").fill("0")
    expect(dialog.get_by_role("status")).to_have_text("Now it would remove 1 deleted document for good.")
    expect(apply).to_be_disabled()
    name = dialog.get_by_label("Type “Lighthouse” to confirm")
    name.fill("lighthouse")
    name.press("Enter")
    expect(apply).to_be_disabled()
    name.fill("Lighthouse")
    expect(apply).to_be_enabled()
    page.keyboard.press("Escape")
    expect(rule).to_contain_text("can be restored for 7 days")
    kept = visitor.call("GET", f"/api/v1/collections/{collection}/retention").json()
    assert kept == {"removed_days": 7, "expired_days": None}

    # What waits can still be held.
    waiting.get_by_role("button", name="Hold: About Lighthouse").click()
    dialog.get_by_label("Reason").fill("Case 13/2026")
    dialog.get_by_role("button", name="Place a hold").click()
    expect(waiting).to_contain_text("Cannot be removed")
    row(visitor, "Legal holds", "About Lighthouse").get_by_role("button", name="Lift").click()
    dialog.get_by_role("button", name="Lift", exact=True).click()
    expect(row(visitor, "Legal holds", "About Lighthouse")).to_have_count(0)


def test_conversations_get_a_rule_and_lose_it(visit: Visit) -> None:
    visitor = visit(ADMINISTRATOR)
    dialog = visitor.page.get_by_role("dialog")
    visitor.open("/retention")
    rule = section(visitor, "How long things stay").get_by_role("listitem").first
    change = rule.get_by_role("button", name="Change the rule: Conversations")
    change.click()
    dialog.get_by_label("Delete old conversations").check()
    dialog.get_by_label("Days after the last question").fill("0")
    expect(dialog.get_by_role("button", name="Put in force")).to_be_disabled()
    dialog.get_by_label("Days after the last question").fill("3650")
    expect(dialog.get_by_role("status")).to_have_text("Nothing would go now.")
    dialog.get_by_role("button", name="Put in force").click()
    expect(rule).to_contain_text("deleted for good 3650 days after its last question")
    change.click()
    dialog.get_by_label("Delete old conversations").uncheck()
    dialog.get_by_role("button", name="Put in force").click()
    expect(rule).to_contain_text("until their owner deletes them")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Legal holds", "Place a hold", "Conversations of a person", "Reason", "Choose", "Erased people"),
        ),
        ("zh-hans", ("法务保全", "设置保全", "某人的对话", "理由", "选择", "已清除资料的人员")),
    ],
    ids=("en", "zh-hans"),
)
def test_a_held_person_is_not_erased_and_then_is_with_a_receipt(
    visit: Visit, language: Language, words: tuple[str, ...]
) -> None:
    """On a phone."""
    holds, place, conversations, reason, choose, erased = words
    visitor = visit(ADMINISTRATOR, language, width=390, height=844, is_phone=True)
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    name, email = f"Leaver {language}", f"leaver-{language}@example.com"
    assert visitor.call("POST", "/api/v1/people", {"name": name, "email": email}).ok
    visitor.open("/retention")
    section(visitor, holds).get_by_role("button", name=place).tap()
    dialog.get_by_label(conversations).check()
    dialog.get_by_role("searchbox").fill(email)
    dialog.get_by_role("button", name=re.compile(f"^{choose}.*{name}")).tap()
    dialog.get_by_label(reason).fill("Case 14/2026")
    dialog.get_by_role("button", name=place, exact=True).tap()
    held = row(visitor, holds, name)
    expect(held).to_be_visible()
    assert visitor.widest_overflow() == 0

    def erase() -> None:
        section(visitor, erased).get_by_role("button").first.tap()
        dialog.get_by_role("searchbox").fill(email)
        dialog.get_by_role("button", name=re.compile(f"^{choose}.*{name}")).tap()
        apply = dialog.locator("button.danger")
        expect(apply).to_be_disabled()
        dialog.get_by_role("textbox").fill(name)
        apply.tap()

    visitor.may_fail_with(409)
    erase()
    expect(dialog.get_by_role("alert")).to_be_visible()
    page.keyboard.press("Escape")
    held.get_by_role("button").tap()
    dialog.get_by_role("button").last.tap()
    expect(held).to_have_count(0)
    erase()
    # The receipt is shown at once, by the pseudonym.
    expect(dialog.locator("dl")).to_contain_text("#")
    expect(dialog).not_to_contain_text(name)
    assert visitor.widest_overflow() == 0
    page.keyboard.press("Escape")
    expect(row(visitor, erased, "#").first).to_be_visible()
    expect(page.get_by_text(name)).to_have_count(0)


def test_others_have_no_such_page(visit: Visit) -> None:
    for email in (NEWCOMER, ENGINEER):
        visitor = visit(email)
        visitor.open("/retention")
        expect(visitor.page.get_by_text("It does not exist, or you may not see it.")).to_be_visible()
        expect(visitor.page.locator("a[href='/retention']")).to_have_count(0)
        for path in (
            "deletion-receipts",
            "erasure-receipts",
            "legal-holds",
            "conversation-retention/foreseen",
        ):
            assert visitor.call("GET", f"/api/v1/{path}").status == 404
        [one, *_] = visitor.collections()
        visitor.open(f"/library/{one['id']}")
        visitor.page.locator("tbody").get_by_role("button", name=re.compile("^Actions for")).first.click(
            timeout=READY_MS
        )
        expect(visitor.page.get_by_role("button", name="Versions")).to_be_visible()
        expect(visitor.page.get_by_role("button", name="Place a legal hold")).to_have_count(0)
