"""What two people may both read, for whoever has to answer for the other's rights and must learn nothing by it.

Administrators may look at everybody's, owners at what becomes of their own collections.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from kbchat.access.gate import roles_in_collections, visible_collections, visible_documents
from kbchat.access.models import Role
from kbchat.accounts.models import User, is_email
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Collection, Document

_RANK = (Role.READER, Role.EDITOR, Role.OWNER)


def other_person(viewer: Viewer, email: str) -> Viewer:
    """Inside `viewing`; somebody who is not active may read nothing.

    Raises NotFound, and NotAllowed for whoever manages nobody's rights.
    """
    if not viewer.is_administrator and Role.OWNER not in roles_in_collections(viewer).values():
        raise NotAllowed
    person = User.objects.filter(is_email(email.strip())).first()
    if person is None:
        raise NotFound
    return Viewer(person.pk, person.language)


def shared_collections(viewer: Viewer, other: Viewer) -> QuerySet[Collection]:
    """Inside `viewing(viewer)`: what both may see; of an owner who is no administrator, what he owns of that."""
    shared = visible_collections(viewer).filter(
        pk__in=RawSQL("SELECT kbchat_visible_collections(%s)", [other.user_id])
    )
    if viewer.is_administrator:
        return shared
    owned = [pk for pk, role in roles_in_collections(viewer).items() if role == Role.OWNER]
    return shared.filter(pk__in=owned)


def shared_documents(viewer: Viewer, other: Viewer) -> QuerySet[Document]:
    """Inside `viewing(viewer)`: what both may read."""
    return visible_documents(viewer).filter(
        pk__in=RawSQL("SELECT kbchat_visible_documents(%s)", [other.user_id])
    )


def lesser_roles(viewer: Viewer, other: Viewer) -> Mapping[UUID, Role]:
    """In each collection the role that both have; elsewhere they are readers of single documents."""
    mine, theirs = roles_in_collections(viewer), roles_in_collections(other)
    return {pk: min(mine[pk], theirs[pk], key=_RANK.index) for pk in mine.keys() & theirs.keys()}
