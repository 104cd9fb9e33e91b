"""What an answer says of its own limits: sources that disagree are both shown with their dates, and where nothing
answers, the person to ask is named (U23)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from kbchat.retrieval.calibration import DEFAULT_TEMPERATURE, UNFITTED_DENSE_WEIGHT
from tests.contracts.server_process import MODEL
from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER, Stage
from tests.e2e.test_library import READY_MS, open_collection, row_of, upload

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@dataclass(frozen=True)
class Case:
    width: int
    texts: dict[str, str]
    question: str
    disagree: str
    holds_from: str
    sides: tuple[str, str]
    silent: str
    ask: str


CASES: dict[Language, Case] = {
    "en": Case(
        width=1440,
        texts={
            "basement-lockers.md": "# Basement lockers\n\nThe deposit for a basement locker is 20 euros.\n",
            "deposits.md": "# Deposits\n\nThe deposit for a basement locker is 35 euros.\n",
        },
        question="What is the deposit for a basement locker?",
        disagree="numbers",
        holds_from="in force since",
        sides=("20 euros", "35 euros"),
        silent="Who repairs the telescope on the roof terrace of the Bremen observatory?",
        ask="Human resources",
    ),
    "zh-hans": Case(
        width=390,
        texts={
            "地下室储物柜.md": "# 地下室储物柜\n\n地下室储物柜的押金为20欧元。\n",
            "押金.md": "# 押金\n\n地下室储物柜的押金为35欧元。\n",
        },
        question="地下室储物柜的押金是多少？",
        disagree="数字",
        holds_from="起生效",
        sides=("20欧元", "35欧元"),
        silent="不来梅天文台屋顶露台上的望远镜由谁维修？",
        ask="Human resources",
    ),
}


@pytest.mark.parametrize("language", list(CASES))
def test_u23_sources_that_disagree_are_both_told_and_whom_to_ask_where_all_are_silent(
    visit: Visit, tmp_path: Path, language: Language
) -> None:
    case = CASES[language]
    owner = visit(ADMINISTRATOR, language)
    open_collection(owner, "Company handbook")
    for name, text in case.texts.items():
        (tmp_path / name).write_text(text)
        upload(owner, tmp_path / name)
    for name in case.texts:
        expect(row_of(owner, name)).to_have_attribute("data-state", "ready", timeout=READY_MS)

    reader = visit(HR_MANAGER, language, width=case.width)
    reader.open()
    reader.ask_and_wait(case.question)
    note = reader.page.get_by_test_id("disagreement")
    expect(note).to_contain_text(case.disagree)
    sides = note.get_by_role("button").all()
    assert len(sides) == 2
    for side, said in zip(sides, sorted(case.sides, key=note.inner_text().index), strict=True):
        expect(side).to_contain_text(said)
        expect(side).to_contain_text(case.holds_from)
    assert reader.widest_overflow() == 0
    sides[1].click()
    expect(reader.page.locator("mark").first).to_contain_text(
        max(case.sides, key=note.inner_text().index), timeout=READY_MS
    )
    reader.page.keyboard.press("Escape")

    reader.ask_and_wait_for_refusal(case.silent)
    refused = reader.page.get_by_test_id("refused")
    expect(refused.get_by_test_id("owners").filter(has_text=case.ask).first).to_be_visible()
    assert reader.widest_overflow() == 0


@pytest.fixture
def one_language_at_a_time(quoting: Stage, tmp_path: Path) -> Iterator[None]:
    """The index weighs as that of an encoder does that sees no likeness between English and Chinese."""
    own = dict.fromkeys(("en", "zh", "other"), UNFITTED_DENSE_WEIGHT)
    weigh(quoting, tmp_path / "apart.json", own | {"en-zh": 0.0, "zh-en": 0.0})
    yield
    weigh(quoting, tmp_path / "as_before.json", own)


def weigh(stage: Stage, file: Path, weights: dict[str, float]) -> None:
    told = {"encoder": MODEL, "dense_weights": weights, "temperature": DEFAULT_TEMPERATURE}
    file.write_text(json.dumps(told))
    stage.manage("set_fusion", str(file))


@pytest.mark.usefixtures("one_language_at_a_time")
@pytest.mark.parametrize(
    ("language", "question", "own", "line"),
    [
        (
            "en",
            CASES["en"].silent,
            "en",
            "In Chinese documents only names were looked for, such as those of the glossary. Ask in Chinese, too.",
        ),
        (
            "zh-hans",
            CASES["zh-hans"].silent,
            "zh",
            "英文文档中仅查找了名称，例如术语表中的名称。也可以用英文提问。",
        ),
    ],
    ids=("en", "zh-hans"),
)
def test_u23_a_refusal_says_that_other_documents_are_in_another_language(
    visit: Visit, language: Language, question: str, own: str, line: str
) -> None:
    """U23: where a search could not see them, and only there."""
    reader = visit(HR_MANAGER, language, width=320)
    reader.open()
    reader.ask_and_wait_for_refusal(question)
    refused = reader.page.get_by_test_id("refused")
    expect(refused.get_by_text(line, exact=True)).to_be_visible()
    assert reader.widest_overflow() == 0
    reader.page.reload()
    expect(refused.get_by_text(line, exact=True)).to_be_visible()
    reader.open(f"/?lang={own}")
    reader.ask_and_wait_for_refusal(question)
    expect(refused).to_have_count(1)
    expect(refused).not_to_contain_text(line)
