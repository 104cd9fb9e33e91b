"""What a build of another index costs whoever asks, and what askers cost the build: both side by side in one run.

    python -m bench.rebuilding PAGES_FOLDER [--seconds 78] [--rounds 2] [--every 5]

The whole program with its default encoder and quotes for answers. In turns: questions alone (the build is paused),
questions and the build, the build alone (for a third of the time); a question every so many seconds, read from the
websocket as the page reads it, and a search every second. Another index is built by a second encoder, and again from
the beginning when it is done. Prints Markdown.
"""

import argparse
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
from websockets.sync.client import ClientConnection, connect

from bench.times import told
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER
from tests.other_encoders import TWO_MEANS, other_encoder
from tests.person import folder_of_homes, make_person
from tests.workers.program import Browser, running_program
from tests.workers.test_swapping_encoders import (
    ANSWER,
    EXPECTED,
    QUESTION,
    Asking,
    Operator,
    asking_all_the_time,
)

QUESTIONS, BOTH, BUILD = "questions alone", "questions and a build", "a build alone"
MOST_RATIO: Final = 1.3
LEAST_SHARE: Final = 0.3
_POLL_SECONDS: Final = 0.5
_ALONE: Final = 1 / 3
"""Of the time that the others have: a rate needs less of it than a percentile."""
_RESAMPLES: Final = 2000


@dataclass
class Reading(Asking):
    """Reads an answer as the page does, as it comes: one that is asked for again and again seems to take longer."""

    address: str = ""
    socket: ClientConnection | None = None

    def go_on(self) -> None:
        parts = urlsplit(self.address)
        headers = {"Cookie": self.browser.cookies, "Origin": f"{parts.scheme}://{parts.netloc}"}
        with connect(f"ws://{parts.netloc}/ws/v1", additional_headers=headers, proxy=None) as self.socket:
            super().go_on()

    def ask(self) -> None:
        assert self.socket
        ask = {"type": "ask", "client_message_id": str(uuid.uuid4()), "question": QUESTION}
        self.socket.send(json.dumps(ask))
        text, end = "", ""
        while not end:
            event: dict[str, Any] = json.loads(self.socket.recv(timeout=30)).get("event", {})
            text += event["text"] if event.get("type") == "text_added" else ""
            end = event["state"] if event.get("type") == "turn_finished" else ""
        if end != "done" or ANSWER not in text:
            self.wrong.append(f"{end}: {text}")


class Builds:
    """One build after another, by the same encoder."""

    def __init__(self, operator: Operator, model: Path) -> None:
        self._operator = operator
        self._model = model

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Paused before and after."""
        build = self._newest()
        if build is None or build["state"] not in {"queued", "running", "paused"}:
            self._begin()
        elif build["state"] == "paused":
            self._call("POST", f"/{build['id']}/resume")
        before = self.written()
        while self.written() <= before and (self._newest() or {}).get("state") != "built":
            time.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            build = self._newest()
            if build and build["state"] in {"queued", "running"}:
                self._call("POST", f"/{build['id']}/pause")

    def written(self) -> int:
        return int((self._newest() or {}).get("written", 0))

    def is_done(self) -> bool:
        return (self._newest() or {}).get("state") == "built"

    def _begin(self) -> None:
        """What was built is dropped first: its vectors would be taken over."""
        for generation in self._operator.generations():
            if not generation["answers"] and generation["state"] != "retired":
                self._operator.admin.call("DELETE", f"/api/v1/generations/{generation['id']}")
        self._operator.build(self._model)
        while self._newest() is None:
            time.sleep(_POLL_SECONDS)

    def _newest(self) -> dict[str, Any] | None:
        newest = self._operator.generations()[0]
        build: dict[str, Any] | None = newest["build"]
        return build if newest["state"] not in {"ready", "retired"} else None

    def _call(self, method: str, path: str) -> None:
        self._operator.admin.call(method, f"/api/v1/generation-builds{path}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path, help="a folder of Markdown pages: some hundreds of them")
    parser.add_argument("--seconds", type=float, default=78.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--every", type=int, default=5, help="seconds between two questions")
    arguments = parser.parse_args()
    with folder_of_homes() as homes:
        person = make_person("root", homes)
        model = other_encoder(person.home, TWO_MEANS)
        with running_program(person) as running:
            address = running.line("kbchat is at ")
            running.line("Sample company: ")
            operator, reader = Operator(person, Browser(address)), Browser(address)
            operator.admin.sign_in(ADMINISTRATOR)
            reader.sign_in(HR_MANAGER)
            reader.search_until(EXPECTED, QUESTION, within_seconds=600)
            operator.manage("import_folder", str(arguments.pages.resolve()), "--collection", "Handbook")

            def asking() -> Asking:
                return Reading(reader, arguments.every, address=address)

            tell(measured(Builds(operator, model), asking, arguments.seconds, arguments.rounds))


@dataclass
class Turn:
    """All the time in which one of the three went on: what was asked then, and how many passages the build wrote."""

    askings: list[Asking] = field(default_factory=list)
    written: int = 0
    seconds: float = 0.0

    def rate(self) -> float:
        """Passages a second."""
        return self.written / self.seconds


def measured(builds: Builds, asking: Callable[[], Asking], seconds: float, rounds: int) -> dict[str, Turn]:
    """Each turn's time is counted while a build goes on: where one ends sooner, the rest is taken beside the next."""
    turns = {name: Turn() for name in (QUESTIONS, BOTH, BUILD)}
    for number in range(1, rounds + 1):
        for name, turn in turns.items():
            until = number * seconds * (_ALONE if name == BUILD else 1)
            while turn.seconds < until:
                with builds.going_on() if name != QUESTIONS else nullcontext():
                    _measure(turn, builds, asking if name != BUILD else None, name, until=until)
    return turns


def _measure(
    turn: Turn, builds: Builds, asking_as: Callable[[], Asking] | None, name: str, *, until: float
) -> None:
    """Until the turn has its seconds or the build ends."""
    before, started = builds.written(), time.monotonic()
    with asking_all_the_time(asking_as()) if asking_as else nullcontext() as asking:
        while turn.seconds + time.monotonic() - started < until and (
            name == QUESTIONS or not builds.is_done()
        ):
            time.sleep(_POLL_SECONDS)
        turn.seconds += time.monotonic() - started
        turn.written += builds.written() - before
    if asking is not None:
        turn.askings.append(asking)


def tell(turns: dict[str, Turn]) -> None:
    print("\n| in turns | answers, p50 / p95 | searches, p50 / p95 | wrong | passages a second |")
    print("|---|---|---|---|---|")
    answers_in = {}
    for name, turn in turns.items():
        answers = [each for asking in turn.askings for each in asking.answers]
        searches = [each for asking in turn.askings for each in asking.searches]
        wrong = sum(len(asking.wrong) for asking in turn.askings)
        rate = f"{turn.rate():.1f}" if name != QUESTIONS else ""
        answers_in[name] = answers
        times = (f"{told(answers)} ({len(answers)})", told(searches), str(wrong)) if answers else ("", "", "")
        print(f"| {name} | {' | '.join(times)} | {rate} |")
    ratio, low, high = p95_ratio(answers_in[BOTH], answers_in[QUESTIONS])
    share = turns[BOTH].rate() / turns[BUILD].rate()
    interval = f"95 % of it between {low:.2f} and {high:.2f}"
    print(
        f"\np95 of answers beside a build: {ratio:.2f} times that without (at most {MOST_RATIO}; {interval})."
    )
    print(f"The build keeps {share:.0%} of its rate (at least {LEAST_SHARE:.0%}).")


def p95_ratio(beside: Sequence[float], alone: Sequence[float]) -> tuple[float, float, float]:
    """And its interval, by resampling both."""
    chance = np.random.default_rng(0)
    ratios = [
        np.quantile(chance.choice(beside, len(beside)), 0.95)
        / np.quantile(chance.choice(alone, len(alone)), 0.95)
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(ratios, [0.025, 0.975])
    return float(np.quantile(beside, 0.95) / np.quantile(alone, 0.95)), float(low), float(high)


if __name__ == "__main__":
    main()
