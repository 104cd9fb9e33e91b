"""A small web for sources to ask: servers that say what a test tells them, and names that mean what it says."""

import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network

import pytest

from kbchat.sources.port import Surroundings

Answer = tuple[int, dict[str, str], bytes]
HOST, CANARY = "127.0.0.1", "127.0.0.2"


class Server:
    """Answers by path; `asked` is what came, with its headers."""

    def __init__(self, host: str, port: int = 0) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.cgi: Callable[[http.server.BaseHTTPRequestHandler], None] | None = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                if outer.cgi and self.path.startswith("/repo.git"):
                    outer.cgi(self)
                    return
                status, headers, body = outer.answers.get(self.path, (404, {}, b""))
                if headers.get("ETag") and headers["ETag"] == self.headers.get("If-None-Match"):
                    status, body = 304, b""
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 (as the library calls it)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = http.server.ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.origin = f"http://{host}:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def secure(self, context: ssl.SSLContext) -> None:
        """From now on by TLS."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def reach(*origins: str, network: str = f"{HOST}/32", **more: int) -> Surroundings:
    return Surroundings(origins=frozenset(origins), networks=(ip_network(network),), **more)


@contextmanager
def resolving(patch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> Iterator[list[str]]:
    """Names mean one address after another, each time that somebody asks; gives the names that were asked for."""
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def rebinding(host: str, *arguments: object, **named: object) -> object:
        asked.append(host)
        if host not in answers:
            return resolve(host, *arguments, **named)  # type: ignore[arg-type]
        waiting = answers[host]
        digits = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return resolve(digits, *arguments, **named)  # type: ignore[arg-type]

    with patch.context() as patched:
        patched.setattr(socket, "getaddrinfo", rebinding)
        yield asked


@contextmanager
def dripping(first: bytes) -> Iterator[tuple[int, threading.Event]]:
    """A server that sends this, and then a little more now and then; its port, and whether somebody left it."""
    with socket.create_server((HOST, 0)) as listening:
        was_left, ended = threading.Event(), threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.sendall(first)
                    for _ in range(100):
                        if ended.wait(0.1):
                            return
                        connection.sendall(b"X: y\r\n")
                except OSError:
                    was_left.set()

        threading.Thread(target=drip, daemon=True).start()
        yield listening.getsockname()[1], was_left
        ended.set()
