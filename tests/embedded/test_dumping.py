"""A dump of the embedded database: what is in it, who may read it, and that another server brings it back."""

import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from kbchat.embedded import dumping
from kbchat.embedded.cluster import attach_or_start
from kbchat.embedded.dumping import DUMP, ROLES, is_empty, restore_dump, write_dump
from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.postgres import programs_folder

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="the embedded servers need Linux")

# As every table of ours: what its own owner would not dump.
_TABLE = """
CREATE ROLE kept_by NOLOGIN;
CREATE TABLE kept (words text);
INSERT INTO kept VALUES ('twenty-eight days');
ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
ALTER TABLE kept FORCE ROW LEVEL SECURITY;
CREATE POLICY nobody ON kept TO kept_by USING (false)
"""


def test_what_is_dumped_is_private_and_comes_back_whole_into_an_empty_database(
    homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = homes / "backup"
    folder.mkdir()
    with attach_or_start(homes / "one") as cluster:
        assert is_empty(cluster)
        with psycopg.connect(cluster.owner_database_url) as connection:
            connection.execute(_TABLE)
        assert not is_empty(cluster)
        write_dump(cluster, folder)
        with monkeypatch.context() as patch:
            patch.setattr(dumping, "DATABASE", "nowhere")
            with pytest.raises(EmbeddedError, match=r'pg_dump failed: .*"nowhere" does not exist') as caught:
                write_dump(cluster, folder)
        assert str(cluster.logs) in caught.value.next_step
    # Of the dump that failed nothing is left, and the other one is still there.
    assert sorted(path.name for path in folder.iterdir()) == [DUMP, ROLES]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert "PASSWORD" not in (folder / ROLES).read_text()
    listed = subprocess.run(
        [programs_folder() / "pg_restore", "--list", folder / DUMP],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "TABLE DATA public kept kbchat_owner" in listed
    with attach_or_start(homes / "another") as cluster:
        restore_dump(cluster, folder)
        with psycopg.connect(cluster.superuser_conninfo, dbname="kbchat") as connection:
            assert connection.execute("SELECT words FROM kept").fetchone() == ("twenty-eight days",)
        # The passwords of the new folder hold.
        for url in (cluster.database_url, cluster.worker_database_url, cluster.owner_database_url):
            psycopg.connect(url).close()
        with pytest.raises(EmbeddedError, match="already exists"):
            restore_dump(cluster, folder)
