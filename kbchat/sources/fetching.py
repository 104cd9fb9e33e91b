"""The one way by which a source asks something of the web (T54): of origins on the allow-list, at an IP that was looked
at before and is the one that is connected to, by no proxy, with every redirect looked at anew, and within bounds.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final
from urllib.parse import urljoin

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Invalid, Unavailable
from kbchat.sources.addresses import Target, allowed_target, connectable
from kbchat.sources.port import Surroundings

_MOST_REDIRECTS: Final = 5
_SILENT_SECONDS: Final = 15.0
_HEADERS: Final = {"User-Agent": "kbchat", "Accept-Encoding": "identity", "Accept": "*/*"}
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_LATER: Final = {429, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Reply:
    """200 with a body to read, or 304 without."""

    status: int
    headers: Mapping[str, str]
    body: http.client.HTTPResponse

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@contextmanager
def fetched(
    url: str,
    surroundings: Surroundings,
    *,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    most_redirects: int = _MOST_REDIRECTS,
) -> Iterator[Reply]:
    """All of it within `seconds`. `headers` go along with redirects. Raises Invalid for an address that may not be
    reached and for what the server does not have, and Unavailable where it does not answer; also while the body is
    read."""
    deadline = Deadline.after(seconds)
    for _ in range(most_redirects + 1):
        if surroundings.is_over():
            raise Unavailable("source_unreachable")
        target = allowed_target(url, surroundings)
        with _asked(target, surroundings, deadline, headers or {}) as response:
            if response.status not in _REDIRECTS:
                yield _reply(response)
                return
            url = _redirected(url, response)
    raise Invalid("source_answer_unusable", status=response.status)


def require_whole(reply: Reply, content: IO[bytes]) -> None:
    """`content`: what was read of its body. Raises Unavailable where that was cut off."""
    length = reply.header("content-length")
    if length.isdecimal() and int(length) != content.tell():
        raise Unavailable("source_unreachable")


def _redirected(url: str, response: http.client.HTTPResponse) -> str:
    try:
        return urljoin(url, response.headers.get("Location", ""))
    except ValueError as error:
        raise Invalid("source_answer_unusable", status=response.status) from error


def _reply(response: http.client.HTTPResponse) -> Reply:
    if response.status in _LATER:
        raise Unavailable("source_unreachable")
    if response.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        # Of this page: others may be had.
        raise Unavailable("source_answer_unusable", status=response.status)
    if response.status not in (http.HTTPStatus.OK, http.HTTPStatus.NOT_MODIFIED):
        raise Invalid("source_answer_unusable", status=response.status)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status, headers, response)


@contextmanager
def _asked(
    target: Target, surroundings: Surroundings, deadline: Deadline, headers: Mapping[str, str]
) -> Iterator[http.client.HTTPResponse]:
    connection = _Connection(target, connectable(target, surroundings))
    # Whoever sends a byte now and then would never run into the time-out of a single read.
    ending = threading.Timer(max(deadline.remaining_seconds, 0), connection.cut_off)
    ending.daemon = True
    try:
        ending.start()
        connection.request("GET", target.path, headers={**_HEADERS, **headers})
        yield connection.getresponse()
        if deadline.has_passed:
            # What was cut off may look like a body that ended.
            raise Unavailable("source_unreachable")
    except ssl.SSLCertVerificationError as error:
        raise Unavailable("source_certificate_refused") from error
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable("source_unreachable") from error
    finally:
        ending.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """To the IP that was looked at, in the name of the target's host."""

    def __init__(self, target: Target, ip: str) -> None:
        super().__init__(target.host, target.port, timeout=_SILENT_SECONDS)
        self._target = target
        self._ip = ip
        self.default_port = 443 if target.scheme == "https" else 80
        # The response takes `sock` away where the server closes after it.
        self._open: socket.socket | None = None
        self._is_over = False

    def connect(self) -> None:
        # Digits: nothing is resolved a second time.
        ipaddress.ip_address(self._ip.partition("%")[0])
        self._use(socket.create_connection((self._ip, self._target.port), _SILENT_SECONDS))
        if self._target.scheme == "https":
            secured = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self._use(secured)
            secured.do_handshake()

    def _use(self, opened: socket.socket) -> None:
        self.sock = self._open = opened
        if self._is_over:
            # There was nothing yet to be cut off.
            raise TimeoutError

    def cut_off(self) -> None:
        """By another thread, at any moment."""
        self._is_over = True
        try:
            if self._open is not None:
                socket.socket.shutdown(self._open, socket.SHUT_RDWR)
        except OSError:
            # It has ended by itself.
            return
