"""A version as search has it: its passages with their places on the page, and what became of its file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kbchat.access.gate import access_version, has_closed_section
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import SilencedPassage, VersionContent, VersionState
from kbchat.indexing.generations import policy_that_answers
from kbchat.ingestion.models import Chunk
from kbchat.parsing.document import Box, TextLine
from kbchat.parsing.document_json import document_from
from kbchat.parsing.highlighting import regions_of


@dataclass(frozen=True, slots=True)
class PassageRow:
    """As the index that answers has it. `boxes`: where it stands on the pages of a PDF; none for other formats."""

    start: int
    end: int
    page: int | None
    heading_path: list[str]
    text: str
    is_silenced: bool
    boxes: list[Box]


@dataclass(frozen=True, slots=True)
class FormerPassage:
    """It was silenced in this version, and what it said is not said in the same words now."""

    version_id: UUID
    version_number: int
    text: str


@dataclass(frozen=True, slots=True)
class VersionReport:
    """What became of the file. `empty_pages` are numbers of pages without text. `encoding`: of a text file; its
    confidence is 1.0 where nothing was guessed. `hidden_parts` and `notes` are codes, `unread_parts` names of files
    inside the file. `not_carried`: what was left out of search before and can be found again."""

    number: int
    pages: int | None
    passages: int
    language: str
    characters: int
    tables: int
    images_skipped: int
    empty_pages: list[int]
    encoding: str | None
    encoding_confidence: float | None
    hidden_parts: list[str]
    notes: list[str]
    unread_parts: list[str]
    not_carried: list[FormerPassage]


def list_passages(viewer: Viewer, version_id: UUID) -> list[PassageRow]:
    """Of a version, in order, for owners of its collection; without what is closed to him. Raises NotFound or
    NotAllowed."""
    with viewing(viewer):
        access_version(viewer, version_id, role=Role.OWNER)
        silenced = set(SilencedPassage.objects.filter(version=version_id).values_list("start", "end"))
        found = Chunk.objects.filter(version=version_id, chunking_policy__in=policy_that_answers())
        chunks = list(found.select_related("section").order_by("ordinal"))
        content = VersionContent.objects.filter(pk=version_id).first()
    lines = _lines(content)
    return [
        PassageRow(
            start=chunk.start,
            end=chunk.end,
            page=chunk.page,
            heading_path=list(chunk.section.path),
            text=chunk.text,
            is_silenced=(chunk.start, chunk.end) in silenced,
            boxes=list(regions_of(lines, Span(chunk.start, chunk.end))),
        )
        for chunk in chunks
    ]


def version_report(viewer: Viewer, version_id: UUID) -> VersionReport:
    """For editors. Raises NotAllowed, and NotFound also where the version is not ready or a section of the document is
    closed to him."""
    with viewing(viewer):
        version = access_version(viewer, version_id, role=Role.EDITOR)
        if version.state != VersionState.READY or has_closed_section(viewer, version.document_id):
            raise NotFound
        told = version.report
        return VersionReport(
            number=version.number,
            pages=version.pages,
            passages=version.passages,
            language=version.language,
            characters=told.get("characters", 0),
            tables=told.get("tables", 0),
            images_skipped=told.get("images_skipped", 0),
            empty_pages=told.get("empty_pages", []),
            encoding=told.get("encoding"),
            encoding_confidence=told.get("encoding_confidence"),
            hidden_parts=told.get("hidden_parts", []),
            notes=told.get("notes", []),
            unread_parts=told.get("unread_parts", []),
            not_carried=[former for place in told.get("not_carried", []) if (former := _former(place))],
        )


def _former(place: Mapping[str, Any]) -> FormerPassage | None:
    """None where that version's text is closed to him, or gone."""
    content = VersionContent.objects.filter(pk=place["version"]).select_related("version").first()
    if content is None:
        return None
    return FormerPassage(
        content.version_id, content.version.number, content.text[place["start"] : place["end"]]
    )


def _lines(content: VersionContent | None) -> tuple[TextLine, ...]:
    if content is None or not content.structure["lines"]:
        return ()
    return document_from({**content.structure, "text": content.text}).lines
