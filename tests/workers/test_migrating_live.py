"""The former code goes on answering, taking in and sharing while the migrations since then run beside it, and
afterwards (F35). Slow: `make proofs-migrating`; FORMER names another commit."""

import itertools
import json
import os
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest

from kbchat.settings.environment import PROJECT_ROOT
from tests.contracts.server_process import ScriptedServer
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER
from tests.person import Person, folder_of_homes, make_person
from tests.waiting import allowed
from tests.workers.program import Browser, Program, program, running_program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

# The last without chat 0015, access 0011 to 0013, library 0002, ingestion 0004 and retention 0003 to 0005.
FORMER = os.environ.get("FORMER", "9d7ce9c")
SECONDS = float(os.environ.get("SECONDS", "20"))
LONGEST_SECONDS = 3.0
QUESTION = "How many days of annual leave does a full-time employee in Hamburg have?"
EXPECTED = "30 days"
ANSWER = "30 working days"


@dataclass
class User:
    """Does one thing again and again; each time's seconds, and what went wrong."""

    name: str
    act: Callable[[], None]
    pause_seconds: float
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def go_on(self, over: threading.Event) -> None:
        while not over.wait(self.pause_seconds):
            started = time.monotonic()
            try:
                self.act()
            except (OSError, HTTPException, AssertionError, LookupError) as error:
                self.wrong.append(f"{self.name}: {error!r}")
            self.seconds.append(time.monotonic() - started)


@contextmanager
def at_work(users: list[User]) -> Iterator[None]:
    over = threading.Event()
    threads = [threading.Thread(target=user.go_on, args=(over,)) for user in users]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def former_project(folder: Path) -> Path:
    """Of its own, with today's page: that is built, and asks nothing here."""
    told = ["git", "-C", str(PROJECT_ROOT), "archive", FORMER]
    archived = subprocess.run(told, capture_output=True, check=False)
    if archived.returncode:
        pytest.skip(f"the commit {FORMER} is not in this clone")
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archived.stdout, check=True)
    shutil.copytree(
        PROJECT_ROOT / "kbchat/web/static/app", folder / "kbchat/web/static/app", dirs_exist_ok=True
    )
    return folder


def users_of(address: str) -> list[User]:
    def signed_in(email: str) -> Browser:
        browser = Browser(address)
        browser.sign_in(email)
        return browser

    searcher, asker, editor, owner, looker = map(
        signed_in, (HR_MANAGER, HR_MANAGER, ADMINISTRATOR, ADMINISTRATOR, HR_MANAGER)
    )
    shelf = editor.call("POST", "/api/v1/collections", {"name": "Live"})["id"]
    reader_id = searcher.call("GET", "/api/v1/session")["person"]["id"]
    numbers = itertools.count()

    def search() -> None:
        assert any(EXPECTED in each["quote"] for each in searcher.search(QUESTION))

    def ask() -> None:
        assert ANSWER in asker.answer_to(QUESTION, within_seconds=60)

    def send() -> None:
        text = f"# Page {next(numbers)}\n\nThe code is {uuid.uuid4()}.\n"
        editor.upload(shelf, f"{uuid.uuid4()}.md", text.encode())

    def share() -> None:
        wish = {"kind": "user", "id": reader_id, "role": "reader"}
        grant = owner.call("POST", f"/api/v1/collections/{shelf}/grants", wish)["id"]
        owner.call("DELETE", f"/api/v1/grants/{grant}")

    def look() -> None:
        # Of what is shared and taken back meanwhile, he may be told and then refused.
        for each in (each for each in looker.call("GET", "/api/v1/collections") if each["id"] != shelf):
            looker.call("GET", f"/api/v1/collections/{each['id']}/documents")
        looker.call("GET", "/api/v1/conversations")

    doings = {search: 0.1, ask: 0.5, send: 0.5, share: 0.2, look: 0.2}
    return [User(act.__name__, act, pause) for act, pause in doings.items()]


def complaints(running: Program) -> list[str]:
    """Errors in the program's log: what no user heard of, too, such as those of workers."""
    lines = running.output.read_text(errors="replace").splitlines()
    return [line for line in lines if '"level": "error"' in line or "Traceback" in line]


def migrate(person: Person) -> None:
    """By today's code."""
    with program(person, "migrate") as command:
        assert command.process.wait(240) == 0, command.output.read_text(errors="replace")


def test_the_former_code_works_while_and_after_the_database_is_migrated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with folder_of_homes() as homes, ScriptedServer() as encoder:
        person, former = make_person("root", homes), former_project(homes / "former")
        with running_program(person, project=former, **encoder.as_encoder) as running:
            address = running.line("kbchat is at ")
            running.line("Sample company: ")
            reader = Browser(address)
            reader.sign_in(HR_MANAGER)
            reader.search_until(EXPECTED, QUESTION, within_seconds=240)
            users = users_of(address)
            with at_work(users):
                time.sleep(SECONDS)
                started = time.monotonic()
                migrate(person)
                took = time.monotonic() - started
                time.sleep(SECONDS)
            said = complaints(running)
        with running_program(person, **encoder.as_encoder) as running:
            reader = Browser(running.line("kbchat is at "))
            reader.sign_in(HR_MANAGER)
            reader.search_until(EXPECTED, QUESTION, within_seconds=60)
            assert ANSWER in reader.answer_to(QUESTION, within_seconds=60)
    told = {
        "migrated_in_seconds": round(took, 1),
        "done": {user.name: len(user.seconds) for user in users},
        "longest_ms": {user.name: round(max(user.seconds) * 1000) for user in users},
    }
    with capsys.disabled():
        print(json.dumps(told, indent=1))  # noqa: T201
    assert ([wrong for user in users for wrong in user.wrong], said) == ([], [])
    # An answer takes its time; everything else is one request, or two.
    assert all(max(user.seconds) < allowed(LONGEST_SECONDS) for user in users if user.name != "ask")
