"""`make test`: every check as a named step, each shown when it fails, and at the end what was not run and why.

`python -m tests.summary [--all]`. Three steps at a time, for two cores: tests wait for processes, browsers and
databases for a third of their time. Beside them, one after another, those that only compute and wait for nobody, with
what processor time the tests leave: tests that hold a process to its seconds must not feel them. A step that fails
does not stop the others. Under KBCHAT_REQUIRE_ALL=1 a missing browser, text recognition or data folder is a failure.
"""

import contextlib
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests import migrated
from tests.browser import ensure_browser
from tests.recognition import ensure_recognition

PROJECT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
LINT_IMPORTS = str(Path(PYTHON).with_name("lint-imports"))
_AT_ONCE = 3
_LAST = ("nice", "-n", "19")
# What an operator has set must not reach the tests: they would run on his servers.
_KEPT_SETTINGS = ("KBCHAT_SHARED_DATA", "KBCHAT_REQUIRE_ALL", "KBCHAT_TORCH_REQUIREMENT")
_LEFT_OUT = "slow, torture, or in the other language of two (make help, make test-all)"
_DESELECTED = re.compile(r"(\d+) deselected")


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    command: Sequence[str]
    is_pytest: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`skipped` has a line for everything that did not run, with the reason."""

    name: str
    passed: bool
    seconds: float
    skipped: tuple[str, ...] = ()
    tests: int = 0


def _pytest(name: str, marked: str, *arguments: str) -> Step:
    command = [PYTHON, "-m", "pytest", "-q", "--durations=5", "-m", marked, *arguments]
    return Step(name, command, is_pytest=True)


BESIDE = (
    Step("types", [PYTHON, "-m", "mypy"]),
    Step("front end: types", [PYTHON, "deploy/install.py", "npm", "run", "--silent", "check"]),
    Step("front end: lint", [PYTHON, "deploy/install.py", "npm", "run", "--silent", "lint"]),
    Step("front end: tests", [PYTHON, "deploy/install.py", "npm", "run", "--silent", "test"]),
    Step("format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
    Step("lint", [PYTHON, "-m", "ruff", "check", "."]),
    Step("import contracts", [LINT_IMPORTS, "--no-cache"]),
    Step("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
)


def _browser_tests(everything: bool) -> Step:
    step = _pytest("browser tests", "e2e and not slow", "tests/e2e")
    return step if everything else replace(step, environment={"KBCHAT_ONE_LANGUAGE": "1"})


def _other_tests(everything: bool) -> Iterator[Step]:
    """Those first that wait most of their time: for processes, and for each other. So the processors have enough to do
    from the beginning, and in parts, so that towards the end they do not wait for a long one."""
    marked = "not slow" if everything else "not slow and not torture"
    named = {
        folder: _files(f"tests/{folder}") for folder in ("workers", "services", "security", "web", "e2e")
    }
    others = [file for file in _files("tests") if not any(file in files for files in named.values())]
    yield _pytest("tests of workers", marked, *named["workers"])
    yield from _parts("tests of services", 3, marked, named["services"])
    yield from _parts("other tests", 3, marked, others)
    yield from _parts("tests of security", 2, marked, named["security"])
    yield _pytest("tests of web", marked, *named["web"])


def _files(folder: str) -> list[str]:
    return sorted(str(file.relative_to(PROJECT)) for file in (PROJECT / folder).rglob("test_*.py"))


def _parts(name: str, count: int, marked: str, files: Sequence[str]) -> Iterator[Step]:
    for part in range(count):
        yield _pytest(f"{name}, part {part + 1}", marked, *files[part::count])


class Runner:
    """Runs steps and collects outcomes; what a failed step said is written whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.Lock()
        self.outcomes: list[Outcome] = []

    def run_all(self, steps: Iterable[Step], beside: Iterable[Step]) -> None:
        """Whoever has no step left helps with those beside."""
        waiting, patient = _queue(steps), _queue(beside)
        threads = [
            threading.Thread(target=self._work, args=((waiting, patient), ())) for _ in range(_AT_ONCE)
        ]
        threads.append(threading.Thread(target=self._work, args=((patient,), _LAST)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, queues: "Iterable[queue.SimpleQueue[Step]]", prefix: Sequence[str]) -> None:
        for waiting in queues:
            with contextlib.suppress(queue.Empty):
                while True:
                    self.run(waiting.get_nowait(), prefix)

    def run(self, step: Step, prefix: Sequence[str] = ()) -> None:
        """`prefix` is put before its command line."""
        started_at = time.monotonic()
        report = self._folder / f"{step.name.replace(' ', '-').replace(':', '')}.xml"
        command = [*prefix, *step.command, *([f"--junitxml={report}"] if step.is_pytest else ())]
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=_environment() | {migrated.FOLDER: str(self._folder)} | dict(step.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        tests, skipped = _read_report(step.name, report, done.stdout) if step.is_pytest else (0, ())
        outcome = Outcome(step.name, done.returncode == 0, time.monotonic() - started_at, skipped, tests)
        with self._writing:
            self.outcomes.append(outcome)
            _say(f"{_mark(outcome)} {outcome.name} ({outcome.seconds:.0f} s)")
            if not outcome.passed:
                _say(f"  $ {' '.join(command)}\n{done.stdout.rstrip()}\n")


def _queue(steps: Iterable[Step]) -> "queue.SimpleQueue[Step]":
    waiting: queue.SimpleQueue[Step] = queue.SimpleQueue()
    for step in steps:
        waiting.put(step)
    return waiting


def _environment() -> dict[str, str]:
    """Without the settings of a running kbchat, and with compiled modules kept: a hundred processes start, and each
    would compile the program anew."""
    theirs = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PYTHONDONTWRITEBYTECODE"}
    return {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT_SETTINGS or not (name in theirs or name.startswith("KBCHAT_"))
    }


def _read_report(name: str, report: Path, output: str) -> tuple[int, tuple[str, ...]]:
    """How many tests ran, and a line for each reason for which some did not."""
    if not report.exists():
        return 0, ()
    reasons: dict[str, list[str]] = {}
    tests = 0
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (pytest wrote it a moment ago)
        skipped = case.find("skipped")
        if skipped is None:
            tests += 1
        else:
            reasons.setdefault(skipped.get("message", ""), []).append(
                f"{case.get('classname', '')}.{case.get('name', '')}"
            )
    lines = [
        f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {reason}"
        for reason, names in reasons.items()
    ]
    deselected = _DESELECTED.search(output)
    if deselected:
        lines.append(f"{deselected[1]} more {name}: {_LEFT_OUT}")
    return tests, tuple(lines)


def _mark(outcome: Outcome) -> str:
    return "ok    " if outcome.passed else "FAILED"


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _table(outcomes: Sequence[Outcome], seconds: float) -> str:
    width = max(len(outcome.name) for outcome in outcomes)
    lines = [
        f"{_mark(outcome)} {outcome.name:<{width}} {outcome.seconds:6.1f} s"
        + (f"  {outcome.tests} tests" if outcome.tests else "")
        for outcome in outcomes
    ]
    return "\n".join([*lines, f"{'':6} {'in all':<{width}} {seconds:6.1f} s"])


def main(everything: bool) -> int:
    """`everything`: with the torture, and with each browser test in both languages instead of one of them."""
    started_at = time.monotonic()
    require_all = os.environ.get("KBCHAT_REQUIRE_ALL") == "1"
    not_run: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        # The servers of tests belong to somebody else than root, and pass through it.
        Path(folder).chmod(0o711)
        runner = Runner(Path(folder))
        no_browser = ensure_browser(_say)
        no_recognition = ensure_recognition(_say)
        browser_tests = () if no_browser else (_browser_tests(everything),)
        runner.run_all((*browser_tests, *_other_tests(everything)), BESIDE)
        if no_browser and require_all:
            runner.outcomes.append(Outcome(f"browser tests: {no_browser}", passed=False, seconds=0))
        elif no_browser:
            not_run.append(f"browser tests: {no_browser}")
        if no_recognition and require_all:
            runner.outcomes.append(Outcome(f"text recognition: {no_recognition}", passed=False, seconds=0))
    not_run += [line for outcome in runner.outcomes for line in outcome.skipped]
    _say("\n" + _table(runner.outcomes, time.monotonic() - started_at))
    _say("NOT RUN: " + ("\n         ".join(not_run) or "nothing"))
    return 0 if all(outcome.passed for outcome in runner.outcomes) else 1


if __name__ == "__main__":
    sys.exit(main("--all" in sys.argv[1:]))
