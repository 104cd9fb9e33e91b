"""Searching without an answer: passages for a viewer, numbered as sources. The same door as an answer's."""

from dataclasses import dataclass
from datetime import date

from kbchat.answering.events import Source
from kbchat.answering.offering import source_of
from kbchat.chat.auditing import record_passages
from kbchat.core.question_text import question_text
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.retrieval.port import Retriever, Scope
from kbchat.retrieval.scopes import require_days

MOST_RESULTS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """`by_words_alone`: the encoder took no part, so what says it in other words is missing. `by_names_alone`:
    languages in which only names were found."""

    sources: list[Source]
    by_words_alone: bool = False
    by_names_alone: tuple[str, ...] = ()


def search(
    viewer: Viewer,
    query: str,
    *,
    scope: Scope,
    limit: int,
    retriever: Retriever,
    as_of: date | None = None,
) -> Found:
    """Best first, at most `limit`; nothing for an empty query. Of the versions in force on `as_of`; None: today.
    Blocking. Raises Invalid, Unavailable."""
    require_days(scope)
    if not storable(query).strip():
        return Found([])
    words = question_text(query)
    most = max(1, min(limit, MOST_RESULTS))
    found = retriever.retrieve(viewer, words, retriever.pin(), limit=most, scope=scope, as_of=as_of)
    sources = [source_of(number, passage) for number, passage in enumerate(found.passages, 1)]
    record_passages(viewer, words, sources)
    return Found(sources, found.trace.by_words_alone, found.trace.by_names_alone)
