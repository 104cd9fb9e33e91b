"""A process of its own that asks as somebody, with the product's settings and its pool of connections.

Run as a program, it takes orders and tells answers as lines of JSON; the functions here are for whoever runs it. Times
are of the machine's one monotonic clock.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from kbchat.settings.environment import PROJECT_ROOT

QUESTION = "canary"


class Asked(NamedTuple):
    """One question: when it was begun, when its answer was there, and the passages that came."""

    begun: float
    answered: float
    words: list[str]


class OtherProcess:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def order(self, name: str, **facts: Any) -> Any:
        """Do it, and give what it told."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, facts]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def ask(self, person: UUID) -> Asked:
        return Asked(*self.order("ask", person=str(person)))

    def keep_asking(self, person: UUID) -> None:
        """Until `asked` takes what came meanwhile."""
        self.order("keep_asking", person=str(person))

    def asked(self) -> list[Asked]:
        return [Asked(*one) for one in self.order("asked")]


@contextmanager
def other_process() -> Iterator[OtherProcess]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kbchat.settings.base",
        "KBCHAT_SECRET_KEY": "only-for-this-test-0123456789-abcdefgh",
        "KBCHAT_PROCESS": "application",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.security.other_process"],
        cwd=PROJECT_ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield OtherProcess(process)
        finally:
            process.kill()


class _Orders:
    def __init__(self) -> None:
        from kbchat.indexing.encoders import only
        from kbchat.retrieval.releasing import ReleasingRetriever
        from kbchat.retrieval.retriever import PostgresRetriever
        from tests.services.retrieval_support import EMBEDDER

        self._retriever = ReleasingRetriever(PostgresRetriever(only(EMBEDDER)))
        self._asked: list[Asked] = []
        self._enough = threading.Event()
        self._thread = threading.Thread()

    def ask(self, person: str) -> Asked:
        from kbchat.core.viewer import Viewer

        begun = time.monotonic()
        found = self._retriever.retrieve(Viewer(UUID(person)), QUESTION, self._retriever.pin(), limit=50)
        return Asked(begun, time.monotonic(), [passage.text for passage in found.passages])

    def keep_asking(self, person: str) -> None:
        def asking() -> None:
            while not self._enough.is_set():
                self._asked.append(self.ask(person))

        self._thread = threading.Thread(target=asking)
        self._thread.start()

    def asked(self) -> list[Asked]:
        self._enough.set()
        self._thread.join()
        return self._asked

    def follow(self, person: str, turn: str) -> list[dict[str, Any]]:
        """From the beginning, as a browser does that has lost what it had; to the first words, or the end."""
        from kbchat.chat.record import to_stored
        from kbchat.chat.turns import AcceptedTurn
        from kbchat.core.viewer import Viewer
        from tests.services.chat_support import followed, has_text

        accepted = AcceptedTurn(UUID(int=0), UUID(turn))
        return to_stored(followed(Viewer(UUID(person)), accepted, until=has_text()))

    def crowd(self, people: list[str], times: int) -> dict[str, Any]:
        """Everybody at once, each from a thread of his own: what each was told, and what nobody was."""
        with ThreadPoolExecutor(len(people)) as threads:
            told = dict(
                zip(people, threads.map(lambda person: self._often(person, times), people), strict=True)
            )
        return {"told": told}

    def _often(self, person: str, times: int) -> dict[str, int]:
        from kbchat.core.database_threads import released

        counted: dict[str, int] = {}
        for _ in range(times):
            for words in self.ask(person).words:
                counted[words] = counted.get(words, 0) + 1
            # The connection that comes next was another viewer's a moment ago.
            for words in released(_texts_without_viewer):
                counted[f"to nobody: {words}"] = counted.get(words, 0) + 1
        return counted


def _texts_without_viewer() -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM ingestion_chunk")
        return [text for (text,) in cursor.fetchall()]


def main() -> None:
    import django

    django.setup()
    orders = _Orders()
    for line in sys.stdin:
        name, facts = json.loads(line)
        order: Callable[..., Any] = getattr(orders, name)
        sys.stdout.write(json.dumps(order(**facts)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
