"""When something is to be started. What that is, and what it does, is not known here: a schedule names both."""

from django.db import models
from django_celery_beat.models import CrontabSchedule

from kbchat.core.models import Addressable


class Schedule(Addressable):
    """`job` is looked up in the registry of whoever starts what is due; `subject_id` is handed to it.

    No text stands here. Who may see or change one is asked of its subject, by the use case that it belongs to.
    """

    job = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    crontab = models.ForeignKey(CrontabSchedule, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    """The next time, in one row: whoever starts it moves it on in the same transaction."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "subject_id"], name="subject_has_one_schedule_of_a_job")
        ]
        indexes = [models.Index(fields=["due_at"], name="schedule_by_due_time")]
