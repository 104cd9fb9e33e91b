"""The pictures of the README, taken anew from the sample company: `python -m tests.e2e.take_pictures [FOLDER]`."""

import argparse
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import ensure_browser, find_browser
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, HR_MANAGER, Stage
from tests.e2e.visitor import Visitor

_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
_SIZE = (1440, 900)
# The page uses few colours; a palette makes a third of the file.
_COLOURS = 256


def take_all(stage: Stage, browser: Browser, folder: Path) -> None:
    english = _window(stage, browser, ENGINEER, "en")
    english.page.get_by_role("button", name="Hide this notice").click()
    english.ask_and_wait("How many days of annual leave does a full-time employee in Hamburg have in 2025?")
    english.citation().click()
    _save(english.page, folder / "chat-english.png")

    chinese = _window(stage, browser, HR_MANAGER, "zh-hans")
    chinese.page.get_by_role("button", name="隐藏提示").click()
    answer = chinese.ask_and_wait("公司 2025 年的年假政策是什么？")
    number = answer.locator("p", has_text="三部分组成").locator(".cite").first.inner_text()
    chinese.citation(int(number)).click()
    _save(chinese.page, folder / "pdf-chinese.png")

    library = _window(stage, browser, ADMINISTRATOR, "en")
    library.open("/library")
    library.page.get_by_role("link", name="Company handbook").click()
    expect(library.page.locator("tbody tr").first).to_be_visible()
    _save(library.page, folder / "library.png", is_lit=False)


def _window(stage: Stage, browser: Browser, email: str, language: str) -> Visitor:
    context = browser.new_context(
        viewport={"width": _SIZE[0], "height": _SIZE[1]}, locale=language, color_scheme="light"
    )
    visitor = Visitor(context.new_page(), stage.address)
    visitor.open()
    visitor.sign_in(email)
    expect(visitor.page.locator(".starters button").first).to_be_visible()
    assert visitor.call("PATCH", "/api/v1/session", {"language": language}).ok
    visitor.page.reload()
    expect(visitor.page.locator(".starters button").first).to_be_visible()
    return visitor


def _save(page: Page, file: Path, *, is_lit: bool = True) -> None:
    if is_lit:
        expect(page.get_by_test_id("lit-passage").first).to_be_in_viewport(ratio=1)
    page.mouse.move(_SIZE[0] / 2, _SIZE[1] - 1)
    # Whatever is still being drawn or fading.
    page.wait_for_timeout(1500)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=_FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    if missing := ensure_browser(print):
        raise SystemExit(missing)
    expect.set_options(timeout=20_000)
    with Stage(with_real_encoder=True) as stage, sync_playwright() as playwright:
        stage.play(with_model=False)
        browser = playwright.chromium.launch(executable_path=find_browser())
        take_all(stage, browser, folder)
        browser.close()


if __name__ == "__main__":
    main()
