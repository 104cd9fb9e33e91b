"""What goes over the wire of knowledge gaps."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from kbchat.answering.events import Source
from kbchat.web.conversation_shapes import Scope
from kbchat.web.shapes import Shape

State = Literal["open", "assigned", "answered", "dismissed"]


class GapReport(Shape):
    """The reader's own, of a question of his that was refused. `may_be_named`: whoever reads it is told his name."""

    turn_id: UUID
    comment: str
    may_be_named: bool
    reported_at: datetime


class HandedQuestion(Shape):
    """`name`: "" where its asker does not want to be named. `language`: "en", "zh" or "other". `scope`: what it was
    asked of, as far as the reader sees it; null: of nothing that he sees. `document_titles`: of its documents."""

    question: str
    comment: str
    language: str
    reported_at: datetime
    name: str
    scope: Scope | None
    document_titles: list[str]


class Gap(Shape):
    """`reports`: the oldest first. `collections`: names of those in which it was asked and that the reader sees.
    `is_everywhere`: it was asked of all that its asker may read. `has_news`: something that he may read has become
    searchable there since. `document_id`, `document_title`: what answers, where he may read it."""

    id: UUID
    state: State
    reports: list[HandedQuestion]
    collections: list[str]
    is_everywhere: bool
    assignee: str
    document_id: UUID | None
    document_title: str
    has_news: bool


class Answerer(Shape):
    id: UUID
    name: str


class FoundAgain(Shape):
    """`scopes`: of how many different things its askers asked it; `answered`: how many of these answer it now, and
    `is_answered` all. `passages`: the nearest, best first, of one that answers, if any."""

    is_answered: bool
    scopes: int
    answered: int
    passages: list[Source]
