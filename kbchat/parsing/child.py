"""The process in which a stranger's file is parsed: the program of ``nursery``'s children.

Reads one line of JSON (what to do, limits, the file's name and more) and then the file from standard input,
writes one JSON object to standard output: a document, pages whose text was recognised, or an error's code and
facts, or for a probe what it could reach. It inherits no environment, no secrets and no open files.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    # Isolated mode keeps every other way of finding the package shut: no environment, no current folder.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kbchat.parsing import confinement, sniffing
from kbchat.parsing.contract import Source
from kbchat.parsing.document_json import to_json
from kbchat.parsing.encoding import load_for
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.recognised import RecognisedPage, page_from_json, page_to_json
from kbchat.parsing.registry import finished, parser_of


def answer(order: dict[str, Any], walls: tuple[str, ...]) -> str:
    """The JSON to write for an order, in a process with ``walls`` around it. Raises nothing."""
    try:
        return _TASKS[order["task"]](order, walls)
    except ParseError as error:
        return _told(error)
    except MemoryError:
        return _told(ParseError(ParseErrorCode.OUT_OF_MEMORY))
    except Exception as error:  # noqa: BLE001  (the edge of a process: whatever a parser raises, its file is to blame)
        return _told(ParseError(ParseErrorCode.CRASHED, cause=type(error).__name__))


def _parse(order: dict[str, Any], walls: tuple[str, ...]) -> str:
    data = sys.stdin.buffer.read()
    media_type = sniffing.media_type_of(data, order["filename"])
    parser = parser_of(media_type)
    if confinement.PROGRAM_FILES_ONLY not in walls:
        import heapq  # noqa: F401  (Counter loads it late, when no file could be opened any more)

        load_for(data, told=order["encoding"])
    confinement.settle(walls)
    source = Source(data, order["filename"], order["encoding"], _recognised(order["recognised"]))
    return '{"document":' + to_json(finished(parser.parse(source), source)) + "}"


def _recognise(order: dict[str, Any], walls: tuple[str, ...]) -> str:
    from kbchat.parsing.recognising import recognise
    from kbchat.parsing.tesseract import Tesseract
    from kbchat.parsing.tesseract_library import Installed

    engine = Tesseract(Installed.from_json(order["engine"]), order["languages"])
    if confinement.PROGRAM_FILES_ONLY not in walls:
        engine.open_all()
    confinement.settle(walls)
    source = Source(sys.stdin.buffer.read(), order["filename"])
    pages = recognise(source, order["pages"], engine, seconds=order["seconds"])
    return json.dumps({"pages": [page_to_json(page) for page in pages]}, ensure_ascii=False)


def _draw(order: dict[str, Any], walls: tuple[str, ...]) -> str:
    from base64 import b64encode

    from kbchat.parsing.decoding import drawn
    from kbchat.parsing.tesseract_library import Installed, loaded

    _, leptonica = loaded(Installed.from_json(order["engine"]))
    confinement.settle(walls)
    picture = drawn(leptonica, sys.stdin.buffer.read(), order["page"] - 1)
    return json.dumps({"picture": b64encode(picture).decode("ascii")})


def _convert(order: dict[str, Any], walls: tuple[str, ...]) -> str:
    """Becomes LibreOffice, which has the file in the folder that it may write to. Comes back with an error alone."""
    import os

    confinement.settle(walls)
    folder, kind, newer = order["writes"], order["kind"], order["newer"]
    os.chdir(folder)
    command = [
        order["program"],
        f"-env:UserInstallation=file://{folder}/profile",
        *("--headless", "--norestore", "--nologo", "--convert-to", newer, "--outdir", f"{folder}/out"),
        f"{folder}/file.{kind}",
    ]
    environment = {"HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}
    os.execve(order["program"], command, environment)  # noqa: S606 (no shell, and no word of the file's)


def _recognised(told: list[Any]) -> dict[int, RecognisedPage]:
    return {page.number: page for page in map(page_from_json, told)}


def _told(error: ParseError) -> str:
    return json.dumps({"error": error.code.value, "facts": dict(error.facts)})


def _probe(order: dict[str, Any], walls: tuple[str, ...]) -> str:
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


_TASKS: Final[dict[str, Callable[[dict[str, Any], tuple[str, ...]], str]]] = {
    "parse": _parse,
    "recognise": _recognise,
    "draw": _draw,
    "convert": _convert,
    "probe": _probe,
}


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    limits = confinement.SandboxLimits(**order["limits"])
    walls = confinement.confine(limits, parent=order["parent"], reads=order["reads"], writes=order["writes"])
    sys.stdout.buffer.write(answer(order, walls).encode("utf-8"))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
