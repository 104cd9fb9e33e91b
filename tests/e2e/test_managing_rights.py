"""Pages of those who answer for others' rights: who may read a document and why, the library as somebody else sees it,
and the audit trail."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, HR_MANAGER, NEWCOMER, Stage
from tests.e2e.test_library import open_collection
from tests.e2e.test_pages_accessible import AXE, Examination

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def test_an_owner_is_told_who_may_read_and_why(visit: Visit) -> None:
    """U57."""
    visitor = visit(ADMINISTRATOR, script=AXE)
    page, examination = visitor.page, Examination(visitor)
    open_collection(visitor, "Engineering")
    page.locator("tbody tr").first.get_by_role("button", name="Actions for").click()
    page.get_by_role("button", name="Who may read this").click()
    dialog = page.get_by_role("dialog")
    for email, verdict, reason in (
        (ENGINEER, "May read it", "Owner of the collection, through Engineering."),
        (NEWCOMER, "May not read it", "Nothing is shared with this person here."),
    ):
        dialog.get_by_label("E-mail address").fill(email)
        dialog.get_by_role("button", name="Look it up").click()
        expect(dialog.locator(".verdict")).to_have_text(verdict)
        expect(dialog.get_by_role("listitem")).to_contain_text([reason])
    examination.examine("explainer")
    assert examination.violations == []


def test_the_library_as_somebody_else_sees_it(visit: Visit) -> None:
    """U57. The administrator reads no personnel file, the newcomer no engineering document: neither is listed."""
    newcomer = visit(NEWCOMER)
    theirs = {collection["name"] for collection in newcomer.collections()}
    visitor = visit(ADMINISTRATOR, script=AXE)
    page, examination = visitor.page, Examination(visitor)
    mine = {collection["name"] for collection in visitor.collections()}
    assert mine - theirs
    visitor.open("/library")
    page.get_by_role("button", name="View as somebody else").click()
    page.get_by_role("dialog").get_by_label("E-mail address").fill(NEWCOMER)
    page.get_by_role("button", name="Show", exact=True).click()
    banner = page.get_by_role("note")
    expect(banner).to_contain_text(f"As {NEWCOMER} sees it")
    names = page.get_by_role("list", name="Collections").locator(".name").all_inner_texts()
    assert set(names) == mine & theirs
    examination.examine("as another")
    page.get_by_role("link", name="Company handbook").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(banner).to_be_visible()
    actions = page.locator("main").get_by_role("button", name="Actions for")
    expect(actions).to_have_count(0)
    examination.examine("collection as another")
    page.get_by_role("link", name="Back to my own view").click()
    expect(banner).to_have_count(0)
    expect(actions.first).to_be_visible()
    assert examination.violations == []

    outsider = visit(HR_MANAGER)
    outsider.may_fail_with(403)
    outsider.may_fail_with(404)
    outsider.open(f"/library?as={ADMINISTRATOR}")
    shown = outsider.page.locator("main")
    expect(shown.get_by_role("link", name="Back to my own view")).to_be_visible()
    assert not any(name in shown.inner_text() for name in mine - {c["name"] for c in outsider.collections()})


@pytest.mark.parametrize(
    ("language", "width", "kind", "whole"),
    [("en", 1440, "Signed in", "whole"), ("zh-hans", 390, "登录", "完整无缺")],
    ids=("en", "zh-hans"),
)
def test_an_auditor_reads_the_trail(
    quoting: Stage, visit: Visit, language: Language, width: int, kind: str, whole: str
) -> None:
    """U63."""
    quoting.manage("make_auditor", ADMINISTRATOR)
    visitor = visit(ADMINISTRATOR, language, width=width, script=AXE)
    page, examination = visitor.page, Examination(visitor)
    visitor.open("/audit")
    expect(page.get_by_test_id("chain")).to_contain_text(whole)
    expect(page.locator("tbody")).to_contain_text("Ingrid Petersen")
    examination.examine("audit")
    page.locator("select").select_option("signed_in")
    page.locator("button[type=submit]").click()
    expect(page.locator("td.what").first).to_have_text(kind)
    assert set(page.locator("td.what").all_inner_texts()) == {kind}
    with page.expect_download() as saving:
        page.locator("header a[download]").click()
    assert saving.value.path().read_text().startswith("seq,at,actor_id,action")
    assert visitor.widest_overflow() <= 0
    assert examination.violations == []
