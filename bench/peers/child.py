"""A peer's process: one library, asked by lines on standard input and answering by lines on standard output.

    python -m bench.peers.child NAME

Runs in the peers' environment, which has no kbchat. What is timed is the library's call alone; what it prints goes to
standard error.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from bench.peers.protocol import Answer, Fill, Open, Peer, Search, handed_over, line_of, message_in


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    opened = importlib.import_module(f"bench.peers.{sys.argv[1]}").opened
    serve(opened, sys.stdin, answers)


def serve(opened: Callable[..., Peer], lines: TextIO, answers: TextIO) -> None:
    """Until the lines end. An error of the library is its answer, and the next line is read."""
    first = message_in(next(lines))
    assert isinstance(first, Open), first
    peer = opened(first.place)
    for line in lines:
        answers.write(line_of(_answer(peer, message_in(line))))
        answers.flush()


def _answer(peer: Peer, message: object) -> Answer:
    try:
        if isinstance(message, Fill):
            passages, vectors = handed_over(Path(message.folder))
            started = time.perf_counter()
            peer.fill(passages, vectors)
            return Answer(time.perf_counter() - started, [])
        assert isinstance(message, Search), message
        asked: dict[str, Any] = {"k": message.k, "groups": message.groups, "leg": message.leg}
        started = time.perf_counter()
        ids = peer.search(message.question, message.vector, **asked)
        return Answer(time.perf_counter() - started, ids)
    except Exception as error:  # noqa: BLE001 (whatever a library raises is a result)
        return Answer(0.0, [], f"{type(error).__name__}: {error}"[:2000])


if __name__ == "__main__":
    main()
