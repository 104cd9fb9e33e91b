"""The process in which a stranger's file is parsed: the program of ``nursery``'s children.

Reads one line of JSON (limits, the file's name, the encoding) and then the file from standard input,
writes one JSON object to standard output: a document, or an error's code and facts, or for a probe what
it could reach. It inherits no environment, no secrets and no open files.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Isolated mode keeps every other way of finding the package shut: no environment, no current folder.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kbchat.parsing import confinement, sniffing
from kbchat.parsing.contract import Source
from kbchat.parsing.document_json import to_json
from kbchat.parsing.encoding import load_for
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.registry import finished, parser_of


def answer(order: dict[str, Any], data: bytes, walls: tuple[str, ...]) -> str:
    """The JSON to write for a file, in a process with ``walls`` around it. Raises nothing."""
    try:
        media_type = sniffing.media_type_of(data, order["filename"])
        parser = parser_of(media_type)
        if confinement.PROGRAM_FILES_ONLY not in walls:
            import heapq  # noqa: F401  (Counter loads it late, when no file could be opened any more)

            load_for(data, told=order["encoding"])
        confinement.settle(walls)
        source = Source(data, order["filename"], order["encoding"])
        return '{"document":' + to_json(finished(parser.parse(source), source)) + "}"
    except ParseError as error:
        return _told(error)
    except MemoryError:
        return _told(ParseError(ParseErrorCode.OUT_OF_MEMORY))
    except Exception as error:  # noqa: BLE001  (the edge of a process: whatever a parser raises, its file is to blame)
        return _told(ParseError(ParseErrorCode.CRASHED, cause=type(error).__name__))


def _told(error: ParseError) -> str:
    return json.dumps({"error": error.code.value, "facts": dict(error.facts)})


def _probe(walls: tuple[str, ...]) -> str:
    """What this process can still reach, tried from inside confined as for a parse."""
    import os
    import socket

    def can(attempt: Callable[[], object]) -> bool:
        try:
            attempt()
        except ConnectionRefusedError:
            return True  # somebody was there to refuse
        except OSError:
            return False
        return True

    return json.dumps(
        {
            "walls": confinement.settle(walls),
            "environment": sorted(os.environ),
            "can_connect": can(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1).close()),
            "can_read_files": can(lambda: Path("/etc/passwd").read_bytes()),
            "can_write_files": can(lambda: os.close(os.open(".", os.O_TMPFILE | os.O_RDWR))),
            "can_start_processes": can(lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)),
            "can_signal": can(lambda: os.kill(os.getppid(), 0)),
        }
    )


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    walls = confinement.confine(confinement.SandboxLimits(**order["limits"]), parent=order["parent"])
    told = _probe(walls) if order["probe"] else answer(order, sys.stdin.buffer.read(), walls)
    sys.stdout.buffer.write(told.encode("utf-8"))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
