"""The second net: ends the process groups of a parent that is gone, with the grandchildren a death signal
misses.

Run as a script by `lifeline.py` (`python -I -S watcher.py`), one for each parent, so it imports the standard
library alone. The parent writes `+GROUP SIGNAL GRACE_SECONDS` when it starts a child and `-GROUP` when the
group is empty; the end of the pipe means that the parent is gone, however it went.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

_POLL_SECONDS = 0.05


def _send(group: int, number: int) -> bool:
    """Whether the group still had a member."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read_orders(lines: Iterable[str]) -> dict[int, tuple[int, float]]:
    """Follow the parent until it is gone; returns its groups as group -> (signal, seconds until SIGKILL)."""
    groups: dict[int, tuple[int, float]] = {}
    for line in lines:
        sign, fields = line[0], line[1:].split()
        if sign == "+":
            groups[int(fields[0])] = (int(fields[1]), float(fields[2]))
        else:
            groups.pop(int(fields[0]), None)
    return groups


def _end(groups: dict[int, tuple[int, float]]) -> None:
    started_at = time.monotonic()
    left = {group: grace for group, (number, grace) in groups.items() if _send(group, number)}
    while left:
        time.sleep(_POLL_SECONDS)
        passed = time.monotonic() - started_at
        for group, grace in list(left.items()):
            if not _send(group, 0):
                del left[group]
            elif passed > grace:
                _send(group, signal.SIGKILL)
                del left[group]


def main() -> None:
    # A service manager signals every process of a service at once; this one leaves last, with its parent.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _end(_read_orders(sys.stdin))


if __name__ == "__main__":
    main()
