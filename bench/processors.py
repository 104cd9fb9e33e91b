"""Processor time by whose it is: of this process, its embedded servers and its parsing children. What else the machine
does changes it little, where it changes the time on the clock a lot."""

import resource
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

THIS, POSTGRES, REDIS, PARSING = "this process", "PostgreSQL", "Redis", "parsing"
_PROGRAMS = {"postgres": POSTGRES, "redis-server": REDIS}


@contextmanager
def counted(seconds: Counter[str]) -> Iterator[None]:
    """Adds what the block takes."""
    before = _spent()
    yield
    for whose, now in _spent().items():
        seconds[whose] += now - before[whose]


def _spent() -> dict[str, float]:
    spent = {THIS: time.process_time(), POSTGRES: 0.0, REDIS: 0.0, PARSING: _ended_children()}
    for child in psutil.Process().children():
        if not _is_keeper(child):
            spent[PARSING] += _seconds(child)
            continue
        for server in child.children():
            if whose := _PROGRAMS.get(server.name()):
                spent[whose] += sum(map(_seconds, [server, *server.children(recursive=True)]))
    return spent


def _is_keeper(process: psutil.Process) -> bool:
    """Of the embedded servers. One that has ended and was not waited for yet is none."""
    with suppress(psutil.NoSuchProcess):
        return bool("kbchat.embedded.keeper" in process.cmdline())
    return False


def _seconds(process: psutil.Process) -> float:
    """With those of its children that have ended."""
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def _ended_children() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime
