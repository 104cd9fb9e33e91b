"""Closing a section of a document to a group or a person: whoever is denied it wins nothing by other rights. Owners do.

What is closed is the heading with all that stands below it, in every version that has the heading. Nothing that is
indexed changes: the next question is already answered without it.
"""

from collections.abc import Collection as AbstractCollection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from kbchat.access.gate import access_document, access_version
from kbchat.access.granting import Principal, facts_of, holder_of
from kbchat.access.models import Grant, Role
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion, Section, VersionState


@dataclass(frozen=True, slots=True)
class OwnedSection:
    """A heading of the document, and to whom it is closed. `is_there`: the newest version has it."""

    section: Section
    is_there: bool
    closures: list[Grant]


def owned_sections(viewer: Viewer, document_id: UUID) -> list[OwnedSection]:
    """Inside `viewing`; for owners. In the order of the newest version, then what it lacks; the document itself is
    not among them.

    Raises NotFound, NotAllowed.
    """
    document = access_document(viewer, document_id, role=Role.OWNER)
    newest = document.versions.filter(state=VersionState.READY).order_by("-number").first()
    in_order = dict.fromkeys(newest.sections) if newest else {}
    there = {section: place for place, section in enumerate(in_order)}
    found = Section.objects.filter(document=document).exclude(path=[]).order_by("path")
    closures: dict[UUID, list[Grant]] = {}
    for grant in Grant.objects.filter(section__in=found, deny=True).select_related("user", "group"):
        closures.setdefault(grant.section_id or document_id, []).append(grant)
    rows = [
        OwnedSection(item, item.pk in there, closures.get(item.pk, []))
        for item in sorted(found, key=lambda item: there.get(item.pk, len(there)))
    ]
    return [row for row in rows if row.is_there or row.closures]


def documents_with_denials(documents: AbstractCollection[UUID]) -> set[UUID]:
    """Those of them of which a section, or the whole, is closed to somebody. For workers, who see every grant."""
    denials = Grant.objects.filter(deny=True).filter(
        Q(document__in=documents) | Q(section__document__in=documents)
    )
    found = denials.values_list("document", "section__document")
    return {document or of_section for document, of_section in found}


def close(viewer: Viewer, section_id: UUID, principal: Principal) -> Grant:
    """Inside `viewing`. Closing what is closed changes nothing.

    Raises NotFound, NotAllowed, and Invalid where it would close the section to the viewer himself, who could not open
    it again, or where there is no such principal.
    """
    section = Section.objects.filter(pk=section_id).exclude(path=[]).first()
    if section is None:
        raise NotFound
    access_document(viewer, section.document_id, role=Role.OWNER)
    try:
        with transaction.atomic():
            grant, is_new = Grant.objects.get_or_create(section=section, deny=True, **holder_of(principal))
            if _is_closed_to(viewer, section.pk):
                raise Invalid("closed_to_yourself")
            if is_new:
                record(viewer.user_id, AuditAction.SECTION_CLOSED, **facts_of(grant))
    except IntegrityError as error:
        raise Conflict from error
    return grant


def reopen(viewer: Viewer, grant_id: UUID) -> None:
    """Inside `viewing`. Raises NotFound, NotAllowed."""
    grant = (
        Grant.objects.filter(pk=grant_id, section__in=Section.objects.all()).select_related("section").first()
    )
    if grant is None or grant.section is None:
        raise NotFound
    access_document(viewer, grant.section.document_id, role=Role.OWNER)
    facts = facts_of(grant)
    grant.delete()
    record(viewer.user_id, AuditAction.SECTION_OPENED, **facts)


def unconfirmed(version_ids: AbstractCollection[UUID]) -> set[UUID]:
    """Those that lack a heading which is closed to somebody: for editors only, until one of them confirms."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM kbchat_unconfirmed_versions() AS u(id) WHERE id = ANY (%s)", [list(version_ids)]
        )
        return {row[0] for row in cursor.fetchall()}


def confirm(viewer: Viewer, version_id: UUID) -> None:
    """Inside `viewing`, by an editor who has looked: the version may be read by everybody who may read its document.

    Raises NotAllowed, and NotFound also where a heading that is closed to himself is among those it lacks.
    """
    version = access_version(viewer, version_id, role=Role.EDITOR)
    DocumentVersion.objects.filter(pk=version.pk).update(confirmed_at=timezone.now())
    record(viewer.user_id, AuditAction.VERSION_CONFIRMED, version=version.pk)


def _is_closed_to(viewer: Viewer, section_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s IN (SELECT kbchat_closed_sections(%s))", [section_id, viewer.user_id])
        return bool(cursor.fetchone() == (True,))
