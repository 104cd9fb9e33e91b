"""Collections, documents and their immutable versions.

Row-level security covers every table here (kbchat.access); bytes stand in content-addressed storage, text and
structure of a version in `VersionContent`.
"""

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.core.models import Addressable

MOST_PATH_CHARACTERS = 1000


class Collection(Addressable):
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)


class Document(Addressable):
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="documents")
    title = models.CharField(max_length=500)
    source_path = models.CharField(max_length=MOST_PATH_CHARACTERS, default="")
    """Where it stood when it came (a path inside the imported folder): importing again finds it by this."""
    has_own_list = models.BooleanField(default=False)
    """True: the collection's grants do not reach it; only grants on the document do (and the collection's owners)."""
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["collection", "source_path"], name="document_by_source_path")]


class VersionState(models.TextChoices):
    RECEIVED = "received"
    READY = "ready"
    FAILED = "failed"
    REJECTED = "rejected"
    """Its file is sent to nobody."""


class DocumentVersion(Addressable):
    """One immutable set of bytes of a document. `in_force` is set by publishing alone, never by hand."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    blob = models.CharField(max_length=64)
    """SHA-256 of the bytes, in hex: their address in storage."""
    size = models.PositiveBigIntegerField()
    filename = models.CharField(max_length=300)
    media_type = models.CharField(max_length=120, default="application/octet-stream")
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.RECEIVED)
    effective_from = models.DateField()
    expires_on = models.DateField(null=True)
    in_force = DateRangeField(null=True)
    """The days on which this version answers; NULL until it is published."""
    sections = ArrayField(models.UUIDField(), default=list)
    """The `Section` rows of its headings."""
    confirmed_at = models.DateTimeField(null=True)
    """When an editor said that it may be read although it lacks a heading that is closed to somebody."""
    language = models.CharField(max_length=10, default="")
    pages = models.PositiveIntegerField(null=True)
    passages = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="version_number_is_unique_in_document"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_on__isnull=True)
                | models.Q(expires_on__gt=models.F("effective_from")),
                name="version_expires_after_it_takes_effect",
            ),
            models.CheckConstraint(
                condition=models.Q(in_force__isnull=True) | models.Q(state="ready"),
                name="only_a_ready_version_is_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(blob__regex=r"^[0-9a-f]{64}$"), name="blob_is_a_sha256"
            ),
        ]


class VersionContent(models.Model):
    """The canonical text of a version and its structure (`ParsedDocument` as JSON without the text)."""

    version = models.OneToOneField(DocumentVersion, models.CASCADE, primary_key=True, related_name="content")
    text = models.TextField()
    structure = models.JSONField()


class SilencedPassage(models.Model):
    """A span of a version's text that search leaves out, in every index that has a passage of exactly this span. The
    text itself is never changed."""

    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="silenced")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    silenced_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    silenced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "start", "end"], name="passage_is_silenced_once")
        ]


class Section(Addressable):
    """A heading's subtree, the same row across the versions of a document: what can be closed to a group."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="sections")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    path = ArrayField(models.TextField())
    """Headings from the top; empty for the whole document."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "path"], name="section_path_is_unique_in_document")
        ]
