"""A passage, and a statement of it, as the reader is offered them: with their places, and without a score."""

from collections.abc import Mapping
from typing import Final

from kbchat.answering.events import Side, Source
from kbchat.answering.statements import Statement
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


def side_of(number: int, passage: Passage, statement: Statement) -> Side:
    """What the statement of this passage says, in a disagreement."""
    return Side(
        source=number,
        document_id=str(passage.document_id),
        version_id=str(passage.version_id),
        start=passage.span.start + statement.span.start,
        end=passage.span.start + statement.span.end,
        quote=statement.text,
        effective_from=passage.effective_from.isoformat(),
    )
