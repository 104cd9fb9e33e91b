"""What the page of search indexes tells that a stage does not come by: a build under way, and an index that its checks
refuse (U62). The server's answers are made up."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

NOW = "2026-11-22T12:00:00Z"
LOST, TITLE, WHY = "The heron desk opens at seven.", "Herons", "A drill of last week."
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "list": "Indexes",
        "progress": "40 of 100 passages",
        "rate": "5.0 a second",
        "left": "about 2 minutes left",
        "reused": "7 taken over",
        "pause": "Pause",
        "paused": "Paused",
        "resume": "Go on",
        "cancel": "Cancel the build",
        "refused": "Checks: finds less than the one in force, the graph over its vectors misses too much",
        "interval": "difference -0.150 to -0.050, 95 %",
        "graph": "finds 81",
        "golden": "recall 100",
        "lost": "was at place 2",
        "sentences": "1 sentence of the library",
        "shadow": "600 questions of people",
        "by_words": "Questions in Chinese are searched by words alone.",
        "forced": f"although checks spoke against it: {WHY}",
        "switch": "Put in force",
        "reason": "Why, although checks speak against it",
        "other": "The settings name another model",
        "from": "opened from /srv/models/encoder-1",
        "build": "Build another index",
        "model": "Model",
        "configured": "other (the settings)",
        "told": "with “/srv/models/encoder-1”",
    },
    "zh-hans": {
        "list": "索引",
        "progress": "40 / 100 段",
        "rate": "每秒 5.0 段",
        "left": "约剩 2 分钟",
        "reused": "7",
        "pause": "暂停",
        "paused": "已暂停",
        "resume": "继续",
        "cancel": "取消建立",
        "refused": "检查: 找到的比使用中的少, 向量图索引漏掉太多",
        "interval": "差异 -0.150 至 -0.050，95 %",
        "graph": "图索引找到 81",
        "golden": "召回率使用中 100",
        "lost": "原在第 2 位",
        "sentences": "库中有 1 个句子",
        "shadow": "600 个问题",
        "by_words": "中文问题仅按词语搜索。",
        "forced": f"未通过检查仍被启用：{WHY}",
        "switch": "启用",
        "reason": "未通过检查仍要启用的理由",
        "other": "设置",
        "from": "打开自 /srv/models/encoder-1",
        "build": "另建索引",
        "model": "模型",
        "configured": "other（设置）",
        "told": "用“/srv/models/encoder-1”",
    },
}


def build(**values: Any) -> dict[str, Any]:
    return {
        "id": "00000000-0000-4000-8000-000000000001",
        "state": "built",
        "problem": "",
        "passages": 100,
        "written": 100,
        "reused": 7,
        "rate": 5.0,
        "remaining_seconds": None,
        "requested_at": NOW,
        "finished_at": NOW,
        "checks": None,
    } | values


def generation(number: int, state: str, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "state": state,
        "answers": False,
        "encoder": f"encoder-{number}",
        "source": f"/srv/models/encoder-{number}",
        "dimension": 384,
        "is_old": False,
        "by_words": [],
        "created_at": NOW,
        "answered_until": None,
        "build": None,
        "graph_recall": None,
        "graph_problems": [],
        "override_reason": "",
        "shadow": None,
    } | values


CHECKS = {
    "missing": 0,
    "strays": 0,
    "misplaced": 0,
    "recomputed": 100,
    "cosine": 1.0,
    "known_items": {"compared_with": 1, "asked": 200, "before": 0.7, "now": 0.6, "low": -0.15, "high": -0.05},
    "drift": 0.1,
    "problems": ["finds_less"],
}
SHADOW = {
    "asked": 600,
    "overlap": 0.7,
    "correlation": 0.5,
    "milliseconds_before": 40.0,
    "milliseconds_now": 41.0,
}
COMPARED = {
    "kept": 2,
    "asked": 2,
    "before": 1.0,
    "now": 0.5,
    "low": -1.0,
    "high": 0.0,
    "lost": [{"question_id": "00000000-0000-4000-8000-000000000002", "text": "When?", "found_before": 2}],
    "problems": ["golden_questions_lost"],
}


@dataclass
class Server:
    """`wished`: what the page asked to be changed."""

    generations: list[dict[str, Any]]
    wished: list[tuple[str, str, Any]] = field(default_factory=list)

    def attend(self, page: Page) -> None:
        page.route("**/api/v1/generations*", self._listed)
        page.route("**/api/v1/generations/**", self._of_one)
        page.route("**/api/v1/generation-builds?*", self._changed)
        page.route("**/api/v1/generation-builds/**", self._changed)

    def _listed(self, route: Route) -> None:
        route.fulfill(
            json={
                "generations": self.generations,
                "waiting": [],
                "configured": "other",
                "is_configured": False,
                "offered": ["other", "small", "/srv/models/encoder-1"],
            }
        )

    def _of_one(self, route: Route) -> None:
        if "/golden?" in route.request.url:
            route.fulfill(json=COMPARED)
        elif route.request.url.endswith("/lost-sentences"):
            told = {"document_id": "00000000-0000-4000-8000-000000000003", "title": TITLE, "text": LOST}
            route.fulfill(json=[told])
        else:
            self._changed(route)

    def _changed(self, route: Route) -> None:
        asked = route.request
        self.wished.append(
            (asked.method, asked.url.rpartition("/")[2], json.loads(asked.post_data or "null"))
        )
        for each in self.generations:
            if each["build"] and each["state"] == "building":
                each["build"]["state"] = {"pause": "paused", "resume": "queued"}.get(
                    self.wished[-1][1], "cancelled"
                )
        route.fulfill(status=204)


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 320)], ids=("en", "zh-hans"))
def test_a_build_under_way_tells_how_far_it_is_and_is_held_up(
    visit: Visit, language: Language, width: int
) -> None:
    words = WORDS[language]
    under_way = build(state="running", written=40, remaining_seconds=120.0, finished_at=None)
    server = Server([generation(2, "building", build=under_way), generation(1, "ready", answers=True)])
    visitor = visit(ADMINISTRATOR, language, width=width)
    server.attend(visitor.page)
    visitor.open("/generations")
    item = visitor.page.get_by_role("list", name=words["list"], exact=True).locator("> li").first
    for told in ("progress", "rate", "left", "reused"):
        expect(item).to_contain_text(words[told])
    expect(item.get_by_role("progressbar")).to_have_attribute("value", "40")
    expect(visitor.page.get_by_role("main")).to_contain_text(words["other"])
    item.get_by_role("button", name=words["pause"], exact=True).press("Enter")
    expect(item).to_contain_text(words["paused"])
    item.get_by_role("button", name=words["resume"], exact=True).press("Enter")
    expect(item.get_by_role("button", name=words["pause"], exact=True)).to_be_visible()
    item.get_by_role("button", name=words["cancel"], exact=True).press("Enter")
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_role("button", name=words["cancel"], exact=True).press("Enter")
    expect(dialog).to_have_count(0)
    assert [(method, what) for method, what, _ in server.wished] == [
        ("POST", "pause"),
        ("POST", "resume"),
        ("DELETE", under_way["id"]),
    ]
    assert visitor.widest_overflow() == 0


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 320)], ids=("en", "zh-hans"))
def test_what_is_refused_says_why_what_it_loses_and_takes_a_reason(
    visit: Visit, language: Language, width: int
) -> None:
    words = WORDS[language]
    refused = generation(
        2,
        "shadow",
        build=build(checks=CHECKS),
        graph_recall=0.81,
        by_words=["zh"],
        graph_problems=["graph_misses"],
        shadow=SHADOW,
    )
    server = Server([refused, generation(1, "ready", answers=True, override_reason=WHY)])
    visitor = visit(ADMINISTRATOR, language, width=width)
    server.attend(visitor.page)
    visitor.open("/generations")
    items = visitor.page.get_by_role("list", name=words["list"], exact=True).locator("> li")
    new, first = items.nth(0), items.nth(1)
    for told in ("refused", "interval", "graph", "golden", "lost", "shadow", "by_words"):
        expect(new).to_contain_text(words[told])
    new.locator("summary").filter(has_text=words["sentences"]).press("Enter")
    expect(new).to_contain_text(f"{LOST} {TITLE}")
    expect(first).to_contain_text(words["forced"])
    assert visitor.widest_overflow() == 0
    new.get_by_role("button", name=words["switch"], exact=True).press("Enter")
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=words["reason"]).fill("We know.")
    dialog.get_by_role("button", name=words["switch"], exact=True).press("Enter")
    expect(dialog).to_have_count(0)
    assert server.wished == [("POST", "in-force", {"instead_of": 1, "reason": "We know."})]


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 320)], ids=("en", "zh-hans"))
def test_by_which_model_another_one_is_built_is_chosen_among_what_is_offered(
    visit: Visit, language: Language, width: int
) -> None:
    words = WORDS[language]
    server = Server([generation(1, "ready", answers=True)])
    visitor = visit(ADMINISTRATOR, language, width=width)
    server.attend(visitor.page)
    visitor.open("/generations")
    main = visitor.page.get_by_role("main")
    expect(main).to_contain_text(words["from"])
    main.get_by_role("button", name=words["build"], exact=True).press("Enter")
    dialog = visitor.page.get_by_role("dialog")
    models = dialog.get_by_role("combobox", name=words["model"])
    expect(models.locator("option")).to_have_text([words["configured"], "small", "/srv/models/encoder-1"])
    expect(models).to_have_value("other")
    models.select_option("/srv/models/encoder-1")
    expect(dialog).to_contain_text(words["told"])
    assert visitor.widest_overflow() == 0
    dialog.get_by_role("button", name=words["build"], exact=True).press("Enter")
    expect(dialog).to_have_count(0)
    assert server.wished == [("POST", "generation-builds?encoder=%2Fsrv%2Fmodels%2Fencoder-1", None)]
