"""What an answer showed that its reader may not read: asked of the rule anew, beside the search that found it."""

from collections.abc import Sequence

from kbchat.access.gate import closed_sections, withheld_versions
from kbchat.access.viewing import viewing
from kbchat.answering.events import Source
from kbchat.documents.models import DocumentVersion, Section
from kbchat.evaluation.cases import Case


def leaked(case: Case, shown: Sequence[Source]) -> list[Source]:
    """Of what was shown: versions and sections that are closed to the case's reader, and what its set says is."""
    if not shown:
        return []
    viewer = case.reader.viewer
    with viewing(viewer):
        versions = DocumentVersion.objects.filter(
            pk__in={source.version_id for source in shown}, document__deleted_at=None
        ).exclude(pk__in=withheld_versions(viewer))
        sections = Section.objects.filter(document__in={source.document_id for source in shown}).exclude(
            pk__in=closed_sections(viewer)
        )
        readable = set(map(str, versions.values_list("pk", flat=True)))
        opened = {(str(document), tuple(path)) for document, path in sections.values_list("document", "path")}
    hidden = set(map(str, case.hidden))
    return [
        source
        for source in shown
        if source.version_id not in readable
        or (source.document_id, tuple(source.heading_path)) not in opened
        or source.document_id in hidden
    ]
