"""The child that parses a stranger's file: what it cannot reach, what it may cost, how its end is told."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kbchat.parsing import ParseError, ParseErrorCode, parse, sandbox
from kbchat.parsing.sandbox import SandboxLimits, parse_sandboxed, probe_sandbox
from tests.rules.workbook_support import rows_xml, workbook

PAGE = b"# Leave\n\nEvery employee has 15 days.\n\n| Grade | Days |\n|---|---|\n| A | 15 |\n"
# Seconds of work for any processor.
SLOW = b"<html>" + b"<p>word <b>bold</b></p>" * 400_000
MAIL = (
    b"From: a@b\nSubject: =?gb18030?b?xOq82Q==?=\nContent-Type: multipart/mixed; boundary=B\n\n--B\n"
    b"Content-Type: text/plain; charset=gb18030\nContent-Transfer-Encoding: base64\n\nyq7O5czsCg==\n--B\n"
    b"Content-Disposition: attachment; filename=x.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgoAAAAN\n--B--\n"
)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")


def failure_of(data: bytes, filename: str, limits: SandboxLimits | None = None) -> ParseError:
    with pytest.raises(ParseError) as failure:
        parse_sandboxed(data, filename, limits=limits)
    return failure.value


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Child":
    return Child(tmp_path / "child.py", monkeypatch)


class Child:
    """Lets the sandbox start another program in place of the parsing child."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._path = path
        monkeypatch.setattr(sandbox, "_CHILD", path)

    def does(self, program: str) -> None:
        self._path.write_text(program, encoding="utf-8")


class TestResults:
    @pytest.mark.parametrize(
        ("data", "filename"),
        [
            (PAGE, "x.md"),
            ("第一章 总则\n\n年假十五天。".encode("gbk"), "制度.txt"),
            ("Überstunden müssen beantragt werden".encode("cp1252"), "x.txt"),
            (b"<html><p>text", "x.html"),
            (workbook({"Leave": rows_xml("Grade|Days", "A|15")}), "x.xlsx"),
            ("姓名,年假\n王小明,15\n".encode("gb18030"), "员工.csv"),
            (MAIL, "x.eml"),
        ],
    )
    def test_the_child_gives_what_parse_gives(self, data: bytes, filename: str) -> None:
        assert parse_sandboxed(data, filename) == parse(data, filename)

    def test_real_files(self, shared_data: Path) -> None:
        slides = shared_data / "office/docling/tests/data/pptx/sources/powerpoint_sample.pptx"
        for path in (*(shared_data / "handbooks" / "18f" / "downloads").iterdir(), slides):
            data = path.read_bytes()
            assert parse_sandboxed(data, path.name) == parse(data, path.name)

    def test_every_format_is_read_where_no_file_can_be_opened(
        self, child: "Child", shared_data: Path
    ) -> None:
        """On a kernel without Landlock the parser has everything in memory before it sees the file."""
        child.does(
            f"__file__ = {str(Path(sandbox.__file__).with_name('child.py'))!r}\n"
            f"import sys; sys.path.insert(0, {str(Path(sandbox.__file__).parents[2])!r})\n"
            "from kbchat.parsing import landlock; landlock.allow_only_the_program = lambda *_: False\n"
            "exec(compile(open(__file__).read(), __file__, 'exec'))\n"
        )
        assert "no_files" in probe_sandbox().walls
        office = shared_data / "office/r2r/py/core/examples/supported_file_types"
        files = [
            (path.read_bytes(), path.name)
            for path in sorted(office.iterdir())
            if path.stem == path.suffix[1:]
        ]
        for data, filename in [*files, (MAIL, "x.eml"), (workbook({"S": rows_xml("a|b")}), "x.xlsx")]:
            try:
                expected: object = parse(data, filename)
            except ParseError as error:
                expected = error.code
            try:
                found: object = parse_sandboxed(data, filename)
            except ParseError as error:
                found = error.code
            assert found == expected, filename

    def test_an_encoding_told_by_a_person_arrives(self) -> None:
        data = "Zażółć gęślą jaźń".encode("iso8859-2")
        assert failure_of(data, "x.txt").code is ParseErrorCode.ENCODING_UNSURE
        assert parse_sandboxed(data, "x.txt", encoding="iso8859-2").text == "Zażółć gęślą jaźń"

    def test_a_refusal_keeps_its_facts(self) -> None:
        error = failure_of(b'{"a": 1}', "x.json")
        assert (error.code, error.facts) == (
            ParseErrorCode.UNSUPPORTED_TYPE,
            {"media_type": "application/json"},
        )


@on_linux
class TestWalls:
    def test_nothing_can_be_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgres://secret")
        probe = probe_sandbox()
        assert not any(
            (
                probe.can_connect,
                probe.can_read_files,
                probe.can_write_files,
                probe.can_start_processes,
                probe.can_signal,
            )
        ), probe
        assert probe.environment == ("LANG", "PATH")
        assert {"limits", "call_filter"} <= set(probe.walls)

    def test_the_probe_would_see_an_open_door(self) -> None:
        """The same attempts from outside the walls succeed: the probe is no rubber stamp."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
        assert Path("/etc/passwd").read_bytes()
        os.kill(os.getppid(), 0)

    @pytest.mark.parametrize(
        ("attempt", "wall"),
        [
            ("import socket; socket.socket()", "deny_reaching_out"),
            ("import os; os.fork()", "deny_reaching_out"),
            ("import os; os.execv('/bin/true', ['true'])", "deny_reaching_out"),
            ("import os; os.kill(1, 0)", "deny_reaching_out"),
            ("import os; os.unlink('/nonexistent')", "deny_reaching_out"),
            ("open('/dev/null', 'w')", "deny_reaching_out"),
            ("import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))", "deny_reaching_out"),
            ("open('/etc/passwd')", "deny_opening_files"),
        ],
    )
    def test_each_call_is_denied_by_the_filter_alone(self, attempt: str, wall: str) -> None:
        """Without namespaces, Landlock or limits: a container may offer none of them."""
        program = (
            "import sys, os, socket, resource; sys.path.insert(0, sys.argv[1])\n"
            "from kbchat.parsing import seccomp\n"
            f"assert seccomp.{wall}()\n"
            "try:\n"
            f"    {attempt}\n"
            "except (PermissionError, ValueError):\n"
            "    print('denied')\n"
        )
        root = str(Path(sandbox.__file__).parents[2])
        ran = subprocess.run(
            [sys.executable, "-I", "-c", program, root],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.stdout == "denied\n", ran.stderr

    def test_threads_and_abort_still_work_behind_the_filter(self) -> None:
        program = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from kbchat.parsing import seccomp\n"
            "import os, threading\n"
            "assert seccomp.deny_reaching_out()\n"
            "thread = threading.Thread(target=print, args=('ran',)); thread.start(); thread.join()\n"
            "sys.stdout.flush(); os.abort()\n"
        )
        root = str(Path(sandbox.__file__).parents[2])
        ran = subprocess.run(
            [sys.executable, "-I", "-c", program, root],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.stdout, ran.returncode) == ("ran\n", -signal.SIGABRT)


class TestLimits:
    def test_wall_clock(self) -> None:
        started = time.monotonic()
        error = failure_of(SLOW, "x.html", SandboxLimits(wall_seconds=0.2))
        assert (error.code, error.facts) == (ParseErrorCode.STALLED, {"seconds": 0.2})
        assert time.monotonic() - started < 10

    def test_processor_time(self) -> None:
        error = failure_of(SLOW, "x.html", SandboxLimits(cpu_seconds=1))
        assert (error.code, error.facts) == (ParseErrorCode.TIMED_OUT, {"seconds": 1})

    def test_memory(self) -> None:
        large = b"word " * 6_000_000
        error = failure_of(large, "x.txt", SandboxLimits(memory_bytes=100 << 20))
        assert error.code is ParseErrorCode.OUT_OF_MEMORY

    def test_memory_too_small_to_begin(self) -> None:
        error = failure_of(PAGE, "x.md", SandboxLimits(memory_bytes=16 << 20))
        assert error.code in (ParseErrorCode.OUT_OF_MEMORY, ParseErrorCode.CRASHED)

    def test_output(self) -> None:
        error = failure_of(b"word " * 20_000, "x.txt", SandboxLimits(output_bytes=10_000))
        assert (error.code, error.facts) == (ParseErrorCode.TOO_LARGE_UNPACKED, {"limit_bytes": 10_000})

    def test_the_next_file_is_parsed_as_if_nothing_had_been(self) -> None:
        failure_of(SLOW, "x.html", SandboxLimits(wall_seconds=0.2))
        assert parse_sandboxed(PAGE, "x.md") == parse(PAGE, "x.md")


class TestEnds:
    @pytest.mark.parametrize(
        ("program", "code"),
        [
            ("import os; os.abort()", ParseErrorCode.CRASHED),
            ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", ParseErrorCode.CRASHED),
            ("raise SystemExit(3)", ParseErrorCode.CRASHED),
            ("", ParseErrorCode.CRASHED),
            ("print('not json')", ParseErrorCode.CRASHED),
            ("print('[]')", ParseErrorCode.CRASHED),
            ('print(\'{"error": "made_up", "facts": {}}\')', ParseErrorCode.CRASHED),
            ('print(\'{"document": {"format": 1, "text": "x"}}\')', ParseErrorCode.CRASHED),
            ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ParseErrorCode.KILLED),
            ("raise MemoryError", ParseErrorCode.OUT_OF_MEMORY),
            ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", ParseErrorCode.TIMED_OUT),
        ],
    )
    def test_however_the_child_ends_it_is_a_code(
        self, child: Child, program: str, code: ParseErrorCode
    ) -> None:
        child.does(program)
        assert failure_of(PAGE, "x.md").code is code

    def test_a_captured_child_cannot_flood_the_facts(self, child: Child) -> None:
        told = {"error": "corrupt", "facts": {f"fact{n}": "x" * 10_000 for n in range(100)}}
        child.does(f"print({json.dumps(told)!r})")
        facts = failure_of(PAGE, "x.md").facts
        assert len(facts) <= 10
        assert all(len(str(value)) <= 200 for value in facts.values())

    def test_an_endless_child_is_ended(self, child: Child, tmp_path: Path) -> None:
        pid = tmp_path / "pid"
        child.does(f"import os\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\nwhile True: pass")
        assert failure_of(PAGE, "x.md", SandboxLimits(wall_seconds=2)).code is ParseErrorCode.STALLED
        assert not _is_alive(int(pid.read_text()))

    @on_linux
    def test_a_child_does_not_outlive_its_parent(self, tmp_path: Path) -> None:
        """The real confinement, of a child that would sleep on: it dies with whoever started it."""
        root = str(Path(sandbox.__file__).parents[2])
        sleeper = tmp_path / "sleeper.py"
        sleeper.write_text(
            f"import sys, os, time; sys.path.insert(0, {root!r})\n"
            "from kbchat.parsing.confinement import SandboxLimits, confine\n"
            f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
            "confine(SandboxLimits(), parent=os.getppid())\n"
            "print('confined', flush=True); time.sleep(60)\n",
            encoding="utf-8",
        )
        starter = (
            "import subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, '-I', sys.argv[1]], stdout=subprocess.PIPE)\n"
            "child.stdout.readline(); print('ready', flush=True); time.sleep(60)\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", starter, str(sleeper)], stdout=subprocess.PIPE
        ) as parent:
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"ready\n"
            parent.kill()
        deadline = time.monotonic() + 10
        while _is_alive(int((tmp_path / "pid").read_text())) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _is_alive(int((tmp_path / "pid").read_text()))


def _is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be fetched does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def test_the_door_loads_no_format() -> None:
    """The child starts once a file: what it does not need it must not load."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import kbchat.parsing, kbchat.parsing.sandbox\n"
        "print(sorted(set(sys.modules) & {'chardet', 'docx', 'lxml', 'markdown_it', 'pypdfium2', 'puremagic',"
        " 'selectolax', 'yaml', 'django', 'pydantic', 'asyncio'}))"
    )
    root = str(Path(sandbox.__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, "-I", "-c", program, root], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "[]\n"
