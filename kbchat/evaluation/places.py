"""Expected places: taken in as addresses in a version's text, and found again in the version that is in force.

To be used inside `viewing(viewer)`. Of the same version the span counts; of a later one the place where the same words
stand. Words that stand nowhere any more are no place: somebody has to mark the question anew.
"""

import re
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
from kbchat.retrieval.port import Scope
from kbchat.retrieval.scopes import covers


def accepted_place(viewer: Viewer, place: Place, scope: Scope) -> ExpectedPlace:
    """Not saved yet. Raises NotFound; Invalid for a span outside the text, or a document outside the scope."""
    version = access_version(viewer, place.version_id)
    stored = VersionContent.objects.filter(pk=version.pk).annotate(length=Length("text"))
    length = stored.values_list("length", flat=True).first()
    if length is None:
        raise NotFound
    if place.span.end > length or not place.span.length:
        raise Invalid("span_outside_text")
    document = version.document
    is_there = document.collection_id in scope.collection_ids or document.pk in scope.document_ids
    is_searched = (
        version.in_force is None or timezone.localdate() not in version.in_force or covers(scope, version)
    )
    if not (is_there and is_searched):
        raise Invalid("golden_place_elsewhere")
    return ExpectedPlace(
        document_id=version.document_id,
        version_id=version.pk,
        start=place.span.start,
        end=place.span.end,
    )


def places_in_force(viewer: Viewer, expected: Sequence[ExpectedPlace]) -> dict[int, Place]:
    """By the id of the expected place; absent is what stands in no version in force that he may read, or was moved out
    of the collections in which its question is asked."""
    current = _versions_in_force(viewer, expected)
    moved = [each for each in expected if current.get(each.pk) not in (None, each.version_id)]
    texts = _texts({each.version_id for each in moved} | {current[each.pk] for each in moved})
    found: dict[int, Place] = {}
    for each in expected:
        version = current.get(each.pk)
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


def _versions_in_force(viewer: Viewer, expected: Sequence[ExpectedPlace]) -> Mapping[int, UUID]:
    """By the id of the expected place."""
    documents = {each.document_id for each in expected}
    versions = DocumentVersion.objects.filter(
        document__in=documents, document__deleted_at=None, in_force__contains=timezone.localdate()
    ).exclude(pk__in=withheld_versions(viewer))
    rows = versions.values_list("document_id", "document__collection_id", "pk")
    found = {document: (collection, version) for document, collection, version in rows}
    current = ((each, *found[each.document_id]) for each in expected if each.document_id in found)
    return {
        each.pk: version for each, collection, version in current if collection in each.question.collections
    }


def _texts(versions: Iterable[UUID]) -> Mapping[UUID, str]:
    return dict(VersionContent.objects.filter(pk__in=versions).values_list("pk", "text"))
