"""What a parsing child takes away from itself before it looks at a stranger's file.

In this order: die with the parent, no network, limits, no files but the program's, no calls that reach out; then,
with the parser loaded, no privileges. What is the same for all children their parent has done already: it has left the
network itself, and made the lists. What the machine does not offer is left out and told, so that an operator can see
it; the limits always hold.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kbchat.parsing import landlock, seccomp

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_CAPABILITY_VERSION_3 = 0x20080522

PROGRAM_FILES_ONLY = "program_files_only"

_without_network = False
"""Of this process; its children are born with it."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """How much one file may cost. ``output_bytes`` bounds the document's JSON."""

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 80
    wall_seconds: float = 90.0
    output_bytes: int = 256 << 20
    open_files: int = 32


def prepare() -> None:
    """For children that will be forked from this process, which looks at no file: no network, and what `confine` would
    make anew in each of them."""
    global _without_network
    if sys.platform == "linux":
        _without_network = _leave_the_network(ctypes.CDLL(None, use_errno=True))
        landlock.program_places()
        seccomp.rules_for_life(may_write=False)


def confine(
    limits: SandboxLimits, *, parent: int, reads: Sequence[str] = (), writes: str = ""
) -> tuple[str, ...]:
    """Confines this process for life; gives the names of the walls that now stand.

    ``parent`` is the process id of who started it: if that one is gone already, this process ends. ``reads`` are
    folders that it may read beside its program's. ``writes`` names a folder that it may change, as a program of
    the system that it will become; where that cannot be held to the folder, this process ends.
    """
    standing = ["limits"]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        if _without_network or _leave_the_network(libc):
            standing.append("network_namespace")
        if _address_space() > limits.memory_bytes:
            raise MemoryError("nothing would be left for a file")
    _limit(limits, has_threads=bool(writes))
    if sys.platform == "linux":
        if landlock.allow_only_the_program(reads, writes):
            standing.append(PROGRAM_FILES_ONLY)
        elif writes:
            os._exit(1)
        if seccomp.deny_reaching_out_of_a_folder() if writes else seccomp.deny_reaching_out():
            standing.append("call_filter")
    return tuple(standing)


def settle(walls: tuple[str, ...]) -> tuple[str, ...]:
    """The rest, once the parser is loaded: no privileges, and no files where Landlock does not stand.

    Not earlier: a root that runs from somebody's home may need its privileges to read it. ``walls`` are those
    that ``confine`` gave; the result has them and the new ones.
    """
    standing = list(walls)
    if sys.platform == "linux":
        if _drop_capabilities(ctypes.CDLL(None, use_errno=True)):
            standing.append("no_capabilities")
        if PROGRAM_FILES_ONLY not in walls and seccomp.deny_opening_files():
            standing.append("no_files")
    return tuple(standing)


def _limit(limits: SandboxLimits, *, has_threads: bool) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
        *([] if has_threads else [(resource.RLIMIT_NPROC, 0)]),  # of ordinary users; root: by the call filter
    ):
        with contextlib.suppress(ValueError, OSError):  # a system's own limit may be lower already
            resource.setrlimit(kind, (most, most))
    # One second between the signal that ends it and the one that nothing survives.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def _address_space() -> int:
    """What the program takes before a file comes. It was mapped when no limit held yet."""
    pages, _ = Path("/proc/self/statm").read_text().split(maxsplit=1)
    return int(pages) * resource.getpagesize()


def _leave_the_network(libc: ctypes.CDLL) -> bool:
    """An empty network of its own: as root directly, else through a user namespace where that is allowed."""
    return bool(libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def _drop_capabilities(libc: ctypes.CDLL) -> bool:
    """A root without any of root's powers; an ordinary user has none to lose."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    return bool(libc.capset(ctypes.byref(header), ctypes.byref(nothing)) == 0)
