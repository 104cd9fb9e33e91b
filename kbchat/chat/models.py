"""Conversations, turns and citations. Only their owner sees them (row-level security); no worker has a right here."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.core.models import Addressable, constraints_of_runs
from kbchat.indexing.models import IndexGeneration


class Conversation(Addressable):
    owner = models.ForeignKey(User, models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=300)
    scope = models.JSONField(default=dict)
    within = ArrayField(models.UUIDField(), null=True)
    """The collections that the asker's API key was narrowed to; NULL: all that he may read."""
    is_temporary = models.BooleanField(default=False, db_default=False)
    """In no history and no search of it, handed over to nobody, and erased soon (kbchat_expire_conversations)."""
    pinned_at = models.DateTimeField(null=True)
    """Since when its owner has it above the others."""
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["owner", "-updated_at"], name="conversation_newest_first")]


class TurnState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    REFUSED = "refused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    TRUNCATED = "truncated"
    REVOKED = "revoked"


class Turn(Addressable):
    """One question with its answer. `parent` makes a tree: edit and regenerate are siblings."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    client_message_id = models.UUIDField()
    question = models.TextField()
    scope = models.JSONField(default=dict)
    within = ArrayField(models.UUIDField(), null=True)
    """As the conversation's, for this question."""
    quotes_only = models.BooleanField(default=False)
    """Whether no model is to be asked, also where there is one."""
    pin = models.ForeignKey(IndexGeneration, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=TurnState.choices, default=TurnState.QUEUED)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    stop_requested_at = models.DateTimeField(null=True)
    answer = models.TextField(default="")
    events = models.JSONField(default=list)
    """The numbered events of a finished turn: the stored record, equal to what was sent."""
    trace = models.JSONField(default=dict)
    """What the answer was made by, with the numbers behind each verdict: never sent."""
    created_at = models.DateTimeField(default=timezone.now)
    first_word_at = models.DateTimeField(null=True)
    """When the first text of its answer was there; NULL: none came, or the process was lost with it."""
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "client_message_id"], name="question_is_accepted_once"),
            *constraints_of_runs("turn"),
        ]
        indexes = [
            # Figures of some days; of 100,000 turns those of a week take a third of the time with it.
            models.Index(fields=["created_at"], name="turn_by_time"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="turn_that_is_unfinished",
            ),
        ]


class TurnTerms(models.Model):
    """The terms of an answered turn's question and answer, each between blanks, for the search of its owner's
    history."""

    turn = models.OneToOneField(Turn, models.CASCADE, primary_key=True, related_name="terms")
    analysed_by = models.PositiveSmallIntegerField()
    terms = models.TextField()


class Share(Addressable):
    """A link to some turns of a conversation, for people who are signed in. Its token is shown once; its SHA-256
    stands here. What was asked later is not in it."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="shares")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    turns = models.ManyToManyField(Turn, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class Shown(models.Model):
    """A passage that was offered to a turn's prompt: the answer rests on it, cited or not.

    `number` is the source's in this turn; NULL where the answer rests on it through an earlier answer of the
    conversation. Plain ids, not keys: when a version is purged this row stays, and the answer stays masked.
    """

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="shown")
    number = models.PositiveIntegerField(null=True)
    version_id = models.UUIDField()
    section_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "number"], name="source_number_is_unique_in_turn")
        ]
        # Which answers rest on what is purged.
        indexes = [models.Index(fields=["version_id"], name="shown_by_version")]


class Citation(models.Model):
    """From a place in the answer to a place in a version's text."""

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="citations")
    number = models.PositiveIntegerField()
    at = models.PositiveIntegerField()
    version_id = models.UUIDField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True)
    quote = models.TextField()


class FeedbackReason(models.TextChoices):
    """Why an answer did not help. `NOT_FOUND`: it stands in the library, and the answer says that it does not."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    OUTDATED = "outdated"
    NOT_FOUND = "not_found"
    OTHER = "other"


class Feedback(models.Model):
    """What its asker says of an answer. `is_handed_over`: administrators may read the question and the comment."""

    turn = models.OneToOneField(Turn, models.CASCADE, primary_key=True, related_name="feedback")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_helpful = models.BooleanField()
    reasons = ArrayField(models.CharField(max_length=12, choices=FeedbackReason.choices), default=list)
    comment = models.TextField(default="")
    is_handed_over = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_helpful=False) | models.Q(reasons__len=0),
                name="helpful_answer_has_no_reasons",
            )
        ]


class TokensSpent(models.Model):
    """What a person's answers took of the language model on a day (UTC)."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    day = models.DateField()
    tokens = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "day"], name="person_has_one_count_a_day")]
