"""F30: the disk under PostgreSQL's write-ahead log is full, which stops PostgreSQL itself. Nothing is accepted then,
and as soon as there is room all that was accepted gets ready, without a hand."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg
import pytest

from kbchat.embedded.cluster import attach_or_start
from tests.contracts.server_process import ScriptedServer
from tests.person import Person, family, keeper_of
from tests.small_disk import SmallDisk, small_disk
from tests.waiting import allowed, wait_until
from tests.workers.program import program
from tests.workers.test_soak import Soak, require_complete, soaking

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(os.geteuid() != 0, reason="disks are mounted by root"),
    pytest.mark.timeout(600),
]

# Six segments of the log: those of a new database, and some more.
_ROOM: Final = 6 * 16 * 1024 * 1024 + 1024 * 1024
_MEGABYTE: Final = "SELECT pg_logical_emit_message(false, 'test', repeat('x', 1024 * 1024))"


def test_nothing_is_accepted_then_and_nothing_is_lost(homes: Path, encoder: ScriptedServer) -> None:
    with (
        small_disk(homes / "disk", _ROOM) as disk,
        soaking(homes, encoder, "log", before=lambda person: move_log(person, disk)) as (soak, person),
    ):
        send(soak, 5)
        disk.fill()
        fill_log(person)
        wait_until(lambda: not has_database(person), allowed(30))
        taken = len(soak.accepted)
        # While the keeper tries again and again.
        wait_until(lambda: said_why(person) > 1, allowed(60))
        send(soak, 3)
        assert (len(soak.accepted), soak.refused) == (taken, 3)

        disk.empty()
        wait_until(lambda: soak.send() or len(soak.accepted) > taken, allowed(60))  # type: ignore[func-returns-value]
        require_complete(soak, person, encoder, within_seconds=allowed(90))


def send(soak: Soak, files: int) -> None:
    for _ in range(files):
        soak.send()


def move_log(person: Person, disk: SmallDisk) -> None:
    """Of a new database, onto the disk."""
    with program(person, "migrate") as migrating:
        assert migrating.process.wait(120) == 0, migrating.output.read_text(errors="replace")
    wait_until(lambda: not has_keeper(person), allowed(15))
    log = person.data_dir / "embedded" / "postgres" / "pg_wal"
    subprocess.run(["cp", "-a", log, disk.folder / "log"], check=True)
    disk.folder.chmod(0o711)
    subprocess.run(["rm", "-r", log], check=True)
    log.symlink_to(disk.folder / "log")


def fill_log(person: Person) -> None:
    """Until PostgreSQL has ended over it."""
    with attach_or_start(person.data_dir) as cluster, suppress(psycopg.OperationalError):
        with psycopg.connect(cluster.superuser_conninfo, autocommit=True) as superuser:
            for _ in range(4 * _ROOM // 1024 // 1024):
                superuser.execute(_MEGABYTE)
        pytest.fail("there was room for all of it")


def has_keeper(person: Person) -> bool:
    try:
        return keeper_of(person.data_dir).is_running()
    except AssertionError:
        return False


def has_database(person: Person) -> bool:
    return any(process.name() == "postgres" for process in family(keeper_of(person.data_dir).pid))


def said_why(person: Person) -> int:
    """How often it was tried in vain."""
    log = person.data_dir / "embedded" / "logs" / "keeper.log"
    return log.read_text(errors="replace").count("No space left on device")
