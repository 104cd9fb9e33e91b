"""F39: the web process holds after many rounds of work what it held after a few: descriptors, tasks, memory. The short
form has a dozen rounds; `make soak-web` goes on for MINUTES and prints what it saw."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.sync.client import connect

from kbchat.accounts.api_keys import create_api_key
from tests.waiting import allowed, wait_until
from tests.web.conftest import Company
from tests.web.test_lost_uploads import upload
from tests.web.test_process import Web, running_web

pytestmark = pytest.mark.django_db(transaction=True)

MINUTES = float(os.environ.get("MINUTES", "10"))
_MOST_GROWTH = 40 * 2**20
# By a signal, it writes how many tasks its loop has.
TELLING = """
import asyncio, os, signal, pathlib
told = pathlib.Path(os.environ["TOLD"])
def tell(*_):
    told.with_suffix(".new").write_text(str(len(asyncio.all_tasks())))
    told.with_suffix(".new").rename(told)
signal.signal(signal.SIGUSR1, tell)
"""


# Each time, a pool may have opened one more connection for as many as met.
_MOST_DOZENS = 6


class Watched:
    """A web process that is used, and what it holds."""

    def __init__(self, web: Web, company: Company, key: str, told: Path) -> None:
        self._web, self._company, self._key, self._told = web, company, key, told
        self._process = psutil.Process(web.pid)
        self.rounds = 0

    def work(self) -> None:
        """What people do, and what goes wrong: files, searches, refusals, and sockets that end well or are dropped."""
        status, rows = upload(self._web, self._company, self._key, f"# Note {self.rounds}\n\nWords.".encode())
        assert status == 201, rows
        assert self._ask("GET", f"/collections/{self._company.collection_id}/documents") == 200
        assert self._ask("GET", "/documents/00000000-0000-0000-0000-000000000000") == 404
        assert self._ask("POST", f"/collections/{self._company.collection_id}/documents", b"nothing") >= 400
        with self._socket() as socket:
            socket.send('{"type": "watch_library"}')
            socket.send('{"type": "ping"}')
            socket.recv(allowed(5))
        with self._socket() as socket:
            socket.send('{"type": "ping"}')
            # Without a word.
            socket.socket.close()
        self.rounds += 1

    def holds(self) -> tuple[int, int]:
        """Descriptors and tasks."""
        self._told.unlink(missing_ok=True)
        self._process.send_signal(signal.SIGUSR1)
        wait_until(self._told.exists, allowed(5))
        return self._process.num_fds(), int(self._told.read_text())

    def memory(self) -> int:
        return int(self._process.memory_info().rss)

    def is_steady(self) -> bool:
        """Whether a dozen more rounds leave nothing open, sooner or later: what leaks with a round never comes to rest,
        while pools grow until they have met their busiest moment."""
        return any(self._stays_as_it_is() for _ in range(_MOST_DOZENS))

    def _stays_as_it_is(self) -> bool:
        before = self.holds()
        for _ in range(12):
            self.work()
        end = time.monotonic() + allowed(2)
        while any(now > then for now, then in zip(self.holds(), before, strict=True)):
            # What was let go a moment ago is closed in a moment.
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def _ask(self, method: str, path: str, body: bytes | None = None) -> int:
        connection = HTTPConnection("127.0.0.1", self._web.port, timeout=60)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "multipart/form-data; boundary=b"}
        connection.request(method, f"/api/v1{path}", body, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    @contextmanager
    def _socket(self) -> Iterator[Any]:
        origin = f"http://127.0.0.1:{self._web.port}"
        headers = {"Authorization": f"Bearer {self._key}"}
        with (
            suppress(OSError, EOFError),
            connect(
                f"ws://127.0.0.1:{self._web.port}/ws/v1", origin=origin, additional_headers=headers
            ) as held,  # type: ignore[arg-type]
        ):
            yield held


@contextmanager
def watched(company: Company, folder: Path) -> Iterator[Watched]:
    told = folder / "tasks"
    key = create_api_key(company.owner, "script")[1]
    with running_web(folder, before=TELLING, TOLD=str(told), KBCHAT_KEY_REQUESTS_A_MINUTE="1000000") as web:
        yield Watched(web, company, key, told)


def test_rounds_of_work_leave_nothing_open_and_who_vanishes_is_no_error(
    company: Company, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with watched(company, tmp_path) as web:
        for _ in range(4):
            web.work()
        assert web.is_steady()
    assert '"level": "error"' not in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(MINUTES * 60 + 300)
def test_minutes_of_work_leave_nothing_open_and_little_kept(company: Company, tmp_path: Path) -> None:
    with watched(company, tmp_path) as web:
        for _ in range(50):
            web.work()
        memory, ends = web.memory(), time.monotonic() + MINUTES * 60
        while time.monotonic() < ends:
            web.work()
        assert web.is_steady()
        grown = web.memory() - memory
        told = {"minutes": MINUTES, "rounds": web.rounds, "held": web.holds(), "megabytes": memory // 2**20}
        print(json.dumps(told | {"grown_megabytes": grown // 2**20}))  # noqa: T201 (the figures)
    assert grown < _MOST_GROWTH
