"""Questions to begin with."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def test_u38_four_questions_to_begin_with_are_of_what_one_may_read_and_are_answered(visit: Visit) -> None:
    """U38."""
    newcomer = visit(NEWCOMER)
    readable = {
        row["title"].casefold()
        for collection in newcomer.collections()
        for row in newcomer.call("GET", f"/api/v1/collections/{collection['id']}/documents").json()
    }
    newcomer.open()
    starters = newcomer.page.locator(".starters button")
    expect(starters).to_have_count(4)
    texts = starters.all_inner_texts()
    assert all(any(title in text.casefold() for title in readable) for text in texts), texts
    newcomer.answer_after(starters.first.click)
    expect(newcomer.citation()).to_be_visible()
    for text in texts[1:]:
        newcomer.ask_and_wait(text)
        expect(newcomer.citation()).to_be_visible()
