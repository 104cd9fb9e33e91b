"""What operators count, for Prometheus. Names and numbers only: no label is a title, a person or an id, and nothing
counts what somebody may not see.

Every process writes its numbers into files of its own (PROMETHEUS_MULTIPROC_DIR); web reads all of them together.
"""

import os
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

LIMIT_REACHED = Counter("kbchat_limit_reached", "Requests turned away at a limit, by its name.", ["limit"])
SOCKETS_OPEN = Gauge("kbchat_sockets_open", "Websockets that are open.", multiprocess_mode="livesum")
ANSWERS_RUNNING = Gauge("kbchat_answers_running", "Answers being written.", multiprocess_mode="livesum")
TURNS_ENDED = Counter(
    "kbchat_turns_ended", "Answered questions, by the state in which they ended.", ["state"]
)
MODEL_TOKENS = Counter("kbchat_model_tokens", "Tokens that the language model read and wrote.", ["kind"])


def exposition(folder: Path | None) -> bytes:
    """All processes' numbers as text. `folder` None: this process's alone."""
    if folder is None:
        return generate_latest()
    _forget_the_dead(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_the_dead(folder: Path) -> None:
    """What a process that was killed had open is open no more. Its counts stay."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):
                mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
