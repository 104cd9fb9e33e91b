"""An encoder of 384 dimensions is exchanged for one of 768, or, with ENCODER=eight-bits, for one of another precision,
while people ask, upload, delete and change rights, and whoever embeds, and whoever switches, is killed again and again,
KILLS times in one run (F34). Slow: `make proofs-swap`."""

import itertools
import json
import os
import random
import shutil
import signal
import statistics
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER
from tests.other_encoders import TWO_MEANS, other_encoder
from tests.person import Person, folder_of_homes, make_person
from tests.workers.program import Browser, Program, program, running_program
from tests.workers.swap_witnesses import GoldenQuestions, Inside

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

KILLS = int(os.environ.get("KILLS", "6"))
# The others while it is built, at whatever it is just doing.
KILLS_AT_THE_SWITCH = max(KILLS // 4, 1) if KILLS else 0
KILLS_WHILE_BUILT = KILLS - KILLS_AT_THE_SWITCH
ENCODER = os.environ.get("ENCODER", TWO_MEANS)
PAGES = int(os.environ.get("PAGES", "80"))
IDLE_SECONDS = float(os.environ.get("IDLE_SECONDS", "60"))
QUESTION = "How many days of annual leave does a full-time employee in Hamburg have?"
EXPECTED = "30 days"
ANSWER = "30 working days"


@dataclass
class Asking:
    """A person who searches for the same every second, and asks it every so many."""

    browser: Browser
    every: int = 10
    searches: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def search(self) -> None:
        found = self.browser.call("GET", f"/api/v1/search?q={urllib.parse.quote(QUESTION)}")
        if found["by_words_alone"] or not any(EXPECTED in each["quote"] for each in found["passages"][:5]):
            self.wrong.append(f"by_words_alone={found['by_words_alone']}, {len(found['passages'])} passages")

    def ask(self) -> None:
        if ANSWER not in (answer := self.browser.answer_to(QUESTION, within_seconds=30)):
            self.wrong.append(answer)

    def go_on(self) -> None:
        for second in itertools.count():
            self._timed(self.search, self.searches)
            if second % self.every == 0:
                self._timed(self.ask, self.answers)
            if self.over.wait(1.0):
                return

    def _timed(self, work: Callable[[], None], seconds: list[float]) -> None:
        started = time.monotonic()
        try:
            work()
        except (OSError, HTTPException, AssertionError) as error:
            self.wrong.append(repr(error))
        seconds.append(time.monotonic() - started)

    def told(self) -> dict[str, int]:
        """In milliseconds."""
        told = {"searches": len(self.searches), "answers": len(self.answers)}
        for name, seconds in (("search", self.searches), ("answer", self.answers)):
            low = statistics.median(seconds)
            high = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else low
            told |= {f"{name}_median_ms": round(low * 1000), f"{name}_p95_ms": round(high * 1000)}
        return told


@contextmanager
def asking_all_the_time(asking: Asking) -> Iterator[Asking]:
    thread = threading.Thread(target=asking.go_on)
    thread.start()
    try:
        yield asking
    finally:
        asking.over.set()
        thread.join()


@dataclass
class Operator:
    """Whoever runs the program: its commands, and the page of indexes."""

    person: Person
    admin: Browser

    def manage(self, *arguments: str) -> None:
        with program(self.person, *arguments) as command:
            assert command.process.wait(900) == 0, command.output.read_text(errors="replace")

    def import_page(self, name: str, text: str, collection: str = "Late") -> None:
        page = self.person.home / name
        page.write_text(text)
        self.manage("import_folder", str(page), "--collection", collection)

    def let_read(self, collection: str, person_id: str) -> str:
        """The grant's id."""
        listed = self.admin.call("GET", "/api/v1/collections")
        (chosen,) = [each["id"] for each in listed if each["name"] == collection]
        wish = {"kind": "user", "id": person_id, "role": "reader"}
        grant: str = self.admin.call("POST", f"/api/v1/collections/{chosen}/grants", wish)["id"]
        return grant

    def answering(self) -> int:
        (active,) = [each["id"] for each in self.generations() if each["answers"]]
        return int(active)

    def generations(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.admin.call("GET", "/api/v1/generations")["generations"]
        return listed

    def build(self, model: Path) -> None:
        self.manage("generation", "--as", ADMINISTRATOR, "build", "--model", str(model))

    def is_built(self) -> bool:
        newest = self.generations()[0]
        state = newest["build"]["state"] if newest["build"] else ""
        assert state not in {"failed", "cancelled"}, newest
        return newest["state"] == "shadow" and state == "built"

    def written(self) -> int:
        """Passages of the newest build."""
        build = self.generations()[0]["build"]
        return int(build["written"]) if build else 0

    def switch(self, to: int, before: int) -> float:
        """In seconds."""
        started = time.monotonic()
        self.admin.call("POST", f"/api/v1/generations/{to}/in-force", {"instead_of": before})
        return time.monotonic() - started

    def switch_by_command(self, to: int) -> float:
        """In seconds, from its start to its end."""
        started = time.monotonic()
        self.manage("generation", "--as", ADMINISTRATOR, "switch", str(to))
        return time.monotonic() - started

    def switch_and_be_killed(self, to: int, after_seconds: float) -> bool:
        """By the command, at some point of it: it is done or it is not. Which."""
        arguments = ("generation", "--as", ADMINISTRATOR, "switch", str(to))
        with program(self.person, *arguments) as command:
            time.sleep(after_seconds)
            command.process.kill()
        return self.answering() == to


@dataclass(frozen=True)
class Rights:
    """What was taken away is never found again, and what was given always."""

    reader: Browser

    def hold(self) -> None:
        assert not self._finds("heron desk opens", "When does the heron desk open?")
        assert self._finds("pelican desk is", "Where is the pelican desk?")

    def _finds(self, words: str, question: str) -> bool:
        return any(words in each["quote"] for each in self.reader.search(question))


def kill_whoever_embeds(running: Program) -> bool:
    for process in running.processes():
        with suppress(psutil.NoSuchProcess):
            line = " ".join(process.cmdline())
            if "celery" in line and "-Q embed" in line:
                process.send_signal(signal.SIGKILL)
                return True
    return False


def test_nobody_notices_that_the_encoder_is_exchanged(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, killed, switched = random.Random(7), 0, []
    with folder_of_homes() as homes:
        person = make_person("root", homes)
        pages = person.home / "pages"
        pages.mkdir()
        for number, page in enumerate(sorted((shared_data / "handbooks" / "18f").rglob("*.md"))[:PAGES]):
            shutil.copy(page, pages / f"{number}-{page.name}")
        model = other_encoder(person.home, ENCODER)
        # What is dropped is dropped when the longest answer is over.
        with running_program(person, KBCHAT_ANSWER_SECONDS="40") as running:
            address = running.line("kbchat is at ")
            running.line("Sample company: ")
            operator, reader = Operator(person, Browser(address)), Browser(address)
            operator.admin.sign_in(ADMINISTRATOR)
            reader.sign_in(HR_MANAGER)
            golden, inside = GoldenQuestions(address), Inside(person.data_dir)
            rights = Rights(Browser(address))
            rights.reader.sign_in(HR_MANAGER)
            reader.search_until(EXPECTED, QUESTION, within_seconds=240)
            operator.manage("import_folder", str(pages), "--collection", "Handbook")
            operator.import_page("doomed.md", "# Otters\n\nThe otter desk is closed in winter.\n")
            operator.import_page(
                "given.md", "# Pelicans\n\nThe pelican desk is on the third floor.\n", "Given"
            )
            reader_id = reader.call("GET", "/api/v1/session")["person"]["id"]
            taken = operator.let_read("Late", reader_id)
            golden.look()
            with asking_all_the_time(Asking(reader)) as idle:
                time.sleep(IDLE_SECONDS)

            (first,) = [each["id"] for each in operator.generations()]
            with asking_all_the_time(Asking(reader)) as meanwhile:
                started = time.monotonic()
                operator.build(model)
                operator.import_page("late.md", "# Herons\n\nThe heron desk opens at seven.\n")
                rights.reader.search_until("heron desk opens", "heron desk", within_seconds=30)
                operator.admin.call("DELETE", f"/api/v1/grants/{taken}")
                operator.let_read("Given", reader_id)
                rights.hold()
                (doomed,) = operator.admin.search("otter desk")[:1]
                operator.admin.call("DELETE", f"/api/v1/documents/{doomed['document_id']}")
                reached = -1
                while not operator.is_built():
                    time.sleep(chance.uniform(0, 3))
                    written = operator.written()
                    # Not before it has come further than when it was killed last: each time at another point.
                    if killed < KILLS_WHILE_BUILT and written > reached and kill_whoever_embeds(running):
                        killed, reached = killed + 1, written
                    rights.hold()
                    golden.look()
                seconds = time.monotonic() - started
            built = operator.generations()[0]
            new = built["id"]
            with asking_all_the_time(Asking(reader)) as afterwards:
                whole = operator.switch_by_command(new)
                for _ in range(KILLS_AT_THE_SWITCH):
                    other = first if operator.answering() == new else new
                    # Most of the time it starts; its transaction is among the last things that it does.
                    switched.append(operator.switch_and_be_killed(other, chance.uniform(0.6, 1.05) * whole))
                    kill_whoever_embeds(running)
                    rights.hold()
                    golden.look()
                if operator.answering() == first:
                    operator.switch(new, first)
                # By the new one while the former one is still there to answer by.
                inside.wait_until_answered_by({first, new}, 60)
                time.sleep(20)
                rights.hold()
                golden.look()
                operator.admin.search_until("heron desk opens", "heron desk", within_seconds=10)
                assert all("otter" not in each["quote"] for each in operator.admin.search("otter desk"))
                back = operator.switch(first, new)
                time.sleep(5)
                rights.hold()
                golden.look()
                operator.switch(new, first)
                held = inside.disk(first)
                operator.admin.call("DELETE", f"/api/v1/generations/{first}")
                inside.wait_until_dropped(first, 300)
                freed = held.database - inside.disk(first).database
                rights.hold()
                golden.look()
            assert [each["state"] for each in operator.generations()] == ["ready", "retired"]
            traces = inside.traces()
        checks = built["build"]["checks"]
        told = {
            "passages": built["build"]["passages"],
            "killed": killed,
            "killed_switching": len(switched),
            "of_these_done": sum(switched),
            "built_in_seconds": round(seconds),
            "passages_a_second": round(built["build"]["rate"], 1),
            "known_items": {
                name: checks["known_items"][name] for name in ("asked", "before", "now", "low", "high")
            },
            "idle": idle.told(),
            "meanwhile": meanwhile.told(),
            "afterwards": afterwards.told(),
            "roll_back_ms": round(back * 1000),
            "golden": {
                "looks": len(golden.recalls),
                "first": golden.recalls[0],
                "least": min(golden.recalls),
            },
            "answers_of": {pin: sum(each["pin"] == pin for each in traces) for pin in (first, new)},
            "dropped_bytes": held.generation,
            "freed_bytes": freed,
        }
        with capsys.disabled():
            print(json.dumps(told, indent=1))  # noqa: T201
        assert (killed, len(switched)) == (KILLS_WHILE_BUILT, KILLS_AT_THE_SWITCH), "more PAGES take longer"
        assert checks["problems"] == []
        assert [*idle.wrong, *meanwhile.wrong, *afterwards.wrong] == []
        assert back < 1.0
        golden.hold()
        assert all(each["searched"] == {each["pin"]} for each in traces)
        assert freed > held.generation / 2 > 0, "others write meanwhile"
