"""The stage, a browser, and windows for the people of the sample company."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, StorageState, expect, sync_playwright

from tests.browser import find_browser
from tests.conftest import REQUIRE_ALL
from tests.e2e.stage import Stage
from tests.e2e.visitor import Visitor

Language = Literal["en", "zh-hans"]
_LOCALES: dict[Language, str] = {"en": "en-GB", "zh-hans": "zh-CN"}
_ARGUMENTS = ("--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none")


class Visit(Protocol):
    """Opens a window, for somebody who is signed in or (with no name) for a stranger."""

    def __call__(
        self,
        email: str | None = None,
        language: Language = "en",
        *,
        width: int = 1440,
        height: int = 900,
        theme: Literal["light", "dark"] = "light",
        is_phone: bool = False,
        script: Path | None = None,
        proxy: str = "",
    ) -> Visitor:
        """`proxy`: by which everything goes but what is asked of the stage itself."""
        ...


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All with a model behind all without one: changing between them is a restart of the program. With
    KBCHAT_ONE_LANGUAGE=1, of a test in both languages only one, by its name: Chinese for half of them."""
    items.sort(key=lambda item: "generating" in getattr(item, "fixturenames", ()))
    if os.environ.get("KBCHAT_ONE_LANGUAGE") == "1":
        left_out = [item for item in items if _is_in_the_other_language(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_in_the_other_language(item: pytest.Item) -> bool:
    test, _, variant = item.name.partition("[")
    chosen = ("en]", "zh-hans]")[zlib.crc32(test.encode()) % 2]
    return variant in {"en]", "zh-hans]"} - {chosen}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = find_browser()
    if program is None:
        reason = "no browser; on Debian: apt-get install chromium fonts-noto-cjk"
        if REQUIRE_ALL:
            pytest.fail(reason)
        pytest.skip(reason)
    # A wait, not a promise: the machine may be busy with something else.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def _stage(chromium: Browser) -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture(scope="module")
def generating(_stage: Stage) -> Stage:
    """The program with the scripted model server."""
    return _stage.play(with_model=True)


@pytest.fixture(scope="module")
def quoting(_stage: Stage) -> Stage:
    """The program without a model."""
    return _stage.play(with_model=False)


@pytest.fixture(scope="session")
def _sessions() -> dict[str, StorageState]:
    """Who has signed in already; a restart of the program ends no session."""
    return {}


@pytest.fixture
def visit(chromium: Browser, _stage: Stage, _sessions: dict[str, StorageState]) -> Iterator[Visit]:
    """At the end of the test nothing may have gone wrong in any window."""
    opened: list[Visitor] = []

    def open_window(
        email: str | None = None,
        language: Language = "en",
        *,
        width: int = 1440,
        height: int = 900,
        theme: Literal["light", "dark"] = "light",
        is_phone: bool = False,
        script: Path | None = None,
        proxy: str = "",
    ) -> Visitor:
        bypass = f"<-loopback>,{urlsplit(_stage.address).netloc}"
        context = chromium.new_context(
            storage_state=_sessions.get(email or ""),
            viewport={"width": width, "height": height},
            locale=_LOCALES[language],
            color_scheme=theme,
            is_mobile=is_phone,
            has_touch=is_phone,
            proxy={"server": proxy, "bypass": bypass} if proxy else None,
        )
        if script:
            context.add_init_script(path=script)
        visitor = Visitor(context.new_page(), _stage.address)
        opened.append(visitor)
        if email:
            if email not in _sessions:
                visitor.let_in(email)
                _sessions[email] = context.storage_state()
            assert visitor.call("PATCH", "/api/v1/session", {"language": language}).ok
        return visitor

    yield open_window
    for visitor in opened:
        visitor.check_that_the_window_stands_still()
        visitor.page.unroute_all(behavior="ignoreErrors")
        visitor.context.close()
    assert not (complaints := [line for visitor in opened for line in visitor.complaints]), complaints
