"""Builds of index generations: what is asked for, how far it is, and what the checks found. No text and no titles."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.core.models import Leased
from kbchat.indexing.models import IndexGeneration


class BuildState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    BUILT = "built"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (BuildState.QUEUED, BuildState.RUNNING, BuildState.PAUSED)


class Build(Leased):
    """The filling of one generation, from empty or from where it fell behind. A worker takes it for some seconds at a
    time: between two of them it is queued again, behind every upload that came meanwhile."""

    source = models.JSONField(default=dict)
    """What the encoder is opened by (`encoders.EncoderSource`); empty: what the workers' settings name."""
    generation = models.ForeignKey(IndexGeneration, models.CASCADE, null=True, related_name="builds")
    """None until a worker has opened the encoder."""
    is_new = models.BooleanField(default=False)
    """Whether it makes its generation, as somebody asked; else one that is kept had fallen behind."""
    state = models.CharField(max_length=10, choices=BuildState.choices, default=BuildState.QUEUED)
    ticket = models.UUIDField(default=uuid.uuid4)
    """What its job carries. It is another one each time that the build is queued: of jobs that were rung more than once
    for the same seconds of it, one goes on."""
    not_before = models.DateTimeField(db_default=Now())
    problem = models.CharField(max_length=60, default="")
    """Code of the last error, kept while it is tried again and when it is final."""
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    reached = models.BigIntegerField(default=0)
    """The last chunk, by id, that was written in order."""
    passages = models.PositiveIntegerField(default=0)
    """How many there are to write, as far as they were counted."""
    written = models.PositiveIntegerField(default=0)
    reused = models.PositiveIntegerField(default=0)
    """Of those written: whose vector was there already, made by the same encoder of the same text."""
    seconds = models.FloatField(default=0)
    """Spent writing them, and standing still meanwhile for whoever asks."""
    checks = models.JSONField(default=dict)
    """What `checking.checked` found; empty before the end."""
    override_reason = models.TextField(default="")
    """Why an administrator put in force what the checks refused."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["generation"],
                condition=models.Q(state__in=["queued", "running", "paused"]),
                name="generation_has_one_unfinished_build",
            ),
            models.UniqueConstraint(
                fields=["is_new"],
                condition=models.Q(is_new=True, state__in=["queued", "running", "paused"]),
                name="one_new_generation_is_built_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="running") | models.Q(lease__isnull=True),
                name="only_a_running_build_is_leased",
            ),
        ]


class ShadowFigures(models.Model):
    """Sums over `asked` questions of people that were asked of `generation` besides the one that answered them, for
    nobody to see (`rebuilding.shadowing`). No question, and nobody who asked one. `correlated`: of those, for how many
    ranks could be compared."""

    pk = models.CompositePrimaryKey("generation_id", "compared_with_id")
    generation = models.ForeignKey(IndexGeneration, models.CASCADE, related_name="+")
    compared_with = models.ForeignKey(IndexGeneration, models.CASCADE, related_name="+")
    asked = models.PositiveIntegerField()
    overlap = models.FloatField()
    correlated = models.PositiveIntegerField()
    correlation = models.FloatField()
    seconds_before = models.FloatField()
    seconds_now = models.FloatField()
