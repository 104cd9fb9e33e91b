"""A passage as the reader is offered it: with its place, and without a score."""

from collections.abc import Mapping
from typing import Final

from kbchat.answering.events import Source
from kbchat.retrieval.port import Passage

_UNRANKED: Final[Mapping[str, int]] = {}


def source_of(number: int, passage: Passage, ranks: Mapping[str, int] = _UNRANKED) -> Source:
    """The passage as offered under `number`. `ranks`: its place, from 1, by leg."""
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
        rank_by_meaning=ranks.get("dense"),
        rank_by_words=ranks.get("lexical"),
    )
