"""What goes over the wire of search and of conversations."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from kbchat.analysis import Language as DocumentLanguage
from kbchat.answering.events import AnswerEvent, Source
from kbchat.chat.conversations import TurnDetail
from kbchat.chat.history import FoundConversation
from kbchat.chat.record import answer_of
from kbchat.parsing.file_kinds import FileKind
from kbchat.retrieval import port
from kbchat.web.feedback_shapes import Feedback
from kbchat.web.shapes import Body, Shape

TurnState = Literal[
    "queued", "running", "done", "stopped", "refused", "failed", "interrupted", "truncated", "revoked"
]


class AskScope(Body):
    """Empty: everything. Collections and documents together are where to search; `kinds` of files, `languages` of
    documents, and the days on which they took effect narrow it further."""

    collection_ids: list[UUID] = Field([])
    document_ids: list[UUID] = Field([])
    kinds: list[FileKind] = Field([])
    languages: list[DocumentLanguage] = Field([])
    since: date | None = None
    until: date | None = None

    @property
    def chosen(self) -> port.Scope:
        return port.Scope(
            tuple(self.collection_ids),
            tuple(self.document_ids),
            tuple(self.kinds),
            tuple(self.languages),
            self.since,
            self.until,
        )


class SearchResult(Shape):
    """`by_words_alone`: the search model is loading or does not answer; what says it in other words is missing.
    `by_names_alone`: languages of documents in which only names were found, those of the glossary among them."""

    passages: list[Source]
    by_words_alone: bool
    by_names_alone: list[str]


class Found(Shape):
    """What a search found in a conversation. Marks are spans of code points: of the title, and of the excerpt of a
    question or an answer. `turn_id` is null, and the excerpt empty, where only the title has the words."""

    title_marks: list[tuple[int, int]]
    turn_id: UUID | None
    excerpt: str
    marks: list[tuple[int, int]]


class ConversationRow(Shape):
    """`found`: for a search alone."""

    id: UUID
    title: str
    updated_at: datetime
    is_pinned: bool
    found: Found | None = None

    @classmethod
    def of(cls, found: FoundConversation) -> "ConversationRow":
        row, excerpt = found.row, found.excerpt
        return cls(
            id=row.id,
            title=row.title,
            updated_at=row.updated_at,
            is_pinned=row.is_pinned,
            found=Found(
                title_marks=[(mark.start, mark.end) for mark in found.title_marks],
                turn_id=found.turn_id,
                excerpt=excerpt.text if excerpt else "",
                marks=[(mark.start, mark.end) for mark in excerpt.marks] if excerpt else [],
            ),
        )


class Scope(Shape):
    collection_ids: list[UUID]
    document_ids: list[UUID]
    kinds: list[FileKind]
    languages: list[DocumentLanguage]
    since: date | None
    until: date | None


class ScopeChoices(Shape):
    """What the documents are that the reader may be answered with. `earliest`, `latest`: the days on which the first
    and the last of them took effect; null where there is none."""

    kinds: list[FileKind]
    languages: list[DocumentLanguage]
    earliest: date | None
    latest: date | None


class NumberedEvent(Shape):
    number: int
    event: AnswerEvent


class Turn(Shape):
    """`masked`: a source is no longer available to the reader, so no text is sent. `feedback`: what he said of the
    answer; `scope`: what he asked it of. Both are null in what somebody else shares."""

    id: UUID
    parent_id: UUID | None
    question: str
    state: TurnState
    created_at: datetime
    masked: bool
    events: list[NumberedEvent]
    feedback: Feedback | None
    scope: Scope | None


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
    """`is_temporary`: it is in no list, and erased soon."""

    id: UUID
    title: str
    updated_at: datetime
    is_temporary: bool
    scope: Scope
    turns: list[Turn]


class ConversationExport(Shape):
    """One line of questions, from the first one on."""

    title: str
    turns: list[TurnWithAnswer]


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
