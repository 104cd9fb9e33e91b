"""Answers with the sentences of the documents themselves: no model, every word cited."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from kbchat.answering.advising import Advisor
from kbchat.answering.deciding import course_by_rules
from kbchat.answering.disagreeing import disagreement_event, disagreements
from kbchat.answering.events import (
    AnswerEvent,
    Decided,
    QueriesRewritten,
    TurnFinished,
    TurnStarted,
    WritingStarted,
)
from kbchat.answering.evidence import Verdict, answer_from, judge_for_quoting
from kbchat.answering.following_up import follow_ups
from kbchat.answering.gathering import Gathering
from kbchat.answering.ports import Environment, Question
from kbchat.answering.quoting import choose
from kbchat.answering.referring import owners_to_ask
from kbchat.answering.rewriting import queries_for
from kbchat.answering.showing import quoted
from kbchat.answering.strategies.endings import refused, said
from kbchat.answering.wording import language_for


class Quoting:
    name = "quoting"

    async def run(self, question: Question, environment: Environment) -> AsyncGenerator[AnswerEvent, None]:
        yield TurnStarted(strategy="quoting")
        course = course_by_rules(question.text, has_history=bool(question.history))
        yield Decided(decision=course.decision)
        if course.phrase is not None:
            for event in said(course.phrase, language_for(*question.said)):
                yield event
            return
        queries = await queries_for(question, Advisor(None, environment.deadline))
        yield QueriesRewritten(queries=list(queries))
        gathering = Gathering(question, environment, queries, passages=environment.budget.passages_to_quote)
        least = answer_from("quoting", question.text, environment.pin)
        async with aclosing(gathering.run(partial(_judge, least))) as events:
            async for event in events:
                yield event
        weighing = gathering.weighing
        disagreeing = await asyncio.to_thread(disagreements, weighing) if weighing else []
        quotes = choose(question.text, weighing, disagreeing) if weighing and gathering.verdict.enough else []
        if weighing is None or not quotes:
            for event in refused(
                language_for(*question.said),
                has_sources=bool(gathering.offered),
                owners=await owners_to_ask(question, environment, gathering.offered),
            ):
                yield event
            return
        numbers = {passage.chunk_id: number for number, passage in gathering.offered.items()}
        told = [quote.statement for quote in quotes]
        for found in disagreeing:
            if found.one in told and found.other in told:
                yield disagreement_event(found, weighing.passages, numbers)
        yield WritingStarted()
        for event in quoted(quotes, weighing.passages, numbers):
            yield event
        used = [weighing.passages[quote.statement.passage] for quote in quotes]
        suggested = await asyncio.to_thread(follow_ups, question, environment, gathering, used)
        yield TurnFinished(state="done", follow_ups=suggested)


async def _judge(least: float, gathering: Gathering) -> Verdict:
    return judge_for_quoting(gathering.weighing, least) if gathering.weighing else Verdict(enough=False)
