"""Insights in a browser: plots, the same numbers as tables and as CSV, by period and group (U59)."""

import csv
import io
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, NEWCOMER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

QUESTION = "How many days of annual leave does a full-time employee in Hamburg have in 2025?"
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "use": "Questions and people",
        "as_table": "Show as table",
        "csv": "Figures as CSV",
        "documents": "Most cited documents",
        "period": "Period",
        "group": "Group",
        "left_out": "fewer than five people",
    },
    "zh-hans": {
        "use": "问题与人数",
        "as_table": "以表格显示",
        "csv": "导出数据（CSV）",
        "documents": "引用最多的文档",
        "period": "时段",
        "group": "群组",
        "left_out": "不足五人",
    },
}


def figures(visitor: Visitor, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = visitor.call("GET", f"/api/v1/insights{query}").json()
    return found


def cells(table: Locator) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()]


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 320)])
def test_plots_tables_and_csv_say_the_same(visit: Visit, language: Language, width: int) -> None:
    words = WORDS[language]
    asker = visit(NEWCOMER, language)
    asker.open()
    asker.ask_and_wait(QUESTION)
    visitor = visit(ADMINISTRATOR, language, width=width)
    page = visitor.page
    visitor.open("/insights?days=7")
    expect(page.locator("figure svg[role=img]")).to_have_count(4)
    assert visitor.widest_overflow() == 0

    told = figures(visitor, "?days=7")
    plot = page.get_by_role("region", name=words["use"], exact=True)
    plot.get_by_text(words["as_table"]).press("Enter")
    of_days = [each["figures"] for each in told["days"]]
    shown = cells(plot.get_by_role("table"))
    assert [row[1:] for row in shown] == [[str(one["questions"]), str(one["people"])] for one in of_days]
    assert of_days[-1]["questions"] > 0
    assert visitor.widest_overflow() == 0

    with page.expect_download() as downloading:
        page.get_by_role("link", name=words["csv"]).press("Enter")
    content = downloading.value.path().read_text(encoding="utf-8-sig")
    assert [
        (row["day"], row["questions"], row["people"], row["answered"], row["not_found"])
        for row in csv.DictReader(io.StringIO(content))
    ] == [
        (
            each["day"],
            *(str(each["figures"][name]) for name in ("questions", "people", "answered", "not_found")),
        )
        for each in told["days"]
    ]
    cited = page.get_by_role("region", name=words["documents"]).get_by_role("table")
    assert cells(cited) == [[one["title"], str(one["answers"])] for one in told["documents"]] != []

    page.get_by_label(words["period"]).select_option("90")
    expect(plot.locator("tbody tr")).to_have_count(90)
    page.get_by_label(words["group"]).select_option(label="Engineering")
    expect(page.get_by_role("main")).to_contain_text(words["left_out"])
    expect(plot.locator("tbody tr").last).to_contain_text("–")


def test_others_have_no_such_page(visit: Visit) -> None:
    visitor = visit(ENGINEER)
    visitor.open("/insights")
    expect(visitor.page.get_by_role("main")).to_contain_text("not")
    expect(visitor.page.get_by_role("link", name="Insights")).to_have_count(0)
