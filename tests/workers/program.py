"""The whole program for tests: `manage.py run` by some person, and that person's browser in a few lines."""

import http.client
import http.cookiejar
import json
import os
import stat
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.person import PROJECT, Person, family, keeper_of

PASSWORD = "one-command"
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Program:
    process: subprocess.Popen[bytes]
    output: Path
    started_at: float
    data_dir: Path

    def line(self, start: str, *, within_seconds: float = _START_SECONDS) -> str:
        """The rest of the first line of output with `start` in it; fails with what came instead."""
        while True:
            words = self.output.read_text(errors="replace")
            for line in words.splitlines():
                if start in line:
                    return line.partition(start)[2].strip()
            if self.process.poll() is not None or time.monotonic() - self.started_at > within_seconds:
                raise AssertionError(f"no line with {start!r} in:\n{words}")
            time.sleep(0.05)

    def processes(self) -> list[psutil.Process]:
        """All of them, the embedded servers and their keeper too."""
        return [*family(self.process.pid), *family(keeper_of(self.data_dir).pid)]

    def processes_until_it_ends(self, *, within_seconds: float) -> set[psutil.Process]:
        """All that were ever there, seen ten times a second."""
        seen: set[psutil.Process] = set()
        while self.process.poll() is None:
            assert time.monotonic() - self.started_at < within_seconds, self.output.read_text()
            # The embedded servers start with it and end with it.
            with suppress(AssertionError, psutil.NoSuchProcess):
                seen.update(self.processes())
            time.sleep(0.1)
        return seen


@contextmanager
def program(person: Person, *arguments: str, project: Path = PROJECT, **settings: str) -> Iterator[Program]:
    """`manage.py ARGUMENTS` by `person`, with his home and data folder; killed at the end if it is still there."""
    output = person.home.parent / f"{person.name}-{time.monotonic_ns()}.log"
    environment = {
        "HOME": str(person.home),
        "PATH": os.defpath,
        "KBCHAT_DATA_DIR": str(person.data_dir),
        "KBCHAT_PORT": "0",
        "KBCHAT_DEMO_PASSWORD": PASSWORD,
    }
    started_at = time.monotonic()
    with output.open("wb") as written:
        process = subprocess.Popen(
            [*person.prefix, person.python, "manage.py", *arguments],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            env=environment | settings,
        )
    try:
        yield Program(process, output, started_at, person.data_dir)
    finally:
        process.kill()
        process.wait()


@contextmanager
def running_program(person: Person, *, project: Path = PROJECT, **settings: str) -> Iterator[Program]:
    """`manage.py run`, ended in order, so that nothing writes into its folder any more."""
    with program(person, "run", project=project, **settings) as running:
        try:
            yield running
        finally:
            running.process.terminate()
            running.process.wait(30)


def can_read_the_project(person: Person) -> bool:
    """A clone below a closed home is for its owner alone."""
    if person.uid == os.geteuid():
        return True
    folders = (PROJECT, *PROJECT.parents, Path(psycopg.__file__).parent)
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


class Browser:
    """Speaks the HTTP API as the page does: cookies, and the token of the cookie with every change."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.call("GET", "/api/v1/session")
        self.call("POST", "/api/v1/session", {"email": email, "password": password})

    @property
    def cookies(self) -> str:
        """As a header, for a websocket of the same person."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)

    def search(self, question: str) -> list[dict[str, Any]]:
        found = self.call("GET", f"/api/v1/search?q={urllib.parse.quote(question)}")
        passages: list[dict[str, Any]] = found["passages"]
        return passages

    def call(self, method: str, path: str, body: object = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._address + path, method=method, data=data)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        return self._sent(request)

    def upload(self, collection: str, name: str, content: bytes) -> list[dict[str, Any]]:
        """The documents that were made of it."""
        address = f"{self._address}/api/v1/collections/{collection}/documents"
        head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + b"\r\n--b--\r\n"
        request = urllib.request.Request(address, method="POST", data=body)  # noqa: S310
        request.add_header("Content-Type", "multipart/form-data; boundary=b")
        outcome = self._sent(request)
        documents: list[dict[str, Any]] = outcome if isinstance(outcome, list) else outcome["documents"]
        return documents

    def _sent(self, request: urllib.request.Request) -> Any:
        request.add_header("Origin", self._address)
        for cookie in self._cookies:
            if cookie.name == "kbchat_csrf":
                request.add_header("X-CSRFToken", cookie.value or "")
        with self._opener.open(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def search_until(self, words: str, question: str, *, within_seconds: float) -> None:
        """Ask again until a passage holds `words`: documents become searchable one by one."""
        deadline = time.monotonic() + within_seconds
        while True:
            try:
                quotes = [passage["quote"] for passage in self.search(question)]
            except (urllib.error.HTTPError, http.client.HTTPException):
                quotes = []
            if any(words in quote for quote in quotes):
                return
            assert time.monotonic() < deadline, f"no passage holds {words!r}: {quotes}"
            time.sleep(0.3)

    def answer_to(self, question: str, *, within_seconds: float) -> str:
        """Once it is complete."""
        deadline = time.monotonic() + within_seconds
        asked = self.call("POST", "/api/v1/conversations", {"question": question})
        path = f"/api/v1/conversations/{asked['conversation_id']}/turns/{asked['turn_id']}"
        while (turn := self.call("GET", path))["state"] in ("queued", "running"):
            assert time.monotonic() < deadline, f"not answered: {turn}"
            time.sleep(0.1)
        assert turn["state"] == "done", turn
        answer: str = turn["answer"]
        return answer
