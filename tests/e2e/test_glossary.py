"""The glossary in a browser: an administrator gives a thing another name, and asks by it at once."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Add an entry", "Names of the same thing", "Save", "Edit Zibbel", "Remove Zibbel", "Delete")),
        ("zh-hans", ("添加词条", "同一事物的名称", "保存", "编辑“Zibbel”", "删除“Zibbel”", "删除")),
    ],
    ids=("en", "zh-hans"),
)
def test_another_name_finds_at_once_and_is_taken_back(
    visit: Visit, language: Language, words: tuple[str, ...]
) -> None:
    add, names, save, edit, remove, confirm = words
    visitor = visit(ADMINISTRATOR, language, width=390, height=844, is_phone=True)
    page = visitor.page
    visitor.open("/glossary")
    page.get_by_role("button", name=add).tap()
    page.get_by_label(names).fill("Zibbel")
    expect(page.get_by_role("button", name=save)).to_be_disabled()
    page.get_by_label(names).fill("Zibbel\nannual leave\n年假")
    page.get_by_role("button", name=save).tap()
    expect(page.get_by_role("listitem").filter(has_text="Zibbel")).to_contain_text("年假")
    assert visitor.widest_overflow() == 0

    page.goto(f"{visitor.address}/search?q=Zibbel")
    found = page.get_by_role("main").locator("ol")
    expect(found).to_contain_text("Annual leave")
    expect(found).to_contain_text("年假")

    page.goto(f"{visitor.address}/glossary")
    page.get_by_role("button", name=edit).tap()
    expect(page.get_by_label(names)).to_have_value("Zibbel\nannual leave\n年假")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=remove).tap()
    page.get_by_role("dialog").get_by_role("button", name=confirm, exact=True).tap()
    expect(page.get_by_role("button", name=edit)).to_have_count(0)


def test_others_have_no_such_page(visit: Visit) -> None:
    visitor = visit(NEWCOMER)
    visitor.open("/glossary")
    expect(visitor.page.get_by_role("main")).to_contain_text("not")
    expect(visitor.page.get_by_role("link", name="Glossary")).to_have_count(0)
    assert visitor.complaints == []
