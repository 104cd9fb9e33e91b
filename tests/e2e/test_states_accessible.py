"""axe finds nothing in what a page shows for a while: found conversations, Undo, chosen documents, and paper."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR
from tests.e2e.test_library import open_collection
from tests.e2e.test_pages_accessible import AXE, LOOKS, Examination
from tests.e2e.tour import QUESTIONS

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

WORDS: dict[Language, str] = {"en": "working days", "zh-hans": "年假"}


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_no_passing_state_has_a_violation(
    visit: Visit, language: Language, theme: Literal["light", "dark"], width: int
) -> None:
    visitor = visit(ADMINISTRATOR, language, theme=theme, width=width, script=AXE)
    page, inside = visitor.page, Examination(visitor)
    visitor.open()
    visitor.ask_and_wait(QUESTIONS[language])
    conversation = page.url.rpartition("/")[2]
    if width < 900:
        page.locator("header .icon-button").first.click()
    page.locator("#find-conversations").fill(WORDS[language])
    expect(page.locator(".history mark").first).to_be_visible()
    inside.examine("found conversations")
    page.locator(".history li .row-menu").first.click()
    page.locator(".menu .danger").click()
    expect(page.locator(".undo button")).to_be_visible()
    inside.examine("undo")
    page.locator(".undo button").click()
    page.add_init_script("window.print = () => {}")
    visitor.open(f"/print/{conversation}")
    expect(page.locator("article")).to_be_visible()
    inside.examine("paper")
    open_collection(visitor, "Company handbook")
    page.locator("tbody input[type=checkbox]").first.check()
    inside.examine("chosen documents")
    assert visitor.widest_overflow() == 0
    assert not inside.violations, "\n".join(inside.violations)
