"""Somebody makes a key for a script in his account menu, sees it once, and revokes it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def test_a_key_is_made_shown_once_and_revoked(visit: Visit) -> None:
    engineer = visit(ENGINEER)
    page = engineer.page
    engineer.open()
    page.get_by_role("button", name="Account:").click()
    page.get_by_role("button", name="API keys").click()
    dialog = page.get_by_role("dialog", name="API keys")
    expect(dialog).to_contain_text("You have no keys.")
    create = dialog.get_by_role("button", name="Make key")
    dialog.get_by_role("textbox", name="Name").fill("Nightly questions")
    expect(create).to_be_disabled()
    dialog.get_by_role("checkbox", name="search").check()
    dialog.get_by_role("radio", name="chosen collections").check()
    expect(create).to_be_disabled()
    dialog.get_by_role("checkbox", name="Company handbook").check()
    create.click()
    shown = dialog.get_by_role("textbox", name="Your new key")
    secret = shown.input_value()
    assert secret.startswith("kbc_")
    dialog.get_by_role("button", name="Done").click()
    row = dialog.get_by_role("list", name="Your keys").get_by_role("listitem")
    expect(row).to_contain_text("Nightly questions")
    expect(row).to_contain_text("search · Company handbook")
    expect(row).to_contain_text("never used")
    assert secret not in page.content()
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog", name="Revoke key").get_by_role("button", name="Revoke").click()
    expect(dialog).to_contain_text("You have no keys.")
