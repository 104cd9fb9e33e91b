"""Sends the sample company's documents in, as its administrator, through the same doors as everybody.

May be repeated after an interruption: what is there is left as it is. The administrator's own grants are taken away
in the end, all at once; until then they say that the work is unfinished.
"""

from uuid import UUID

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import Group, User
from kbchat.audit.recording import gathered
from kbchat.cli.sample_manifest import SampleCollection, SampleCompany, SampleDocument, SampleVersion
from kbchat.core.viewer import Viewer
from kbchat.library.collections import create_collection, list_collections
from kbchat.library.documents import document_row
from kbchat.library.sharing import GrantRow, give_grant, list_grants, take_grant
from kbchat.library.uploading import Days, Upload, imported_documents, replace, upload


def load(company: SampleCompany, *, max_bytes: int) -> int:
    """Returns how many files were sent in. Raises User.DoesNotExist where its people were not made."""
    administrator = User.objects.get(email=company.administrator.email)
    viewer = viewer_of(administrator)
    if _is_finished(viewer, company):
        return 0
    sent = sum(_load_collection(viewer, collection, max_bytes) for collection in company.collections)
    with gathered():
        for collection in company.collections:
            own = _own_grant(viewer, collection)
            if own is not None:
                take_grant(viewer, own.id)
    return sent


def _is_finished(viewer: Viewer, company: SampleCompany) -> bool:
    """He reads the first collection, and no longer by a grant of his own."""
    first = company.collections[0]
    return first.name in _ids_by_name(viewer) and _own_grant(viewer, first) is None


def _own_grant(viewer: Viewer, collection: SampleCollection) -> GrantRow | None:
    grants = list_grants(viewer, _ids_by_name(viewer)[collection.name])
    return next((grant for grant in grants if grant.principal.id == viewer.user_id), None)


def _load_collection(viewer: Viewer, collection: SampleCollection, max_bytes: int) -> int:
    found = _ids_by_name(viewer).get(collection.name)
    collection_id = (
        found or create_collection(viewer, name=collection.name, description=collection.description).id
    )
    for grant in collection.grants:
        group = Group.objects.get(name=grant.group) if grant.group else None
        principal = Principal("group", group.pk) if group else Principal("everyone")
        give_grant(viewer, collection_id, principal, Role(grant.role))
    return sum(
        _load_document(viewer, collection_id, document, max_bytes) for document in collection.documents
    )


def _load_document(viewer: Viewer, collection_id: UUID, document: SampleDocument, max_bytes: int) -> int:
    known = imported_documents(viewer, collection_id).get(document.source_path)
    document_id = known.id if known else None
    present = document_row(viewer, document_id).versions if document_id else 0
    for version in document.versions[present:]:
        document_id = _send(viewer, collection_id, document_id, document.source_path, version, max_bytes)
    return len(document.versions) - present


def _send(
    viewer: Viewer,
    collection_id: UUID,
    document_id: UUID | None,
    source_path: str,
    version: SampleVersion,
    max_bytes: int,
) -> UUID:
    with version.file.open("rb") as file:
        sent = Upload(version.file.name, file, source_path=source_path)
        dates: Days = {"effective_from": version.effective_from, "expires_on": version.expires_on}
        if document_id is None:
            return upload(viewer, collection_id, sent, max_bytes=max_bytes, **dates).id
        return replace(viewer, document_id, sent, max_bytes=max_bytes, **dates).id


def _ids_by_name(viewer: Viewer) -> dict[str, UUID]:
    return {row.name: row.id for row in list_collections(viewer)}
