"""Index generations and what they hold. No text and no titles here: these tables are ranked without row-level
security, under the explicit visibility join of `kbchat.retrieval`.

Entries, vectors and postings are partitioned by generation (migration 0001), so that a retired one is dropped whole.
"""

from django.db import models
from django.utils import timezone
from pgvector.django import VectorField

from kbchat.documents.models import DocumentVersion, Section
from kbchat.ingestion.models import Chunk


class GenerationState(models.TextChoices):
    BUILDING = "building"
    SHADOW = "shadow"
    READY = "ready"
    RETIRED = "retired"


LIVE = (GenerationState.BUILDING, GenerationState.SHADOW, GenerationState.READY)


class IndexGeneration(models.Model):
    """A complete index: encoder, chunking policy, analyser, vectors, weights, calibration."""

    state = models.CharField(max_length=10, choices=GenerationState.choices, default=GenerationState.BUILDING)
    encoder = models.CharField(max_length=300)
    encoder_revision = models.CharField(max_length=100)
    dimension = models.PositiveIntegerField()
    query_prefix = models.CharField(max_length=300, default="")
    document_prefix = models.CharField(max_length=300, default="")
    normalised = models.BooleanField(default=True)
    chunking_policy = models.CharField(max_length=60)
    analyser_version = models.PositiveIntegerField()
    dense_weights = models.JSONField(default=dict)
    """Weight of the dense leg in the blend by language of the question."""
    calibration = models.JSONField(default=dict)
    vectors = models.PositiveIntegerField(default=0)
    """How many it held when they were last counted, by `vector_index.keep_vector_indexes`."""
    has_vector_index = models.BooleanField(default=False)
    """Whether there is a graph index over them."""
    graph_recall = models.FloatField(null=True)
    """What that finds of the nearest, by `health.probe_graphs` since it was made; None: nobody has looked yet."""
    source = models.JSONField(default=dict)
    """What its encoder is opened by (`encoders.EncoderSource`); empty: what the settings name."""
    filled = models.PositiveIntegerField(default=0)
    """How often `filling.fill_some` wrote into it: versions that can be searched already may have more passages in it
    since."""
    created_at = models.DateTimeField(default=timezone.now)
    answered_until = models.DateTimeField(null=True)
    """When another one took its place; None: it answers, or never did."""
    retired_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    """Since when its tables are gone."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="retired", retired_at__isnull=False)
                | ~models.Q(state="retired") & models.Q(retired_at=None),
                name="retired_generation_says_since_when",
            )
        ]


class ActiveGeneration(models.Model):
    """The one pointer row."""

    singleton = models.BooleanField(primary_key=True, default=True)
    generation = models.ForeignKey(IndexGeneration, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(singleton=True), name="there_is_one_active_generation")
        ]


class Embedding(models.Model):
    """A chunk in a generation: its vector and the number of terms in its postings, and where access is read."""

    pk = models.CompositePrimaryKey("generation_id", "chunk_id")
    generation = models.ForeignKey(IndexGeneration, models.CASCADE, related_name="embeddings")
    chunk = models.ForeignKey(Chunk, models.CASCADE, related_name="+")
    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="+")
    section = models.ForeignKey(Section, models.CASCADE, related_name="+")
    terms = models.PositiveIntegerField()
    vector = VectorField()


class Posting(models.Model):
    """How often a term stands in a chunk. No weights: BM25's statistics are the viewer's (retrieval.md, fact 7)."""

    pk = models.CompositePrimaryKey("generation_id", "term", "chunk_id")
    generation = models.ForeignKey(IndexGeneration, models.CASCADE, related_name="+", db_constraint=False)
    term = models.TextField(db_collation="C")
    chunk = models.ForeignKey(Chunk, models.CASCADE, related_name="+", db_constraint=False)
    frequency = models.PositiveIntegerField()
