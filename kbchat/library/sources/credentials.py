"""What it takes to read a source besides knowing where it is. It is kept sealed, shown to nobody again, and part of a
place only while somebody opens the source.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.accounts.sealing import Purpose, Unreadable, seal, sealed_anew, unseal
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.library.models import KeptSource, SourceTrial
from kbchat.library.sources.rows import SourceRow, row_for
from kbchat.library.sources.visible import access_source, require_administrator
from kbchat.sources.kinds import KINDS, source_at
from kbchat.sources.port import Place, Source, Surroundings


def without_secrets(kind: str, place: Place) -> tuple[Place, str]:
    """What may be shown of a place, and the rest of it, sealed."""
    names = KINDS[kind].secrets
    secrets = {name: value.strip() for name, value in place.items() if name in names and value.strip()}
    shown = {name: value for name, value in place.items() if name not in names}
    return shown, seal(Purpose.SOURCES, json.dumps(secrets)) if secrets else ""


def opened(source: KeptSource | SourceTrial, surroundings: Surroundings) -> Source:
    """Raises Invalid as `source_at`, and where its secrets cannot be read any more."""
    return source_at(source.kind, {**source.place, **_secrets(source)}, surroundings)


def set_secrets(
    viewer: Viewer, source_id: UUID, secrets: Mapping[str, str], surroundings: Surroundings
) -> SourceRow:
    """In place of those that it had; of a place that stays. For an owner who is an administrator. Raises NotFound,
    NotAllowed, and Invalid where they are not what its kind takes."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        require_administrator(viewer)
        require_its_secrets(source.kind, secrets)
        place = {**source.place, **secrets}
        source_at(source.kind, place, surroundings).close()
        _, sealed = without_secrets(source.kind, place)
        KeptSource.objects.filter(pk=source.pk).update(sealed_secrets=sealed)
        record(viewer.user_id, AuditAction.SOURCE_SECRETS_SET, source=source.pk)
        return row_for(access_source(viewer, source_id), viewer.user_id)


def require_its_secrets(kind: str, secrets: Mapping[str, str]) -> None:
    """Raises Invalid for what its kind does not take."""
    if not secrets.keys() <= KINDS[kind].secrets:
        raise Invalid("source_place_incomplete")


def seal_secrets_anew() -> None:
    """Under the site's key of today, what a former one has sealed; by a worker. What no key opens stays as it is, and
    the source's next run says so."""
    for source in KeptSource.objects.exclude(sealed_secrets=""):
        with suppress(Unreadable):
            sealed = sealed_anew(Purpose.SOURCES, source.sealed_secrets)
            # Somebody may have entered others meanwhile.
            same = KeptSource.objects.filter(pk=source.pk, sealed_secrets=source.sealed_secrets)
            same.update(sealed_secrets=sealed)


def _secrets(source: KeptSource | SourceTrial) -> Mapping[str, str]:
    if not source.sealed_secrets:
        return {}
    try:
        found: dict[str, str] = json.loads(unseal(Purpose.SOURCES, source.sealed_secrets))
    except Unreadable as error:
        raise Invalid("source_secrets_unreadable") from error
    return found
