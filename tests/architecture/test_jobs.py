"""The names that kbchat rings are the tasks that the workers have."""

from kbchat.core.jobs import QUEUE_OF, Job
from workers.app import app


def test_every_job_is_a_task_and_every_task_a_job() -> None:
    app.loader.import_default_modules()
    assert {name for name in app.tasks if not name.startswith("celery.")} == {job.value for job in Job}


def test_every_job_has_a_queue_and_its_task_goes_there() -> None:
    assert set(QUEUE_OF) == set(Job)
    for job in Job:
        assert app.conf.task_routes[job.value] == {"queue": job.queue.value}


def test_the_schedule_rings_jobs_only() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= {job.value for job in Job}
