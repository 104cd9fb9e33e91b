"""One search twice, side by side: as it is in force, and with other settings that an owner tries.

Nothing is put to use from here. The rule of explaining holds, for both sides show scores.
"""

from dataclasses import dataclass, replace

from kbchat.chat.auditing import record_passages
from kbchat.chat.explaining_search import SearchExplanation, explanation_of, owned_scope
from kbchat.core.question_text import question_text
from kbchat.core.viewer import Viewer
from kbchat.retrieval.port import Pin, Retriever, Scope


@dataclass(frozen=True, slots=True)
class Tried:
    """By which retriever, and what is other than in force; None: as it is. `dense_weight` holds for every language."""

    retriever: Retriever
    dense_weight: float | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class SearchComparison:
    """`places`: where what is in force has each passage of what is tried, from 1; None: not among those shown."""

    in_force: SearchExplanation
    tried: SearchExplanation
    places: list[int | None]


def compare_searches(
    viewer: Viewer, query: str, *, scope: Scope, limit: int, retriever: Retriever, tried: Tried
) -> SearchComparison:
    """Raises as explaining_search.explain_search. Blocking."""
    scope = owned_scope(viewer, scope)
    words = question_text(query)
    pin = retriever.pin()
    other = _changed(pin, tried)
    found = retriever.retrieve(viewer, words, pin, limit=limit, scope=scope)
    instead = tried.retriever.retrieve(viewer, words, other, limit=limit, scope=scope)
    sides = explanation_of(found, pin), explanation_of(instead, other)
    places = {passage.chunk_id: place for place, passage in enumerate(found.passages, 1)}
    shown = {(one.source.version_id, one.source.start): one.source for side in sides for one in side.passages}
    record_passages(viewer, words, list(shown.values()))
    return SearchComparison(*sides, [places.get(passage.chunk_id) for passage in instead.passages])


def _changed(pin: Pin, tried: Tried) -> Pin:
    """One generation for both sides."""
    weight, temperature = tried.dense_weight, tried.temperature
    return replace(
        pin,
        dense_weight=pin.dense_weight if weight is None else dict.fromkeys(pin.dense_weight, weight),
        temperature=pin.temperature if temperature is None else temperature,
    )
