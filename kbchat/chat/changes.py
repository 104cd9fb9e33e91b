"""What one version says otherwise than another: for whoever opens an old citation, or looks at the versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.analysis import Piece, paired, steps, words_changed
from kbchat.chat.auditing import record_opened
from kbchat.chat.sources import access_open_version, newest_version, parsed_text
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from kbchat.parsing import Block, BlockKind, ParsedDocument

MOST_CHANGES: Final = 200


@dataclass(frozen=True, slots=True)
class Change:
    """A block of the one that became another, or that only one of them has. `at`: where it begins in the first version,
    or what comes behind it there."""

    at: int
    heading_path: list[str]
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Changes:
    """`is_cut`: there are more than `MOST_CHANGES`."""

    number: int
    other_version_id: UUID
    other_number: int
    changes: list[Change]
    is_cut: bool


def changes_between(viewer: Viewer, version_id: UUID, other_id: UUID | None = None) -> Changes:
    """From the version to another one of its document, both of which he may read as a whole; with none named, to the
    one that answers today. Raises NotFound."""
    with viewing(viewer):
        version = access_open_version(viewer, version_id)
        other = access_open_version(viewer, other_id or newest_version(version).pk)
        if other.document_id != version.document_id:
            raise NotFound
        before, after = parsed_text(version), parsed_text(other)
        for each in {version.pk, other.pk}:
            record_opened(viewer, version.document_id, each, "text")
    found = _changed(before, after) if version.pk != other.pk else []
    return Changes(
        number=version.number,
        other_version_id=other.pk,
        other_number=other.number,
        changes=[_change(before, after, *blocks) for blocks in found[:MOST_CHANGES]],
        is_cut=len(found) > MOST_CHANGES,
    )


_Changed = tuple[Block | None, Block | None, int]
"""What was, what is, and where that is in the first text."""


def _changed(before: ParsedDocument, after: ParsedDocument) -> list[_Changed]:
    here, there = _read(before), _read(after)
    olds, news = _texts(before, here), _texts(after, there)
    starts = [*(block.span.start for block in here), len(before.text)]
    found: list[_Changed] = []
    for kind, first, last, since, until in steps(olds, news):
        if kind == "equal":
            continue
        at = first
        for i, j in paired(olds[first:last], news[since:until]):
            if i is not None:
                at = first + i
            old, new = (None if i is None else here[first + i]), (None if j is None else there[since + j])
            found.append((old, new, starts[at]))
            at += i is not None
    return found


def _change(
    before: ParsedDocument, after: ParsedDocument, old: Block | None, new: Block | None, at: int
) -> Change:
    was = before.text_of(old.span) if old else ""
    now = after.text_of(new.span) if new else ""
    around = new or old
    return Change(at, list(around.heading_path) if around else [], words_changed(was, now))


def _read(document: ParsedDocument) -> list[Block]:
    """Without what stands on every page."""
    return [block for block in document.blocks if block.kind is not BlockKind.PAGE_FURNITURE]


def _texts(document: ParsedDocument, blocks: Sequence[Block]) -> list[str]:
    return [document.text_of(block.span) for block in blocks]
