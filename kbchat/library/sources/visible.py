"""Whose a source is: its collection's owners', and where it is, an administrator's among them."""

from uuid import UUID

from django.db.models import QuerySet

from kbchat.access.gate import roles_in_collections
from kbchat.access.models import Role
from kbchat.accounts.managing import administrator
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.models import KeptSource


def visible_sources(viewer: Viewer) -> QuerySet[KeptSource]:
    """Inside `viewing`: of the collections that he owns."""
    owned = [pk for pk, role in roles_in_collections(viewer).items() if role == Role.OWNER]
    return KeptSource.objects.select_related("collection", "keeper").filter(collection__in=owned)


def access_source(viewer: Viewer, source_id: UUID) -> KeptSource:
    """Inside `viewing`. Raises NotFound."""
    source = visible_sources(viewer).filter(pk=source_id).first()
    if source is None:
        raise NotFound
    return source


def require_administrator(viewer: Viewer) -> None:
    try:
        administrator(viewer)
    except NotFound as error:
        raise NotAllowed("source_by_administrators") from error
