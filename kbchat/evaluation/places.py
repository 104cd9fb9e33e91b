"""Expected places: taken in as addresses in a version's text, and found again in the version that is in force.

To be used inside `viewing(viewer)`. Of the same version the span counts; of a later one the place where the same words
stand. Words that stand nowhere any more are no place: somebody has to mark the question anew.
"""

import re
from collections.abc import Collection as AbstractCollection
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models.functions import Length
from django.utils import timezone

from kbchat.access.gate import access_version, withheld_versions
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion, VersionContent
from kbchat.evaluation.asking import Place
from kbchat.evaluation.models import ExpectedPlace


def accepted_place(viewer: Viewer, place: Place, collections: AbstractCollection[UUID]) -> ExpectedPlace:
    """Not saved yet. Raises NotFound; Invalid for a span outside the text, or a document outside the collections."""
    version = access_version(viewer, place.version_id)
    stored = VersionContent.objects.filter(pk=version.pk).annotate(length=Length("text"))
    length = stored.values_list("length", flat=True).first()
    if length is None:
        raise NotFound
    if place.span.end > length or not place.span.length:
        raise Invalid("span_outside_text")
    if version.document.collection_id not in collections:
        raise Invalid("golden_place_elsewhere")
    return ExpectedPlace(
        document_id=version.document_id,
        version_id=version.pk,
        start=place.span.start,
        end=place.span.end,
    )


def places_in_force(viewer: Viewer, expected: Sequence[ExpectedPlace]) -> dict[int, Place]:
    """By the id of the expected place; what stands in no version in force that he may read is absent."""
    current = _versions_in_force(viewer, {each.document_id for each in expected})
    moved = [each for each in expected if current.get(each.document_id) not in (None, each.version_id)]
    texts = _texts({each.version_id for each in moved} | {current[each.document_id] for each in moved})
    found: dict[int, Place] = {}
    for each in expected:
        version = current.get(each.document_id)
        span: Span | None = Span(each.start, each.end)
        if version is not None and version != each.version_id:
            span = same_words(
                texts.get(each.version_id, ""), Span(each.start, each.end), texts.get(version, "")
            )
        if version is not None and span is not None:
            found[each.pk] = Place(version, span)
    return found


def same_words(old: str, span: Span, new: str) -> Span | None:
    """Where the words of `old[span]` stand in `new`, whatever the blanks between them; of several places the nearest
    to the old one."""
    words = old[span.start : span.end].split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    spans = [Span(*match.span()) for match in pattern.finditer(new)]
    return min(spans, key=lambda each: abs(each.start - span.start), default=None)


def _versions_in_force(viewer: Viewer, documents: AbstractCollection[UUID]) -> Mapping[UUID, UUID]:
    """By document."""
    versions = DocumentVersion.objects.filter(
        document__in=documents, document__deleted_at=None, in_force__contains=timezone.localdate()
    ).exclude(pk__in=withheld_versions(viewer))
    return dict(versions.values_list("document_id", "pk"))


def _texts(versions: Iterable[UUID]) -> Mapping[UUID, str]:
    return dict(VersionContent.objects.filter(pk__in=versions).values_list("pk", "text"))
