"""The process from which the children are forked that parse strangers' files. Started by ``nurseries``, as a script of
its own, without environment or secrets.

It has loaded what the parsers need, so that a child begins with its file at once, and has left the network before the
first of them. It never looks into a file: it hands open ones on. What a child does stays in the child, which has a copy
of this process and no way back to it. Ends with the worker that started it, and by itself when nobody brought a file
for a minute.

    nursery.py PROGRAM WORKER_ID CONTROL    (a script that each child runs; a process id; a socket)
"""

import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Final, NoReturn

IDLE_SECONDS: Final = 60.0
_MOST_REQUEST_BYTES: Final = 4096
_FILES: Final = 3  # a child's standard input, output and error
_NOT_TOLD_APART: Final = 4 << 20  # the kernel counts pages a little late
# A mail with a file of no known kind: what its parser and the recognition of files load late.
_MAIL: Final = (
    b"From: a\nSubject: =?utf-8?b?YQ==?=\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\na\n--B\n"
    b"Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nAQIDBAUGBwg=\n--B--\n"
)
_PAGE: Final = b"""---
title: A
tags: [b, "c"]
---

# A

B **c** _d_ `e` ``f`` [g](https://example.com/h "i") ![j](k.png) <l@example.com>, m&amp;n.\\
O <br> {{ site.p }} {% include q.html %} ~~r~~

## S

- t
- u
  1. v
  2. w

     x

| A | B |
|---|--:|
| c | d |

> e
> f

```python
g = 1
```

{% raw %}h{% endraw %}

!!! note "I"
    j

<table><tr><th>k</th></tr><tr><td class="l">m</td></tr></table>

    n

* * *
"""
_SAMPLES: Final = (
    (_PAGE, "a.md"),
    (b"<h1>A</h1><p>b<ul><li>c", "a.html"),
    (b"a\n\nb", "a.txt"),
    (_MAIL, "a.eml"),
)
_ROUNDS: Final = 10


def main() -> None:
    program, worker, control = Path(sys.argv[1]), int(sys.argv[2]), socket.socket(fileno=int(sys.argv[3]))
    watch = _Watch(control, os.pidfd_open(worker))
    if os.getppid() != worker:
        return  # it had ended before its descriptor was open
    _load()
    code = compile(program.read_bytes(), str(program), "exec")
    while watch.sees_request(IDLE_SECONDS):
        told, files, _, _ = socket.recv_fds(control, _MOST_REQUEST_BYTES, _FILES)
        if not told:
            return
        child = os.fork()
        if child == 0:
            _be_child(code, files)
        for file in files:
            os.close(file)
        ending = watch.ending_of(child, json.loads(told)["seconds"])
        if ending is None:
            return
        control.send(json.dumps(ending).encode())


def _load() -> None:
    """Everything that a child would load otherwise, by files of our own: often enough that the interpreter has made of
    it what it makes of code that runs often, which no child has the time for. Objects that stay are set apart, so that
    none copies them by looking for garbage, and a child, which makes many objects and ends, seldom looks."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from kbchat.parsing import child, document_json, encoding, registry  # noqa: F401  (child: what its program imports)
    from kbchat.parsing.confinement import prepare

    prepare()
    for name in registry.PARSERS.values():
        import_module(name)
    for data, filename in _SAMPLES * _ROUNDS:
        document_json.to_json(registry.parse(data, filename))
    encoding.load_for(b"\xff")
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _resident_bytes() -> int:
    """Of this process now. Not its peak, which it has from the worker that started it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def _be_child(code: CodeType, files: Sequence[int]) -> NoReturn:
    """Runs the program as an interpreter of its own would, and ends this process."""
    status = 1
    try:
        for place, file in enumerate(files):
            os.dup2(file, place)
        os.closerange(len(files), os.sysconf("SC_OPEN_MAX"))
        exec(code, {"__name__": "__main__", "__file__": code.co_filename})  # noqa: S102 (the child's own program)
        sys.stdout.flush()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  (the edge of a process, which tells and ends)
        traceback.print_exc()
    finally:
        os._exit(status & 0xFF)


class _Watch:
    """Waits, and notices meanwhile that the worker has ended or wants no more."""

    def __init__(self, control: socket.socket, worker: int) -> None:
        self._control, self._worker = control.fileno(), worker

    def sees_request(self, seconds: float) -> bool:
        ready = self._wait(seconds, {self._control: select.POLLIN, self._worker: select.POLLIN})
        return self._control in ready and self._worker not in ready

    def ending_of(self, child: int, seconds: float) -> dict[str, int | bool] | None:
        """How the child ended, which it does now at the latest; None where nobody waits for it any more."""
        deadline = time.monotonic() + seconds
        descriptor = os.pidfd_open(child)
        try:
            # No event of the control but the end of the other side: a worker sends one request at a time.
            ready = self._wait(
                deadline - time.monotonic(),
                {descriptor: select.POLLIN, self._worker: select.POLLIN, self._control: select.POLLRDHUP},
            )
        finally:
            os.close(descriptor)
            # Until it is reaped its id is its own: a child that has ended takes no harm.
            os.kill(child, signal.SIGKILL)
            _, status, usage = os.wait4(child, 0)
        if self._worker in ready or self._control in ready:
            return None
        # A child is born as large as this process: no more than that says nothing of what it used itself.
        born_with = _resident_bytes() + _NOT_TOLD_APART
        return {
            "code": os.waitstatus_to_exitcode(status),
            "peak_bytes": usage.ru_maxrss * 1024 if usage.ru_maxrss * 1024 > born_with else 0,
            "ran_out_of_time": descriptor not in ready,
        }

    def _wait(self, seconds: float, events: dict[int, int]) -> set[int]:
        poll = select.poll()
        for descriptor, wanted in events.items():
            poll.register(descriptor, wanted)
        return {descriptor for descriptor, _ in poll.poll(max(seconds, 0) * 1000)}


if __name__ == "__main__":
    main()
