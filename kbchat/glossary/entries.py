"""The glossary: kept by administrators, used for everybody's questions from the next one on."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from kbchat.accounts.managing import administrator
from kbchat.analysis import Glossary, analyse
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.limits import Limit, reached
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.glossary.models import MOST_NAME_CHARACTERS, MOST_NAMES, GlossaryEntry

_LEAST_NAMES = 2
# Another one after every change, in whatever order changes commit.
_STATE = "SELECT count(*), coalesce(sum(extract(epoch FROM changed_at)), 0) FROM glossary_glossaryentry"


def list_entries(viewer: Viewer) -> list[GlossaryEntry]:
    """By their first names. Raises NotFound for whoever is no administrator."""
    administrator(viewer)
    return sorted(GlossaryEntry.objects.all(), key=lambda entry: (entry.names[0].casefold(), str(entry.pk)))


@transaction.atomic
def add_entry(viewer: Viewer, names: Sequence[str]) -> GlossaryEntry:
    """Raises NotFound for whoever is no administrator, Invalid for names that cannot be used or one entry too many."""
    actor = administrator(viewer)
    accepted = _accepted(names)
    # One after another, so that the limit is counted right.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kbchat glossary'))")
    most = settings.LIMITS.most_glossary_entries
    if GlossaryEntry.objects.count() >= most:
        raise reached(Limit.GLOSSARY_ENTRIES, Invalid("too_many_glossary_entries", most=most))
    entry = GlossaryEntry.objects.create(names=accepted)
    actor.record(AuditAction.GLOSSARY_CHANGED, entry=entry.pk, names=len(accepted))
    return entry


@transaction.atomic
def change_entry(viewer: Viewer, entry_id: UUID, names: Sequence[str]) -> GlossaryEntry:
    """Raises as `add_entry`, and NotFound for an entry that is not there."""
    actor = administrator(viewer)
    entry = GlossaryEntry.objects.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    entry.names, entry.changed_at = _accepted(names), timezone.now()
    entry.save()
    actor.record(AuditAction.GLOSSARY_CHANGED, entry=entry.pk, names=len(entry.names))
    return entry


@transaction.atomic
def remove_entry(viewer: Viewer, entry_id: UUID) -> None:
    """Raises NotFound."""
    actor = administrator(viewer)
    removed, _ = GlossaryEntry.objects.filter(pk=entry_id).delete()
    if not removed:
        raise NotFound
    actor.record(AuditAction.GLOSSARY_CHANGED, entry=entry_id, names=0)


class CurrentGlossary:
    """The glossary as it stands now. The entries are read again when one of them changed; threads may share it."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[int, Decimal], Glossary] | None = None

    def __call__(self) -> Glossary:
        with connection.cursor() as cursor:
            cursor.execute(_STATE)
            state = cursor.fetchone()
        kept = self._kept
        if kept is None or kept[0] != state:
            names = GlossaryEntry.objects.order_by("pk").values_list("names", flat=True)
            kept = self._kept = (state, Glossary.of(names))
        return kept[1]


def _accepted(names: Sequence[str]) -> list[str]:
    """Each once, without blanks around it. Raises Invalid."""
    accepted = list(dict.fromkeys(" ".join(storable(name).split()) for name in names))
    accepted = [name for name in accepted if name]
    if len(accepted) < _LEAST_NAMES:
        raise Invalid("glossary_names_missing")
    if len(accepted) > MOST_NAMES or any(len(name) > MOST_NAME_CHARACTERS for name in accepted):
        raise Invalid("glossary_names_too_many", most=MOST_NAMES, most_characters=MOST_NAME_CHARACTERS)
    # What has no term is found in no question and finds nothing.
    if not all(map(analyse, accepted)):
        raise Invalid("glossary_name_unusable")
    return accepted
