"""Background attempts and what they make of a version: chunks. Chunk text is under row-level security."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from kbchat.core.models import Leased, constraints_of_runs
from kbchat.documents.models import DocumentVersion, Section


class RunState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Somebody wanted it no more; its version stays as it was."""
    REJECTED = "rejected"
    """It holds malware, or nobody can say that it does not."""


UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


class Step(models.TextChoices):
    """Durable steps: a run that is interrupted starts again at the last one reached."""

    RECEIVED = "received"
    WAITING_FOR_SCAN = "waiting_for_scan"
    SCANNING = "scanning"
    PARSING = "parsing"
    RECOGNISING = "recognising"
    CHUNKING = "chunking"
    EMBEDDING = "embedding"
    READY = "ready"


class IngestionRun(Leased):
    """`attempts` are tries at the present step; a poison file stops after `MOST_ATTEMPTS`."""

    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    step = models.CharField(max_length=16, choices=Step.choices, default=Step.RECEIVED)
    progress = models.FloatField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    problem = models.CharField(max_length=60, default="")
    """Code of the last error, kept while it is retried and when it is final; never foreign text."""
    problem_facts = models.JSONField(default=dict)
    encoding = models.CharField(max_length=40, default="")
    """The encoding that an editor chose where it could not be told."""
    in_bulk = models.BooleanField(default=False, db_default=False)
    """One of so many that nobody waits for this one: it gives way to all that are not. Kept with the run, because the
    document does not tell: what a source brought in, a person may replace or try again, and then waits for it."""
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(state__in=["queued", "running"]),
                name="version_has_one_unfinished_run",
            ),
            *constraints_of_runs("run"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(state__in=["queued", "running"]),
                name="run_that_is_unfinished",
            )
        ]


class ScannedPage(models.Model):
    """A page of a version that is a picture, from when this is known until the version's text is stored. Workers alone
    read what stands in it."""

    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="scanned_pages")
    number = models.PositiveIntegerField()
    found = models.JSONField(null=True)
    """What was recognised on it (`parsing.recognised`); NULL: nobody has looked yet."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="page_of_version_is_scanned_once")
        ]


class Chunk(models.Model):
    """`text` is `content.text[start:end]` of its version, always. The id never leaves the server."""

    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="chunks")
    chunking_policy = models.CharField(max_length=60)
    ordinal = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    section = models.ForeignKey(Section, models.PROTECT, related_name="+")
    page = models.PositiveIntegerField(null=True)
    prefix = models.TextField(default="")
    """Title and headings that go in front when it is embedded and indexed; never shown as the document's text."""
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "chunking_policy", "ordinal"], name="chunk_ordinal_is_unique_in_version"
            ),
            models.CheckConstraint(condition=models.Q(start__lt=models.F("end")), name="chunk_is_not_empty"),
        ]
