"""Searching without an answer: passages for a viewer, numbered as sources. The same door as an answer's."""

from kbchat.answering.events import Source
from kbchat.chat.turns import MOST_QUESTION_CHARACTERS
from kbchat.core.errors import Invalid, Unavailable
from kbchat.core.viewer import Viewer
from kbchat.inference.ports import ModelUnavailable
from kbchat.retrieval.port import Passage, Retriever, Scope

MOST_RESULTS = 50


def search(viewer: Viewer, query: str, *, scope: Scope, limit: int, retriever: Retriever) -> list[Source]:
    """Best first, at most `limit`; [] for an empty query. Blocking. Raises Invalid, Unavailable."""
    words = query.replace("\0", "").encode("utf-8", "replace").decode().strip()
    if not words:
        return []
    if len(words) > MOST_QUESTION_CHARACTERS:
        raise Invalid("question_too_long", most=MOST_QUESTION_CHARACTERS)
    most = max(1, min(limit, MOST_RESULTS))
    try:
        found = retriever.retrieve(viewer, words, retriever.pin(), limit=most, scope=scope)
    except ModelUnavailable as error:
        raise Unavailable("search_unavailable") from error
    return [_source(number, passage) for number, passage in enumerate(found.passages, 1)]


def _source(number: int, passage: Passage) -> Source:
    return Source(
        number=number,
        document_id=str(passage.document_id),
        version_id=str(passage.version_id),
        collection_name=passage.collection_name,
        title=passage.title,
        heading_path=list(passage.heading_path),
        page=passage.page,
        start=passage.span.start,
        end=passage.span.end,
        quote=passage.text,
        effective_from=passage.effective_from.isoformat(),
    )
