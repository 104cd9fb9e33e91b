"""What the documents in force say under which headings, for one viewer: no search, only their beginnings."""

from typing import Final
from uuid import UUID

from django.utils import timezone

from kbchat.access.gate import visible_documents
from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.indexing.generations import policy_that_answers
from kbchat.ingestion.models import Chunk
from kbchat.retrieval.port import Outline, Part

# The first pages of a book tell enough of it.
_PASSAGES_READ: Final = 60


def outlines(viewer: Viewer, language: str, *, most: int) -> list[Outline]:
    """Of the newest documents in this language ("en", "zh"), at most `most`; sections closed to him left out."""
    with viewing(viewer):
        newest = (
            DocumentVersion.objects.filter(
                in_force__contains=timezone.localdate(),
                document__in=visible_documents(viewer),
                language=language,
            )
            .order_by("-uploaded_at", "pk")
            .values_list("pk", "document_id", "document__title")[:most]
        )
        versions = list(newest)
        parts: dict[UUID, dict[tuple[str, ...], Part]] = {version: {} for version, _, _ in versions}
        begun = Chunk.objects.filter(
            version__in=parts, chunking_policy__in=policy_that_answers(), ordinal__lt=_PASSAGES_READ
        ).order_by("ordinal")
        for version, path, text in begun.values_list("version_id", "section__path", "text"):
            parts[version].setdefault(tuple(path), Part(tuple(path), text))
    return [Outline(document, title, list(parts[version].values())) for version, document, title in versions]
