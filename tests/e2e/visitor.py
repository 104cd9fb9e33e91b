"""One person's browser window: signing in, asking, opening a citation; and what must never happen in it.

Knows the page by its names and roles, as a reader does; where the page has no name for something, by `data-testid`.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

from playwright.sync_api import (
    APIResponse,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Route,
    WebSocket,
    expect,
)

from tests.workers.program import PASSWORD

ANSWER_SECONDS: Final = 30
READY_SECONDS: Final = 60
_MILLISECONDS: Final = 1000

# A warning with what led to it.
_TELL_WHERE: Final = """const warn = console.warn.bind(console);
console.warn = (...said) => warn(...said, new Error().stack);"""

# The answer as it reads, without its citation buttons and flags.
_PLAIN_TEXT: Final = """node => {
  const copy = node.cloneNode(true);
  for (const extra of copy.querySelectorAll('.cite, .support-flag, .copy-code')) extra.remove();
  return copy.textContent;
}"""


@dataclass
class Visitor:
    """`complaints`: what went wrong in the window so far."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    _sent: list[str] = field(default_factory=list)
    _expected_failures: set[int] = field(default_factory=set)
    _expected_hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.add_init_script(_TELL_WHERE)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error on the page: {error}"))
        self.page.on("request", self._request)
        self.page.on("websocket", self._websocket)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def may_fail_with(self, status: int) -> None:
        """From here on a response with this status is what the test wants."""
        self._expected_failures.add(status)

    def may_go_to(self, address: str) -> None:
        """From here on the window may be sent there; the page itself still asks nobody there for anything."""
        self._expected_hosts.add(urlsplit(address).netloc)

    # --- by the API -------------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: object = None) -> APIResponse:
        token = next((c["value"] for c in self.context.cookies() if c["name"] == "kbchat_csrf"), "")
        return self.context.request.fetch(
            self.address + path,
            method=method,
            data=body,
            headers={"X-CSRFToken": token, "Origin": self.address},
        )

    def let_in(self, email: str, password: str = PASSWORD) -> None:
        self.call("GET", "/api/v1/session")
        assert self.call("POST", "/api/v1/session", {"email": email, "password": password}).ok

    def send_file(self, path: str, field: str, name: str, content: bytes) -> APIResponse:
        token = next((c["value"] for c in self.context.cookies() if c["name"] == "kbchat_csrf"), "")
        return self.context.request.post(
            self.address + path,
            multipart={field: {"name": name, "mimeType": "application/octet-stream", "buffer": content}},
            headers={"X-CSRFToken": token, "Origin": self.address},
        )

    def collections(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/api/v1/collections").json()
        return found

    def wait_for_version(self, document: str, number: int) -> str:
        """Until it answers; returns its id."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            versions = self.call("GET", f"/api/v1/documents/{document}").json()["versions"]
            for version in versions:
                if version["number"] == number and version["in_force"]:
                    return str(version["id"])
            assert time.monotonic() < deadline, versions
            time.sleep(0.3)

    # --- on the page ------------------------------------------------------------------------------------------------

    def open(self, path: str = "/") -> None:
        self.page.goto(self.address + path)

    def another_window(self) -> Self:
        """Of the same person, in the same browser."""
        return type(self)(self.context.new_page(), self.address, complaints=self.complaints)

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.page.locator("input[type=email]").fill(email)
        self.page.locator("input[type=password]").fill(password)
        self.page.locator("button[type=submit]").click()

    def ask(self, question: str) -> None:
        field = self.page.locator("#question")
        field.fill(question)
        field.press("Enter")

    def ask_and_wait(self, question: str) -> Locator:
        """The last answer, complete."""
        return self.answer_after(lambda: self.ask(question))

    def answer_after(self, asking: Callable[[], None]) -> Locator:
        """The complete answer to what `asking` asks."""
        known = self.page.locator("article.turn").count()
        asking()
        turn = self.page.locator("article.turn").nth(known)
        expect(turn.locator(".actions")).to_be_visible(timeout=ANSWER_SECONDS * _MILLISECONDS)
        return turn.get_by_test_id("answer")

    def ask_and_wait_for_refusal(self, question: str) -> None:
        self.ask(question)
        expect(self.page.get_by_test_id("refused")).to_be_visible(timeout=ANSWER_SECONDS * _MILLISECONDS)

    def answer(self) -> Locator:
        return self.page.get_by_test_id("answer").last

    def answer_text(self) -> str:
        found: str = self.answer().evaluate(_PLAIN_TEXT)
        return found

    def citation(self, number: int = 1) -> Locator:
        return self.answer().locator(f".cite:text-is('{number}')").first

    def wait_for_answer_longer_than(self, characters: int) -> str:
        deadline = time.monotonic() + ANSWER_SECONDS
        expect(self.answer()).to_be_visible(timeout=ANSWER_SECONDS * _MILLISECONDS)
        while len(text := self.answer_text()) <= characters:
            assert time.monotonic() < deadline, f"the answer does not grow: {text!r}"
            time.sleep(0.02)
        return text

    def widest_overflow(self) -> int:
        """CSS pixels by which the document is wider than the window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return found

    def keep_what_is_sent(self) -> None:
        """From here on; slows the page a little."""

        def passed_on(route: Route) -> None:
            answer = route.fetch()
            self._sent.append(answer.text())
            route.fulfill(response=answer)

        self.page.route("**/api/**", passed_on)

    def all_that_was_sent(self) -> str:
        """Every answer of the API and every frame of the websocket since `keep_what_is_sent`."""
        return "\n".join(self._sent)

    def check_that_the_window_stands_still(self) -> None:
        """Pages scroll inside the frame; the frame itself never moves."""
        moved = self.page.evaluate("window.scrollX + window.scrollY")
        taller = self.page.evaluate("document.documentElement.scrollHeight - window.innerHeight")
        if moved or taller > 0:
            self.complaints.append(f"the window can be scrolled: moved {moved}, {taller} taller")

    # --- what must not happen ---------------------------------------------------------------------------------------

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        status = re.search(r"responded with a status of (\d{3})", message.text)
        if status is None or int(status[1]) not in self._expected_failures:
            self.complaints.append(f"console, at {self.page.url}: {message.text}")

    def _websocket(self, socket: WebSocket) -> None:
        self._check_host(socket.url)
        socket.on("framereceived", lambda frame: self._sent.append(str(frame)))

    def _request(self, request: Request) -> None:
        is_sent_there = (
            request.is_navigation_request() and urlsplit(request.url).netloc in self._expected_hosts
        )
        if not is_sent_there:
            self._check_host(request.url)

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"request to a foreign host: {url}")
