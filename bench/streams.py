"""How many answers stream at once before readers feel it: what kbchat adds to a model that sends 20 tokens a second.

    python -m bench.streams [--streams 10 20 40 80] [--seconds 30]

The whole program, a scripted model server and all readers share the machine. The model writes the time of sending into
its text; a reader takes it from what his websocket brings, while all answers stream. Beside the delays, what the
processes have of the processors meanwhile, and what an answer takes of memory. Prints Markdown.
"""

import argparse
import asyncio
import json
import math
import re
import statistics
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
from websockets.asyncio.client import connect

from bench.times import told
from tests.contracts.server_process import ScriptedServer
from tests.e2e.stage import ENGINEER
from tests.person import folder_of_homes, make_person
from tests.workers.program import Browser, Program, running_program

TOKENS_PER_SECOND: Final = 20
MOST_ADDED_SECONDS: Final = 0.25
QUESTION: Final = "How many days of annual leave does a full-time employee in Hamburg have in 2025?"
_STAMP: Final = "NOW"
# One piece in nine is a time, so two a second.
_SENTENCE: Final = f"Rule {_STAMP} speaks of leave in Hamburg [1]. "
_STAMPED: Final = re.compile(r"\b\d{13}\b")
_BETWEEN_QUESTIONS_SECONDS: Final = 0.25
_PROCESSES: Final = {
    "answers": "run_answers",
    "web": "uvicorn",
    "PostgreSQL": "postgres",
    "Redis": "redis",
    "model server": "openai_server",
    "readers": "bench.streams",
}
# Without log-probabilities the strategy decides by its rules: one request a turn.
_SERVER: Final[dict[str, Any]] = {"log_probabilities": False, "context_tokens": 32768}
_GROWING: Final = ("answers", "web")
_MANY: Final = "100000"
LIMITS: Final = {
    f"KBCHAT_{name}": _MANY
    for name in ("MOST_ANSWERS_AT_ONCE", "MOST_ANSWERS_RUNNING", "MOST_SOCKETS", "MOST_SOCKETS_OF_ADDRESS")
} | {
    "KBCHAT_ANSWERS_CONCURRENCY": "1000",
    "KBCHAT_ANSWER_TOKENS": "8000",
    "KBCHAT_MOST_TOKENS_A_DAY": "1000000000",
}


Processes = dict[str, list[psutil.Process]]


@dataclass
class Reading:
    """What one reader saw: `seconds` from sending to reading, each with when it was read."""

    asked_at: float
    first_at: float = 0.0
    ended_at: float = 0.0
    seconds: list[tuple[float, float]] = field(default_factory=list)
    end: str = ""
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, text: str) -> None:
        now = time.time()
        self.first_at = self.first_at or now
        self.has_begun.set()
        self.seconds += [(now, now - int(stamp) / 1000) for stamp in _STAMPED.findall(text)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--streams", type=int, nargs="+", default=[10, 20, 40, 80])
    parser.add_argument("--seconds", type=float, default=30.0, help="in which all of them stream")
    arguments = parser.parse_args()
    with folder_of_homes() as homes, ScriptedServer(_SERVER) as model, ScriptedServer() as encoder:
        person = make_person("root", homes)
        servers = model.as_language_model | encoder.as_encoder
        with running_program(person, **servers, **LIMITS) as running:
            address = running.line("kbchat is at ")
            running.line("Sample company: ")
            reader = Browser(address)
            reader.sign_in(ENGINEER)
            model.script(**_SERVER, default={"reply": "30 days [1]."})
            reader.search_until("30 days", QUESTION, within_seconds=300)
            reader.answer_to(QUESTION, within_seconds=60)
            names = " | ".join(_PROCESSES)
            print(
                f"\n| streams | added, p50 / p95 | first word, p50 / p95 | MB an answer: answers, web | {names} |"
            )
            print(f"|---|---|---|---|{'---|' * len(_PROCESSES)}")
            p95 = {
                streams: _measure(running, model, reader, address, streams, arguments.seconds)
                for streams in arguments.streams
            }
    enough = [streams for streams, added in p95.items() if added <= MOST_ADDED_SECONDS]
    print(
        f"\nAt most {MOST_ADDED_SECONDS * 1000:.0f} ms are added (p95) with {max(enough, default=0)} streams."
    )


def _measure(
    running: Program, model: ScriptedServer, reader: Browser, address: str, streams: int, seconds: float
) -> float:
    """The 95th percentile of what is added, in seconds; infinite where an answer did not end well."""
    ramp = streams * _BETWEEN_QUESTIONS_SECONDS
    tokens = int((ramp + seconds) * TOKENS_PER_SECOND)
    reply = _SENTENCE * (tokens // 9)
    script = {"reply": reply, "tokens_per_second": TOKENS_PER_SECOND, "stamp": _STAMP}
    model.script(**_SERVER, default=script)
    processes = _processes(running)
    memory = {name: _megabytes(processes[name]) for name in _GROWING}
    readings, shares, grown = asyncio.run(_all(processes, reader, address, streams, seconds))
    begun, over = max(each.first_at for each in readings), min(each.ended_at for each in readings)
    together = [delay for each in readings for at, delay in each.seconds if begun <= at <= over]
    wrong = [each.end for each in readings if each.end != "done"]
    if wrong or not together:
        print(f"| {streams} | {len(wrong)} did not end well ({sorted(set(wrong))}) | | | |")
        return math.inf
    first = told([each.first_at - each.asked_at for each in readings])
    added = [(grown[name] - memory[name]) / streams for name in _GROWING]
    print(
        f"| {streams} | {told(together)} of {len(together)} | {first} | {added[0]:.1f}, {added[1]:.1f} | "
        + " | ".join(f"{shares[name]:.0%}" for name in _PROCESSES)
        + " |",
        flush=True,
    )
    return statistics.quantiles(together, n=20)[-1]


async def _all(
    processes: Processes, reader: Browser, address: str, streams: int, seconds: float
) -> tuple[list[Reading], dict[str, float], dict[str, float]]:
    """Also what each kind of process has of one processor while all stream, and its memory then, in MB."""
    readings: list[Reading] = []
    tasks = []
    for _ in range(streams):
        readings.append(Reading(time.time()))
        tasks.append(asyncio.create_task(_read(readings[-1], reader, address)))
        await asyncio.sleep(_BETWEEN_QUESTIONS_SECONDS)
    await asyncio.gather(*(each.has_begun.wait() for each in readings))
    before, started = {name: _processor_seconds(each) for name, each in processes.items()}, time.monotonic()
    await asyncio.sleep(seconds / 2)
    elapsed = time.monotonic() - started
    shares = {name: (_processor_seconds(each) - before[name]) / elapsed for name, each in processes.items()}
    memory = {name: _megabytes(processes[name]) for name in _GROWING}
    await asyncio.gather(*tasks)
    return readings, shares, memory


async def _read(reading: Reading, reader: Browser, address: str) -> None:
    parts = urlsplit(address)
    headers = {"Cookie": reader.cookies, "Origin": f"{parts.scheme}://{parts.netloc}"}
    # What comes is read at once: nothing waits in the socket.
    async with connect(f"ws://{parts.netloc}/ws/v1", additional_headers=headers, proxy=None) as socket:
        ask = {"type": "ask", "client_message_id": str(uuid.uuid4()), "question": QUESTION}
        reading.asked_at = time.time()
        await socket.send(json.dumps(ask))
        async for message in socket:
            frame: dict[str, Any] = json.loads(message)
            event = frame.get("event", {})
            if event.get("type") == "text_added":
                reading.take(event["text"])
            elif event.get("type") == "turn_finished" or frame["type"] == "refused":
                reading.end = event.get("state") or frame["code"]
                reading.ended_at = time.time()
                reading.has_begun.set()
                return


def _processes(running: Program) -> Processes:
    """By the names of _PROCESSES. Some come and go: workers begin anew."""
    this = psutil.Process()
    found: Processes = {name: [] for name in _PROCESSES}
    for process in {*running.processes(), this, *this.children()}:
        with suppress(psutil.NoSuchProcess):
            command = " ".join(process.cmdline())
            for name, word in _PROCESSES.items():
                if word in command:
                    found[name].append(process)
    return found


def _processor_seconds(processes: Sequence[psutil.Process]) -> float:
    seconds = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:2])
    return seconds


def _megabytes(processes: Sequence[psutil.Process]) -> float:
    return sum(process.memory_full_info().uss for process in processes) / 1e6


if __name__ == "__main__":
    main()
