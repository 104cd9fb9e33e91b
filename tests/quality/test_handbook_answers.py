"""A real organisation's handbook: every file comes in or says why not, and the golden questions over it.

Slow: minutes for the import alone. What is measured here is told in docs/measurements.md.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.embedded_person import Person, folder_of_homes
from tests.workers.program import Program, program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

ADMINISTRATOR = "admin@example.com"
COLLECTION = "18F handbook"
IMPORT_SECONDS = 1500
# What is only front matter: a title, and a link to the page's new place.
WITHOUT_PASSAGES = 8


@pytest.fixture(scope="module")
def running() -> Iterator[Program]:
    with folder_of_homes() as homes:
        home = homes / "somebody"
        home.mkdir(mode=0o700)
        person = Person("somebody", os.geteuid(), (), sys.executable, home)
        settings = {
            "KBCHAT_SAMPLE_COMPANY": "false",
            "KBCHAT_ADMIN_EMAIL": ADMINISTRATOR,
            "KBCHAT_ADMIN_PASSWORD": "only-for-this-test",
        }
        with program(person, "run", **settings) as started:
            started.line("kbchat is at ")
            yield started
            started.process.terminate()
            started.process.wait(20)


def manage(running: Program, *arguments: str, seconds: float) -> str:
    """The output of another command beside the running program."""
    environment = {"HOME": str(running.data_dir.parent), "PATH": os.defpath}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=Path(__file__).parents[2],
        env=environment | {"KBCHAT_DATA_DIR": str(running.data_dir)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def imported(running: Program, shared_data: Path) -> str:
    folder = shared_data / "handbooks" / "18f"
    return manage(running, "import_folder", str(folder), "--collection", COLLECTION, seconds=IMPORT_SECONDS)


@pytest.fixture(scope="module")
def totals(running: Program, imported: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    written = tmp_path_factory.mktemp("measured") / "questions.json"
    questions = Path(__file__).with_name("handbook_questions.jsonl")
    arguments = ("--collection", COLLECTION, "--as", ADMINISTRATOR, "--json", str(written))
    sys.stdout.write(manage(running, "evaluate", str(questions), *arguments, seconds=600))
    counted: dict[str, int] = json.loads(written.read_text())["totals"]
    return counted


def test_every_file_is_ready_or_says_why_not(imported: str) -> None:
    assert (
        f"250 files: 250 new, 0 new versions, 0 unchanged. 250 ready ({WITHOUT_PASSAGES} of them without passages), "
        "0 failed, 0 lost." in imported
    )
    assert imported.count("ready, with no passages") == WITHOUT_PASSAGES


def test_search_finds_the_pages(totals: dict[str, int]) -> None:
    assert totals["answerable"] == 30
    assert totals["pages_found"] >= 26


def test_quotes_hold_the_answers(totals: dict[str, int]) -> None:
    assert totals["answers_containing"] >= 20


def test_what_the_library_does_not_hold_is_refused(totals: dict[str, int]) -> None:
    assert totals["unanswerable"] == 10
    assert totals["refused"] >= 8
