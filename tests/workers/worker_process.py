"""Worker processes of the product for tests: a job in a process of its own that may die at a chosen place, and real
Celery workers.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from kbchat.core.jobs import Job
from kbchat.settings.environment import PROJECT_ROOT

# Runs one job. `death`: "module:function" whose call kills the process; "after module:function": its return.
_JOB = """
import importlib, os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "kbchat.settings.base"
import django
django.setup()
from uuid import UUID
from kbchat.inference.scripted import HashEmbedder
from kbchat.library import ingesting, purging
from kbchat.parsing.sandbox import SandboxLimits
job, death, *ids = sys.argv[1:]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if death:
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
ingesting._BATCH_PASSAGES = 2
if job == "PARSE_RUN":
    ingesting.parse_run(UUID(ids[0]), counter=HashEmbedder(), limits=SandboxLimits())
elif job == "INDEX_RUN":
    ingesting.index_run(UUID(ids[0]), embedder=HashEmbedder())
else:
    purging.purge_deleted()
"""


def run_job(job: Job, *ids: UUID, death: str = "") -> int:
    """The exit code of one job in a process of its own; -9 when it died where it should."""
    command = [sys.executable, "-c", _JOB, job.name, death, *map(str, ids)]
    done = subprocess.run(command, cwd=PROJECT_ROOT, env=_worker_environment(), timeout=60, check=False)
    return done.returncode


@contextmanager
def celery(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`celery -A workers ARGUMENTS` for the time of the block; ended with everything it started."""
    command = [sys.executable, "-m", "celery", "-A", "workers", *arguments]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=_worker_environment(), start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _worker_environment() -> dict[str, str]:
    return os.environ | {"KBCHAT_PROCESS": "worker", "DJANGO_SETTINGS_MODULE": "kbchat.settings.base"}
