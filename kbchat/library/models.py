"""Sources that fill a collection, what each of them held, and the runs that read them. Row-level security shows them to
the collection's owners (0001_initial)."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.core.models import Addressable, Leased, constraints_of_runs
from kbchat.documents.models import MOST_PATH_CHARACTERS, Collection, Document

MOST_NAME_CHARACTERS = 200


class PermissionsFrom(models.TextChoices):
    """Who says who reads a source's documents."""

    COLLECTION = "collection"
    SOURCE = "source"


class KeptSource(Addressable):
    """`place` never changes: another place is another source. `sealed_secrets`: what else it takes to read it, as JSON
    by the names of its kind's fields; "" for nothing. `keeper`: on whose behalf it is read; without one who may
    edit the collection at that moment nothing is. `revision`: of the last complete listing, where nothing of it is
    still to be fetched."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=MOST_NAME_CHARACTERS)
    place = models.JSONField()
    sealed_secrets = models.TextField(default="", db_default="")
    permissions_from = models.CharField(
        max_length=10,
        choices=PermissionsFrom.choices,
        default=PermissionsFrom.COLLECTION,
        db_default=PermissionsFrom.COLLECTION,
    )
    keeper = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    revision = models.CharField(max_length=100, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "name"], name="source_name_is_unique_in_collection")
        ]


class SourceRunState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    """It was due while another one was under way."""


UNFINISHED = (SourceRunState.QUEUED, SourceRunState.RUNNING)


class SourceRun(Leased):
    """`due_at`: for when its schedule had it; NULL: somebody started it. `approves`: the run whose held removals
    somebody let through.

    Of `total` listed items `done` were looked at: `new`, `changed`, `unchanged`, `refused`, or `left_out`, because
    somebody deleted or moved the document here. `removed` documents went with their items, `held` ones wait.

    `unread_pictures` of what was passed over were not taken in because no text is recognised in pictures; NULL: nobody
    has counted.

    Where the source says who reads what, it says something else than before of `readers_changed` documents, and
    `withheld` items are for owners alone because of `permissions_problem`, a code.
    """

    source = models.ForeignKey(KeptSource, models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=SourceRunState.choices, default=SourceRunState.QUEUED)
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(null=True)
    approves = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    problem = models.CharField(max_length=60, default="")
    problem_facts = models.JSONField(default=dict)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    passed_over = models.PositiveIntegerField(default=0)
    unread_pictures = models.PositiveIntegerField(null=True)
    readers_changed = models.PositiveIntegerField(default=0, db_default=0)
    withheld = models.PositiveIntegerField(default=0, db_default=0)
    permissions_problem = models.CharField(max_length=60, default="", db_default="")
    permissions_facts = models.JSONField(default=dict, db_default={})
    mirrored = models.JSONField(default=list, db_default=models.Value([], output_field=models.JSONField()))
    """Until it ends: whose readers are others by it, as the audit trail will have it."""
    is_complete = models.BooleanField(default=True)
    """Whether all of the source could be listed."""
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(state__in=["queued", "running"]),
                name="source_has_one_unfinished_run",
            ),
            *constraints_of_runs("source_run"),
        ]
        indexes = [models.Index(fields=["source", "-created_at"], name="source_run_newest_first")]

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        until = self.finished_at or timezone.now()
        return (until - self.started_at).total_seconds() if self.started_at else 0.0

    @property
    def seconds_left(self) -> float | None:
        """By how long it took until now; None where nothing tells."""
        if self.state != SourceRunState.RUNNING or not self.total or not self.done:
            return None
        return self.seconds * (self.total - self.done) / self.done


class TrialState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"


class SourceTrial(Addressable):
    """A look at a place before it is kept, for `asked_by`, who waits for it: so it is done now or never, and the row
    goes when he was told. `has_documents`: what was found, NULL where that does not tell. `cause`: the code of the
    error's class where there was one, beside its own, `problem`; "" where there was none."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    place = models.JSONField()
    sealed_secrets = models.TextField(default="")
    state = models.CharField(max_length=10, choices=TrialState.choices, default=TrialState.QUEUED)
    has_documents = models.BooleanField(null=True)
    cause = models.CharField(max_length=20, default="")
    problem = models.CharField(max_length=60, default="")
    problem_facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())


class SourceItem(models.Model):
    """One thing that the source held when it was last listed. `document` NULL although it `was_taken_in`: somebody
    deleted it here, and it stays away. `held_in`: the run that found it gone and did not dare to remove its
    document."""

    source = models.ForeignKey(KeptSource, models.CASCADE, related_name="items")
    path = models.CharField(max_length=MOST_PATH_CHARACTERS)
    mark = models.CharField(max_length=200, default="")
    validator = models.TextField(default="")
    document = models.ForeignKey(Document, models.SET_NULL, null=True, related_name="+")
    was_taken_in = models.BooleanField(default=False)
    problem = models.CharField(max_length=60, default="")
    problem_facts = models.JSONField(default=dict)
    held_in = models.ForeignKey(SourceRun, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "path"], name="item_path_is_unique_in_source")
        ]
