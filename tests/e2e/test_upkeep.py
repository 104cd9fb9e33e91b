"""Upkeep in a browser: the index is looked at and golden questions are asked by schedule, in plain words with the next
five times, and now; what each run found stands in its history (U61)."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "health": "Health of the index",
        "calibration": "Weights and calibration",
        "golden": "All golden questions",
        "run": "Run now:",
        "schedule": "Schedule:",
        "history": "History:",
        "when": "When",
        "weekly": "Every week",
        "at": "At",
        "zone": "Time zone",
        "save": "Save",
        "next": "Next five times",
        "said": "Every Monday at 04:15 (Asia/Shanghai)",
        "done": "done",
        "found": "every passage is compared",
        "too_few": "so few golden questions",
        "none": "There is no golden question",
        "never": "Not by itself",
        "unscheduled": "Runs only when somebody starts it",
        "unseen": "Nobody has looked at it yet",
    },
    "zh-hans": {
        "health": "索引健康",
        "calibration": "权重与校准",
        "golden": "全部基准问题",
        "run": "立即运行：",
        "schedule": "定时：",
        "history": "历史：",
        "when": "何时",
        "weekly": "每周",
        "at": "时间",
        "zone": "时区",
        "save": "保存",
        "next": "接下来的五次",
        "said": "每周一 04:15（Asia/Shanghai）",
        "done": "完成",
        "found": "逐一比较全部段落",
        "too_few": "基准问题太少",
        "none": "没有您可以运行的基准问题",
        "never": "不自动运行",
        "unscheduled": "仅在有人启动时运行",
        "unseen": "还没有检查过",
    },
}


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 320)], ids=("en", "zh-hans"))
def test_u61_upkeep_is_scheduled_run_and_looked_into(visit: Visit, language: Language, width: int) -> None:
    """By the keyboard alone."""
    words = WORDS[language]
    visitor = visit(ADMINISTRATOR, language, width=width)
    page = visitor.page
    visitor.open("/system")
    card = page.get_by_role("region", name=words["health"], exact=True)
    card.get_by_role("button", name=words["schedule"]).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name=words["when"]).select_option(label=words["weekly"])
    dialog.get_by_label(words["at"], exact=True).fill("04:15")
    dialog.get_by_role("combobox", name=words["zone"]).select_option(label="Asia/Shanghai")
    times = dialog.get_by_role("list", name=words["next"]).get_by_role("listitem")
    expect(times).to_have_count(5)
    dialog.get_by_role("button", name=words["save"], exact=True).press("Enter")
    expect(dialog).to_have_count(0)
    expect(card).to_contain_text(words["said"])
    card.get_by_role("button", name=words["run"]).press("Enter")
    expect(card.locator(".latest")).to_contain_text(words["done"], timeout=60_000)
    expect(card.locator(".latest")).to_contain_text(words["found"])
    expect(page.locator(".row").filter(has_text=words["unseen"])).to_have_count(0)
    card.get_by_role("button", name=words["history"]).press("Enter")
    expect(card.get_by_role("row").nth(1)).to_contain_text(words["found"])
    assert visitor.widest_overflow() == 0

    calibration = page.get_by_role("region", name=words["calibration"], exact=True)
    calibration.get_by_role("button", name=words["run"]).press("Enter")
    expect(calibration.locator(".latest")).to_contain_text(words["too_few"], timeout=60_000)

    card.get_by_role("button", name=words["schedule"]).press("Enter")
    dialog.get_by_role("combobox", name=words["when"]).select_option(label=words["never"])
    dialog.get_by_role("button", name=words["save"], exact=True).press("Enter")
    expect(card).to_contain_text(words["unscheduled"])

    for kept in visitor.call("GET", "/api/v1/golden-questions").json():
        assert visitor.call("DELETE", f"/api/v1/golden-questions/{kept['id']}").ok
    visitor.open("/golden")
    golden = page.get_by_role("region", name=words["golden"], exact=True)
    golden.get_by_role("button", name=words["run"]).press("Enter")
    expect(golden.locator(".latest")).to_contain_text(re.compile(words["none"]), timeout=60_000)
    assert visitor.widest_overflow() == 0
