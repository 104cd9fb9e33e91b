"""Somebody with few rights learns nothing of what he may not read: on no page, and in nothing that is sent to it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

SALARY = "What is the salary band of a senior engineer at level E3?"


def test_a_newcomer_sees_two_collections_and_no_word_of_the_others(visit: Visit) -> None:
    """U51."""
    insider = visit(HR_MANAGER)
    insider.open()
    expect(insider.ask_and_wait(SALARY)).to_contain_text("69,800")
    secrets = ["Human resources", "人力资源 /", "69,800", "Engineering / 研发"]
    for email in (HR_MANAGER, ADMINISTRATOR):
        them = visit(email)
        for collection in them.collections():
            if collection["name"].startswith(("Human resources", "Engineering")):
                rows = them.call("GET", f"/api/v1/collections/{collection['id']}/documents").json()
                secrets += [collection["id"], *(row["id"] for row in rows), *(row["title"] for row in rows)]
    assert len(secrets) > 20

    newcomer = visit(NEWCOMER)
    newcomer.keep_what_is_sent()
    page = newcomer.page
    newcomer.open("/library")
    expect(page.get_by_role("list", name="Collections").get_by_role("listitem")).to_have_count(2)
    newcomer.open("/search?q=salary%20band%20E3")
    # In the page itself: beside it, the conversations have a heading of their own.
    expect(page.get_by_role("main").get_by_role("heading", level=2)).to_be_visible()
    newcomer.open()
    expect(page.locator(".starters button").first).to_be_visible()
    newcomer.ask_and_wait(SALARY)
    expect(page.get_by_test_id("refused")).to_be_visible()
    expect(page.get_by_test_id("steps")).to_contain_text("Searched 2 collections")
    page.get_by_role("button", name="Where to search").click()
    expect(page.get_by_role("group", name="Collections").get_by_role("checkbox")).to_have_count(2)

    sent = newcomer.all_that_was_sent()
    assert "Company handbook" in sent
    assert not [secret for secret in secrets if secret in sent or secret in page.content()]


def test_an_address_of_a_foreign_collection_or_conversation_says_not_found(visit: Visit) -> None:
    insider = visit(HR_MANAGER)
    closed = next(one for one in insider.collections() if one["name"].startswith("Human resources"))
    insider.open()
    insider.ask_and_wait(SALARY)
    conversation = insider.page.url.removeprefix(insider.address)

    newcomer = visit(NEWCOMER)
    newcomer.keep_what_is_sent()
    newcomer.may_fail_with(404)
    newcomer.open(f"/library/{closed['id']}")
    expect(newcomer.page.locator("main")).to_contain_text("It does not exist, or you may not see it.")
    newcomer.open(conversation)
    expect(newcomer.page.locator("main")).to_contain_text("This does not exist, or you may not see it.")
    assert "69,800" not in newcomer.all_that_was_sent()
