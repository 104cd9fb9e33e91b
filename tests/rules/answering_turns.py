"""A small library, the invariants that every turn keeps, and what tests ask of a turn's events."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from kbchat.answering.events import (
    AnswerEvent,
    CitationAdded,
    SentenceVerified,
    SourcesFound,
    TextAdded,
    TurnFinished,
    TurnStarted,
    ValueLit,
)
from kbchat.inference.ports import Prompt
from tests.rules.answering_support import passage

LEAVE = passage(
    "Full-time employees in Hamburg receive 30 working days of paid annual leave in 2025. "
    "The statutory minimum is 20 days.",
    title="Annual leave policy",
    number=1,
)
CARRY = passage(
    "Up to 5 unused days are carried over to the next year.", title="Annual leave policy", number=2, start=900
)
ZH = passage(
    "年假天数\n\n2024 年公司的年假由法定年假和福利年假两部分组成，全年合计最多 18 天。福利年假不得结转。",
    title="年假政策（上海）",
    number=3,
    in_force=date(2024, 1, 1),
)
CANTEEN = passage("The canteen is open from 11:30 to 14:00.", title="Office guide", number=4)
LIBRARY = [LEAVE, CARRY, ZH, CANTEEN]
ASKED = "How many days of annual leave do employees in Hamburg receive?"
ANSWER = "Employees in Hamburg receive 30 working days of annual leave [1]. Five unused days carry over [2]."


def check(events: Sequence[AnswerEvent], whole: str | None = None) -> str:
    """The invariants that hold for every turn, however it went; returns the answer's text. `whole`: the text of the
    one version, where passages were widened; citations then lie in it and not only in what was found."""
    assert isinstance(events[0], TurnStarted)
    assert [isinstance(event, TurnFinished) for event in events].count(True) == 1
    assert isinstance(events[-1], TurnFinished)
    sources = {}
    text, numbers = "", []
    late: set[int] = set()
    ends: set[int] = set()
    for event in events:
        dumped = str(event.model_dump(exclude={"usage"}))
        assert not re.search(r"\d\.\d{3,}|score|probab|distance", dumped), "no figures for a client"
        if isinstance(event, SourcesFound):
            assert not text, "sources come before the first word"
            for source in event.sources:
                assert source.number not in sources
                sources[source.number] = source
        elif isinstance(event, TextAdded):
            assert event.text
            text += event.text
        elif isinstance(event, CitationAdded):
            source = sources[event.source]
            assert (event.document_id, event.version_id) == (source.document_id, source.version_id)
            if whole is None:
                assert source.start <= event.start < event.end <= source.end
                assert source.quote[event.start - source.start : event.end - source.start] == event.quote
            else:
                assert event.start < event.end
                assert whole[event.start : event.end] == event.quote
            assert event.at <= len(text)
            if event.at < len(text):
                late.add(event.at)
            numbers.append(event.number)
        elif isinstance(event, SentenceVerified | ValueLit):
            assert 0 <= event.range.start < event.range.end <= len(text)
            if isinstance(event, SentenceVerified):
                ends.add(event.range.end)
    assert late <= ends, "a citation stands where its text ends, or at the end of the sentence that it is for"
    assert list(dict.fromkeys(numbers)) == list(range(1, len(set(numbers)) + 1)), "numbered in order of use"
    return text


def finished(events: Sequence[AnswerEvent]) -> TurnFinished:
    (end,) = [event for event in events if isinstance(event, TurnFinished)]
    return end


def kinds(events: Sequence[AnswerEvent]) -> list[str]:
    return list(dict.fromkeys(event.type for event in events))


Kind = TypeVar("Kind")


def of(events: Sequence[AnswerEvent], kind: type[Kind]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]


def sure(**answers: float) -> Callable[[Prompt, Sequence[str]], Mapping[str, float]]:
    """Label probabilities by the question asked: `route` that documents are needed, `enough` that they
    suffice."""

    def rule(prompt: Prompt, labels: Sequence[str]) -> dict[str, float]:
        if "yes" in labels:
            return {"yes": answers.get("enough", 0.9), "no": 0.95 - answers.get("enough", 0.9)}
        return {"A": answers.get("route", 0.9), "B": 0.02, "C": 0.02}

    return rule
