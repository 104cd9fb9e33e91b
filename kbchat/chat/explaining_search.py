"""Why a search found what it found: for owners, over collections that are theirs as a whole.

Scores and ranks could tell of what is hidden, so only whoever may read everything that was searched is told them.
"""

from dataclasses import dataclass

from kbchat.access.viewing import viewing
from kbchat.answering.events import Source
from kbchat.answering.offering import source_of
from kbchat.chat.auditing import record_passages
from kbchat.core.question_text import question_text
from kbchat.core.viewer import Viewer
from kbchat.retrieval.port import LegTrace, Passage, Pin, Retrieval, Retriever, Scope
from kbchat.retrieval.scopes import access_owned_scope


@dataclass(frozen=True, slots=True)
class LegPlace:
    """Where a leg alone has the passage, from 1, and its score: cosine, or BM25."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Explained:
    """`probability`: p(z|x) over the passages that are shown. A leg that did not bring it tells None."""

    source: Source
    dense: LegPlace | None
    lexical: LegPlace | None
    probability: float


@dataclass(frozen=True, slots=True)
class SearchExplanation:
    """`dense_weight`: of the dense leg in the blend, 0..1. `temperature`: of the probabilities. `null_probability`:
    that none of them answers."""

    passages: list[Explained]
    searched: int
    path: str
    dense_weight: float
    temperature: float
    expansions: list[str]
    null_probability: float
    milliseconds: dict[str, float]


def explain_search(
    viewer: Viewer, query: str, *, scope: Scope, limit: int, retriever: Retriever
) -> SearchExplanation:
    """Over the scope in collections of his, or all of these. Raises NotFound; NotAllowed("owners_only") for whoever
    does not own one of them, or owns none, or has a part of one closed to him; Invalid. Blocking."""
    scope = owned_scope(viewer, scope)
    words = question_text(query)
    pin = retriever.pin()
    found = retriever.retrieve(viewer, words, pin, limit=limit, scope=scope)
    told = explanation_of(found, pin)
    record_passages(viewer, words, [one.source for one in told.passages])
    return told


def owned_scope(viewer: Viewer, scope: Scope) -> Scope:
    """Raises as `explain_search`."""
    with viewing(viewer):
        return access_owned_scope(viewer, scope).scope


def explanation_of(found: Retrieval, pin: Pin) -> SearchExplanation:
    dense = next((leg.path for leg in found.trace.legs if leg.leg == "dense"), "")
    return SearchExplanation(
        passages=_explained(found),
        searched=found.trace.visible_chunks,
        path=dense,
        dense_weight=found.trace.dense_weight,
        temperature=pin.temperature,
        expansions=list(found.trace.expansions),
        null_probability=found.null_probability,
        milliseconds=found.trace.milliseconds,
    )


def _explained(found: Retrieval) -> list[Explained]:
    places = {leg.leg: _places(leg) for leg in found.trace.legs}

    def place(leg: str, passage: Passage) -> LegPlace | None:
        return places.get(leg, {}).get(passage.chunk_id)

    return [
        Explained(source_of(number, passage), place("dense", passage), place("lexical", passage), probability)
        for number, (passage, probability) in enumerate(
            zip(found.passages, found.probabilities, strict=True), 1
        )
    ]


def _places(leg: LegTrace) -> dict[int, LegPlace]:
    scores = dict(zip(leg.chunk_ids, leg.scores, strict=True))
    return {chunk: LegPlace(rank, scores[chunk]) for chunk, rank in leg.ranks.items()}
