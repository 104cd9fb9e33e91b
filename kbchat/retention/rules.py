"""How long what is over stays: removed and expired documents by the rule of their collection, conversations by one
rule for all."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from kbchat.access.gate import access_collection, roles_in_collections, visible_collections
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Collection
from kbchat.retention.models import MOST_DAYS, REMOVED_DAYS, CollectionRule, ConversationRule

TEMPORARY_HOURS: Final = 24
"""Since something was last asked in a temporary conversation, until it is erased where nobody has closed it."""
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class DocumentDays:
    """`removed_days`: until a deleted document is purged. `expired_days`: until one that expired is deleted; None:
    never."""

    removed_days: int = REMOVED_DAYS
    expired_days: int | None = None


@dataclass(frozen=True, slots=True)
class CollectionDays:
    """`DocumentDays` of one collection."""

    collection_id: UUID
    collection: str
    removed_days: int
    expired_days: int | None


@dataclass(frozen=True, slots=True)
class ForeseenConversations:
    """How many a rule would delete now, and how many more a legal hold keeps."""

    deleted: int
    held: int


def list_document_days(viewer: Viewer) -> list[CollectionDays]:
    """Of every collection that he owns, by name."""
    with viewing(viewer):
        roles = roles_in_collections(viewer)
        owned = visible_collections(viewer).filter(
            pk__in=[pk for pk, role in roles.items() if role == Role.OWNER]
        )
        rules = {rule.collection_id: rule for rule in CollectionRule.objects.filter(collection__in=owned)}
        return [
            CollectionDays(each.pk, each.name, rule.removed_days, rule.expired_days)
            for each in owned.order_by("name", "pk")
            for rule in [rules.get(each.pk, DocumentDays())]
        ]


def document_days(viewer: Viewer, collection_id: UUID) -> DocumentDays:
    """For its owners. Raises NotFound or NotAllowed."""
    with viewing(viewer):
        access_collection(viewer, collection_id, role=Role.OWNER)
        rule = CollectionRule.objects.filter(pk=collection_id).first()
        return DocumentDays(rule.removed_days, rule.expired_days) if rule else DocumentDays()


def keep_documents_for(viewer: Viewer, collection_id: UUID, wanted: DocumentDays) -> None:
    """For its owners. Raises NotFound, NotAllowed or Invalid."""
    require_usable(wanted)
    with viewing(viewer):
        access_collection(viewer, collection_id, role=Role.OWNER)
        values = {"removed_days": wanted.removed_days, "expired_days": wanted.expired_days}
        CollectionRule.objects.update_or_create(collection_id=collection_id, defaults=values)
        record(viewer.user_id, AuditAction.RETENTION_CHANGED, collection=collection_id, **values)


def expiring_collections() -> dict[Collection, int]:
    """Days after which an expired document is deleted, where there is such a rule. A worker's to ask."""
    rules = CollectionRule.objects.exclude(expired_days=None).select_related("collection")
    return {rule.collection: rule.expired_days for rule in rules if rule.expired_days is not None}


def conversation_days(viewer: Viewer) -> int | None:
    """Everybody may know it."""
    with viewing(viewer):
        return ConversationRule.objects.values_list("days", flat=True).first()


def foresee_conversations(viewer: Viewer, days: int | None) -> ForeseenConversations:
    """What `keep_conversations_for` would lead to. For administrators. Raises NotFound or Invalid."""
    _require_days(days, least=1)
    administrator(viewer)
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT expired, held FROM kbchat_foresee_conversations(%s)", [days])
        return ForeseenConversations(*cursor.fetchone())


def keep_conversations_for(viewer: Viewer, days: int | None) -> None:
    """For administrators. Raises NotFound or Invalid."""
    _require_days(days, least=1)
    administrator(viewer)
    with viewing(viewer):
        ConversationRule.objects.update_or_create(singleton=True, defaults={"days": days})
        record(viewer.user_id, AuditAction.RETENTION_CHANGED, conversation_days=days)


def expire_conversations() -> int:
    """Deletes those that the rule lets go, and temporary ones; returns how many. A worker's to do, who sees none."""
    expired = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT kbchat_expire_conversations(%s, %s)", [_AT_ONCE, TEMPORARY_HOURS])
            some = int(cursor.fetchone()[0])
            expired += some
            if some:
                record(None, AuditAction.CONVERSATIONS_EXPIRED, conversations=some)
        if some < _AT_ONCE:
            return expired


def require_usable(wanted: DocumentDays) -> None:
    """Raises Invalid."""
    _require_days(wanted.removed_days, least=0)
    _require_days(wanted.expired_days, least=0)


def _require_days(days: int | None, *, least: int) -> None:
    if days is not None and not least <= days <= MOST_DAYS:
        raise Invalid("days_unusable", least=least, most=MOST_DAYS)
