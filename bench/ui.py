"""How long a reader waits for the page, beside what is aimed at, and how long a first run takes.

    python -m bench.ui

The waits are those of `tests.e2e.speed`, in the real program with its sample company and the real encoder, by the
browser's own clock; each is measured in new windows, and the middle one of ROUNDS is told. The first run is a script:
it does not read.
"""

import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import ensure_browser, find_browser
from tests.e2e.first_run import FIRST_RUN_SECONDS, empty_program, first_run
from tests.e2e.speed import Measurement, asking, first_pages, long_chat, search, streaming
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, Stage
from tests.e2e.visitor import Visitor
from tests.workers.program import Browser as Reader

ROUNDS = 3
QUESTION = "How many days of annual leave does a full-time employee in Hamburg have in 2025?"
# Six seconds long.
STREAMED = " ".join(f"Rule {number} speaks of annual leave in Hamburg [1]." for number in range(1, 41))
TOKENS_PER_SECOND = 60


def main() -> None:
    if missing := ensure_browser(print):
        raise SystemExit(missing)
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser())
        print("| measure | aim | reached |\n|---|---|---|")
        for name, aim, reached in chain(_waits(browser), _first_run(browser)):
            print(f"| {name} | {_told(aim)} | {_told(reached)} |", flush=True)
        browser.close()


def _waits(browser: Browser) -> Iterator[tuple[str, float, float]]:
    """Name, aim and middle, in seconds."""
    with Stage(with_real_encoder=True) as stage:
        _play(stage, with_model=False)
        found = defaultdict[str, list[Measurement]](list)
        for _ in range(ROUNDS):
            _keep(found, first_pages(_window(browser, stage), _window(browser, stage, ADMINISTRATOR)))
            _keep(found, search(_window(browser, stage, ENGINEER), "annual leave Hamburg"))
            _keep(found, asking(_window(browser, stage, ENGINEER), QUESTION))
            again = [QUESTION, "And for part-time employees?"]
            _keep(found, long_chat(stage, _window(browser, stage, ENGINEER), ENGINEER, again))
        yield from _middle(found)
        _play(stage, with_model=True)
        found.clear()
        for _ in range(ROUNDS):
            _keep(found, streaming(_window(browser, stage, ENGINEER), QUESTION))
        yield from _middle(found)


def _play(stage: Stage, *, with_model: bool) -> None:
    """Until its processes have loaded the encoder."""
    stage.model.script(
        log_probabilities=False, default={"reply": STREAMED, "tokens_per_second": TOKENS_PER_SECOND}
    )
    stage.play(with_model=with_model)
    reader = Reader(stage.address)
    reader.sign_in(ENGINEER)
    reader.answer_to(QUESTION, within_seconds=180)


def _middle(found: dict[str, list[Measurement]]) -> Iterator[tuple[str, float, float]]:
    for name, measured in found.items():
        yield name, measured[0].bar, statistics.median(one.seconds for one in measured)


def _keep(found: dict[str, list[Measurement]], measured: Iterable[Measurement]) -> None:
    for one in measured:
        found[one.name].append(one)


def _window(browser: Browser, stage: Stage, email: str = "") -> Visitor:
    """With nothing in its cache; of somebody who is signed in, if there is one."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    visitor = Visitor(context.new_page(), stage.address)
    if email:
        visitor.let_in(email)
    return visitor


def _first_run(browser: Browser) -> Iterator[tuple[str, float, float]]:
    with tempfile.TemporaryDirectory() as folder, empty_program({}) as link:
        seconds = first_run(browser, link, Path(folder))
    yield "first run, from the printed address to an answer about one's own file", FIRST_RUN_SECONDS, seconds


def _told(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


if __name__ == "__main__":
    main()
