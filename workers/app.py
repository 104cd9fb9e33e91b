"""The Celery app and its schedule. `celery -A workers worker -Q parse,maintenance`, `… -Q embed -P solo`,
`… -Q sources -P threads`, `… beat`."""

import os
import warnings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kbchat.settings.base")
os.environ.setdefault("KBCHAT_PROCESS", "worker")

from celery import Celery
from celery.platforms import SecurityWarning
from django.conf import settings

from kbchat.core.jobs import QUEUE_OF, Job

SWEEP_SECONDS = 15.0
PURGE_SECONDS = 60.0
RULES_SECONDS = 3600.0
CATCH_UP_SECONDS = 60.0
VECTOR_INDEX_SECONDS = 300.0
START_SECONDS = 15.0
MOST_TASKS = 1000
MOST_KILOBYTES = 1024 * 1024

# Root is welcome: files are parsed in a sandbox, and jobs hold ids only.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("kbchat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    imports=["workers.tasks", "workers.processes"],
    # Work stands in rows with leases: a job that is lost with its worker is rung again by the sweeper.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    # A process that parses gives back what libraries have kept or lost; the file itself is read in a child of its own.
    worker_max_tasks_per_child=MOST_TASKS,
    worker_max_memory_per_child=MOST_KILOBYTES,
    worker_send_task_events=False,
    task_routes={job.value: {"queue": queue.value} for job, queue in QUEUE_OF.items()},
    beat_schedule={
        "sweep runs": {"task": Job.SWEEP_RUNS.value, "schedule": SWEEP_SECONDS},
        "purge what was deleted": {"task": Job.PURGE_DELETED.value, "schedule": PURGE_SECONDS},
        "apply the rules of retention": {"task": Job.APPLY_RULES.value, "schedule": RULES_SECONDS},
        "sweep builds": {"task": Job.SWEEP_BUILDS.value, "schedule": SWEEP_SECONDS},
        "fill what fell behind": {"task": Job.CATCH_UP.value, "schedule": CATCH_UP_SECONDS},
        "keep vector indexes": {"task": Job.KEEP_VECTOR_INDEXES.value, "schedule": VECTOR_INDEX_SECONDS},
        "start what is due": {"task": Job.START_DUE.value, "schedule": START_SECONDS},
    },
    timezone=settings.TIME_ZONE,
)
