"""Parses a file in a child process that can do nothing but that.

The child has no network, no environment, no database and no files, and limits on memory, processor time,
time and output (see ``confinement``). Whatever becomes of it, the caller gets a document or a ParseError.
Knows processes; knows no format.
"""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from kbchat.parsing.confinement import SandboxLimits
from kbchat.parsing.document import ParsedDocument
from kbchat.parsing.document_json import document_from
from kbchat.parsing.errors import ParseError, ParseErrorCode

__all__ = ["SandboxLimits", "SandboxProbe", "parse_sandboxed", "probe_sandbox"]

_CHILD = Path(__file__).with_name("child.py")
_STDERR_BYTES = 4096
_WANT_OF_MEMORY = (b"MemoryError", b"bad_alloc", b"ut of memory", b"annot allocate memory")
_NATIVE_CRASHES = frozenset({signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP})


@dataclass(frozen=True, slots=True)
class SandboxProbe:
    """What a child could reach when it tried. ``walls`` names the protections that stand on this machine."""

    walls: tuple[str, ...]
    environment: tuple[str, ...]
    can_connect: bool
    can_read_files: bool
    can_write_files: bool
    can_start_processes: bool
    can_signal: bool


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a child ended: its exit code or the signal (negative), its peak memory, what it wrote."""

    code: int
    ran_out_of_time: bool
    peak_bytes: int
    output: bytes
    complaint: bytes


def parse_sandboxed(
    data: bytes, filename: str, *, encoding: str | None = None, limits: SandboxLimits | None = None
) -> ParsedDocument:
    """As ``parse``, in a confined child process; blocks until it has ended.

    :raises ParseError: as ``parse``, and TIMED_OUT, OUT_OF_MEMORY, TOO_LARGE_UNPACKED (its output grew past
        the limit) or CRASHED for a child that did not come back with an answer.
    """
    limits = limits or SandboxLimits()
    ending = _run(_order(limits, filename=filename, encoding=encoding), data, limits)
    try:
        told = json.loads(ending.output) if ending.code == 0 else None
        if told is not None:
            if "document" in told:
                return document_from(told["document"])
            raise ParseError(ParseErrorCode(told["error"]), **_facts(told["facts"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # a child that writes anything else was taken over or cut off: its word counts for nothing
    raise _failure(ending, limits)


def probe_sandbox(limits: SandboxLimits | None = None) -> SandboxProbe:
    """Lets a child try what it must not be able to do, for a health check or a test.

    :raises ParseError: as ``parse_sandboxed``, when the child does not even start.
    """
    limits = limits or SandboxLimits()
    ending = _run(_order(limits, probe=True), b"", limits)
    if ending.code != 0:
        raise _failure(ending, limits)
    told = json.loads(ending.output)
    return SandboxProbe(walls=tuple(told.pop("walls")), environment=tuple(told.pop("environment")), **told)


def _order(
    limits: SandboxLimits, *, filename: str = "", encoding: str | None = None, probe: bool = False
) -> dict[str, Any]:
    return {
        "filename": filename,
        "encoding": encoding,
        "probe": probe,
        "limits": asdict(limits),
        "parent": os.getpid(),
    }


def _run(order: dict[str, Any], data: bytes, limits: SandboxLimits) -> _Ending:
    """Starts the child and waits for its end. Files, not pipes: nobody can block the other."""
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        stdin.write(json.dumps(order).encode("utf-8") + b"\n")
        stdin.write(data)
        stdin.seek(0)
        deadline = time.monotonic() + limits.wall_seconds
        child = subprocess.Popen(
            [sys.executable, "-I", "-B", str(_CHILD)],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env={"LANG": "C.UTF-8", "PATH": os.defpath},
            cwd=tempfile.gettempdir(),
            start_new_session=True,
        )
        code, peak_bytes, ran_out_of_time = _wait(child, deadline)
        return _Ending(
            code, ran_out_of_time, peak_bytes, _start_of(stdout, limits.output_bytes + 1), _end_of(stderr)
        )


def _wait(child: subprocess.Popen[bytes], deadline: float) -> tuple[int, int, bool]:
    """Exit code, peak memory and whether the deadline passed. Reaps the child whatever happens here."""
    ran_out_of_time = False
    descriptor = os.pidfd_open(child.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        ran_out_of_time = not poll.poll(max(deadline - time.monotonic(), 0) * 1000)
    finally:
        os.close(descriptor)
        # Not child.kill(), which would reap it and lose its memory figures. Until it is reaped its id is
        # its own: a child that has ended takes no harm, one that has not ends now.
        os.kill(child.pid, signal.SIGKILL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    # A child is born with its parent's peak: no more than that says nothing of what it used itself.
    born_with = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    own_peak = usage.ru_maxrss if usage.ru_maxrss > born_with else 0
    return child.returncode, own_peak * 1024, ran_out_of_time


def _failure(ending: _Ending, limits: SandboxLimits) -> ParseError:
    """What a child died of that gave no answer."""
    if ending.ran_out_of_time:
        return ParseError(ParseErrorCode.TIMED_OUT, seconds=limits.wall_seconds)
    if ending.code == -signal.SIGXCPU:
        return ParseError(ParseErrorCode.TIMED_OUT, seconds=limits.cpu_seconds)
    if ending.code == -signal.SIGXFSZ or len(ending.output) >= limits.output_bytes:
        return ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_bytes=limits.output_bytes)
    was_native = -ending.code in _NATIVE_CRASHES
    if (
        ending.code == -signal.SIGKILL  # not by us: the kernel ends the largest process when memory is short
        or any(words in ending.complaint for words in _WANT_OF_MEMORY)
        or (was_native and ending.peak_bytes > limits.memory_bytes // 2)
    ):
        return ParseError(ParseErrorCode.OUT_OF_MEMORY, limit_bytes=limits.memory_bytes)
    return ParseError(ParseErrorCode.CRASHED, exit_code=ending.code)


def _facts(told: dict[str, Any]) -> dict[str, str | int | float]:
    """Facts from the child, short and plain whatever it wrote."""
    return {
        str(name)[:40]: value if isinstance(value, int | float) else str(value)[:200]
        for name, value in list(told.items())[:10]
    }


def _start_of(file: IO[bytes], most: int) -> bytes:
    file.seek(0)
    return file.read(most)


def _end_of(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _STDERR_BYTES, 0))
    return file.read()
