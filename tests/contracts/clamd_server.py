"""ClamAV's daemon as a scripted process: it speaks INSTREAM and VERSION, knows EICAR, and can be told to misbehave.

`python -m tests.contracts.clamd_server ADDRESS MODE`: tcp://127.0.0.1:0 or unix:///path; prints where it listens.
"""

import socket
import struct
import sys
import threading
import time
from urllib.parse import urlsplit

from kbchat.scanning.scripted import EICAR

MOST_BYTES = 1_000_000


def main(address: str, mode: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(parts.path)
        told = address
    else:
        listening = socket.create_server((parts.hostname or "", parts.port or 0))
        told = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
    listening.listen()
    sys.stdout.write(f"listening {told}\n")
    sys.stdout.flush()
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=serve, args=(connection, mode), daemon=True).start()


def serve(connection: socket.socket, mode: str) -> None:
    with connection, connection.makefile("rwb") as file:
        command = b""
        while not command.endswith(b"\0"):
            command += file.read(1)
        answer = "ClamAV 1.4.6/scripted" if command == b"zVERSION\0" else scanned(file, mode)
        if mode == "silent":
            time.sleep(60)
        if mode == "cut":
            answer = answer[:4]
        elif mode == "busy":
            answer = "Error: too many connections. ERROR\0"
        elif mode != "gone":
            answer += "\0"
        file.write(b"" if mode == "gone" else answer.encode())


def scanned(file: "socket.SocketIO", mode: str) -> str:
    data = b""
    while size := struct.unpack("!L", file.read(4))[0]:
        data += file.read(size)
        if len(data) > MOST_BYTES:
            return "INSTREAM size limit exceeded. ERROR"
    if EICAR in data:
        return "stream: Eicar-Test-Signature FOUND"
    if mode == "deep":
        return "stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND"
    return "stream: OK"


if __name__ == "__main__":
    main(*sys.argv[1:])
