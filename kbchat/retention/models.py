"""What is kept for how long, what must be kept, and what became of what was deleted. Administrators see receipts and
holds, a collection's owners its rule (row-level security, 0001_initial)."""

from django.db import models
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.core.models import Addressable
from kbchat.documents.models import Collection, Document

MOST_REASON_CHARACTERS = 500
REMOVED_DAYS = 7
"""Where a collection's owners say nothing: a week in which what was deleted by mistake is missed."""
MOST_DAYS = 36_500


class DeletionReceipt(models.Model):
    """That a document was deleted, and what was removed with it: ids, counts and times, no word of it. Plain ids,
    because a receipt outlives all that it names. `deleted_by` NULL: a source, or a rule.

    `removed`: counts by kind; empty until it is purged.
    """

    document_id = models.UUIDField(primary_key=True)
    collection_id = models.UUIDField()
    deleted_by = models.UUIDField(null=True)
    deleted_at = models.DateTimeField(default=timezone.now)
    purged_at = models.DateTimeField(null=True)
    removed = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-deleted_at"], name="receipt_newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purged_at=None) | ~models.Q(removed={}),
                name="purged_document_says_what_was_removed",
            )
        ]


class ErasureReceipt(Addressable):
    """That a person was erased: his pseudonym and counts, no word of his. Plain ids, as in a DeletionReceipt."""

    person_id = models.UUIDField()
    erased_by = models.UUIDField()
    erased_at = models.DateTimeField(default=timezone.now)
    conversations = models.PositiveIntegerField()
    questions = models.PositiveIntegerField()


class LegalHold(Addressable):
    """A document that is not purged, or a person whose conversations are not deleted, until an administrator lifts it.
    The keys keep the database from removing either."""

    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=MOST_REASON_CHARACTERS)
    placed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(document=None) ^ models.Q(person=None),
                name="hold_is_on_a_document_or_a_person",
            ),
            models.UniqueConstraint(fields=["document"], name="document_is_held_once"),
            models.UniqueConstraint(fields=["person"], name="person_is_held_once"),
        ]


class CollectionRule(models.Model):
    """`removed_days`: between deleting a document and purging it, in which it can be restored. `expired_days`: after
    the last version of a document has expired it is deleted; NULL: never."""

    collection = models.OneToOneField(Collection, models.CASCADE, primary_key=True, related_name="+")
    removed_days = models.PositiveIntegerField(default=REMOVED_DAYS)
    expired_days = models.PositiveIntegerField(null=True)


class ConversationRule(models.Model):
    """The one row. `days`: since something was last asked in a conversation, until it is deleted; NULL: never."""

    singleton = models.BooleanField(primary_key=True, default=True)
    days = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(singleton=True), name="there_is_one_conversation_rule"),
            models.CheckConstraint(
                condition=models.Q(days=None) | models.Q(days__gt=0), name="conversations_stay_a_day_at_least"
            ),
        ]
