"""`manage.py dump` and `restore_dump`: an embedded installation comes back whole in a new data folder alone."""

import os
import stat
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from kbchat.cli import attaching
from kbchat.embedded.cluster import Cluster
from kbchat.embedded.errors import EmbeddedError
from kbchat.settings.environment import PROJECT_ROOT
from tests.company import PAGE, add, found_company

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="the embedded servers need Linux"),
]

_KEY = "0123456789abcdefghij" * 2
_SERVERS = {"DATABASE_URL", "REDIS_URL", "KBCHAT_OWNER_DATABASE_URL", "KBCHAT_WORKER_DATABASE_URL"}


@pytest.fixture
def embedded(servers: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of commands that are called here, on the servers of the tests."""
    data_dir = tmp_path / "data"
    (data_dir / "blobs").mkdir(parents=True)
    (data_dir / "secret_key").write_text(_KEY)
    monkeypatch.setattr(attaching, "_cluster", servers)
    monkeypatch.setenv("KBCHAT_EMBEDDED_POSTGRES", "1")
    monkeypatch.setenv("KBCHAT_DATA_DIR", str(data_dir))
    return data_dir


def managed(data_dir: Path, *arguments: str) -> tuple[int, str]:
    """`manage.py ARGUMENTS` with embedded servers of its own: its exit code and what it says."""
    mine = _SERVERS | {"KBCHAT_PROCESS", "KBCHAT_EMBEDDED_POSTGRES", "KBCHAT_SECRET_KEY"}
    environment = {name: value for name, value in os.environ.items() if name not in mine}
    settings = {"DJANGO_SETTINGS_MODULE": "kbchat.settings.base", "KBCHAT_DATA_DIR": str(data_dir)}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT_ROOT,
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_dump_comes_back_whole_in_a_new_data_folder_and_in_no_other(embedded: Path, tmp_path: Path) -> None:
    backup, new = tmp_path / "backup", tmp_path / "new"
    out = StringIO()
    with override_settings(MEDIA_ROOT=embedded / "blobs"):
        company = found_company()
        add(company.admin, company.handbook, PAGE, "kept.md")
        (embedded / "blobs" / ".0123").write_text("not written to its end")
        call_command("dump", str(backup), stdout=out, stderr=StringIO())
    assert f"The database and 1 files stand in {backup}." in out.getvalue()
    assert sorted(path.name for path in backup.iterdir()) == [
        "blobs",
        "kbchat.dump",
        "roles.sql",
        "secret_key",
    ]
    assert not list(backup.glob("**/.*"))
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (backup, backup / "kbchat.dump")} == {0}
    with pytest.raises(CommandError, match="is not empty"):
        call_command("dump", str(backup))

    code, said = managed(new, "restore_dump", str(backup))
    assert code == 0, said
    assert f"It stands in {new}." in said
    assert (new / "secret_key").read_text() == _KEY
    code, said = managed(new, "reconcile")
    assert (code, said.splitlines()[-1]) == (0, "Nothing is left over and nothing is missing."), said
    code, said = managed(new, "restore_dump", str(backup))
    assert (code, "holds a database already, and nothing was changed" in said) == (1, True), said


def test_a_folder_that_is_no_backup_is_named(embedded: Path, tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=r"has no kbchat\.dump: name a folder that `manage\.py dump` wrote"
    ):
        call_command("restore_dump", str(tmp_path))


@pytest.mark.parametrize("command", ["dump", "restore_dump"])
def test_a_server_of_one_s_own_is_dumped_by_its_own_programs(
    embedded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Redis may be embedded nevertheless."""
    monkeypatch.delenv("KBCHAT_EMBEDDED_POSTGRES")
    with pytest.raises(EmbeddedError, match=r"DATABASE_URL names a server.*docs/backups\.md"):
        call_command(command, str(tmp_path / "backup"))
    assert not (tmp_path / "backup").exists()


def test_a_dump_that_is_cut_short_says_so(
    embedded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="the backup is not complete"):
        call_command("dump", str(tmp_path / "file" / "backup"))
