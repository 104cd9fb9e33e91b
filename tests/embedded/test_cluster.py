"""The embedded servers: for root and an ordinary user, one program and several, whatever is killed."""

import os
import shutil
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from kbchat.embedded.cluster import Cluster, attach_or_start
from kbchat.embedded.errors import EmbeddedError
from tests.person import (
    Person,
    family,
    keeper_of,
    make_person,
    of_each,
    read_line,
    seconds_until_gone,
)
from tests.waiting import allowed

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="the embedded servers need Linux")

HOLDER = """
import sys
from pathlib import Path
from kbchat.embedded.cluster import attach_or_start
from kbchat.embedded.errors import EmbeddedError
try:
    cluster = attach_or_start(Path(sys.argv[1]))
except EmbeddedError as error:
    sys.exit(f"refused {error}")
print("held", cluster.database_url, flush=True)
sys.stdin.readline()
cluster.close()
print("closed", flush=True)
"""


@pytest.fixture(scope="module")
def cluster(homes: Path) -> Iterator[Cluster]:
    """One cluster in this process, for the tests that only look at it."""
    with attach_or_start(homes / "looked-at") as running:
        yield running


def test_each_role_connects_to_its_own_database_and_no_role_is_above_the_policies(cluster: Cluster) -> None:
    urls = {
        "kbchat_app": cluster.database_url,
        "kbchat_owner": cluster.owner_database_url,
        "kbchat_worker": cluster.worker_database_url,
    }
    for role, url in urls.items():
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_user::text, current_database()::text").fetchone() == (
                role,
                "kbchat",
            )
            flags = connection.execute(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s",
                (role,),
            ).fetchone()
            # The owner makes the roles that the tables are granted to (kbchat.access.provisioning).
            assert flags == (False, False, role == "kbchat_owner", False)


def test_the_database_knows_vectors_and_chinese(cluster: Cluster) -> None:
    with psycopg.connect(cluster.owner_database_url) as connection:
        row = connection.execute(
            "SELECT '[1,2]'::vector <-> '[1,4]'::vector, upper('é年假'), length('年假')"
        ).fetchone()
        assert row == (2.0, "É年假", 2)
        row = connection.execute(
            "SELECT datlocprovider::text, datlocale, pg_get_userbyid(datdba)::text FROM pg_database"
            " WHERE datname = 'kbchat'"
        ).fetchone()
        assert row == ("b", "C.UTF-8", "kbchat_owner")


def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(cluster.database_url, password="wrong")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(
            unix_socket_path=str(cluster.sockets / "redis.sock"),
            password="wrong",
            retry=Retry(NoBackoff(), 0),
        ).ping()


def test_redis_keeps_what_it_is_given(cluster: Cluster) -> None:
    client = redis.Redis.from_url(cluster.redis_url)
    assert client.ping()
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_servers_listen_on_private_sockets_alone_and_never_run_as_root(cluster: Cluster) -> None:
    keeper = keeper_of(cluster.logs.parent.parent)
    servers = [process for process in keeper.children() if "watcher.py" not in " ".join(process.cmdline())]
    assert len(servers) == 2
    for process in servers:
        assert process.uids().effective != 0
        assert process.net_connections("inet") == []
    assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700


def test_no_password_is_on_a_command_line_in_a_log_or_readable_by_others(cluster: Cluster) -> None:
    folder = cluster.logs.parent
    secrets = folder / "secrets.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    passwords = [value for value in secrets.read_text().split('"') if len(value) == 32]
    assert len(passwords) == 5
    shown = [log.read_text() for log in cluster.logs.iterdir()]
    shown += of_each(family(keeper_of(folder.parent).pid), lambda process: " ".join(process.cmdline()))
    assert not [password for password in passwords if any(password in text for text in shown)]


@pytest.mark.timed
def test_servers_work_in_a_closed_home_and_end_with_the_program(person: Person) -> None:
    with person.running(HOLDER, person.data_dir) as holder:
        url = read_line(holder, "held ")
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        processes = family(keeper_of(person.data_dir).pid)
        owners = of_each(processes, lambda process: (process.name(), process.uids().effective))
        owner = 65534 if person.uid == 0 else person.uid
        assert {uid for name, uid in owners if name == "postgres"} == {owner}
        assert len(processes) > 6
        holder.communicate("\n", timeout=10)
        assert holder.returncode == 0
        # `close` has waited, so nothing is left when the program ends.
        assert seconds_until_gone(processes, allowed(1.0)) < allowed(1.0)
    assert stat.S_IMODE(person.home.stat().st_mode) == 0o700
    assert not (person.data_dir / "embedded" / "run").exists()


def test_a_killed_program_leaves_nothing_behind(person: Person) -> None:
    with person.running(HOLDER, person.data_dir) as holder:
        read_line(holder, "held ")
        processes = family(keeper_of(person.data_dir).pid)
        holder.kill()
        seconds_until_gone(processes, 5.0)


def test_a_killed_keeper_leaves_nothing_behind_and_the_next_start_recovers(person: Person) -> None:
    with person.running(HOLDER, person.data_dir) as holder:
        with psycopg.connect(read_line(holder, "held ")) as connection:
            connection.execute("SELECT 1")
        keeper = keeper_of(person.data_dir)
        processes = family(keeper.pid)
        keeper.kill()
        seconds_until_gone(processes, 5.0)
        with person.running(HOLDER, person.data_dir) as other:
            psycopg.connect(read_line(other, "held ")).close()
            # The death signal alone, which a change of user would have cleared: without the watcher.
            keeper = keeper_of(person.data_dir)
            watcher, *servers = sorted(
                keeper.children(), key=lambda child: "watcher.py" not in child.cmdline()[-1]
            )
            watcher.kill()
            keeper.kill()
            seconds_until_gone(servers, 5.0)


def test_two_that_start_at_once_share_the_servers_and_the_last_one_ends_them(person: Person) -> None:
    with person.running(HOLDER, person.data_dir) as one, person.running(HOLDER, person.data_dir) as two:
        urls = {read_line(one, "held "), read_line(two, "held ")}
        assert len(urls) == 1
        processes = family(keeper_of(person.data_dir).pid)
        # The one that started them leaves first, whichever it was.
        starter = psutil.Process(processes[0].ppid()).pid
        first, last = (one, two) if starter == one.pid else (two, one)
        first.communicate("\n", timeout=10)
        time.sleep(0.5)
        psycopg.connect(urls.pop()).close()
        keeper, *servers = processes[0], *processes[0].children()
        assert len(servers) > 1
        assert all(process.is_running() for process in [keeper, *servers])
        last.communicate("\n", timeout=10)
        seconds_until_gone(processes, 5.0)


def test_a_folder_that_cannot_be_written_is_named_with_the_next_step(homes: Path) -> None:
    (homes / "closed").mkdir(mode=0o711)
    person = make_person("user", homes / "closed")
    person.home.chmod(0o500)
    with person.running(HOLDER, person.data_dir) as holder:
        words = read_line(holder, "refused ")
    assert str(person.data_dir) in words
    assert "KBCHAT_DATA_DIR" in words
    person.home.chmod(0o700)


def test_the_data_of_another_user_is_left_alone(homes: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    (homes / "shared").mkdir(mode=0o711)
    person = make_person("user", homes / "shared")
    foreign = person.data_dir / "embedded" / "postgres"
    foreign.mkdir(parents=True)
    for path in (person.data_dir, foreign.parent):
        os.chown(path, person.uid, person.uid)
    with person.running(HOLDER, person.data_dir) as holder:
        words = read_line(holder, "refused ")
    assert "belongs to user id 0" in words
    assert "KBCHAT_DATA_DIR" in words


def test_root_in_somebodys_data_folder_leaves_it_usable_by_them(user: Person) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with user.running(HOLDER, user.data_dir) as holder:
        read_line(holder, "held ")
        holder.communicate("\n", timeout=10)
    folder = user.data_dir / "embedded"
    for path in [*folder.glob("*.lock"), *folder.glob("logs/*")]:
        path.unlink()
    (folder / "logs").rmdir()
    with attach_or_start(user.data_dir):
        pass
    with user.running(HOLDER, user.data_dir) as holder:
        psycopg.connect(read_line(holder, "held ")).close()


def test_a_database_half_created_is_created_anew(homes: Path) -> None:
    data_dir = homes / "half"
    unfinished = data_dir / "embedded" / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with attach_or_start(data_dir) as cluster:
        psycopg.connect(cluster.database_url).close()
    assert not unfinished.exists()


def test_a_deep_folder_puts_its_sockets_in_a_short_private_one(homes: Path) -> None:
    data_dir = homes / ("deep" * 30)
    (homes / "half").rename(data_dir)
    with attach_or_start(data_dir) as cluster:
        assert data_dir not in cluster.sockets.parents
        assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
        psycopg.connect(cluster.database_url).close()
        keeper = keeper_of(data_dir)
        processes = family(keeper.pid)
        left = cluster.sockets
        keeper.kill()
        seconds_until_gone(processes, 5.0)
    assert left.exists()
    # What a killed keeper left outside is remembered in the data folder, and removed.
    with attach_or_start(data_dir) as cluster:
        assert cluster.sockets != left
    assert not left.exists()
    assert not cluster.sockets.exists()


def test_what_lies_where_the_sockets_belong_does_not_stop_the_servers(homes: Path) -> None:
    data_dir = homes / "half"
    sockets = data_dir / "embedded" / "run"
    sockets.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(sockets / ".s.PGSQL.5432"))
        with attach_or_start(data_dir) as cluster:
            psycopg.connect(cluster.database_url).close()


def test_a_crashed_server_is_started_again_while_somebody_uses_it(homes: Path) -> None:
    data_dir = homes / "half"
    with attach_or_start(data_dir) as cluster:
        keeper = keeper_of(data_dir)
        for name in ("postgres", "redis-server"):
            (server,) = [process for process in keeper.children() if process.name() == name]
            server.kill()
        deadline = time.monotonic() + 15
        while True:
            try:
                psycopg.connect(cluster.database_url).close()
                assert redis.Redis.from_url(cluster.redis_url).ping()
                break
            except (psycopg.OperationalError, redis.ConnectionError):
                assert time.monotonic() < deadline
                time.sleep(0.2)
        assert cluster.is_alive()


def test_a_keeper_told_to_leave_waits_for_those_who_use_the_servers(homes: Path) -> None:
    data_dir = homes / "half"
    cluster = attach_or_start(data_dir)
    keeper = keeper_of(data_dir)
    processes = family(keeper.pid)
    keeper.send_signal(signal.SIGTERM)
    time.sleep(1.0)
    psycopg.connect(cluster.database_url).close()
    cluster.close()
    seconds_until_gone(processes, 2.0)
    assert not cluster.is_alive()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "postgres/PG_VERSION",
            "17\n",
            r"PostgreSQL 17 .*`manage\.py dump FOLDER`.*`manage\.py restore_dump FOLDER`",
        ),
        ("secrets.json", None, "secrets.json is missing"),
        ("secrets.json", "{", "secrets.json is damaged"),
    ],
)
def test_data_that_cannot_be_used_is_named(homes: Path, name: str, text: str | None, words: str) -> None:
    data_dir = homes / "unusable"
    shutil.rmtree(data_dir, ignore_errors=True)
    (data_dir / "embedded" / "postgres").mkdir(parents=True)
    (data_dir / "embedded" / "postgres" / "PG_VERSION").write_text("18\n")
    if name != "secrets.json":
        passwords = ("superuser", "owner", "application", "worker", "redis")
        fields = ",".join(f'"{each}_password":"x"' for each in passwords)
        (data_dir / "embedded" / "secrets.json").write_text("{" + fields + "}")
    if text is not None:
        (data_dir / "embedded" / name).write_text(text)
    with pytest.raises(EmbeddedError, match=words) as caught:
        attach_or_start(data_dir)
    assert caught.value.next_step
