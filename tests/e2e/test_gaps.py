"""A knowledge gap in a browser: reported from the refusal (U23), given to somebody, answered by a document, and asked
again by whoever asked (U60)."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER, NEWCOMER
from tests.e2e.visitor import ANSWER_SECONDS, Visitor
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@dataclass(frozen=True)
class Case:
    """`text`: of the document that answers."""

    width: int
    question: str
    paraphrase: str
    text: str
    answer: str
    report: str
    reported: str
    more: str
    comment: str
    save: str
    withdraw: str
    assign: str
    ask_again: str
    written_in: str
    answers: str
    mark: str
    gaps: str
    settled: str


CASES: dict[Language, Case] = {
    "en": Case(
        width=1440,
        question="Which locker holds the spare umbrellas of the Hamburg office?",
        paraphrase="which locker holds the spare umbrellas in the Hamburg office",
        text="# Umbrellas\n\nThe spare umbrellas of the Hamburg office are in locker 47 beside the lift.\n",
        answer="locker 47",
        report="Report this gap",
        reported="Reported.",
        more="Add something or withdraw",
        comment="Add a sentence",
        save="Save",
        withdraw="Withdraw the report",
        assign="Assign",
        ask_again="Ask again",
        written_in="en",
        answers="The library answers this for you now.",
        mark="Mark as answered",
        gaps="Gaps",
        settled="Settled",
    ),
    "zh-hans": Case(
        width=320,
        question="汉堡办公室的备用雨伞放在哪个储物柜？",
        paraphrase="汉堡办公室备用雨伞放在哪个储物柜",
        text="# 雨伞\n\n汉堡办公室的备用雨伞放在电梯旁的47号储物柜。\n",
        answer="47号储物柜",
        report="报告这个缺口",
        reported="已报告。",
        more="补充说明或撤回",
        comment="补充一句话",
        save="保存",
        withdraw="撤回报告",
        assign="分配",
        ask_again="重新提问",
        written_in="zh",
        answers="文档库现在能为您回答这个问题。",
        mark="标记为已回答",
        gaps="缺口",
        settled="已解决",
    ),
}


def edited_by(hr: Visitor) -> str:
    """And read by everyone."""
    return str(next(each["id"] for each in hr.collections() if each["role"] == "editor"))


@pytest.fixture
def uploaded() -> Iterator[list[tuple[Visitor, str]]]:
    """Documents that are gone afterwards."""
    documents: list[tuple[Visitor, str]] = []
    yield documents
    for visitor, document in documents:
        assert visitor.call("DELETE", f"/api/v1/documents/{document}").ok


def upload(hr: Visitor, collection: str, text: str) -> str:
    """Searchable when this returns."""
    address = f"/api/v1/collections/{collection}/documents"
    document = str(hr.send_file(address, "files", "umbrellas.md", text.encode()).json()[0]["id"])
    ready = {"id": document, "state": "ready"}
    wait_until(lambda: any(ready.items() <= row.items() for row in hr.call("GET", address).json()), 120)
    return document


def card(visitor: Visitor, case: Case) -> Locator:
    listed = visitor.page.get_by_role("list", name=case.gaps, exact=True).get_by_role("article")
    return listed.filter(has_text=case.question)


def report(visitor: Visitor, case: Case, question: str, narrowed_to: str = "") -> None:
    visitor.open(f"/?{narrowed_to}")
    visitor.ask_and_wait_for_refusal(question)
    visitor.page.get_by_role("button", name=case.report).press("Enter")
    expect(visitor.page.get_by_test_id("refused")).to_contain_text(case.reported)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_is_reported_assigned_answered_and_asked_again(
    visit: Visit, uploaded: list[tuple[Visitor, str]], language: Language
) -> None:
    case = CASES[language]
    asker = visit(NEWCOMER, language, width=case.width)
    report(
        asker, case, case.question, narrowed_to := f"kind=markdown&lang={case.written_in}&since=2024-01-01"
    )
    more = asker.page.get_by_role("button", name=case.more)
    expect(more).to_be_focused()
    more.press("Enter")
    dialog = asker.page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=case.comment).fill("It rains.")
    dialog.get_by_role("button", name=case.save, exact=True).press("Enter")
    expect(dialog).to_have_count(0)
    asker.page.reload()
    expect(asker.page.get_by_test_id("refused")).to_contain_text(case.reported)
    assert asker.widest_overflow() == 0

    hr = visit(HR_MANAGER, language, width=case.width)
    report(hr, case, case.paraphrase)
    administrator = visit(ADMINISTRATOR, language, width=case.width)
    administrator.open("/gaps")
    gap = card(administrator, case)
    expect(gap).to_contain_text("It rains.")
    expect(gap.locator("summary")).to_have_count(1)
    expect(gap).not_to_contain_text("Maya")
    gap.get_by_role("button", name=case.assign).press("Enter")
    dialog = administrator.page.get_by_role("dialog")
    dialog.get_by_role("combobox").select_option(label="陈静怡")
    dialog.get_by_role("button", name=case.assign, exact=True).press("Enter")
    expect(gap).to_contain_text("陈静怡")
    assert administrator.widest_overflow() == 0

    document = upload(hr, edited_by(hr), case.text)
    uploaded.append((hr, document))
    hr.open("/search")
    hr.page.get_by_role("status").locator("a[href='/gaps']").press("Enter")
    gap = card(hr, case)
    gap.get_by_role("button", name=case.ask_again).press("Enter")
    expect(gap).to_contain_text(case.answers)
    gap.get_by_role("button", name=case.mark).press("Enter")
    dialog = hr.page.get_by_role("dialog")
    dialog.get_by_role("radio").first.check()
    assert hr.widest_overflow() == 0
    dialog.get_by_role("button", name=case.mark, exact=True).press("Enter")
    expect(gap).to_have_count(0)
    hr.page.get_by_role("combobox").select_option(index=1)
    expect(card(hr, case)).to_contain_text(case.text.partition("\n")[0].removeprefix("# "))

    asker.open("/search")
    notice = asker.page.get_by_role("status").filter(has_text=case.question)
    notice.get_by_role("button", name=case.ask_again).press("Enter")
    expect(asker.answer()).to_contain_text(case.answer, timeout=ANSWER_SECONDS * 1000)
    expect(notice).to_have_count(0)
    # It was asked of what it had been asked of before.
    assert asker.page.url.endswith(f"?{narrowed_to}")
    expect(asker.page.locator(".chip")).to_have_count(3)
    asker.page.reload()
    expect(notice).to_have_count(0)
    # She asked the same, and is told too: nothing of it is to lie over the pages of the tests that follow.
    for told in hr.call("GET", "/api/v1/notices").json():
        assert hr.call("DELETE", f"/api/v1/notices/{told['id']}").ok


def test_it_is_withdrawn(visit: Visit) -> None:
    case = CASES["en"]
    asker = visit(NEWCOMER)
    report(asker, case, "Which shelf holds the spare raincoats of the Oslo office?")
    asker.page.get_by_role("button", name=case.more).press("Enter")
    asker.page.get_by_role("dialog").get_by_role("button", name=case.withdraw).press("Enter")
    expect(asker.page.get_by_role("button", name=case.report)).to_be_visible()
    administrator = visit(ADMINISTRATOR)
    administrator.open("/gaps")
    expect(administrator.page.get_by_role("heading", name="Knowledge gaps")).to_be_visible()
    expect(administrator.page.get_by_role("combobox")).to_be_visible()
    expect(administrator.page.get_by_text("raincoats")).to_have_count(0)


def test_others_have_no_such_board(visit: Visit) -> None:
    visitor = visit(NEWCOMER)
    visitor.open("/gaps")
    expect(visitor.page.get_by_role("main")).to_contain_text("Nothing is to be settled.")
    expect(visitor.page.get_by_role("link", name="Knowledge gaps")).to_have_count(0)
