"""Started between a parent and a server: becomes another user, asks to die with the parent, then turns into
the server.

Run as a script by `lifeline.py` (`python -I -S launcher.py ORDER PROGRAM ARGUMENT...`), so it imports the
standard library alone. The order of the steps is the point: the kernel forgets a death signal when a process
changes its user, and a parent that died before the signal was asked for is only seen by looking for it
afterwards. Linux only: `prctl(2)`, `capset(2)`, `capabilities(7)`.
"""

import ctypes
import json
import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
CAPABILITY_NUMBERS = {"dac_override": 1, "dac_read_search": 2}

EXIT_PARENT_GONE = 125
EXIT_REFUSED = 126
EXIT_NOT_FOUND = 127

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _become(uid: int, gid: int, capabilities: list[str]) -> None:
    """Change the user for good, keeping only `capabilities`, which programs started from here keep too."""
    if capabilities:
        _checked(_libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    numbers = [CAPABILITY_NUMBERS[name] for name in capabilities]
    mask = sum(1 << number for number in numbers)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Two blocks of (effective, permitted, inheritable); all numbers used here are in the first.
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    _checked(_libc.capset(header, data))
    for number in numbers:
        _checked(_libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, number, 0, 0))
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def main(arguments: list[str]) -> int:
    order = json.loads(arguments[0])
    program = arguments[1:]
    try:
        if order["become"] is not None:
            _become(**order["become"])
        _checked(_libc.prctl(_PR_SET_PDEATHSIG, order["death_signal"], 0, 0, 0))
    except OSError as error:
        sys.stderr.write(f"cannot prepare {program[0]}: {error}\n")
        return EXIT_REFUSED
    if os.getppid() != order["parent"]:
        return EXIT_PARENT_GONE
    try:
        os.execvp(program[0], program)  # noqa: S606 - no shell is meant
    except OSError as error:
        sys.stderr.write(f"cannot start {program[0]}: {error}\n")
        return EXIT_NOT_FOUND


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
