"""Readers of documents as a source says them. By such a grant somebody reads who may read the collection, and nobody
else; what a person granted or denied by hand stays beside it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from kbchat.access.gate import roles_in_documents
from kbchat.access.models import Grant, Role
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document


@dataclass(frozen=True, slots=True)
class MirroredReaders:
    """`groups`: by id. `everyone`: whoever reads the collection. Neither: its owners alone."""

    groups: frozenset[UUID] = frozenset()
    everyone: bool = False

    def as_fact(self) -> list[str]:
        return [*sorted(map(str, self.groups)), *(["everyone"] if self.everyone else [])]


def mirror_readers(viewer: Viewer, wanted: Mapping[UUID, MirroredReaders]) -> Mapping[UUID, MirroredReaders]:
    """Inside `viewing`, by a worker, who records it. From its end on these are all whom a source lets read each of the
    documents, and the collection's grants do not reach it. What the viewer does not own is passed by. Returns, by the
    ids of those of which anything has changed, who read them by a source before."""
    roles = roles_in_documents(viewer, wanted.keys())
    owned = [pk for pk in wanted if roles.get(pk) == Role.OWNER]
    # Whoever moves or deletes one of them meanwhile waits.
    documents = list(
        Document.objects.select_for_update().filter(pk__in=owned, deleted_at=None).order_by("pk")
    )
    held = _held([document.pk for document in documents])
    changed = {
        document.pk: held.get(document.pk, MirroredReaders())
        for document in documents
        if not document.has_own_list or held.get(document.pk, MirroredReaders()) != wanted[document.pk]
    }
    Document.objects.filter(pk__in=changed).update(has_own_list=True)
    Grant.objects.filter(document__in=changed, is_from_source=True).delete()
    Grant.objects.bulk_create(grant for pk in changed for grant in _grants(pk, wanted[pk]))
    return changed


def close_until_mirrored(documents: Collection[UUID]) -> None:
    """Inside `viewing`, by an owner: nobody but owners reads them until a source says who else does."""
    Document.objects.filter(pk__in=documents).update(has_own_list=True)


def open_to_collection(documents: Collection[UUID]) -> None:
    """Inside `viewing`, by an owner: whoever reads their collection reads them, whatever a source said."""
    Grant.objects.filter(document__in=documents, is_from_source=True).delete()
    Document.objects.filter(pk__in=documents).update(has_own_list=False)


def _held(documents: Collection[UUID]) -> Mapping[UUID, MirroredReaders]:
    groups: dict[UUID, set[UUID | None]] = {}
    grants = Grant.objects.filter(document__in=documents, is_from_source=True)
    for document, group in grants.values_list("document", "group"):
        groups.setdefault(document, set()).add(group)
    # A grant to everyone has no group.
    return {
        document: MirroredReaders(frozenset(each for each in held if each), None in held)
        for document, held in groups.items()
    }


def _grants(document: UUID, readers: MirroredReaders) -> list[Grant]:
    about = {"document_id": document, "role": Role.READER, "is_from_source": True}
    everyone = [Grant(**about, everyone=True)] if readers.everyone else []
    return everyone + [Grant(**about, group_id=group) for group in sorted(readers.groups)]
