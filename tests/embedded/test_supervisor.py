"""The supervisor: start, show, restart, stop in order, nothing left behind, with small Python children."""

import os
import signal
import time
from pathlib import Path

import pytest

from kbchat.embedded.lifeline import Lifeline
from tests.person import (
    Person,
    family,
    keeper_of,
    read_line,
    read_lines,
    seconds_until_gone,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="the supervisor needs Linux")

# argv: data folder or "", then the code of each child. Each child gets its name as argument. Beat stops beside the
# workers, and its work is done again.
SUPERVISED = """
import contextlib, sys
from pathlib import Path
from kbchat.embedded.cluster import attach_or_start
from kbchat.embedded.supervisor import ProcessSpec, Supervisor

folder, codes = sys.argv[1], sys.argv[2:]
mark = Path.home() / "ready"
with contextlib.ExitStack() as stack:
    cluster = stack.enter_context(attach_or_start(Path(folder))) if folder else None
    names = ["web", "answers", "workers", "beat"]
    specs = [
        ProcessSpec(name, [sys.executable, "-c", code, name], stop_grace_seconds=1.0,
                    ready_check=mark.exists if name == "web" else None,
                    stops_beside_previous=name == "beat", work_is_done_again=name == "beat",
                    unsaid=("known well",))
        for name, code in zip(names, codes)
    ]
    supervisor = Supervisor(specs, on_ready=lambda: print("all ready", flush=True), stop_within_seconds=3.0,
                            still_served=cluster.is_alive if cluster else lambda: True)
    code = supervisor.run()
print("left with", code, flush=True)
sys.exit(code)
"""
OBEDIENT = """
import signal, sys, time
def leave(number, frame):
    print("leaving", flush=True)
    time.sleep(0.1)
    print("gone", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("hello 年假", flush=True)
while True: time.sleep(0.05)
"""
# Has a child of its own in its process group; neither listens to SIGTERM.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork(): print("stubborn", flush=True)
while True: time.sleep(1)
"""
CRASHING = """
import sys
print("about to crash", flush=True)
sys.exit(3)
"""


# Prints a blank line, one that is `unsaid` and one that is not.
TALKING = """
import time
print("\\n  \\nknown well\\nknown well, and more", flush=True)
while True: time.sleep(0.05)
"""


@pytest.fixture
def me(request: pytest.FixtureRequest) -> Person:
    """Whoever runs the tests."""
    found = request.getfixturevalue("root" if os.geteuid() == 0 else "user")
    assert isinstance(found, Person)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_ends_the_processes_one_after_another(me: Person, number: signal.Signals) -> None:
    with me.running(SUPERVISED, "", OBEDIENT, OBEDIENT, OBEDIENT) as supervisor:
        assert read_lines(supervisor, "web     | ", "answers | ", "workers | ") == ["hello 年假"] * 3
        processes = family(supervisor.pid)
        assert len(processes) == 5
        supervisor.send_signal(number)
        words, _ = supervisor.communicate(timeout=10)
        assert supervisor.returncode == 0
        seconds_until_gone(processes, 0.5)
    order = [line.replace(" ", "") for line in words.splitlines() if line.endswith(("leaving", "gone"))]
    expected = [f"{name}|{word}" for name in ("web", "answers", "workers") for word in ("leaving", "gone")]
    assert order == expected


def test_processes_that_stop_beside_each_other_are_asked_at_the_same_time(me: Person) -> None:
    with me.running(SUPERVISED, "", OBEDIENT, OBEDIENT, OBEDIENT, OBEDIENT) as supervisor:
        read_lines(supervisor, "web     | ", "answers | ", "workers | ", "beat    | ")
        supervisor.terminate()
        words, _ = supervisor.communicate(timeout=10)
    order = [line.replace(" ", "") for line in words.splitlines() if line.endswith(("leaving", "gone"))]
    assert order[:4] == ["web|leaving", "web|gone", "answers|leaving", "answers|gone"]
    assert sorted(order[4:6]) == ["beat|leaving", "workers|leaving"]
    assert sorted(order[6:]) == ["beat|gone", "workers|gone"]


def test_a_kill_is_no_news_where_the_work_is_done_again(me: Person) -> None:
    with me.running(SUPERVISED, "", OBEDIENT, OBEDIENT, STUBBORN, STUBBORN) as supervisor:
        read_lines(supervisor, "web     | ", "answers | ", "workers | stubborn", "beat    | stubborn")
        processes = family(supervisor.pid)
        started_at = time.monotonic()
        supervisor.terminate()
        words, _ = supervisor.communicate(timeout=10)
        # Together they had one grace, not two.
        assert time.monotonic() - started_at < 2.0
        seconds_until_gone(processes, 0.5)
    assert "workers did not stop in time and was killed" in words
    assert "beat did not stop" not in words


def test_lines_that_tell_nobody_anything_are_left_out(me: Person) -> None:
    with me.running(SUPERVISED, "", TALKING) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "web | known well, and more\n"
        supervisor.terminate()
        words, _ = supervisor.communicate(timeout=10)
    assert "web |" not in words


def test_readiness_is_told_once_when_the_web_answers(me: Person) -> None:
    with me.running(SUPERVISED, "", OBEDIENT) as supervisor:
        assert read_line(supervisor, "web | ") == "hello 年假"
        (me.home / "ready").touch()
        read_line(supervisor, "all ready")
        supervisor.terminate()
        words, _ = supervisor.communicate(timeout=10)
    assert "all ready" not in words


def test_a_crashed_process_is_started_again_after_growing_pauses(me: Person) -> None:
    with me.running(SUPERVISED, "", OBEDIENT, CRASHING) as supervisor:
        started_at = time.monotonic()
        assert read_line(supervisor, "        | answers ended") == "(exit code 3); starting it again in 0.5 s"
        assert read_line(supervisor, "        | answers ended") == "(exit code 3); starting it again in 1 s"
        assert time.monotonic() - started_at > 0.5
        assert read_line(supervisor, "answers | ") == "about to crash"
        supervisor.terminate()
        supervisor.communicate(timeout=10)
        assert supervisor.returncode == 0


def test_a_process_that_will_not_stop_is_killed_in_time_with_its_own_children(person: Person) -> None:
    with person.running(SUPERVISED, "", STUBBORN, OBEDIENT, STUBBORN) as supervisor:
        read_lines(supervisor, "web     | stubborn", "answers | hello", "workers | stubborn")
        processes = family(supervisor.pid)
        started_at = time.monotonic()
        supervisor.terminate()
        words, _ = supervisor.communicate(timeout=10)
        assert time.monotonic() - started_at < 4.0
        seconds_until_gone(processes, 0.5)
    assert "web did not stop in time and was killed" in words
    assert "answers did not stop" not in words


def test_a_second_request_kills_at_once(me: Person) -> None:
    with me.running(SUPERVISED, "", STUBBORN, STUBBORN, STUBBORN) as supervisor:
        read_lines(supervisor, "web     | stubborn", "answers | stubborn", "workers | stubborn")
        processes = family(supervisor.pid)
        started_at = time.monotonic()
        supervisor.send_signal(signal.SIGINT)
        time.sleep(0.2)
        supervisor.send_signal(signal.SIGINT)
        supervisor.communicate(timeout=10)
        assert time.monotonic() - started_at < 1.0
        seconds_until_gone(processes, 0.5)


@pytest.mark.parametrize(("number", "pause"), [(signal.SIGTERM, 0.3), (signal.SIGINT, 0.02)])
def test_one_request_may_arrive_as_two_signals(me: Person, number: signal.Signals, pause: float) -> None:
    """From `make`, which passes on what its group got, or from `timeout`."""
    with me.running(SUPERVISED, "", STUBBORN) as supervisor:
        read_lines(supervisor, "web | stubborn")
        started_at = time.monotonic()
        supervisor.send_signal(number)
        time.sleep(pause)
        supervisor.send_signal(number)
        supervisor.communicate(timeout=10)
        assert time.monotonic() - started_at > 0.9


def test_a_killed_supervisor_leaves_nothing_behind(person: Person) -> None:
    with person.running(SUPERVISED, person.data_dir, OBEDIENT, STUBBORN) as supervisor:
        read_line(supervisor, "answers | stubborn")
        processes = [*family(supervisor.pid), *family(keeper_of(person.data_dir).pid)]
        assert len(processes) > 10
        supervisor.kill()
        seconds_until_gone(processes, 8.0)


def test_stop_is_done_within_ten_seconds_with_the_servers(person: Person) -> None:
    with person.running(SUPERVISED, person.data_dir, OBEDIENT, OBEDIENT, STUBBORN, OBEDIENT) as supervisor:
        read_line(supervisor, "workers | stubborn")
        processes = [*family(supervisor.pid), *family(keeper_of(person.data_dir).pid)]
        started_at = time.monotonic()
        supervisor.terminate()
        supervisor.communicate(timeout=10)
        assert supervisor.returncode == 0
        assert time.monotonic() - started_at < 10.0
        seconds_until_gone(processes, 0.5)


def test_the_supervisor_stops_when_the_servers_are_gone(me: Person) -> None:
    with me.running(SUPERVISED, me.data_dir, OBEDIENT) as supervisor:
        read_line(supervisor, "web | hello")
        keeper = keeper_of(me.data_dir)
        processes = [*family(supervisor.pid), *family(keeper.pid)]
        keeper.kill()
        words, _ = supervisor.communicate(timeout=10)
        assert supervisor.returncode == 1
        seconds_until_gone(processes, 5.0)
    assert "the embedded servers are gone" in words


def test_a_program_that_does_not_exist_is_named(me: Person) -> None:
    log = me.home / "log"
    with Lifeline() as lifeline, log.open("wb") as output:
        child = lifeline.start(["no-such-program"], output=output)
        assert child.wait(5)
        child.kill_group()
    assert child.exit_code == 127
    assert "cannot start no-such-program" in log.read_text()


def test_the_watcher_alone_ends_what_a_death_signal_does_not_reach(me: Person) -> None:
    """Closing the pipe stands for the parent's death; the parent is alive, so no death signal is sent."""
    lifeline = Lifeline()
    child = lifeline.start([me.python, "-c", STUBBORN, "x"], grace_seconds=0.3)
    time.sleep(0.5)
    processes = family(child.pid)
    assert len(processes) == 2
    lifeline.close()
    child.process.wait()
    seconds_until_gone(processes, 1.0)
