"""By what a search or a question can be narrowed: what there is to choose from, for one person."""

from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from django.db import connection
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.analysis import Language
from kbchat.core.viewer import Viewer
from kbchat.parsing.file_kinds import KIND_OF, FileKind

_LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


@dataclass(frozen=True, slots=True)
class ScopeChoices:
    """What the documents are that somebody may be answered with today. `earliest`, `latest`: the days on which the
    first and the last of them took effect; None where there is none."""

    kinds: list[FileKind]
    languages: list[Language]
    earliest: date | None
    latest: date | None


def scope_choices(viewer: Viewer) -> ScopeChoices:
    """Kinds and languages in the order in which people are told of them."""
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute(
            "SELECT media_type, language, earliest, latest FROM kbchat_versions_to_choose(%s, %s)",
            [viewer.user_id, timezone.localdate()],
        )
        rows = cursor.fetchall()
    kinds, languages = {KIND_OF.get(row[0]) for row in rows}, {row[1] for row in rows}
    return ScopeChoices(
        kinds=[kind for kind in FileKind if kind in kinds],
        languages=[language for language in _LANGUAGES if language in languages],
        earliest=min((row[2] for row in rows), default=None),
        latest=max((row[3] for row in rows), default=None),
    )
