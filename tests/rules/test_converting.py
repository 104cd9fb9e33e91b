"""What LibreOffice, or whoever took it over, can do: write into its own folder, and nothing else.

A program of ours in its place tries; `test_converting_office.py` has the real one.
"""

import contextlib
import json
import socket
import sys
from pathlib import Path

import pytest

from kbchat.parsing import ParseError, ParseErrorCode, landlock
from kbchat.parsing.converting import convert
from kbchat.parsing.equipment import Converter
from kbchat.parsing.sandbox import SandboxLimits

pytestmark = pytest.mark.skipif(
    not landlock.is_there(), reason="this kernel has no Landlock: nothing is converted"
)

_TRIES = """
import json, os, socket, sys
folder = os.getcwd()
def can(attempt):
    try:
        attempt()
    except (OSError, ValueError):
        return False
    return True
def starts():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
told = {
    "arguments": sys.argv[1:],
    "environment": sorted(os.environ),
    "writes_there": can(lambda: open(folder + "/x", "w").close()),
    "renames_there": can(lambda: os.rename(folder + "/x", folder + "/profile/x")),
    "writes_elsewhere": can(lambda: open(%(elsewhere)r + "/x", "w").close()),
    "removes_elsewhere": can(lambda: os.unlink(%(elsewhere)r + "/kept")),
    "reads_elsewhere": can(lambda: open(%(elsewhere)r + "/kept").close()),
    "reads_passwords": can(lambda: open("/etc/passwd").close()),
    "reads_processes": can(lambda: open("/proc/%%d/environ" %% os.getppid()).close()),
    "links": can(lambda: os.symlink("/etc/passwd", folder + "/l")),
    "starts_processes": can(starts),
    "becomes_another": can(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    "signals": can(lambda: os.kill(os.getppid(), 0)),
    "asks_the_network": can(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()),
    "asks_a_server": can(lambda: socket.socket(socket.AF_UNIX).connect(%(server)r)),
    "sends_to_a_server": can(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", %(mailbox)r)),
}
open(folder + "/out/file.docx", "w").write(json.dumps(told))
"""


def office(folder: Path, program: str) -> Converter:
    """A program in LibreOffice's place."""
    place = folder / "office" / "program" / "soffice.bin"
    place.parent.mkdir(parents=True)
    place.write_text(f"#!{sys.executable} -I\n{program}", encoding="utf-8")
    place.chmod(0o755)
    return Converter(place)


def converted(folder: Path, program: str, **limits: float) -> bytes:
    return convert(b"a file", "doc", "docx", office(folder, program), SandboxLimits(**limits))  # type: ignore[arg-type]


def test_it_writes_into_its_folder_and_reaches_nothing(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mailbox:
        server.bind(str(tmp_path / "server"))
        server.listen()
        mailbox.bind(str(tmp_path / "mailbox"))
        names = {
            "elsewhere": str(elsewhere),
            "server": str(tmp_path / "server"),
            "mailbox": str(tmp_path / "mailbox"),
        }
        told = json.loads(converted(tmp_path, _TRIES % names))
        with socket.socket(socket.AF_UNIX) as asker:
            asker.connect(names["server"])  # somebody was there to be asked
    arguments = told.pop("arguments")
    assert arguments[-1].endswith("/file.doc")
    assert told.pop("environment") == ["HOME", "LANG", "TMPDIR"]
    assert {name for name, can in told.items() if can} == {"writes_there", "renames_there"}
    assert (elsewhere / "kept").read_text() == "kept"
    assert not Path(arguments[-1]).parent.exists()


def test_macros_are_switched_off_in_its_profile(tmp_path: Path) -> None:
    program = "import shutil; shutil.copy('profile/user/registrymodifications.xcu', 'out/file.docx')"
    told = converted(tmp_path, program).decode()
    assert 'DisableMacrosExecution" oor:op="fuse"><value>true' in told.replace("\n", "")


def test_it_is_started_again_once_it_has_made_its_profile(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "if not os.path.exists('profile/made'):\n"
        "    open('profile/made', 'w').close(); sys.exit(81)\n"
        "open('out/file.docx', 'w').write('made')\n"
    )
    assert converted(tmp_path, program) == b"made"


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("", ParseErrorCode.CORRUPT),
        ("import os; os.mkdir('out/file.docx')", ParseErrorCode.CRASHED),
        ("import os; os.mkfifo('out/file.docx')", ParseErrorCode.CRASHED),  # it may not
        ("import os; os.rename('out', 'other'); os.mkdir('out'); open('out/file.docx', 'w')", ParseErrorCode.CORRUPT),
        ("import sys; sys.exit(1)", ParseErrorCode.CRASHED),
        ("import os; os.abort()", ParseErrorCode.CRASHED),
        ("bytearray(1 << 30)", ParseErrorCode.OUT_OF_MEMORY),
        ("open('out/file.docx', 'wb').truncate(3 << 20)", ParseErrorCode.CRASHED),  # it cannot
    ],
)  # fmt: skip
def test_however_it_ends_it_is_a_code(tmp_path: Path, program: str, code: ParseErrorCode) -> None:
    with pytest.raises(ParseError) as failure:
        converted(tmp_path, program, memory_bytes=512 << 20, output_bytes=1 << 20)
    assert failure.value.code is code


def test_one_that_goes_on_for_ever_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ParseError) as failure:
        converted(tmp_path, "while True: pass", wall_seconds=2)
    assert failure.value.code is ParseErrorCode.STALLED
    assert not any(b"soffice.bin" in command for command in _commands() if str(tmp_path).encode() in command)


def _commands() -> list[bytes]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.append((process / "cmdline").read_bytes())
    return found
