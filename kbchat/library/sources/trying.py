"""Trying whether a source answers before it is kept, or before its secrets are others: a short look at its beginning,
as a run would look, by the process that was asked.

What is there is not told, only whether anything is; and that somebody has tried is in the trail.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from kbchat.access.gate import access_collection
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.viewer import Viewer
from kbchat.library.sources.credentials import require_its_secrets
from kbchat.library.sources.visible import access_source, require_administrator
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Place, Source, Surroundings

TRIAL_SECONDS: Final = 10.0


def try_place(
    viewer: Viewer, collection_id: UUID, kind: str, place: Place, surroundings: Surroundings
) -> bool | None:
    """`place`: with its secrets. Whether something is there that may be a document; None: only a run tells. Raises as
    `keep_source`, and Unavailable or Invalid with what is wrong there."""
    with viewing(viewer):
        access_collection(viewer, collection_id, role=Role.OWNER)
        require_administrator(viewer)
        source = source_at(kind, place, surroundings)
        record(viewer.user_id, AuditAction.SOURCE_TRIED, collection=collection_id, kind=kind)
    return _looked_at(source)


def try_secrets(
    viewer: Viewer, source_id: UUID, secrets: Mapping[str, str], surroundings: Surroundings
) -> bool | None:
    """As `try_place`, of a source that is kept, with these secrets in place of its own. Raises as `set_secrets`."""
    with viewing(viewer):
        kept = access_source(viewer, source_id)
        require_administrator(viewer)
        require_its_secrets(kept.kind, secrets)
        source = source_at(kept.kind, {**kept.place, **secrets}, surroundings)
        record(
            viewer.user_id,
            AuditAction.SOURCE_TRIED,
            source=source_id,
            collection=kept.collection_id,
            kind=kept.kind,
        )
    return _looked_at(source)


def _looked_at(source: Source) -> bool | None:
    try:
        return source.glimpse(TRIAL_SECONDS)
    finally:
        source.close()
