"""Upkeep: what is looked at again and again so that search stays as good as it was. No text and no titles."""

import uuid
from typing import Final

from django.db import models
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.core.models import Leased, constraints_of_runs

LIBRARY: Final = uuid.UUID(int=0)
"""The subject of what is done once for everybody."""


class Task(models.TextChoices):
    GOLDEN_QUESTIONS = "golden_questions"
    """All golden questions of a person, asked under his rights."""
    CALIBRATION = "calibration"
    """Weights and calibration of every index that is kept, fitted anew on a person's golden questions."""
    INDEX_HEALTH = "index_health"
    """What the index finds, and what hinders it. A worker's to do: nobody's rights are needed for it."""


class RunState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It was due while another one was under way."""


class Cause(models.TextChoices):
    """What had changed before a run that neither a person nor a schedule started."""

    SOURCE = "source"
    """A run of a source had changed documents."""
    FITTED = "fitted"
    """Weights and calibration had been fitted anew."""
    SWITCHED = "switched"
    """Another index had been put in force."""
    GROWN = "grown"
    """The library had grown since weights and calibration were fitted."""


UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


class UpkeepRun(Leased):
    """`subject_id`: whose questions are asked, or LIBRARY. `person`: in whose name. `due_at`: for when its schedule had
    it; NULL: the person started it, or, where there is a `cause`, something had changed."""

    task = models.CharField(max_length=20, choices=Task.choices)
    subject_id = models.UUIDField()
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    due_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=timezone.now)
    cause = models.CharField(max_length=10, choices=Cause.choices, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=60, default="")
    problem_facts = models.JSONField(default=dict)
    found = models.JSONField(default=dict)
    """Numbers, ids and names of tables, by task."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "subject_id"],
                condition=models.Q(state__in=["queued", "running"]),
                name="task_has_one_unfinished_run_of_a_subject",
            ),
            *constraints_of_runs("upkeep_run"),
        ]
        indexes = [models.Index(fields=["task", "subject_id", "-created_at"], name="upkeep_run_newest_first")]

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        until = self.finished_at or timezone.now()
        return (until - self.started_at).total_seconds() if self.started_at else 0.0
