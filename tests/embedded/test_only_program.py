"""A second `run` on a data folder is refused with the address of the first, as long as that one is there."""

import subprocess
import sys
from pathlib import Path

import pytest

from kbchat.cli.only_program import only_program
from kbchat.embedded.errors import EmbeddedError

_HOLDS = """
import sys
from pathlib import Path
from kbchat.cli.only_program import only_program
with only_program(Path(sys.argv[1])) as tell:
    tell("http://127.0.0.1:8123")
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_is_told_where_the_first_is(tmp_path: Path) -> None:
    with only_program(tmp_path / "var") as tell:
        with pytest.raises(EmbeddedError, match="it is just starting"), only_program(tmp_path / "var"):
            pass
        tell("http://127.0.0.1:8010")
        with (
            pytest.raises(EmbeddedError, match=r"var, at http://127.0.0.1:8010\. Use that one"),
            only_program(tmp_path / "var"),
        ):
            pass
        with only_program(tmp_path / "other"):
            pass
    with only_program(tmp_path / "var"):
        pass


def test_one_that_was_killed_is_gone(tmp_path: Path) -> None:
    holder = [sys.executable, "-c", _HOLDS, str(tmp_path)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(EmbeddedError, match=r"at http://127\.0\.0\.1:8123\."), only_program(tmp_path):
            pass
        first.kill()
        first.wait()
    with only_program(tmp_path):
        assert not (tmp_path / "program.lock").read_text()


def test_a_folder_that_cannot_be_written_is_left_to_what_needs_it() -> None:
    with only_program(Path("/proc/nowhere")) as tell:
        tell("http://127.0.0.1:8010")
