"""Worker processes of the product for tests: jobs in processes of their own that may die at a chosen place, and real
Celery workers.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import UUID

from kbchat.core.jobs import Job
from kbchat.settings.environment import PROJECT_ROOT

# Runs each job that it reads in a process of its own, forked from one that has loaded the program: loading it takes
# longer than any of the jobs. `death`: "module:function" whose call kills the process; "after module:function": its
# return. No connection is open yet where it forks.
_JOBS = """
import importlib, json, os, signal, sys, traceback
os.environ["DJANGO_SETTINGS_MODULE"] = "kbchat.settings.base"
import django
django.setup()
from uuid import UUID
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat import composition
from kbchat.indexing import filling
from kbchat.library import indexing_runs, ingesting, purging
from kbchat.library.sources import running
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import User
from kbchat.rebuilding import building, switching
from tests.services.rebuilding_support import encoders
indexing_runs._BATCH_PASSAGES = 2
# A batch at a time, so that a build is handed on.
filling.BATCH, building._AT_A_TIME_SECONDS = 4, 0.0

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_at(death):
    when, _, place = death.rpartition(" ")
    module, _, name = place.partition(":")
    owner = importlib.import_module(module)
    original = getattr(owner, name)
    def wrapped(*args, **kwargs):
        if not when:
            die()
        result = original(*args, **kwargs)
        die()
    setattr(owner, name, wrapped)

def work(job, ids):
    if job == "PARSE_RUN":
        ingesting.parse_run(UUID(ids[0]), encoders=only(HashEmbedder()), limits=SandboxLimits())
    elif job == "INDEX_RUN":
        ingesting.index_run(UUID(ids[0]), encoders=only(HashEmbedder()))
    elif job == "GO_ON_BUILDING":
        building.go_on_building(UUID(ids[0]), UUID(ids[1]), encoders=encoders())
    elif job == "PUT_IN_FORCE":
        viewer = viewer_of(User.objects.get(pk=ids[0]))
        switching.put_in_force(viewer, int(ids[1]), instead_of=int(ids[2]))
    elif job == "RUN_SOURCE":
        running.run_source(UUID(ids[0]), composition.surroundings_of_sources())
    else:
        purging.purge_deleted()

for line in sys.stdin:
    job, death, ids = json.loads(line)
    child = os.fork()
    if not child:
        try:
            if death:
                die_at(death)
            work(job, ids)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Jobs:
    """Starts one job after another, each in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, job: Job, *ids: UUID, death: str = "") -> int:
        """The exit code of its process; -9 when it died where it should."""
        return self._run(job.name, ids, death)

    def put_in_force(self, administrator: UUID, generation: int, instead_of: int, *, death: str) -> int:
        """As `run`; with the rights of the web."""
        return self._run("PUT_IN_FORCE", (administrator, generation, instead_of), death)

    def _run(self, name: str, arguments: Sequence[object], death: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        sent = json.dumps([name, death, [str(each) for each in arguments]])
        print(sent, file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


@contextmanager
def running_jobs(*, as_application: bool = False) -> Iterator[Jobs]:
    """Where the servers of the tests run already; ended with the block. With the rights of workers, or of the web."""
    command = [sys.executable, "-c", _JOBS]
    with subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=_worker_environment() | ({"KBCHAT_PROCESS": "application"} if as_application else {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Jobs(process)
        finally:
            process.kill()


@contextmanager
def celery(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`celery -A workers ARGUMENTS` for the time of the block; ended with everything it started."""
    command = [sys.executable, "-m", "celery", "-A", "workers", *arguments]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=_worker_environment(), start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _worker_environment() -> dict[str, str]:
    return os.environ | {"KBCHAT_PROCESS": "worker", "DJANGO_SETTINGS_MODULE": "kbchat.settings.base"}
