"""Which files the parsing child can open: its own program's, for reading, and no others. Linux Landlock.

A parser loads parts of itself late, so the program's folders stay readable; a configuration with secrets,
another process's memory, a colleague's upload are elsewhere.

Source: Linux Documentation/userspace-api/landlock.rst.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_QUESTION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _READ_FILE, _READ_DIRECTORY = 1 << 0, 1 << 2, 1 << 3
_ALL_OF_VERSION_1 = (1 << 13) - 1
_RENAME_FROM_VERSION_2, _TRUNCATE_FROM_VERSION_3 = 1 << 13, 1 << 14

_SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache")


def is_there() -> bool:
    """Whether the kernel has it."""
    return _version(ctypes.CDLL(None, use_errno=True)) >= 1


def allow_only_the_program(reads: Sequence[str] = (), writes: str = "") -> bool:
    """Restricts this process for life, to the program's files and what is below ``reads``, and to changing what is
    below ``writes``, if it is named. False where the kernel has no Landlock."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = _version(libc)
    if version < 1:
        return False
    handled = _ALL_OF_VERSION_1
    if version >= 3:
        handled |= _RENAME_FROM_VERSION_2 | _TRUNCATE_FROM_VERSION_3
    attributes = struct.pack("<Q", handled)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    try:
        for place in (*program_places(), *map(Path, reads)):
            _allow(libc, ruleset, place, _EXECUTE | _READ_FILE | _READ_DIRECTORY)
        if writes:
            _allow(libc, ruleset, Path(writes), handled)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _version(libc: ctypes.CDLL) -> int:
    return int(libc.syscall(_CREATE_RULESET, None, 0, _VERSION_QUESTION))


@cache
def program_places() -> Sequence[Path]:
    """The interpreter, its packages, this package, and the system's libraries."""
    package = Path(__file__).resolve().parents[1]
    packages = [place for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    places = {
        Path(place) for place in (sys.prefix, sys.base_prefix, sys.exec_prefix, *packages, *_SYSTEM_LIBRARIES)
    }
    # A prefix of / or of somebody's home would open everything: then only its libraries count.
    places = {place / "lib" if place in (Path("/"), Path.home()) else place for place in places}
    return sorted({package, *places})


def _allow(libc: ctypes.CDLL, ruleset: int, place: Path, access: int) -> None:
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this machine
    try:
        if not place.is_dir():
            access &= _EXECUTE | _READ_FILE
        rule = struct.pack("<Qi", access, descriptor)
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
