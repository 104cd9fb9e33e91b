"""Knowledge gaps: questions that the library did not answer, as their askers handed them over.

A report is its asker's row and goes with his question; a gap is what several reports are about, and holds no word of
theirs. Who sees which, the database says (0001_initial).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from pgvector.django import VectorField

from kbchat.accounts.models import User
from kbchat.chat.models import Turn
from kbchat.core.models import Addressable


class GapState(models.TextChoices):
    OPEN = "open"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    DISMISSED = "dismissed"


class Gap(Addressable):
    """Made and deleted by the database, with its first and its last report."""

    collections = ArrayField(models.UUIDField(), default=list)
    """In which it was asked, in order; empty: in all that the asker may read."""
    state = models.CharField(max_length=10, choices=GapState.choices, default=GapState.OPEN)
    assignee = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    document_id = models.UUIDField(null=True)
    """The document that answers. A plain id, so that it keeps nobody from purging the document."""
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="assigned", assignee__isnull=False)
                | ~models.Q(state__in=["assigned", "open"])
                | models.Q(state="open", assignee__isnull=True),
                name="assigned_gap_names_a_person",
            ),
            models.CheckConstraint(
                condition=models.Q(state="answered", document_id__isnull=False)
                | (~models.Q(state="answered") & models.Q(document_id__isnull=True)),
                name="answered_gap_names_a_document",
            ),
        ]


class GapReport(models.Model):
    """One refused question, handed over by its asker."""

    turn = models.OneToOneField(Turn, models.CASCADE, primary_key=True, related_name="gap_report")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    gap = models.ForeignKey(Gap, models.CASCADE, related_name="reports")
    question = models.TextField()
    asked_of = models.JSONField(default=dict, db_default={})
    """As kbchat.retrieval.scopes stores it; empty: the gap's collections."""
    comment = models.TextField(default="")
    language = models.CharField(max_length=5)
    may_be_named = models.BooleanField(default=False)
    reported_at = models.DateTimeField(default=timezone.now)
    words = ArrayField(models.TextField(), default=list)
    encoder = models.CharField(max_length=300, default="")
    """What made the vector; "" where the encoder does not read the question's language, or did not answer."""
    vector = VectorField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(encoder="", vector__isnull=True)
                | (~models.Q(encoder="") & models.Q(vector__isnull=False)),
                name="vector_says_what_made_it",
            )
        ]


class AskedAgain(models.Model):
    """When somebody last had the library asked again about a gap. What he found is nobody else's."""

    gap = models.ForeignKey(Gap, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gap", "person"], name="person_asks_again_by_one_row")]
