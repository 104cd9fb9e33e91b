"""Trying a source with real processes: who asks looks at nothing, and who looks is a worker that reads sources."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from kbchat.core.errors import Invalid, Unavailable
from kbchat.library.models import SourceRun, SourceTrial
from kbchat.library.sources import trying
from kbchat.library.sources.keeping import start_source
from kbchat.library.sources.trying import try_place
from kbchat.sources.bucket import BucketSource
from kbchat.sources.folder import FolderSource
from tests.company import Company, found_company
from tests.contracts.s3_server import S3Server
from tests.rules.web_support import reach
from tests.servers import as_worker
from tests.services.sources_support import surroundings_of, watched, write
from tests.waiting import allowed, wait_until
from tests.workers.worker_process import celery

pytestmark = pytest.mark.django_db(transaction=True)

READING = ("worker", "-Q", "sources", "-P", "threads", "-c", "2", "--without-gossip", "--without-mingle")


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def connected() -> Iterator[redis.Redis]:
    """Empty before and after: a job that nobody took is there for the next test's worker."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture(autouse=True)
def nobody_looks_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: object) -> None:
        raise AssertionError("the process that was asked looked there itself")

    for kind in (FolderSource, BucketSource):
        monkeypatch.setattr(kind, "glimpse", look)
    # Until a worker has started.
    monkeypatch.setattr(trying, "WAIT_SECONDS", allowed(30))


def test_a_worker_looks_and_who_asked_is_told(
    company: Company, connected: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KBCHAT_SOURCE_ROOTS", f'["{tmp_path}"]')
    write(tmp_path, page="Words.")
    (tmp_path / "empty").mkdir()
    open_to_it = surroundings_of(tmp_path)
    with celery(*READING):
        for folder, found in ((tmp_path, True), (tmp_path / "empty", False)):
            place = {"folder": str(folder)}
            assert try_place(company.admin, company.handbook.id, "folder", place, open_to_it) is found
        place = {"folder": str(tmp_path / "gone")}
        with pytest.raises(Unavailable, match="source_folder_missing"):
            try_place(company.admin, company.handbook.id, "folder", place, open_to_it)
    with as_worker():
        assert not SourceTrial.objects.exists()


def test_keys_reach_the_worker_and_never_redis(
    company: Company, connected: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with S3Server() as s3:
        s3.bucket("notes", **{"leave.md": b"# Leave"})
        open_to_it = reach(s3.origin)
        monkeypatch.setenv("KBCHAT_SOURCE_ORIGINS", f'["{s3.origin}"]')
        monkeypatch.setenv("KBCHAT_SOURCE_NETWORKS", '["127.0.0.0/8"]')
        place, held = dict(s3.place("notes")), []

        def meanwhile(seconds: float) -> None:
            held.append(everything_in(connected))
            assert connection.connection is None, "a connection is held while nobody needs it"
            real_sleep(seconds)

        real_sleep = trying.sleep
        monkeypatch.setattr(trying, "sleep", meanwhile)
        monkeypatch.setattr(trying, "WAIT_SECONDS", 0.5)
        with pytest.raises(Unavailable, match="source_trial_unanswered"):
            try_place(company.admin, company.handbook.id, "bucket", place, open_to_it)
        # Nobody took the job, which stands there still, with an id.
        assert "library.try_source" in held[-1]
        assert re.search(r'\[\["[0-9a-f-]{36}"\], \{\}', held[-1])
        monkeypatch.setattr(trying, "WAIT_SECONDS", allowed(30))
        with celery(*READING):
            assert try_place(company.admin, company.handbook.id, "bucket", place, open_to_it)
            wrong = place | {"secret_key": "zwiebelfisch"}
            with pytest.raises(Invalid, match="source_credentials_refused"):
                try_place(company.admin, company.handbook.id, "bucket", wrong, open_to_it)
            # The first one's job was read, too: there is nothing to look at any more.
            wait_until(lambda: connected.llen("sources") == 0, allowed(10))
    for told in held:
        assert place["secret_key"] not in told
        assert "zwiebelfisch" not in told


def test_whoever_waits_for_a_look_is_before_all_runs_that_wait(
    company: Company, connected: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KBCHAT_SOURCE_ROOTS", f'["{tmp_path}"]')
    for number in range(5):
        write(tmp_path, **{f"{number}__page": "Words."})
        start_source(company.admin, watched(company, tmp_path / str(number)).id)
    monkeypatch.setattr(trying, "_awaited", lambda *_: None)
    place = {"folder": str(tmp_path)}
    try_place(company.admin, company.handbook.id, "folder", place, surroundings_of(tmp_path))

    def a_run_has_begun() -> bool:
        with as_worker():
            return SourceRun.objects.exclude(state="queued").exists()

    with celery("worker", "-Q", "sources", "-P", "solo", "--without-gossip", "--without-mingle"):
        wait_until(a_run_has_begun, allowed(30))
        with as_worker():
            assert SourceTrial.objects.get().state == "ended"


def everything_in(connected: redis.Redis) -> str:
    """What stands there, with the arguments of the jobs that wait."""
    found = []
    for key in connected.scan_iter():
        match connected.type(key):
            case b"list":
                items = connected.lrange(key, 0, -1)
                found += [*items, *(b64decode(json.loads(item)["body"]) for item in items)]
            case b"hash":
                found += [connected.hgetall(key)]
            case b"set":
                found += [connected.smembers(key)]
            case b"zset":
                found += [connected.zrange(key, 0, -1)]
            case _:
                found += [connected.get(key)]
    return "\n".join(map(repr, found))
