"""A conversation is shared by a link: whoever may read its sources reads it, whoever may not sees the question."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import HR_MANAGER, NEWCOMER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

SALARY = "What is the salary band of a senior engineer at level E3?"


def choose(visitor: Visitor, item: str) -> None:
    visitor.page.get_by_role("button", name=f"Actions for “{SALARY}”").first.click()
    visitor.page.get_by_role("button", name=item).or_(visitor.page.get_by_role("link", name=item)).click()


def test_a_link_shows_to_each_what_he_may_read_until_it_is_ended(visit: Visit) -> None:
    """U34."""
    sharer = visit(HR_MANAGER)
    sharer.open()
    expect(sharer.ask_and_wait(SALARY)).to_contain_text("69,800")
    choose(sharer, "Share")
    dialog = sharer.page.get_by_role("dialog")
    dialog.get_by_role("combobox").select_option(label="7 days")
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_role("textbox", name="Link").input_value()
    assert re.fullmatch(re.escape(sharer.address) + r"/shared/[\w-]{43}", link)
    path = link.removeprefix(sharer.address)

    colleague = visit(HR_MANAGER)
    colleague.open(path)
    expect(colleague.answer()).to_contain_text("69,800")
    colleague.citation().click()
    expect(colleague.page.get_by_role("complementary", name="Source")).to_contain_text("69,800")
    expect(colleague.page.get_by_role("button", name="Answer again")).to_have_count(0)

    newcomer = visit(NEWCOMER)
    newcomer.keep_what_is_sent()
    newcomer.open(path)
    turn = newcomer.page.locator("article.turn")
    expect(turn).to_contain_text(SALARY)
    expect(turn).to_contain_text("no longer available to you")
    assert "69,800" not in newcomer.all_that_was_sent()

    dialog.get_by_role("button", name="Stop sharing").click()
    expect(dialog.get_by_role("listitem")).to_have_count(0)
    colleague.may_fail_with(404)
    colleague.open(path)
    expect(colleague.page.locator("main")).to_contain_text("The link may have ended.")


def test_a_conversation_is_saved_with_its_sources(visit: Visit, tmp_path: Path) -> None:
    """U35, as Markdown."""
    visitor = visit(HR_MANAGER)
    visitor.open()
    visitor.ask_and_wait(SALARY)
    with visitor.page.expect_download() as saved:
        choose(visitor, "Save as Markdown")
    file = tmp_path / "saved.md"
    saved.value.save_as(file)
    assert saved.value.suggested_filename.endswith(".md")
    text = file.read_text()
    assert text.startswith(f"# {SALARY}")
    assert re.search(rf"\n1\. \[Salary.*\]\({re.escape(visitor.address)}/d/", text)
