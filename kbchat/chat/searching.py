"""Searching without an answer: passages for a viewer, numbered as sources. The same door as an answer's."""

from kbchat.answering.events import Source
from kbchat.answering.offering import source_of
from kbchat.chat.turns import MOST_QUESTION_CHARACTERS
from kbchat.core.errors import Invalid, Unavailable
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.inference.ports import ModelUnavailable
from kbchat.retrieval.port import Retriever, Scope

MOST_RESULTS = 50


def search(viewer: Viewer, query: str, *, scope: Scope, limit: int, retriever: Retriever) -> list[Source]:
    """Best first, at most `limit`; [] for an empty query. Blocking. Raises Invalid, Unavailable."""
    words = storable(query).strip()
    if not words:
        return []
    if len(words) > MOST_QUESTION_CHARACTERS:
        raise Invalid("question_too_long", most=MOST_QUESTION_CHARACTERS)
    most = max(1, min(limit, MOST_RESULTS))
    try:
        found = retriever.retrieve(viewer, words, retriever.pin(), limit=most, scope=scope)
    except ModelUnavailable as error:
        raise Unavailable("search_unavailable") from error
    return [source_of(number, passage) for number, passage in enumerate(found.passages, 1)]
