"""A turn as it is measured: its steps' times, its statements with their citations; and the model that knows it all."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from kbchat.answering.events import (
    AnswerEvent,
    Decided,
    Judged,
    QueriesRewritten,
    SearchStarted,
    SentenceVerified,
    SourcesFound,
    TextAdded,
    TextRange,
    TextWithdrawn,
    TurnFinished,
    TurnStarted,
    WritingStarted,
)
from kbchat.answering.offering import source_of
from kbchat.answering.ports import Question
from kbchat.answering.showing import citation
from kbchat.answering.strategies import strategy_for
from kbchat.core.errors import Unavailable
from kbchat.core.text import Span
from kbchat.evaluation.citations import Statement
from kbchat.evaluation.hearing import HeardTurn, heard
from kbchat.evaluation.ideal_model import ideal_model
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, passage

LEAVE = passage("Everybody has 28 days of annual leave. It may be taken in halves.", title="Leave")
CANTEEN = passage("Lunch is served at noon.", title="Canteen")


def played(events: Sequence[AnswerEvent]) -> HeardTurn:
    async def playing() -> AsyncIterator[AnswerEvent]:
        for event in events:
            yield event

    return asyncio.run(heard(playing()))


def test_what_was_withdrawn_is_no_statement_and_counts_in_no_state() -> None:
    turn = played(
        [
            TurnStarted(strategy="generating"),
            TextAdded(text="You have 31 days. Nobody knows."),
            SentenceVerified(range=TextRange(start=0, end=17), state="unsupported"),
            SentenceVerified(range=TextRange(start=18, end=31), state="not_factual"),
            TextWithdrawn(range=TextRange(start=0, end=17), reason="unsupported"),
            TurnFinished(state="refused"),
        ]
    )
    assert turn.states == {"not_factual": 1}
    assert [statement.text for statement in turn.statements] == ["Nobody knows."]


def test_statements_have_the_citations_behind_them() -> None:
    text = "You have 28 days. Lunch is at noon."
    turn = played(
        [
            TurnStarted(strategy="generating"),
            SourcesFound(round=1, sources=[source_of(1, LEAVE), source_of(2, CANTEEN)]),
            TextAdded(text=text),
            citation(1, 1, 16, LEAVE, Span(0, 38)),
            citation(1, 1, 17, LEAVE, Span(0, 38)),
            citation(2, 2, len(text), CANTEEN, Span(0, 24)),
            SentenceVerified(range=TextRange(start=0, end=17), state="supported"),
            SentenceVerified(range=TextRange(start=18, end=len(text)), state="supported"),
            TurnFinished(state="done"),
        ]
    )
    assert turn.statements == [Statement("You have 28 days.", (1,)), Statement("Lunch is at noon.", (2,))]
    assert turn.passages[2].text == CANTEEN.text
    assert turn.states == {"supported": 2}
    assert turn.finished.state == "done"


def test_what_was_cited_of_a_neighbour_counts_as_shown() -> None:
    wide = passage(f"{LEAVE.text} Ask Ms Weber.", title="Leave")
    at = wide.text.index("Ask")
    turn = played(
        [
            SourcesFound(round=1, sources=[source_of(1, LEAVE)]),
            TextAdded(text="Ask Ms Weber."),
            citation(1, 1, 13, wide, Span(at, len(wide.text))),
            TurnFinished(state="done"),
        ]
    )
    assert turn.passages[1].text == f"{LEAVE.text}\n\nAsk Ms Weber."


def test_every_step_has_its_own_time() -> None:
    events = (
        TurnStarted(strategy="quoting"),
        Decided(decision="retrieve"),
        QueriesRewritten(queries=["q"]),
        SearchStarted(round=1, collections=1),
        SourcesFound(round=1, sources=[]),
        Judged(enough=False),
        SearchStarted(round=2, collections=1),
        SourcesFound(round=2, sources=[]),
        Judged(enough=True),
        WritingStarted(),
        TextAdded(text="a"),
        TurnFinished(state="done"),
    )
    turn = HeardTurn(events, (0.0, 0.5, 1.0, 1.0, 3.0, 3.5, 3.5, 5.0, 6.0, 6.0, 6.5, 8.0))
    assert turn.seconds == {
        "deciding": 1.0,
        "searching": 3.5,
        "judging": 1.5,
        "first word": 6.5,
        "writing": 2.0,
        "whole": 8.0,
    }


def test_half_a_retriever_is_not_measured() -> None:
    with pytest.raises(Unavailable):
        played([SourcesFound(round=1, sources=[], by_words_alone=True)])


@pytest.mark.parametrize("judges", [True, False])
def test_the_ideal_model_quotes_and_cites_the_passage_with_the_expected_words(*, judges: bool) -> None:
    model = ideal_model("How many days of annual leave?", ["28 days"], judges=judges)
    retriever = MemoryRetriever([CANTEEN, LEAVE])
    question = Question(VIEWER, "How many days of annual leave does everybody have?")
    turn = asyncio.run(heard(strategy_for(model).run(question, environment(retriever, model))))
    assert turn.text == "Everybody has 28 days of annual leave."
    assert [each.document_id for each in turn.citations] == [str(LEAVE.document_id)]
    assert turn.finished.state == "done"


@pytest.mark.parametrize("answers", [["30 days"], []])
def test_the_ideal_model_refuses_what_it_is_not_shown(answers: list[str]) -> None:
    model = ideal_model("How many days of annual leave?", answers)
    retriever = MemoryRetriever([LEAVE])
    question = Question(VIEWER, "How many days of annual leave does everybody have?")
    turn = asyncio.run(heard(strategy_for(model).run(question, environment(retriever, model))))
    assert turn.finished.state == "refused"


def test_the_ideal_model_is_the_scripted_one() -> None:
    assert isinstance(ideal_model("", []), ScriptedLanguageModel)
