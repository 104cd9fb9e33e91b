"""Golden questions that owners keep, and what search made of them. Row-level security shows them to whoever owns every
collection that they name (0001_initial).

No text of a document stands here: an expected place is an address in a version's text, by plain ids and not by keys,
so that it outlives a new cut into chunks, and a purged document keeps nobody from being purged.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.core.models import Addressable

MOST_PLACES = 20
MOST_EXPECTED_WORDS = 10
MOST_WORDS_CHARACTERS = 200


class KeptQuestion(Addressable):
    """A golden question. Without an expected place, the library is to be silent on it."""

    text = models.TextField()
    collections = ArrayField(models.UUIDField())
    """Where it is asked, of all of it or of some documents: who owns all of them sees it."""
    scope = models.JSONField(default=dict, db_default={})
    """What it is asked of, as kbchat.retrieval.scopes stores it; empty: of its collections."""
    expected_words = ArrayField(models.CharField(max_length=MOST_WORDS_CHARACTERS), default=list)
    """Alternatives; the answer has to hold one of them."""
    kept_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(collections__len__gt=0), name="kept_question_names_a_collection"
            )
        ]


class ExpectedPlace(models.Model):
    """A passage that answers: `start` and `end` are in the version's text."""

    question = models.ForeignKey(KeptQuestion, models.CASCADE, related_name="places")
    document_id = models.UUIDField()
    version_id = models.UUIDField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="expected_place_is_not_empty"
            )
        ]


class GoldenRun(Addressable):
    """All golden questions of somebody, asked once. `in_force`: what ranked and refused (`Searching.in_force` in
    kbchat.evaluation.asking)."""

    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    in_force = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="golden_run_newest_first")]


class QuestionFigures(models.Model):
    """Of one question in one run. Where places are expected: `found_at`, the place from 1 of the first passage that is
    one of them; `reciprocal_rank` and `recall` among the first 10. All three NULL where none is expected, or none
    stands in today's text any more (`is_outdated`)."""

    run = models.ForeignKey(GoldenRun, models.CASCADE, related_name="figures")
    question = models.ForeignKey(KeptQuestion, models.CASCADE, related_name="figures")
    expects_places = models.BooleanField()
    is_outdated = models.BooleanField()
    found_at = models.PositiveSmallIntegerField(null=True)
    reciprocal_rank = models.FloatField(null=True)
    recall = models.FloatField(null=True)
    is_refused = models.BooleanField()
    says_expected = models.BooleanField(null=True)
    """NULL where no words are expected."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "question"], name="question_is_measured_once_in_a_run"),
            models.CheckConstraint(
                condition=models.Q(expects_places=True) | models.Q(is_outdated=False),
                name="only_expected_places_are_outdated",
            ),
        ]
