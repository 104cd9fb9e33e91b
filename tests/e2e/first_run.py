"""The first minutes of an installation, as its first administrator spends them: from the printed link to the first
answer about a file of his own."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect

from tests.e2e.visitor import Visitor
from tests.person import Person, folder_of_homes
from tests.workers.program import program

FIRST_RUN_SECONDS: Final = 180.0
_READY_MS: Final = 120_000
_RULES: Final = """# Bicycle leasing

Every permanent employee may lease one bicycle through the company.
The company pays 40 euro towards the monthly leasing rate.
"""
_QUESTION: Final = "How much does the company pay towards the monthly leasing rate of a bicycle?"
_ANSWER: Final = "40 euro"


@contextlib.contextmanager
def empty_program(settings: Mapping[str, str]) -> Iterator[str]:
    """`manage.py run` on an empty data folder, without the sample company; gives the link that it prints."""
    with folder_of_homes() as folder:
        home = folder / "somebody"
        home.mkdir(mode=0o700)
        person = Person("somebody", os.geteuid(), (), sys.executable, home)
        with program(person, "run", KBCHAT_SAMPLE_COMPANY="false", **settings) as running:
            try:
                yield running.line("signs up once at ")
            finally:
                running.process.terminate()
                running.process.wait(timeout=30)


def first_run(browser: Browser, link: str, folder: Path) -> float:
    """Seconds from opening `link`; the file is written into `folder`. By the page alone, without a pause to read."""
    file = folder / "bicycle-leasing.md"
    file.write_text(_RULES)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    visitor = Visitor(context.new_page(), link.partition("/setup")[0])
    page = visitor.page
    started = time.monotonic()
    page.goto(link)
    page.get_by_label("Your name").fill("Ada Zhao")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.locator("input[type=password]").fill("a first password of hers")
    page.locator("button[type=submit]").click()
    page.get_by_role("link", name="Library", exact=True).first.click()
    page.get_by_role("button", name="New collection").click()
    page.get_by_role("dialog").get_by_role("textbox").first.fill("Handbook")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.locator("tbody tr", has_text=file.name)).to_have_attribute(
        "data-state", "ready", timeout=_READY_MS
    )
    page.get_by_role("link", name="New chat").first.click()
    expect(visitor.ask_and_wait(_QUESTION)).to_contain_text(_ANSWER)
    seconds = time.monotonic() - started
    assert not visitor.complaints, visitor.complaints
    context.close()
    return seconds
