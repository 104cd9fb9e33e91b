"""A turn's events as they are numbered, stored and sent: one form for the log, the row and the socket.

Plain values; knows no Redis and no database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from kbchat.answering.events import (
    AnswerEvent,
    CitationAdded,
    Source,
    SourcesFound,
    TextAdded,
    TextRange,
    TextWithdrawn,
    TurnFinished,
)

_EVENT: TypeAdapter[AnswerEvent] = TypeAdapter(AnswerEvent)


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """`number` counts from 1 in its turn, without gaps."""

    number: int
    event: AnswerEvent


def numbered(events: Iterable[AnswerEvent], *, after: int = 0) -> list[NumberedEvent]:
    """The events with the numbers that follow `after`."""
    return [NumberedEvent(number, event) for number, event in enumerate(events, after + 1)]


def to_stored(events: Iterable[NumberedEvent]) -> list[dict[str, Any]]:
    """As JSON values, for a turn's row."""
    return [{"number": item.number, "event": item.event.model_dump(mode="json")} for item in events]


def from_stored(stored: Iterable[dict[str, Any]]) -> list[NumberedEvent]:
    return [NumberedEvent(item["number"], _EVENT.validate_python(item["event"])) for item in stored]


def to_line(event: AnswerEvent) -> str:
    return event.model_dump_json()


def from_line(line: str) -> AnswerEvent:
    return _EVENT.validate_json(line)


def answer_of(events: Iterable[NumberedEvent]) -> str:
    """The answer's text: what was added, without what was withdrawn."""
    text, withdrawn = "", []
    for item in events:
        if isinstance(item.event, TextAdded):
            text += item.event.text
        elif isinstance(item.event, TextWithdrawn):
            withdrawn.append(item.event.range)
    for part in sorted(withdrawn, key=lambda part: -part.start):
        text = text[: part.start] + text[part.end :]
    return text


def sources_of(events: Iterable[NumberedEvent]) -> list[Source]:
    """Every passage that was offered, cited or not."""
    return [
        source for item in events if isinstance(item.event, SourcesFound) for source in item.event.sources
    ]


def citations_of(events: Iterable[NumberedEvent]) -> list[CitationAdded]:
    return [item.event for item in events if isinstance(item.event, CitationAdded)]


def cited_titles(events: Iterable[NumberedEvent]) -> tuple[str, ...]:
    """Of the documents that the answer cites, each once, in the order of their first citation."""
    told = list(events)
    titles = {source.number: source.title for source in sources_of(told)}
    return tuple(
        dict.fromkeys(titles[cited.source] for cited in citations_of(told) if cited.source in titles)
    )


def unranked(events: Iterable[NumberedEvent]) -> list[NumberedEvent]:
    """For another reader: a place in an order tells how many stood before it, of which he may not read all."""
    return [
        replace(item, event=_unranked(item.event)) if isinstance(item.event, SourcesFound) else item
        for item in events
    ]


def _unranked(event: SourcesFound) -> SourcesFound:
    nowhere = {"rank_by_meaning": None, "rank_by_words": None}
    return event.model_copy(
        update={"sources": [source.model_copy(update=nowhere) for source in event.sources]}
    )


def revocation(written: int) -> list[AnswerEvent]:
    """How a turn ends whose sources its owner may no longer read. `written`: length of the text so far."""
    return [
        TextWithdrawn(range=TextRange(start=0, end=written), reason="revoked"),
        TurnFinished(state="revoked", reason="revoked"),
    ]


def text_length(events: Iterable[NumberedEvent]) -> int:
    """Code points that were added, withdrawn ones included: what offsets count."""
    return sum(len(item.event.text) for item in events if isinstance(item.event, TextAdded))


def unbroken(events: Iterable[NumberedEvent], *, after: int) -> list[NumberedEvent]:
    """The events that follow `after` directly, up to the first gap."""
    found: list[NumberedEvent] = []
    for item in events:
        if item.number == after + len(found) + 1:
            found.append(item)
        elif item.number > after:
            break
    return found


def remainder(events: Sequence[NumberedEvent], *, after: int) -> list[NumberedEvent]:
    """What somebody who has seen `after` events of a finished turn is still owed.

    Whoever saw more than the record has (its log was lost with its process) is told the end.
    """
    if after <= len(events):
        return list(events[after:])
    return numbered([events[-1].event], after=after) if events else []
