"""What a version says otherwise than the one that answers today: for whoever opens an old citation."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.chat.auditing import record_opened
from kbchat.chat.sources import access_open_version, newest_version, parsed_text
from kbchat.core.viewer import Viewer
from kbchat.parsing import Block, BlockKind, ParsedDocument

MOST_CHANGES: Final = 200


@dataclass(frozen=True, slots=True)
class Change:
    """Blocks of the one and of the other; either may be none. `at`: where `before` begins in the elder's text."""

    at: int
    before: list[str]
    after: list[str]


@dataclass(frozen=True, slots=True)
class Changes:
    """`is_cut`: there are more than `MOST_CHANGES`."""

    number: int
    current_version_id: UUID
    current_number: int
    changes: list[Change]
    is_cut: bool


def changes_since(viewer: Viewer, version_id: UUID) -> Changes:
    """From the version to the one that answers today, both of which he may read as a whole. Raises NotFound."""
    with viewing(viewer):
        version = access_open_version(viewer, version_id)
        current = access_open_version(viewer, newest_version(version).pk)
        before, after = parsed_text(version), parsed_text(current)
        for each in {version.pk, current.pk}:
            record_opened(viewer, version.document_id, each, "text")
    found = _changes(before, after) if version.pk != current.pk else []
    return Changes(
        number=version.number,
        current_version_id=current.pk,
        current_number=current.number,
        changes=found[:MOST_CHANGES],
        is_cut=len(found) > MOST_CHANGES,
    )


def _changes(before: ParsedDocument, after: ParsedDocument) -> list[Change]:
    here, there = _read(before), _read(after)
    olds = [before.text_of(block.span) for block in here]
    news = [after.text_of(block.span) for block in there]
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    return [
        Change(
            here[first].span.start if first < len(here) else len(before.text),
            olds[first:last],
            news[since:until],
        )
        for kind, first, last, since, until in matcher.get_opcodes()
        if kind != "equal"
    ]


def _read(document: ParsedDocument) -> list[Block]:
    """Without what stands on every page."""
    return [block for block in document.blocks if block.kind is not BlockKind.PAGE_FURNITURE]
