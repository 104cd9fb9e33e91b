"""The table of rights: chosen by the keyboard, told whom it reaches, made, and made as it was (U57)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ENGINEER, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "width", "everyone", "cell", "was", "preview", "gain", "lose", "apply", "nobody"),
    [
        (
            *("en", 1440, "Everyone who signs in", "{} in {}", "was: No role", "See whom it reaches"),
            *("gain access", "lose access", "Change permissions", "Nobody may do more or less"),
        ),
        (
            *("zh-hans", 320, "所有登录的人", "{}：{}", "原为：无权限", "查看影响范围"),
            *("获得访问权限", "失去访问权限", "更改权限", "没有人的权限因此增减"),
        ),
    ],
    ids=("en", "zh-hans"),
)
def test_u57_roles_are_chosen_in_the_table_and_told_before_they_count(
    visit: Visit,
    language: Language,
    width: int,
    everyone: str,
    cell: str,
    was: str,
    preview: str,
    gain: str,
    lose: str,
    apply: str,
    nobody: str,
) -> None:
    """U57. By the keyboard alone."""
    visitor, newcomer = visit(ENGINEER, language, width=width), visit(NEWCOMER)
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    theirs = {each["id"] for each in newcomer.collections()}
    owned = [each for each in visitor.collections() if each["role"] == "owner"]
    shelf = next(each for each in owned if each["id"] not in theirs)
    visitor.open("/permissions")
    chosen = page.get_by_label(cell.format(everyone, shelf["name"]), exact=True)
    expect(chosen).to_have_value("")
    chosen.focus()
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_value("reader")
    expect(page.locator("td", has=chosen)).to_contain_text(was)
    assert visitor.widest_overflow() == 0
    page.get_by_role("button", name=preview).press("Enter")
    gained = dialog.locator("ul.rows > li", has_text=shelf["name"])
    expect(gained).to_contain_text(gain)
    # Nothing has changed yet.
    assert {each["id"] for each in newcomer.collections()} == theirs
    dialog.get_by_role("button", name=apply).press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name=preview)).to_have_count(0)
    assert {each["id"] for each in newcomer.collections()} == theirs | {shelf["id"]}
    page.reload()
    expect(chosen).to_have_value("reader")
    chosen.focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name=preview).press("Enter")
    expect(gained).to_contain_text(lose)
    expect(gained).not_to_contain_text(nobody)
    dialog.get_by_role("button", name=apply).press("Enter")
    expect(dialog).to_have_count(0)
    assert {each["id"] for each in newcomer.collections()} == theirs


def test_others_have_no_such_page(visit: Visit) -> None:
    visitor = visit(NEWCOMER)
    visitor.open("/permissions")
    expect(visitor.page.get_by_role("main")).to_contain_text("not")
    expect(visitor.page.get_by_role("table")).to_have_count(0)
    expect(visitor.page.get_by_role("link", name="Permissions")).to_have_count(0)
