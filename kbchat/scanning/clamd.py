"""ClamAV's daemon over TCP or a unix socket, by its commands INSTREAM and VERSION (clamd(8), section COMMANDS): pieces
with their length before them, a piece of length 0 at the end, one line as the answer."""

import re
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import IO, Final
from urllib.parse import urlsplit

from kbchat.scanning.port import ScannerUnavailable, ScanResult, Verdict

_PIECE_BYTES: Final = 64 * 1024
_CONNECT_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 300.0
_MOST_ANSWER_BYTES: Final = 4096
_PORT: Final = 3310
_FOUND: Final = re.compile(r"stream: (?P<name>.+) FOUND")
# What clamd reports, where it is told to (AlertExceedsMax), of a file that it did not look through.
_LIMITS: Final = "Heuristics.Limits.Exceeded"
_TOO_LARGE: Final = "INSTREAM size limit exceeded"


class ClamdScanner:
    """Implements port.MalwareScanner. `address`: tcp://host:port, or unix:///path."""

    def __init__(self, address: str, *, answer_seconds: float = _ANSWER_SECONDS) -> None:
        self._address = urlsplit(address)
        self._answer_seconds = answer_seconds

    def scan(self, file: IO[bytes]) -> ScanResult:
        with self._connected(self._answer_seconds) as connection:
            connection.sendall(b"zINSTREAM\0")
            try:
                for piece in iter(lambda: file.read(_PIECE_BYTES), b""):
                    connection.sendall(struct.pack("!L", len(piece)) + piece)
                connection.sendall(struct.pack("!L", 0))
            except (BrokenPipeError, ConnectionResetError):
                # It closes its side in the middle of what is too large, and has said so.
                pass
            return _result(_answer(connection))

    def version(self) -> str:
        with self._connected(_CONNECT_SECONDS) as connection:
            connection.sendall(b"zVERSION\0")
            return _answer(connection)

    @contextmanager
    def _connected(self, answer_seconds: float) -> Iterator[socket.socket]:
        """Raises ScannerUnavailable for whatever goes wrong with it, inside the block, too."""
        try:
            with closing(self._connect()) as connection:
                connection.settimeout(answer_seconds)
                yield connection
        except (OSError, UnicodeDecodeError) as error:
            raise ScannerUnavailable(str(error)) from error

    def _connect(self) -> socket.socket:
        if self._address.scheme != "unix":
            host, port = self._address.hostname or "", self._address.port or _PORT
            return socket.create_connection((host, port), _CONNECT_SECONDS)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_CONNECT_SECONDS)
            connection.connect(self._address.path)
        except OSError:
            connection.close()
            raise
        return connection


def _answer(connection: socket.socket) -> str:
    """One line, ended by NUL. Raises ScannerUnavailable for anything else."""
    said = b""
    while not said.endswith(b"\0"):
        piece = connection.recv(_MOST_ANSWER_BYTES)
        said += piece
        if not piece or len(said) > _MOST_ANSWER_BYTES:
            raise ScannerUnavailable("no whole answer")
    return said[:-1].decode().strip()


def _result(said: str) -> ScanResult:
    if said == "stream: OK":
        return ScanResult(Verdict.CLEAN)
    if found := _FOUND.fullmatch(said):
        is_limit = found["name"].startswith(_LIMITS)
        return ScanResult(Verdict.NOT_LOOKED_THROUGH if is_limit else Verdict.INFECTED, found["name"])
    if said.startswith(_TOO_LARGE):
        return ScanResult(Verdict.NOT_LOOKED_THROUGH)
    raise ScannerUnavailable(said)
