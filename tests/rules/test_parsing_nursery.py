"""The process that parsing children are forked from: what it hands on, what stays behind, and when it ends."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbchat.parsing import ParseError, ParseErrorCode, nurseries, parse, sandbox
from kbchat.parsing.nurseries import ChildEnding, Nurseries, Nursery, NurseryLost
from kbchat.parsing.sandbox import parse_sandboxed, probe_sandbox
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are watched by Linux's means")

PAGE = b"# Leave\n\nEvery employee has 15 days.\n"
ROOT = str(Path(sandbox.__file__).parents[2])


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Its children run what they are given."""
    program = tmp_path_factory.mktemp("nursery") / "program.py"
    program.write_text("import sys; exec(sys.stdin.read())")
    nursery = Nursery(program)
    yield nursery
    nursery.close()


@pytest.fixture(autouse=True)
def none_is_idle() -> None:
    while sandbox._nurseries._idle:
        sandbox._nurseries._idle.pop().close()


def run(nursery: Nursery, program: str = "", seconds: float = 20.0) -> tuple[ChildEnding, str]:
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout:
        stdin.write(program.encode())
        stdin.seek(0)
        ending = nursery.run([stdin.fileno(), stdout.fileno(), stdout.fileno()], seconds)
        stdout.seek(0)
        return ending, stdout.read().decode()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def idle_pids() -> list[int]:
    return [nursery.pid for nursery in sandbox._nurseries._idle]


class TestChildren:
    def test_what_one_does_the_next_does_not_see(self, nursery: Nursery) -> None:
        poisoning = (
            "import json, os\n"
            "print(hasattr(json, 'poison'), 'POISON' in os.environ)\n"
            "json.poison = os.environ['POISON'] = 'x'; json.loads = None; os.fork = None\n"
        )
        assert [run(nursery, poisoning)[1] for _ in range(3)] == ["False False\n"] * 3

    def test_it_holds_its_three_files_and_no_other_and_no_secret(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgres://secret")
        program = tmp_path / "program.py"
        program.write_text(
            "import os\n"
            "print(sorted(os.listdir('/proc/self/fd')), sorted(os.environ))\n"
            "print(open(f'/proc/{os.getppid()}/environ').read().count('='))\n"
        )
        nursery = Nursery(program)
        # The fourth is the folder that is being listed.
        assert run(nursery)[1] == "['0', '1', '2', '3'] ['LANG', 'PATH']\n2\n"
        nursery._control.close()
        wait_until(lambda: not is_alive(nursery.pid), 10)

    def test_the_parsers_are_loaded_and_no_thread_runs(self, nursery: Nursery) -> None:
        looking = (
            "import os\n"
            "print({'pypdfium2', 'docx', 'selectolax', 'markdown_it', 'chardet'} <= set(sys.modules), "
            "'django' in sys.modules, len(os.listdir(f'/proc/{os.getppid()}/task')))\n"
        )
        assert run(nursery, looking)[1] == "True False 1\n"

    @pytest.mark.skipif(
        "network_namespace" not in probe_sandbox().walls, reason="no process may leave the network here"
    )
    def test_the_network_is_left_once_and_by_it(self, nursery: Nursery) -> None:
        """A network of its own for each child takes a fifth of the time that a note takes."""
        looking = (
            "import os\nfrom kbchat.parsing.confinement import SandboxLimits, confine\n"
            "own = lambda process: os.readlink(f'/proc/{process}/ns/net')\n"
            "before, walls = own('self'), confine(SandboxLimits(), parent=os.getppid())\n"
            "print(before, own('self'), 'network_namespace' in walls)\n"
        )
        told = run(nursery, looking)[1].split()
        left = str(Path(f"/proc/{nursery.pid}/ns/net").readlink())
        assert left != str(Path("/proc/self/ns/net").readlink())
        assert told == [left, left, "True"]

    @pytest.mark.parametrize(
        ("program", "code"),
        [("", 0), ("raise SystemExit(3)", 3), ("raise SystemExit('no')", 1), ("1/0", 1), ("exit", 0)],
    )
    def test_its_exit_code_is_an_interpreter_s(self, nursery: Nursery, program: str, code: int) -> None:
        assert run(nursery, program)[0].code == code

    def test_its_own_memory_is_told(self, nursery: Nursery) -> None:
        ending, _ = run(nursery, "x = bytearray(300 << 20)")
        assert 300 << 20 < ending.peak_bytes < 900 << 20
        assert run(nursery)[0].peak_bytes < 300 << 20

    def test_its_memory_is_told_beside_a_large_worker(self, tmp_path: Path) -> None:
        """A process has the peak of whoever started it, through exec and all."""
        program = tmp_path / "program.py"
        program.write_text("x = bytearray(300 << 20)")
        large = b"x" * (600 << 20)
        nursery = Nursery(program)
        try:
            del large
            ending, _ = run(nursery)
        finally:
            nursery.close()
        assert 300 << 20 < ending.peak_bytes < 900 << 20


class TestEnds:
    def test_a_nursery_that_was_killed_is_replaced(self) -> None:
        assert parse_sandboxed(PAGE, "x.md") == parse(PAGE, "x.md")
        (killed,) = idle_pids()
        os.kill(killed, signal.SIGKILL)
        assert parse_sandboxed(PAGE, "x.md") == parse(PAGE, "x.md")
        assert idle_pids() != [killed]

    def test_one_process_serves_file_after_file(self) -> None:
        parse_sandboxed(PAGE, "x.md")
        (first,) = idle_pids()
        parse_sandboxed(PAGE, "x.md")
        assert idle_pids() == [first]

    def test_a_file_whose_nursery_is_killed_is_parsed_by_the_next(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program, killed = tmp_path / "child.py", tmp_path / "killed"
        program.write_text(
            "import os, pathlib, time\n"
            f"killed = pathlib.Path({str(killed)!r})\n"
            "if not killed.exists():\n"
            "    killed.write_text(str(os.getpid())); os.kill(os.getppid(), 9)\n"
            'print(\'{"error": "corrupt", "facts": {}}\')\n'
        )
        monkeypatch.setattr(sandbox, "_CHILD", program)
        with pytest.raises(ParseError) as caught:
            parse_sandboxed(PAGE, "x.md")
        assert (caught.value.code, killed.exists()) == (ParseErrorCode.CORRUPT, True)

    def test_a_file_whose_nursery_is_killed_again_and_again_is_no_crash_of_the_caller(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program = tmp_path / "child.py"
        program.write_text("import os; os.kill(os.getppid(), 9)")
        monkeypatch.setattr(sandbox, "_CHILD", program)
        with pytest.raises(ParseError) as caught:
            parse_sandboxed(PAGE, "x.md")
        assert caught.value.code is ParseErrorCode.KILLED

    def test_a_child_ends_with_its_nursery(self, tmp_path: Path) -> None:
        """By the real confinement."""
        program, told = tmp_path / "program.py", tmp_path / "pid"
        program.write_text(
            "import os, time\nfrom kbchat.parsing.confinement import SandboxLimits, confine\n"
            f"file = open({str(told)!r}, 'w')\n"
            "confine(SandboxLimits(), parent=os.getppid())\n"
            "file.write(str(os.getpid())); file.close(); time.sleep(60)"
        )
        nursery = Nursery(program)
        killer = threading.Thread(target=_kill_once_told, args=(nursery.pid, told))
        killer.start()
        with pytest.raises(NurseryLost):
            run(nursery, seconds=60)
        killer.join()
        wait_until(lambda: not is_alive(int(told.read_text())), 10)

    def test_both_end_with_the_worker(self, tmp_path: Path) -> None:
        """Even a child that is confined by nothing."""
        program, told = tmp_path / "child.py", tmp_path / "pid"
        program.write_text(
            f"import os, time\nopen({str(told)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}')\n"
            "while True: time.sleep(1)"
        )
        worker = (
            f"import sys, pathlib; sys.path.insert(0, {ROOT!r})\n"
            "from kbchat.parsing.nurseries import Nursery\n"
            f"Nursery(pathlib.Path({str(program)!r})).run([0, 1, 2], 60)\n"
        )
        with subprocess.Popen([sys.executable, "-c", worker], stdin=subprocess.DEVNULL) as process:
            wait_until(lambda: told.exists() and " " in told.read_text(), 20)
            process.kill()
        for pid in map(int, told.read_text().split()):
            wait_until(lambda: not is_alive(pid), 10)  # noqa: B023

    def test_after_so_many_children_comes_another(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(nurseries, "_MOST_CHILDREN", 1)
        parse_sandboxed(PAGE, "x.md")
        (first,) = idle_pids()
        parse_sandboxed(PAGE, "x.md")
        assert idle_pids() != [first]
        assert not is_alive(first)

    def test_a_forked_process_begins_without_any(self, nursery: Nursery) -> None:
        own = Nurseries()
        own.give_back(nursery)
        pid = os.fork()
        if pid == 0:
            os._exit(len(own._idle))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert run(nursery)[0].code == 0, "it is still the first one's"


def _kill_once_told(pid: int, told: Path) -> None:
    wait_until(lambda: told.exists() and told.read_text() != "", 20)
    os.kill(pid, signal.SIGKILL)
