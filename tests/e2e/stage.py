"""The whole program with its sample company, started by one command, with a scripted model server or without one.

One data folder serves both: changing between them is a restart, so the company is loaded once. Its vectors come from a
scripted server too, unless somebody looks at what the real encoder finds.
"""

import contextlib
import json
import os
import signal
import sys
import time
from types import TracebackType
from typing import Self

from tests.contracts.server_process import ScriptedServer
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, running_provider
from tests.migrated import lay_migrated_servers
from tests.person import Person, folder_of_homes
from tests.workers.program import Browser, Program, program

ADMINISTRATOR = "ingrid.petersen@example.com"
HR_MANAGER = "chen.jingyi@example.com"
ENGINEER = "jonas.brandt@example.com"
NEWCOMER = "maya.adeyemi@example.com"

_LOADED_SECONDS = 240.0
_COMMAND_SECONDS = 60.0


class Stage:
    """A context manager; `address` is where the program answers, `shared` a folder that sources may read."""

    def __init__(self, *, with_real_encoder: bool = False) -> None:
        self.model = ScriptedServer()
        # A server of its own: the tests look at what the model was asked.
        self._encoder = None if with_real_encoder else ScriptedServer()
        self.address = ""
        self._kept = contextlib.ExitStack()
        self._playing = contextlib.ExitStack()
        self._program: Program | None = None
        self._has_model = False
        self._is_loaded = False

    def __enter__(self) -> Self:
        home = self._kept.enter_context(folder_of_homes()) / "somebody"
        home.mkdir(mode=0o700)
        self.shared = home / "shared"
        self.shared.mkdir()
        self._person = Person("somebody", os.geteuid(), (), sys.executable, home)
        self._person.data_dir.mkdir(mode=0o700)
        lay_migrated_servers(self._person.data_dir)
        self._kept.enter_context(self.model)
        self._encoding = self._kept.enter_context(self._encoder).as_encoder if self._encoder else {}
        self.provider = self._kept.enter_context(running_provider())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._kept.close()

    def play(self, *, with_model: bool) -> Self:
        """Starts the program, unless it runs like that already; waits until the sample company is searchable."""
        if self._program is None or with_model != self._has_model:
            self._end()
            model = self.model.as_language_model if with_model else {}
            signing_in = {
                "KBCHAT_OIDC_ISSUER": self.provider.issuer,
                "KBCHAT_OIDC_CLIENT_ID": CLIENT_ID,
                "KBCHAT_OIDC_CLIENT_SECRET": CLIENT_SECRET,
                "KBCHAT_SSO_NAME": "Nordlicht",
                "KBCHAT_SSO_CREATE_PEOPLE": "true",
            }
            reading = {"KBCHAT_SOURCE_ROOTS": json.dumps([str(self.shared)])}
            started = self._playing.enter_context(
                program(self._person, "run", **signing_in, **reading, **self._encoding, **model)
            )
            self._program, self._has_model = started, with_model
            self.address = started.line("kbchat is at ")
            self._wait_until_loaded()
        return self

    def manage(self, *arguments: str) -> None:
        """A command of the operator's, beside the running program."""
        with program(self._person, *arguments) as command:
            assert command.process.wait(_COMMAND_SECONDS) == 0, command.output.read_text(errors="replace")

    def output(self) -> str:
        """What the program has said so far."""
        return self._program.output.read_text(errors="replace") if self._program else ""

    def _wait_until_loaded(self) -> None:
        if self._is_loaded or self._program is None:
            return
        self._program.line("Sample company: ")
        deadline = time.monotonic() + _LOADED_SECONDS
        for email in (HR_MANAGER, ENGINEER):
            browser = Browser(self.address)
            browser.sign_in(email)
            # One after another, for the program is busy: everything has been sent in, and what is ready stays so.
            for collection in browser.call("GET", "/api/v1/collections"):
                while waiting := _unready(browser, collection["id"]):
                    assert time.monotonic() < deadline, f"not searchable: {waiting}"
                    time.sleep(0.3)
        self._is_loaded = True

    def _end(self) -> None:
        if self._program is not None:
            self._program.process.send_signal(signal.SIGTERM)
            self._program.process.wait(timeout=20)
            self._program = None
        self._playing.close()


def _unready(browser: Browser, collection: str) -> set[str]:
    """Titles of its documents that are not ready yet."""
    rows = browser.call("GET", f"/api/v1/collections/{collection}/documents")
    return {row["title"] for row in rows if row["state"] != "ready"}
