"""Commands as somebody types them: the first administrator, importing a folder, and what cannot be used."""

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from tests.contracts.server_process import ScriptedServer
from tests.person import Person, seconds_until_gone
from tests.workers.program import Browser, program

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="the supervisor needs Linux"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def root_or_user(homes: Path) -> Person:
    """Whoever runs the tests, with an empty data folder of his own."""
    home = homes / "somebody"
    home.mkdir(mode=0o700)
    return Person("somebody", os.geteuid(), (), sys.executable, home)


def test_the_first_administrator_gets_a_link_and_imports_a_folder(
    root_or_user: Person, homes: Path, encoder: ScriptedServer
) -> None:
    """Imports while the program runs, with its workers; and again without it, with workers of the command's own."""
    folder = homes / "pages"
    folder.mkdir()
    (folder / "leave.md").write_text("# Leave\n\nEverybody has 28 days of annual leave.\n")
    (folder / "请假.md").write_text("# 请假\n\n员工每年有十五天年假。\n")
    importing = ("import_folder", str(folder), "--collection", "Pages")
    with program(root_or_user, "run", KBCHAT_SAMPLE_COMPANY="false", **encoder.as_encoder) as running:
        link = running.line("The first administrator signs up once at ")
        address = running.line("kbchat is at ")
        assert link.startswith(f"{address}/setup?token=")
        browser = Browser(address)
        assert browser.call("GET", "/api/v1/session")["setup_open"]
        token = link.rpartition("=")[2]
        person = {
            "token": token,
            "email": "first@example.com",
            "name": "First",
            "password": "a long password",
        }
        browser.call("POST", "/api/v1/setup", person)
        browser.sign_in("first@example.com", "a long password")
        assert not (root_or_user.data_dir / "demo-sign-ins.txt").exists()
        with program(root_or_user, *importing, **encoder.as_encoder) as command:
            assert "2 new" in command.line("2 files: ")
            assert command.process.wait(timeout=20) == 0
        assert browser.search("annual leave")
        with program(root_or_user, "run") as second:
            assert second.process.wait(timeout=20) == 1
            said = second.output.read_text()
        assert said.startswith(
            f"kbchat: kbchat runs already on {root_or_user.data_dir}, at {address}. Use that one"
        )
        assert said.count("\n") == 1
        assert browser.search("annual leave")
        asked_at = time.monotonic()
        processes = running.processes()
        running.process.send_signal(signal.SIGINT)
        running.process.wait(timeout=15)
        seconds_until_gone(processes, 10.0 - (time.monotonic() - asked_at))

    (folder / "leave.md").write_text("# Leave\n\nEverybody has 30 days of annual leave.\n")
    with program(root_or_user, *importing, **encoder.as_encoder) as command:
        processes = command.processes_until_it_ends(within_seconds=60)
        assert command.process.returncode == 0
        words = command.line("2 files: ")
        assert words.startswith(
            "0 new, 1 new versions, 1 unchanged. 2 ready (0 of them without passages), 0 failed"
        )
        assert len(processes) > 5
        seconds_until_gone(list(processes), 10.0)


def test_a_command_on_an_empty_data_folder_names_the_next_step(homes: Path) -> None:
    home = homes / "newcomer"
    home.mkdir(mode=0o700)
    newcomer = Person("newcomer", os.geteuid(), (), sys.executable, home)
    with program(newcomer, "import_folder", str(homes), "--collection", "Pages") as command:
        assert command.process.wait(timeout=60) == 1
    said = command.output.read_text()
    assert "Traceback" not in said
    assert said.endswith("Run `manage.py migrate`, or `make run` once.\n")
    with program(newcomer, "migrate") as command:
        assert command.process.wait(timeout=120) == 0
    assert "`manage.py make_setup_link` lets the first administrator in" in command.output.read_text()
    with program(newcomer, "make_setup_link") as command:
        assert command.process.wait(timeout=60) == 0
    assert "/setup?token=" in command.output.read_text()


def test_a_taken_port_is_named_before_anything_starts(root_or_user: Person) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with program(root_or_user, "run", KBCHAT_PORT=str(port)) as running:
            assert running.process.wait(timeout=20) == 1
            words = running.output.read_text()
    assert words == (
        f"kbchat: Port {port} of 127.0.0.1 is taken by another program. "
        "End that program, or choose another port: KBCHAT_PORT=8010 make run\n"
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"KBCHAT_DATA_DIR": "/proc/nowhere"}, "Cannot write in /proc/nowhere"),
        ({"KBCHAT_HOST": "203.0.113.1"}, "Set KBCHAT_HOST"),
        ({"KBCHAT_PORT": "many", "KBCHAT_PARSE_SECONDS": "0"}, "KBCHAT_PARSE_SECONDS"),
        ({"DATABASE_URL": "postgresql://a@127.0.0.1:1/x"}, "KBCHAT_OWNER_DATABASE_URL is not set"),
        (
            {
                "DATABASE_URL": "postgresql://a@127.0.0.1:1/x",
                "KBCHAT_OWNER_DATABASE_URL": "postgresql://a@127.0.0.1:1/x",
                "KBCHAT_WORKER_DATABASE_URL": "postgresql://a@127.0.0.1:1/x",
            },
            "The database does not answer",
        ),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis does not answer"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    root_or_user: Person, settings: dict[str, str], words: str
) -> None:
    with program(root_or_user, "run", **settings) as running:
        assert running.process.wait(timeout=60) == 1
        said = running.output.read_text()
    assert words in said
    assert "Traceback" not in said
