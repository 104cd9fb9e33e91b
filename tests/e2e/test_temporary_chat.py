"""A chat that leaves nothing behind."""

import json

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import HR_MANAGER
from tests.waiting import allowed, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "toggle", "note", "end", "question", "width"),
    [
        (
            "en",
            "Temporary chat",
            "after 24 hours at the latest",
            "End and erase",
            "How many days of annual leave does a full-time employee in Hamburg have in 2025?",
            1440,
        ),
        ("zh-hans", "临时对话", "最迟 24 小时后清除", "结束并清除", "年假有多少天？", 390),
    ],
    ids=("en", "zh-hans"),
)
def test_u39_a_temporary_chat_is_in_no_history_and_is_erased_when_it_is_left(
    visit: Visit, language: Language, toggle: str, note: str, end: str, question: str, width: int
) -> None:
    """U39: when it is ended, when another chat is opened, and when the window is loaded anew."""
    visitor = visit(HR_MANAGER, language, width=width)
    page = visitor.page
    accepted: list[str] = []

    def note_conversation(frame: str | bytes) -> None:
        told = json.loads(frame)
        if told["type"] == "accepted":
            accepted.append(told["conversation_id"])

    def status_of(conversation: str) -> int:
        return visitor.call("GET", f"/api/v1/conversations/{conversation}").status

    page.on("websocket", lambda socket: socket.on("framereceived", note_conversation))
    before = visitor.call("GET", "/api/v1/conversations").json()
    for leave in (
        lambda: page.get_by_role("link", name=end).click(),
        lambda: page.goto(f"{visitor.address}/search"),
        page.reload,
    ):
        visitor.open()
        page.get_by_role("button", name=toggle).click()
        expect(page.get_by_role("note").filter(has_text=note)).to_be_visible()
        visitor.ask_and_wait(question)
        conversation = accepted[-1]
        assert status_of(conversation) == 200
        assert visitor.call("GET", "/api/v1/conversations").json() == before
        assert "/c/" not in page.url
        expect(page.locator(".feedback")).to_have_count(0)
        leave()
        wait_until(lambda gone=conversation: status_of(gone) == 404, allowed(2))
