"""Every page as a picture: `make pictures FOLDER=...`.

In English and Chinese, on a phone and a desktop, light and dark; FOLDER/index.html shows them side by side.
"""

import argparse
import html
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import ensure_browser, find_browser
from tests.e2e.conftest import Language
from tests.e2e.stage import ADMINISTRATOR, Stage
from tests.e2e.tour import at_the_door, inside
from tests.e2e.visitor import Visitor

_LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh-hans")
_SIZES: Final = {"desktop": (1440, 900), "phone": (390, 844)}
_THEMES: Final = ("light", "dark")


def picture_all(stage: Stage, browser: Browser, folder: Path) -> list[str]:
    """The names of the pages, in the order of the tour."""
    names: dict[str, None] = {}
    for language in _LANGUAGES:
        for device, (width, height) in _SIZES.items():
            stranger, visitor = (_window(stage, browser, language, width, height) for _ in range(2))
            visitor.let_in(ADMINISTRATOR)
            assert visitor.call("PATCH", "/api/v1/session", {"language": language}).ok
            for window, tour in (
                (stranger, at_the_door(stranger)),
                (visitor, inside(visitor, stage, language)),
            ):
                for name in tour:
                    names[name] = None
                    _save(window, folder, f"{name}-{language}-{device}")
            stranger.context.close()
            visitor.context.close()
    return list(names)


def _window(stage: Stage, browser: Browser, language: Language, width: int, height: int) -> Visitor:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="en-GB" if language == "en" else "zh-CN",
        is_mobile=width < 900,
        has_touch=width < 900,
    )
    return Visitor(context.new_page(), stage.address)


def _save(visitor: Visitor, folder: Path, name: str) -> None:
    for theme in _THEMES:
        visitor.page.emulate_media(color_scheme=theme)
        # Whatever is still being drawn or fading.
        visitor.page.wait_for_timeout(400)
        visitor.page.screenshot(path=folder / f"{name}-{theme}.png")


def _index(names: list[str]) -> str:
    rows = "".join(
        f"<h2>{html.escape(name)}</h2>"
        + "".join(
            f'<img loading="lazy" height="420" src="{name}-{language}-{device}-{theme}.png" alt="">'
            for language in _LANGUAGES
            for device in _SIZES
            for theme in _THEMES
        )
        for name in names
    )
    return f'<!doctype html><meta charset="utf-8"><title>kbchat, every page</title>{rows}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    if missing := ensure_browser(print):
        raise SystemExit(missing)
    expect.set_options(timeout=20_000)
    with Stage() as stage, sync_playwright() as playwright:
        stage.play(with_model=False)
        browser = playwright.chromium.launch(executable_path=find_browser())
        names = picture_all(stage, browser, folder)
        browser.close()
    (folder / "index.html").write_text(_index(names))


if __name__ == "__main__":
    main()
