"""Somebody who runs programs of ours in a home folder of mode 0700: root, or an ordinary user."""

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
import pytest

PROJECT = Path(__file__).resolve().parents[1]
_NOBODY = 65534
_Told = TypeVar("Told")
_SYSTEM_PYTHON = Path("/usr/bin/python3")


@dataclass(frozen=True)
class Person:
    """`prefix` is put before a command line; `python` is an interpreter that this person may read."""

    name: str
    uid: int
    prefix: tuple[str, ...]
    python: str
    home: Path

    @property
    def data_dir(self) -> Path:
        return self.home / "data"

    @contextmanager
    def running(self, code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
        """Run Python `code` with `arguments`; killed at the end of the block if it is still there."""
        process = subprocess.Popen(
            [*self.prefix, self.python, "-c", code, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={
                "HOME": str(self.home),
                "PATH": os.defpath,
                "PYTHONPATH": str(PROJECT),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


@contextmanager
def folder_of_homes() -> Iterator[Path]:
    """A scratch folder others may pass through; in memory where there is room, for databases sync a lot."""
    memory = Path("/dev/shm")  # noqa: S108 - a fresh name below it
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30
    folder = Path(tempfile.mkdtemp(prefix="kbchat-test-", dir=memory if is_roomy else None))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _readable_by_all(python: Path) -> bool:
    return python.exists() and all(
        step.stat().st_mode & stat.S_IXOTH for step in (python.resolve(), *python.resolve().parents)
    )


def make_person(name: str, folder: Path) -> Person:
    """`root`, or `user`: whoever runs the tests if that is not root, else an unprivileged id."""
    is_root = os.geteuid() == 0
    # Not below pytest's own folder, which is closed to other users.
    home = folder / name
    home.mkdir(mode=0o700)
    if name == "root":
        if not is_root:
            pytest.skip("needs root")
        return Person(name, 0, (), sys.executable, home)
    if not is_root:
        return Person(name, os.geteuid(), (), sys.executable, home)
    pythons = [path for path in (Path(sys.executable), _SYSTEM_PYTHON) if _readable_by_all(path)]
    if not pythons:
        pytest.skip("no Python that another user may read")
    os.chown(home, _NOBODY, _NOBODY)
    prefix = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups")
    return Person(name, _NOBODY, prefix, str(_with_our_packages(pythons[0], folder / f"{name}-venv")), home)


def _with_our_packages(python: Path, folder: Path) -> Path:
    """A virtual environment of `python` that has the packages of ours: an isolated child of it has them too."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python3.*/site-packages")
    (site / "kbchat-tests.pth").write_text(f"{Path(psycopg.__file__).parents[1]}\n")
    if importlib.util.find_spec("async_timeout") is None:
        # redis asks for it below Python 3.11.3, where `asyncio.timeout` does the same.
        (site / "async_timeout.py").write_text("from asyncio import timeout\n")
    return folder / "bin" / "python"


def read_line(process: subprocess.Popen[str], start: str) -> str:
    """The rest of the first line of output that starts with `start`; fails with what came instead."""
    return read_lines(process, start)[0]


def read_lines(process: subprocess.Popen[str], *starts: str) -> list[str]:
    """The rest of one line for each of `starts`, in whatever order they come; else fails with what came."""
    if process.stdout is None:
        raise AssertionError("no output to read")
    seen, found = [], dict.fromkeys(starts, "")
    missing = set(starts)
    for line in process.stdout:
        seen.append(line)
        for start in [each for each in missing if line.startswith(each)]:
            missing.remove(start)
            found[start] = line.removeprefix(start).strip()
        if not missing:
            return list(found.values())
    raise AssertionError(f"no line {missing} in:\n{''.join(seen)}")


def family(pid: int) -> list[psutil.Process]:
    """The process and all its descendants."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def of_each(processes: list[psutil.Process], ask: Callable[[psutil.Process], _Told]) -> list[_Told]:
    """What `ask` tells of each that is still there: whoever served a connection just closed may be leaving."""
    told = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            told.append(ask(process))
    return told


def keeper_of(data_dir: Path) -> psutil.Process:
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "kbchat.embedded.keeper" in command and command[-1] == str(data_dir):
            return process
    raise AssertionError(f"no keeper for {data_dir}")


def seconds_until_gone(processes: list[psutil.Process], limit_seconds: float) -> float:
    """How long they took to go; fails naming those that are left after `limit_seconds`."""
    started_at = time.monotonic()
    while left := [process for process in processes if _is_alive(process)]:
        passed = time.monotonic() - started_at
        if passed > limit_seconds:
            raise AssertionError(f"still there after {passed:.1f} s: {[(p.pid, p.cmdline()) for p in left]}")
        time.sleep(0.05)
    return time.monotonic() - started_at


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
