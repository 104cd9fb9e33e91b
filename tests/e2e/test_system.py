"""The page of the system's state: what works, what does not and what to do; the settings, without a secret."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


@pytest.mark.parametrize(
    ("language", "answering", "works", "is_set", "hidden"),
    [
        ("en", "Answering", "works", "the environment", "set, not shown"),
        ("zh-hans", "回答", "正常", "环境变量", "已设置，不显示"),
    ],
    ids=("en", "zh-hans"),
)
def test_u63_u64_an_administrator_sees_what_works_and_what_is_set(
    visit: Visit, language: Language, answering: str, works: str, is_set: str, hidden: str
) -> None:
    """U63, U64: effective value and source, secrets masked; green and red with what to do."""
    visitor = visit(ADMINISTRATOR, language)
    visitor.open("/system")
    row = visitor.page.locator(".row").filter(has=visitor.page.get_by_text(answering, exact=True))
    expect(row).to_contain_text(works, timeout=30_000)
    visitor.page.get_by_role("searchbox").last.fill("redis_url")
    setting = visitor.page.get_by_role("row").filter(has_text="REDIS_URL")
    expect(setting).to_contain_text(is_set)
    expect(setting).to_contain_text(hidden)
    assert "redis.sock" not in visitor.page.content()


def test_nobody_else_sees_it(visit: Visit) -> None:
    visitor = visit(ENGINEER, "en")
    visitor.open("/system")
    expect(visitor.page.get_by_text("It does not exist, or you may not see it.")).to_be_visible()
    expect(visitor.page.locator("a[href='/system']")).to_have_count(0)
