"""What goes over the wire, as pydantic models: the truth from which openapi.json and the page's types are made.

Names are those of the use cases' rows; sentences are added here, in the reader's language.
"""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, field_validator

from kbchat.access import explaining
from kbchat.accounts import models as accounts
from kbchat.answering.events import AnswerEvent, Source
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import TurnDetail
from kbchat.chat.record import answer_of
from kbchat.core.typed_text import storable
from kbchat.core.viewer import KeyScope
from kbchat.library.documents import DocumentRow as LibraryRow
from kbchat.retrieval import port
from kbchat.sentences import say
from kbchat.web.problems import Problem, Refusal, problem

Language = Literal["en", "zh-hans"]
Role = Literal["reader", "editor", "owner"]
PrincipalKind = Literal["user", "group", "everyone"]
Keeper = Literal["local", "directory"]
DocumentState = Literal["queued", "working", "ready", "failed"]
VersionState = Literal["received", "ready", "failed"]
TurnState = Literal[
    "queued", "running", "done", "stopped", "refused", "failed", "interrupted", "truncated", "revoked"
]
BlockKind = Literal["heading", "paragraph", "list_item", "table", "code", "quote", "page_furniture"]


class Shape(BaseModel):
    """Read from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


class Body(BaseModel):
    """Sent by a client: a field that nobody knows is refused, never ignored. Text comes in as it can be stored."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _as_it_can_be_stored(cls, value: object) -> object:
        return storable(value) if isinstance(value, str) else value


class AskScope(Body):
    collection_ids: list[UUID] = []
    document_ids: list[UUID] = []

    @property
    def chosen(self) -> port.Scope:
        return port.Scope(tuple(self.collection_ids), tuple(self.document_ids))


class Person(Shape):
    id: UUID
    name: str
    email: str
    language: Language
    is_administrator: bool
    is_auditor: bool


class SecondFactorWays(Shape):
    """What finishes a sign-in whose password was right. A recovery code does, always."""

    app: bool
    passkey: bool


class Session(Shape):
    """`generating`: a language model writes the answers; otherwise they are quotes. `single_sign_on`: what the identity
    provider is called, where there is one. `takes_passkeys`: at the address by which this was asked. `second_factor`:
    the password was right, and this is still to come. `must_add_factor`: nothing opens before he has added one."""

    person: Person | None
    generating: bool
    model: str | None
    setup_open: bool
    single_sign_on: str | None
    takes_passkeys: bool
    second_factor: SecondFactorWays | None
    must_add_factor: bool


class WayThere(Shape):
    """An address at the identity provider."""

    address: str


class OpenSession(Shape):
    """A browser in which the reader is signed in. `browser` and `system` are "" where it does not say."""

    id: UUID
    browser: str
    system: str
    opened_at: datetime
    last_seen_at: datetime
    is_this: bool


class ApiKey(Shape):
    """`collection_ids` None: all that its owner may read. `last_used_on`: a day in UTC."""

    id: UUID
    name: str
    scopes: list[KeyScope]
    collection_ids: list[UUID] | None
    created_at: datetime
    expires_at: datetime
    last_used_on: date | None

    @classmethod
    def of(cls, key: accounts.ApiKey) -> "ApiKey":
        fields: dict[str, Any] = {
            name: getattr(key, name) for name in cls.model_fields if name != "collection_ids"
        }
        return cls(**fields, collection_ids=key.collections)


class NewApiKey(ApiKey):
    """`key` is shown this once."""

    key: str


class Collection(Shape):
    """`documents`: how many of them the reader may read."""

    id: UUID
    name: str
    description: str
    role: Role
    documents: int


class Group(Shape):
    """`source`: who keeps it, people here or the company's directory."""

    id: UUID
    name: str
    source: Keeper
    members: int


class Principal(Shape):
    kind: PrincipalKind
    id: UUID | None
    name: str


class Grant(Shape):
    id: UUID
    principal: Principal
    role: Role


class DocumentRow(Shape):
    """A document with what became of its newest version; for readers, with the one that answers today. `progress` is
    0..1. `retry_may_help`: it failed, and not because of what the file holds."""

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


class UploadOutcome(Shape):
    """Of several files: what was taken in, and what was not and why."""

    documents: list[DocumentRow]
    refused: list[Refusal]


class DocumentVersion(Shape):
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
    uploaded_at: datetime


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


class PageBox(Shape):
    """Fractions of the page's width and height, origin top left; `page` counts from 1."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


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


class SearchResult(Shape):
    """`by_words_alone`: the search model is loading or does not answer; what says it in other words is missing."""

    passages: list[Source]
    by_words_alone: bool


class ConversationRow(Shape):
    id: UUID
    title: str
    updated_at: datetime


class Scope(Shape):
    collection_ids: list[UUID]
    document_ids: list[UUID]


class NumberedEvent(Shape):
    number: int
    event: AnswerEvent


class Turn(Shape):
    """`masked`: a source is no longer available to the reader, so no text is sent."""

    id: UUID
    parent_id: UUID | None
    question: str
    state: TurnState
    created_at: datetime
    masked: bool
    events: list[NumberedEvent]


class AcceptedTurn(Shape):
    conversation_id: UUID
    turn_id: UUID


class TurnWithAnswer(Turn):
    """`answer` is the text so far, without what was withdrawn; offsets in `events` count what was withdrawn, too. The
    cited passages are the events `citation_added`; how it ended is `turn_finished`, the last one."""

    answer: str

    @classmethod
    def of(cls, turn: TurnDetail, after: int) -> "TurnWithAnswer":
        fields: dict[str, Any] = {name: getattr(turn, name) for name in Turn.model_fields if name != "events"}
        events = [item for item in turn.events if item.number > after]
        return cls(**fields, events=events, answer=answer_of(turn.events))


class ConversationDetail(Shape):
    id: UUID
    title: str
    updated_at: datetime
    scope: Scope
    turns: list[Turn]


class Share(Shape):
    """`turns`: how many questions it shows."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    turns: int


class NewShare(Shape):
    share: Share
    token: str


class SharedConversation(Shape):
    title: str
    shared_by: str
    expires_at: datetime
    turns: list[Turn]


class Starter(Shape):
    question: str


class AuditEvent(Shape):
    """`actor_id` None: a command, a worker, or somebody who is nobody here. `subject`: ids, SHA-256 hashes, roles and
    counts. `previous`: the `hash` of the event numbered one less; both as hexadecimal digits. `names`: of those people
    in it whom the reader may know, by id."""

    seq: int
    at: datetime
    actor_id: UUID | None
    action: AuditAction
    subject: dict[str, Any]
    previous: str
    hash: str
    names: dict[str, str]


class AuditChain(Shape):
    """Of the newest events: how many were looked at, the number and hash of the last that follows the one before, and
    what is wrong with the next one."""

    looked_at: int
    last_seq: int
    last_hash: str
    fault: Literal["missing", "reordered", "changed"] | None
