"""What goes over the wire of the library: collections, documents, their texts and their sections."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from kbchat.access import explaining
from kbchat.library.documents import DocumentRow as LibraryRow
from kbchat.sentences import say
from kbchat.web.problems import Problem, Refusal, problem
from kbchat.web.shapes import Principal, Role, Shape

DocumentState = Literal["queued", "working", "ready", "failed", "rejected", "cancelled"]
VersionState = Literal["received", "ready", "failed", "rejected"]
BlockKind = Literal["heading", "paragraph", "list_item", "table", "code", "quote", "page_furniture"]


class Collection(Shape):
    """`documents`: how many of them the reader may read."""

    id: UUID
    name: str
    description: str
    role: Role
    documents: int


class DocumentRow(Shape):
    """A document with what became of its newest version; for readers, with the one that answers today. `progress` is
    0..1. `retry_may_help`: it failed, and not because of what the file holds, or was rejected."""

    id: UUID
    title: str
    filename: str
    media_type: str
    language: str
    collection_id: UUID
    state: DocumentState
    step: str
    progress: float
    passages: int
    pages: int | None
    flags: list[str]
    problem: Problem | None
    retry_may_help: bool
    version_id: UUID
    version_number: int
    versions: int
    effective_from: date
    expires_on: date | None
    uploaded_by: str
    updated_at: datetime

    @classmethod
    def of(cls, row: LibraryRow, language: str) -> "DocumentRow":
        told = problem(row.problem_code, row.problem_facts, language) if row.problem_code else None
        fields: dict[str, Any] = {name: getattr(row, name) for name in cls.model_fields if name != "problem"}
        return cls(**fields, problem=told)


class DeletedDocument(Shape):
    """`deleted_by`: his name."""

    id: UUID
    title: str
    deleted_by: str
    deleted_at: datetime
    restorable_until: datetime


class DeletedDocuments(Shape):
    """`days`: for how many a deleted document of the collection can be restored; 0: not at all."""

    days: int
    documents: list[DeletedDocument]


class Cancelled(Shape):
    """Of how many files reading was cancelled."""

    files: int


class UploadOutcome(Shape):
    """Of several files: what was taken in, and what was not and why."""

    documents: list[DocumentRow]
    refused: list[Refusal]


class PageBox(Shape):
    """Fractions of the page's width and height, origin top left; `page` counts from 1."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class PassageRow(Shape):
    """A span of the version's text, in code points, and whether search leaves it out."""

    start: int
    end: int
    page: int | None
    heading_path: list[str]
    text: str
    is_silenced: bool
    boxes: list[PageBox]


class FormerPassage(Shape):
    """Left out of search in that version; what it said is not said in the same words now."""

    version_id: UUID
    version_number: int
    text: str


class VersionReport(Shape):
    """What became of a version's file. `empty_pages`: numbers of pages without text. `encoding`: of a text file,
    guessed where its confidence is below 1. `unread_parts`: names of files inside the file. `not_carried`: what was
    left out of search before and can be found again."""

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


class ChangePiece(Shape):
    kind: Literal["same", "removed", "added"]
    text: str


class Change(Shape):
    """A block that is another one in the other version, word by word, or that only one of them has. `at`: where it
    begins in the first version's text, or what comes behind it there."""

    at: int
    heading_path: list[str]
    pieces: list[ChangePiece]


class Changes(Shape):
    """From one version to the other. `is_cut`: there are more."""

    number: int
    other_version_id: UUID
    other_number: int
    changes: list[Change]
    is_cut: bool


class DocumentVersion(Shape):
    """`recognised_share`: of its text, 0..1, what was recognised in pictures, and how sure that is."""

    id: UUID
    number: int
    effective_from: date
    expires_on: date | None
    in_force: bool
    state: VersionState
    filename: str
    media_type: str
    pages: int | None
    passages: int
    recognised_share: float
    recognition_confidence: float | None
    uploaded_at: datetime
    uploaded_by: str


class DocumentDetail(Shape):
    id: UUID
    title: str
    collection_id: UUID
    collection_name: str
    role: Role
    versions: list[DocumentVersion]


class ContentBlock(Shape):
    """Offsets are code points of the version's text; `rows` are the spans of a table's rows."""

    kind: BlockKind
    start: int
    end: int
    text: str
    level: int | None
    page: int | None
    rows: list[tuple[int, int]]
    header_rows: int


class VersionContent(Shape):
    document_id: UUID
    version_id: UUID
    title: str
    collection_name: str
    media_type: str
    number: int
    effective_from: date
    expires_on: date | None
    in_force: bool
    newest_version_id: UUID
    pages: int | None
    blocks: list[ContentBlock]


class Closure(Shape):
    id: UUID
    principal: Principal


class Section(Shape):
    """A heading with those above it. `is_there`: the newest version has it."""

    id: UUID
    path: list[str]
    is_there: bool
    closed_to: list[Closure]


class Reason(Shape):
    code: str
    message: str


class Explanation(Shape):
    """`because`: what decides first comes first."""

    can_read: bool
    because: list[Reason]

    @classmethod
    def of(cls, found: explaining.Explanation, language: str) -> "Explanation":
        return cls(can_read=found.can_read, because=[_reason(reason, language) for reason in found.reasons])


def _reason(reason: explaining.Reason, language: str) -> Reason:
    arrow = " → "
    facts = {"through": arrow.join(reason.through), "heading": arrow.join(reason.heading)}
    message, _ = say(reason.rule, {name: told for name, told in facts.items() if told}, language)
    return Reason(code=reason.rule, message=message)
