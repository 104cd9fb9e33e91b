"""Parses a file in a child process that can do nothing but that.

The child has no network, no environment, no database and no files, and limits on memory, processor time,
time and output (see ``confinement``). It is forked for this file alone from a process that has loaded the parsers
(see ``nursery``). Whatever becomes of it, the caller gets a document or a ParseError. Knows no format.
"""

import json
import os
import signal
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from kbchat.parsing.confinement import SandboxLimits
from kbchat.parsing.document import ParsedDocument
from kbchat.parsing.document_json import document_from
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.nurseries import Nurseries, NurseryLost
from kbchat.parsing.recognised import RecognisedPage, page_from_json, page_to_json
from kbchat.parsing.tesseract_library import Installed, Recogniser

__all__ = [
    "SandboxLimits",
    "SandboxProbe",
    "draw_sandboxed",
    "parse_sandboxed",
    "probe_sandbox",
    "recognise_sandboxed",
]

_CHILD = Path(__file__).with_name("child.py")
_STDERR_BYTES = 4096
_WANT_OF_MEMORY = (b"MemoryError", b"bad_alloc", b"ut of memory", b"annot allocate memory")
_nurseries = Nurseries()
T = TypeVar("T")


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
class Ending:
    """How a child ended: its exit code or the signal (negative), its peak memory, what it wrote."""

    code: int
    ran_out_of_time: bool
    peak_bytes: int
    output: bytes
    complaint: bytes


def parse_sandboxed(
    data: bytes,
    filename: str,
    *,
    encoding: str | None = None,
    recognised: Iterable[RecognisedPage] = (),
    limits: SandboxLimits | None = None,
) -> ParsedDocument:
    """As ``parse``, in a confined child process; blocks until it has ended. ``recognised``: what
    ``recognise_sandboxed`` gave for pages that are pictures.

    :raises ParseError: as ``parse``, and for a child that did not come back with an answer: TIMED_OUT,
        OUT_OF_MEMORY, TOO_LARGE_UNPACKED (its output grew past the limit); STALLED, KILLED or CRASHED.
    """
    pages = [page_to_json(page) for page in recognised]
    facts = {"filename": filename, "encoding": encoding, "recognised": pages}
    return _done(
        "parse", facts, data, limits or SandboxLimits(), lambda told: document_from(told["document"])
    )


def recognise_sandboxed(
    data: bytes,
    filename: str,
    pages: Sequence[int],
    *,
    recogniser: Recogniser,
    seconds: float,
    limits: SandboxLimits | None = None,
) -> list[RecognisedPage]:
    """The text of ``pages`` (1-based) of a PDF or a picture, in a child that may read Tesseract's data beside its
    program. At least of the first; others as long as ``seconds`` are not over.

    :raises ParseError: as ``recognise``, and as ``parse_sandboxed``.
    """
    facts = {
        "filename": filename,
        "pages": list(pages),
        "engine": recogniser.engine.to_json(),
        "languages": list(recogniser.languages),
        "seconds": seconds,
    }

    def read(told: dict[str, Any]) -> list[RecognisedPage]:
        found = [page_from_json(page) for page in told["pages"]]
        if [page.number for page in found] != list(pages[: len(found)]) or not found:
            raise ValueError("other pages than were asked for")
        if any(page.unread for page in found):
            raise ValueError("a page is left out by whoever asks")
        return found

    return _done(
        "recognise", facts, data, limits or SandboxLimits(), read, reads=[str(recogniser.engine.folder)]
    )


def draw_sandboxed(data: bytes, page: int, *, engine: Installed, limits: SandboxLimits) -> bytes:
    """Page ``page`` (1-based) of a TIFF as a PNG, decoded in a child.

    :raises ParseError: as ``decoding.drawn``, and as ``parse_sandboxed``.
    """

    def read(told: dict[str, Any]) -> bytes:
        return b64decode(told["picture"], validate=True)

    return _done("draw", {"engine": engine.to_json(), "page": page}, data, limits, read)


def probe_sandbox(limits: SandboxLimits | None = None) -> SandboxProbe:
    """Lets a child try what it must not be able to do, for a health check or a test.

    :raises ParseError: as ``parse_sandboxed``, when the child does not even start.
    """

    def read(told: dict[str, Any]) -> SandboxProbe:
        return SandboxProbe(
            walls=tuple(told.pop("walls")), environment=tuple(told.pop("environment")), **told
        )

    return _done("probe", {}, b"", limits or SandboxLimits(), read)


def _done(
    task: str,
    facts: dict[str, Any],
    data: bytes,
    limits: SandboxLimits,
    read: Callable[[dict[str, Any]], T],
    *,
    reads: Sequence[str] = (),
) -> T:
    """What ``read`` makes of a child's answer, which is not trusted. Raises ParseError."""
    order = facts | {"task": task, "limits": asdict(limits), "reads": list(reads), "writes": ""}
    ending = run_child(order, data, limits)
    try:
        told = json.loads(ending.output) if ending.code == 0 else None
        if told is not None:
            if "error" not in told:
                return read(told)
            raise ParseError(ParseErrorCode(told["error"]), **_facts(told["facts"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # a child that writes anything else was taken over or cut off: its word counts for nothing
    raise failure_of(ending, limits)


def run_child(order: dict[str, Any], data: bytes, limits: SandboxLimits) -> Ending:
    """A child with its order and the file, to its end. Files, not pipes: nobody can block the other."""
    try:
        return _run_once(order, data, limits)
    except NurseryLost:
        # Somebody killed it, or it had idled out: that says nothing of the file.
        pass
    try:
        return _run_once(order, data, limits)
    except NurseryLost:
        return Ending(-signal.SIGKILL, ran_out_of_time=False, peak_bytes=0, output=b"", complaint=b"")


def _run_once(order: dict[str, Any], data: bytes, limits: SandboxLimits) -> Ending:
    nursery = _nurseries.take(_CHILD)
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        stdin.write(json.dumps(order | {"parent": nursery.pid}).encode("utf-8") + b"\n")
        stdin.write(data)
        stdin.seek(0)
        child = nursery.run([file.fileno() for file in (stdin, stdout, stderr)], limits.wall_seconds)
        _nurseries.give_back(nursery)
        output = _start_of(stdout, limits.output_bytes + 1)
        return Ending(child.code, child.ran_out_of_time, child.peak_bytes, output, _end_of(stderr))


def failure_of(ending: Ending, limits: SandboxLimits) -> ParseError:
    """What a child died of that gave no answer."""
    if ending.ran_out_of_time:
        return ParseError(ParseErrorCode.STALLED, seconds=limits.wall_seconds)
    if ending.code == -signal.SIGXCPU:
        return ParseError(ParseErrorCode.TIMED_OUT, seconds=limits.cpu_seconds)
    if ending.code == -signal.SIGXFSZ or len(ending.output) >= limits.output_bytes:
        return ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_bytes=limits.output_bytes)
    if ending.code == -signal.SIGKILL:
        # Not by us: the kernel ends the largest process when memory is short.
        return ParseError(ParseErrorCode.KILLED)
    # Without memory nothing may be left to complain with.
    is_large = ending.peak_bytes > limits.memory_bytes // 2
    if is_large or any(words in ending.complaint for words in _WANT_OF_MEMORY):
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
