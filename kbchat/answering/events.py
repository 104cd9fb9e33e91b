"""What an answer is: typed events, numbered from 1. Wire format, replay log and stored record in one.

Text never carries control, and no event carries a score, a distance or a hidden count. The numbering is the
turn log's; a strategy yields events without numbers. The schema of this union is exported for the browser.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

TurnState = Literal["done", "stopped", "refused", "failed", "interrupted", "truncated", "revoked"]
Decision = Literal["retrieve", "converse", "ask_back"]
Support = Literal["supported", "partly", "unsupported", "not_factual"]
StrategyName = Literal["generating", "quoting"]
Contention = Literal["number", "date", "denial"]


class Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextRange(Event):
    """Half-open offsets in code points of the answer's text."""

    start: int
    end: int


class Source(Event):
    """A passage shown to the asker before the first word; `number` is what the answer's [n] refers to.

    `rank_by_meaning`, `rank_by_words`: its places, from 1, in the two orders that search brings together; None where it
    is not among those of that order, or nothing was searched for."""

    number: int
    document_id: str
    version_id: str
    collection_name: str
    title: str
    heading_path: list[str]
    page: int | None
    start: int
    end: int
    quote: str
    effective_from: str
    rank_by_meaning: int | None = None
    rank_by_words: int | None = None


class TurnStarted(Event):
    """`prompts`: the version of the texts that a model is told; None without one."""

    type: Literal["turn_started"] = "turn_started"
    strategy: StrategyName
    prompts: str | None = None


class Decided(Event):
    type: Literal["decided"] = "decided"
    decision: Decision


class QueriesRewritten(Event):
    """Standalone queries, the original first."""

    type: Literal["queries_rewritten"] = "queries_rewritten"
    queries: list[str]


class SearchStarted(Event):
    type: Literal["search_started"] = "search_started"
    round: int
    collections: int


class SourcesFound(Event):
    """`by_words_alone`: the encoder did not answer, so what says it in other words was not found. `by_names_alone`:
    languages of documents that the asker may read and in which only names were found, those of the glossary among
    them."""

    type: Literal["sources_found"] = "sources_found"
    round: int
    sources: list[Source]
    by_words_alone: bool = False
    by_names_alone: list[str] = []


class Judged(Event):
    type: Literal["judged"] = "judged"
    enough: bool
    missing: str | None = None


class WritingStarted(Event):
    """`model`: the name of the model that writes, as its server has it; None where sentences are quoted, or it is not
    told."""

    type: Literal["writing_started"] = "writing_started"
    model: str | None = None


class ThinkingStarted(Event):
    """The model thinks before it writes; what it thinks is nobody's to read."""

    type: Literal["thinking_started"] = "thinking_started"


class TextAdded(Event):
    type: Literal["text_added"] = "text_added"
    text: str


class TextWithdrawn(Event):
    type: Literal["text_withdrawn"] = "text_withdrawn"
    range: TextRange
    reason: Literal["unsupported", "revoked"]


class CitationAdded(Event):
    """Citation [number] stands at `at` (offset in the answer's text) and points to a span inside `source`.

    `number` counts in order of first use in the answer; `source` is the offered source's number. `is_attributed`: the
    model named no source there; the check of claims found the one that says it."""

    type: Literal["citation_added"] = "citation_added"
    number: int
    source: int
    at: int
    document_id: str
    version_id: str
    start: int
    end: int
    page: int | None
    quote: str
    is_attributed: bool = False


class SentenceVerified(Event):
    type: Literal["sentence_verified"] = "sentence_verified"
    range: TextRange
    state: Support


class ValueLit(Event):
    """The part of a quoted sentence that is the value asked for (a number of days, a date, an amount)."""

    type: Literal["value_lit"] = "value_lit"
    range: TextRange


class Side(Event):
    """What one source says: its number, and the statement's place in the version's text."""

    source: int
    document_id: str
    version_id: str
    start: int
    end: int
    quote: str
    effective_from: str


class SourcesDisagree(Event):
    """Two documents in force say different things on what was asked; both are told, with their dates."""

    type: Literal["sources_disagree"] = "sources_disagree"
    about: Contention
    one: Side
    other: Side


class OwnersNamed(Event):
    """Whom to ask where there is no answer: who owns the collection of what came nearest, groups before people."""

    type: Literal["owners_named"] = "owners_named"
    collection_name: str
    owners: list[str]


class TokenUsage(Event):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_calls: int = 0


class TurnFinished(Event):
    """The one terminal event. `reason` is a code that the page translates, such as "model_unreachable"."""

    type: Literal["turn_finished"] = "turn_finished"
    state: TurnState
    reason: str | None = None
    follow_ups: list[str] = []
    usage: TokenUsage = TokenUsage()


AnswerEvent = Annotated[
    TurnStarted
    | Decided
    | QueriesRewritten
    | SearchStarted
    | SourcesFound
    | Judged
    | SourcesDisagree
    | WritingStarted
    | ThinkingStarted
    | TextAdded
    | TextWithdrawn
    | CitationAdded
    | SentenceVerified
    | ValueLit
    | OwnersNamed
    | TurnFinished,
    Field(discriminator="type"),
]
