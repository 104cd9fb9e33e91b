"""The nurseries of this process: started when the first file comes, used by one caller at a time, replaced when they
are gone. Knows processes; knows no format.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NURSERY: Final = Path(__file__).with_name("nursery.py")
# Children of one nursery have their parts in the same places, which helps whoever attacks them again and again.
_MOST_CHILDREN: Final = 200
# To load the parsers, and to end a child that ran out of its time.
_PATIENCE_SECONDS: Final = 20.0


class NurseryLost(Exception):
    """It has ended, or does not answer. Nothing was found out about the file."""


@dataclass(frozen=True, slots=True)
class ChildEnding:
    """How a child ended: its exit code or the signal (negative), its peak memory where it is known."""

    code: int
    peak_bytes: int
    ran_out_of_time: bool


class Nursery:
    """One process that forks children which run ``program``."""

    def __init__(self, program: Path) -> None:
        self.program = program
        self.children = 0
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-B",
                    str(_NURSERY),
                    str(program),
                    str(os.getpid()),
                    str(theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8", "PATH": os.defpath},
                cwd=tempfile.gettempdir(),
                start_new_session=True,
                pass_fds=[theirs.fileno()],
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        return self._process.poll() is None and self.children < _MOST_CHILDREN

    def run(self, files: Sequence[int], seconds: float) -> ChildEnding:
        """A child with these as its standard input, output and error, which has ended when this returns.

        :raises NurseryLost: and the nursery is of no use any more.
        """
        self.children += 1
        try:
            socket.send_fds(self._control, [json.dumps({"seconds": seconds}).encode()], list(files))
            self._control.settimeout(seconds + _PATIENCE_SECONDS)
            return ChildEnding(**json.loads(self._control.recv(4096)))
        except (OSError, ValueError):
            self.close()
            raise NurseryLost from None

    def close(self) -> None:
        """Ends it, and the child with it that it may have."""
        self._control.close()
        self._process.kill()
        self._process.wait()


class Nurseries:
    """Threads may share it: each takes a nursery for itself. A process that is forked begins without any."""

    def __init__(self) -> None:
        self._idle: list[Nursery] = []
        os.register_at_fork(after_in_child=self._idle.clear)

    def take(self, program: Path) -> Nursery:
        while True:
            try:
                nursery = self._idle.pop()
            except IndexError:
                return Nursery(program)
            if nursery.is_usable and nursery.program == program:
                return nursery
            nursery.close()

    def give_back(self, nursery: Nursery) -> None:
        self._idle.append(nursery)
