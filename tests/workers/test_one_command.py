"""`manage.py run`, whole: the first start, the second, every way to end, as root and as an ordinary user.

Whoever runs the tests starts it as it is; the other one with a scripted encoder, for rights to files are the same with
either.
"""

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from tests.contracts.server_process import ScriptedServer
from tests.person import (
    Person,
    make_person,
    seconds_until_gone,
)
from tests.workers.program import PASSWORD, Browser, Program, can_read_the_project, program

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="the supervisor needs Linux"),
    pytest.mark.timeout(300),
]

ADMINISTRATOR = "ingrid.petersen@example.com"
_FIRST_RESULT_SECONDS = 10.0
QUESTION = "How many days of annual leave does a full-time employee in Hamburg have?"
ANSWER = "30 working days"


@pytest.fixture(scope="module", params=["root", "user"])
def person(request: pytest.FixtureRequest, homes: Path) -> Person:
    return _person(request.param, homes)


def _person(name: str, homes: Path) -> Person:
    found = make_person(name, homes)
    if not can_read_the_project(found):
        pytest.skip("the project stands where no other user may read it")
    return found


@pytest.fixture(scope="module")
def settings(person: Person, encoder: ScriptedServer) -> dict[str, str]:
    return {} if person.uid == os.geteuid() else encoder.as_encoder


def test_first_start_sample_company_search_and_stop(person: Person, settings: dict[str, str]) -> None:
    """Then SIGTERM: within ten seconds nothing is left."""
    with program(person, "run", **settings) as running:
        address = running.line("kbchat is at ")
        sign_ins = Path(running.line("Sign-ins of the sample company: "))
        assert stat.S_IMODE(sign_ins.stat().st_mode) == 0o600
        assert f"{ADMINISTRATOR}  {PASSWORD}" in sign_ins.read_text()
        browser = Browser(address)
        browser.sign_in(ADMINISTRATOR)
        browser.search_until(ANSWER, QUESTION, within_seconds=90)
        assert ANSWER in browser.answer_to(QUESTION, within_seconds=60)
        processes = running.processes()
        asked_at = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(timeout=15)
        seconds_until_gone(processes, 10.0 - (time.monotonic() - asked_at))
        assert running.process.returncode == 0
        told = running.output.read_text().splitlines()
    # Nothing that ended as it should is reported, and no line is empty.
    assert [line for line in told if "stop in time" in line or "shutdown" in line or line.endswith("|")] == []


def test_a_later_start_finds_and_leaves_nothing_when_killed(person: Person, settings: dict[str, str]) -> None:
    with program(person, "run", **settings) as running:
        _find(running)
        assert "Sample company" not in running.output.read_text()
        processes = running.processes()
        assert len(processes) > 10
        running.process.kill()
        seconds_until_gone(processes, 10.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["root", "user"])
def test_a_later_start_finds_within_ten_seconds(homes: Path, name: str) -> None:
    """With the real encoder for both. Others at work on the machine only add to the time, so the best of three starts
    tells."""
    folder = homes / f"timed-{name}"
    folder.mkdir(mode=0o711)
    person = _person(name, folder)
    seconds = []
    for _ in range(4):
        with program(person, "run") as running:
            _find(running)
            seconds.append(time.monotonic() - running.started_at)
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(timeout=15)
    # The first may be the one that fills the data folder.
    assert min(seconds[1:]) <= _FIRST_RESULT_SECONDS


def _find(running: Program) -> None:
    browser = Browser(running.line("kbchat is at "))
    browser.sign_in(ADMINISTRATOR)
    browser.search_until(ANSWER, QUESTION, within_seconds=90)
