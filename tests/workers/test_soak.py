"""Documents sent in while any process of the program, PostgreSQL and Redis among them, is killed or asked to end: all
that was accepted is ready in the end, without a hand (F4, F5, F9, F28). The short form ends each of them once; the long
one ends them at random for MINUTES: `make soak MINUTES=60`."""

import http.client
import json
import os
import random
import signal
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from tests.contracts.server_process import ScriptedServer
from tests.person import Person, seconds_until_gone
from tests.waiting import allowed, wait_until
from tests.workers.program import PASSWORD, Browser, Program, program

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="the supervisor needs Linux"),
    pytest.mark.timeout(900),
]

MINUTES = float(os.environ.get("MINUTES", "2"))
_EMAIL: Final = "soak@example.com"
# What tells a process by its command line.
VICTIMS: Final = {
    "web": "uvicorn",
    "answers": "run_answers",
    "parsing": "parse,maintenance",
    "embedding": "-Q embed",
    "beat": "beat --pidfile",
    "postgres": "/postgres -D",
    "redis": "redis-server",
}
_NOT_ACCEPTED: Final = (urllib.error.URLError, http.client.HTTPException, OSError)


@dataclass
class Soak:
    """`accepted`: by name, what the server has said that it took."""

    running: Program
    browser: Browser
    collection: str
    accepted: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    def send(self) -> None:
        number = len(self.accepted) + self.refused
        name = f"page-{number}.md"
        text = f"# Page {number}\n\n" + "\n\n".join(f"## Part {n}\n\nRule {n} of {number}." for n in range(5))
        try:
            (row,) = self.browser.upload(self.collection, name, text.encode())
        except _NOT_ACCEPTED:
            self.refused += 1
            time.sleep(0.2)
        else:
            self.accepted[name] = row["id"]

    def end(self, victim: str, number: signal.Signals) -> None:
        if victim == "postgres" and number == signal.SIGTERM:
            # The fast shutdown; by SIGTERM it waits for everybody who is connected.
            number = signal.SIGINT
        for process in self._processes(victim):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
                self.ended[f"{victim} by {number.name}"] += 1

    def rows(self) -> list[dict[str, Any]]:
        try:
            found: list[dict[str, Any]] = self.browser.call(
                "GET", f"/api/v1/collections/{self.collection}/documents"
            )
        except _NOT_ACCEPTED:
            return []
        return found

    def is_over(self) -> bool:
        """Nothing that was accepted waits any more."""
        states = {row["id"]: row["state"] for row in self.rows()}
        return bool(states) and not any(
            states.get(each, "queued") in ("queued", "working") for each in self.accepted.values()
        )

    def _processes(self, victim: str) -> list[psutil.Process]:
        """Those whose parent is none of them: a worker's children end with it."""
        found = []
        for process in self.running.processes():
            with suppress(psutil.NoSuchProcess):
                if VICTIMS[victim] in " ".join(process.cmdline()):
                    found.append(process)
        pids = {process.pid for process in found}
        return [process for process in found if process.ppid() not in pids]


@contextmanager
def soaking(
    homes: Path, encoder: ScriptedServer, name: str, *, before: Callable[[Person], None] | None = None
) -> Iterator[tuple[Soak, Person]]:
    """`before`: what is done to the home of whoever runs it."""
    home = homes / name
    home.mkdir(mode=0o700)
    person = Person(name, os.geteuid(), (), sys.executable, home)
    if before is not None:
        before(person)
    settings = {
        "KBCHAT_SAMPLE_COMPANY": "false",
        "KBCHAT_ADMIN_EMAIL": _EMAIL,
        "KBCHAT_ADMIN_PASSWORD": PASSWORD,
    }
    with program(person, "run", **settings, **encoder.as_encoder) as running:
        browser = Browser(running.line("kbchat is at "))
        browser.sign_in(_EMAIL)
        collection = browser.call("POST", "/api/v1/collections", {"name": "Soak"})["id"]
        yield Soak(running, browser, collection), person
        processes = running.processes()
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(timeout=60)
        seconds_until_gone(processes, allowed(10))


def require_complete(soak: Soak, person: Person, encoder: ScriptedServer, *, within_seconds: float) -> None:
    wait_until(soak.is_over, within_seconds)
    states = {row["id"]: (row["state"], row["passages"], row["problem"]) for row in soak.rows()}
    ready = dict.fromkeys(soak.accepted.values(), ("ready", 5, None))
    assert {each: states.get(each) for each in soak.accepted.values()} == ready
    # One that was killed after it had committed could not say so.
    assert len(states) - len(ready) <= soak.refused
    with program(person, "reconcile", **encoder.as_encoder) as command:
        assert command.process.wait(300) == 0, command.output.read_text(errors="replace")


def test_each_process_ends_once_and_every_document_is_ready(homes: Path, encoder: ScriptedServer) -> None:
    with soaking(homes, encoder, "each") as (soak, person):
        for place, victim in enumerate(VICTIMS):
            for _ in range(3):
                soak.send()
            soak.end(victim, signal.SIGTERM if place % 2 else signal.SIGKILL)
            taken = len(soak.accepted)
            wait_until(lambda taken=taken: soak.send() or len(soak.accepted) > taken, allowed(30))  # type: ignore[misc]
        assert len(soak.ended) == len(VICTIMS), soak.ended
        require_complete(soak, person, encoder, within_seconds=allowed(90))


@pytest.mark.slow
@pytest.mark.timeout(MINUTES * 60 + 900)
def test_random_ends_for_minutes(homes: Path, encoder: ScriptedServer) -> None:
    chance = random.Random(5)
    with soaking(homes, encoder, "random") as (soak, person):
        started = time.monotonic()
        kill_at = started + 5
        while (now := time.monotonic()) < started + MINUTES * 60:
            soak.send()
            if now > kill_at:
                soak.end(chance.choice(list(VICTIMS)), chance.choice([signal.SIGKILL, signal.SIGTERM]))
                kill_at = now + chance.uniform(3, 12)
            time.sleep(chance.uniform(0, 0.3))
        sent = time.monotonic()
        require_complete(soak, person, encoder, within_seconds=600)
        told = {
            "minutes": round((sent - started) / 60, 1),
            "accepted": len(soak.accepted),
            "refused": soak.refused,
            "ended": sum(soak.ended.values()),
            "ended_by": dict(soak.ended),
            "seconds_until_all_were_ready": round(time.monotonic() - sent, 1),
        }
        print(json.dumps(told))  # noqa: T201 (the figures)
