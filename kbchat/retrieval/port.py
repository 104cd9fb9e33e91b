"""The one door to passages, as others see it: values and the `Retriever` protocol. Plain Python.

A viewer comes first in every call. Scores stay on the server: `probabilities` and `trace` are for strategies and
administrators, never for a client's event.
"""

from collections.abc import Collection as AbstractCollection
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol, Required, TypedDict
from uuid import UUID

from kbchat.analysis import Glossary, Language
from kbchat.core.deadline import Deadline
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.parsing.file_kinds import FileKind
from kbchat.retrieval.calibration import dense_weight


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as found for one viewer. `span` is in the version's text, and `text` equals that slice of it."""

    chunk_id: int
    collection_id: UUID
    document_id: UUID
    version_id: UUID
    title: str
    collection_name: str
    heading_path: tuple[str, ...]
    text: str
    span: Span
    page: int | None
    language: str
    effective_from: date
    ordinal: int
    found: Span | None = None
    """Where in `text` the chunk stands, if its neighbours were added to it; None: it is all of it."""
    pages: tuple[tuple[int, int | None], ...] = ()
    """Of a widened passage: from which place in `text` on which page; else `page` is that of all of it."""

    def page_at(self, place: int) -> int | None:
        """Of what stands at `place` in `text`."""
        return next((page for start, page in reversed(self.pages) if start <= place), self.page)


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk as a place: `span` is in the version's text."""

    span: Span
    page: int | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a chunk in its section: `text` is one slice of the version's text and begins at `start`. The
    `pieces` lie in it in order, the chunk itself among them, with no other chunk between."""

    start: int
    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with those above it, and the beginning of the text right below it."""

    heading_path: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """`parts`: in the order of the document, each once."""

    document_id: UUID
    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Scope:
    """What the asker narrowed the search to; empty means everything he may read.

    Collections and documents together are where to search. Each other field narrows further: `since` and `until` to
    versions that took effect on these days or between them.
    """

    collection_ids: tuple[UUID, ...] = ()
    document_ids: tuple[UUID, ...] = ()
    kinds: tuple[FileKind, ...] = ()
    languages: tuple[Language, ...] = ()
    since: date | None = None
    until: date | None = None


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Pin:
    """The generation and all that belongs to it, read once a turn and kept to its end."""

    generation_id: int
    encoder: str
    encoder_revision: str
    temperature: float
    dense_weight: dict[str, float]
    null_weights: dict[str, dict[str, float]] = field(default_factory=dict)
    """Of `null_probability`, by language of the question; empty: the defaults."""
    answer_from: dict[str, dict[str, float]] = field(default_factory=dict)
    """From which probability on that something answers there is an answer, by strategy and language of the question;
    what is not told there is answering's own."""
    glossary: Glossary = field(default_factory=Glossary)
    vectors: int = 0
    """How many the generation holds, as far as they were counted."""
    has_vector_index: bool = False
    """Whether there is a graph index over them."""
    filled: int = 0
    """How often passages of versions that could be searched already were written into the generation."""

    def dense_weight_of(self, language: str) -> float:
        """How much the encoder is trusted with a question in this language, also where nothing was fitted for it."""
        return dense_weight(self.dense_weight, language)


POOL: Final = 200
"""Candidates of each leg. A passage below this rank in both is not among the first ten of any blend."""


@dataclass(frozen=True, slots=True)
class LegTrace:
    """One leg's ranking: chunk ids best first, its raw scores, and how it was computed ("exact", "hnsw", "bm25"). The
    candidates of the other leg are among them."""

    leg: str
    path: str
    chunk_ids: tuple[int, ...]
    scores: tuple[float, ...]
    seconds: float

    @property
    def ranks(self) -> dict[int, int]:
        """From 1, by chunk id, as far as they are known: between those that the other leg alone brought may stand what
        neither did."""
        return {chunk: rank for rank, chunk in enumerate(self.chunk_ids[:POOL], 1)}


@dataclass(frozen=True, slots=True)
class RetrievalTrace:
    """`attainable`: what no passage's BM25 exceeds. `by_names_alone`: languages of visible passages that the encoder
    does not see through the query's. `expansions`: names from the glossary that were searched for besides the words of
    the query. `generation_id`: what was searched; None: nothing. `milliseconds`: of the encoder, the database and the
    reranker, as far as they had a part."""

    query: str
    visible_chunks: int
    generation_id: int | None = None
    legs: tuple[LegTrace, ...] = ()
    attainable: float = 0.0
    facts: dict[str, float] = field(default_factory=dict)
    by_names_alone: tuple[str, ...] = ()
    expansions: tuple[str, ...] = ()
    dense_weight: float = 0.0
    milliseconds: dict[str, float] = field(default_factory=dict)

    @property
    def by_words_alone(self) -> bool:
        """Whether the encoder took no part."""
        return bool(self.legs) and all(leg.leg != "dense" for leg in self.legs)

    @property
    def cosines(self) -> dict[int, float]:
        """Of the question and each chunk that the dense leg looked at, by chunk id."""
        dense = (leg for leg in self.legs if leg.leg == "dense")
        return {chunk: score for leg in dense for chunk, score in zip(leg.chunk_ids, leg.scores, strict=True)}


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Passages best first; `probabilities[i]` is p(z|x) over exactly these passages, `null_probability` p(none).
    `basis`: what they were ranked from (see TellingRetriever); "" where a model with a part in it did not answer."""

    passages: tuple[Passage, ...]
    probabilities: tuple[float, ...]
    null_probability: float
    trace: RetrievalTrace
    basis: str = ""


class SearchOptions(TypedDict, total=False):
    """The keywords of `Retriever.retrieve`, for those that pass them on."""

    limit: Required[int]
    scope: Scope
    as_of: date | None
    exclude_documents: AbstractCollection[UUID]
    exclude_chunks: AbstractCollection[int]
    deadline: Deadline | None


class Retriever(Protocol):
    def pin(self, generation_id: int | None = None) -> Pin:
        """The active generation now, or one that is to be measured. Raises Unavailable("no_active_generation")."""

    def retrieve(
        self,
        viewer: Viewer,
        query: str,
        pin: Pin,
        *,
        limit: int,
        scope: Scope = EVERYTHING,
        as_of: date | None = None,
        exclude_documents: AbstractCollection[UUID] = (),
        exclude_chunks: AbstractCollection[int] = (),
        deadline: Deadline | None = None,
    ) -> Retrieval:
        """At most `limit` passages that `viewer` may read; by words alone where the encoder does not answer. No query
        text raises. Blocking: call it from a thread."""

    def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
        """The passages still visible, in the order asked for; what is hidden or gone is simply absent. Blocking."""

    def around(self, viewer: Viewer, chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
        """What stands around these passages, as far as `viewer` may read it; nothing of it is ranked. Blocking."""


class TellingRetriever(Retriever, Protocol):
    """One that tells what it ranks from before it ranks anything."""

    def basis(self, viewer: Viewer, pin: Pin) -> str:
        """Names all that `viewer` may be shown now, in this process: the same question with the same pin brings the
        same passages wherever the basis is the same. Whatever changes what he may read, or what of it may be
        returned, changes it at once; what others may read does not. Blocking."""
