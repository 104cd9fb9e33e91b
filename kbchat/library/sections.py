"""Which parts of a document are closed to whom: an owner's view of its headings."""

from dataclasses import dataclass
from uuid import UUID

from kbchat.access import closing
from kbchat.access.closing import OwnedSection
from kbchat.access.explaining import Explanation, explain
from kbchat.access.granting import Principal
from kbchat.access.models import Grant
from kbchat.access.viewing import viewing
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.library.announcing import announce_document
from kbchat.library.sharing import PrincipalRow, principal_row


@dataclass(frozen=True, slots=True)
class ClosureRow:
    id: UUID
    principal: PrincipalRow


@dataclass(frozen=True, slots=True)
class SectionRow:
    """`path`: the heading with those above it. `is_there`: the newest version has it."""

    id: UUID
    path: list[str]
    is_there: bool
    closed_to: list[ClosureRow]


def list_sections(viewer: Viewer, document_id: UUID) -> list[SectionRow]:
    """Raises NotFound or NotAllowed."""
    with viewing(viewer):
        return [_row(owned) for owned in closing.owned_sections(viewer, document_id)]


def close_section(viewer: Viewer, section_id: UUID, principal: Principal) -> ClosureRow:
    """Raises NotFound, NotAllowed or Invalid."""
    with viewing(viewer):
        return _closure(closing.close(viewer, section_id, principal))


def reopen_section(viewer: Viewer, closure_id: UUID) -> None:
    """Raises NotFound or NotAllowed."""
    with viewing(viewer):
        closing.reopen(viewer, closure_id)


def confirm_version(viewer: Viewer, version_id: UUID) -> None:
    """Raises NotFound, NotAllowed or Invalid."""
    with viewing(viewer):
        closing.confirm(viewer, version_id)
        version = DocumentVersion.objects.select_related("document").get(pk=version_id)
        announce_document(version.document.collection_id, version.document_id)


def explain_reading(viewer: Viewer, email: str, version_id: UUID, span: Span) -> Explanation:
    """Raises NotFound or NotAllowed."""
    with viewing(viewer):
        return explain(viewer, email, version_id, span)


def _row(owned: OwnedSection) -> SectionRow:
    return SectionRow(
        owned.section.pk,
        list(owned.section.path),
        owned.is_there,
        [_closure(grant) for grant in owned.closures],
    )


def _closure(grant: Grant) -> ClosureRow:
    return ClosureRow(grant.pk, principal_row(grant))
