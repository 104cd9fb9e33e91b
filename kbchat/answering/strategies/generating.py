"""Answers written by a model from the passages: decide, rewrite, search until there is enough, write, cite,
verify.

A model that fails beforehand costs its stage only (rules take over); one that fails while writing ends the
turn as failed with its sources, and what it wrote so far, still shown.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, Literal

from kbchat.answering import prompts
from kbchat.answering.advising import Advisor
from kbchat.answering.claims.judging import ClaimJudge, EntailmentJudge, Judging, LanguageModelJudge
from kbchat.answering.claims.silence import is_bare, says_not_found
from kbchat.answering.deciding import decide
from kbchat.answering.disagreeing import disagreement_event, disagreements
from kbchat.answering.events import (
    AnswerEvent,
    Decided,
    QueriesRewritten,
    SourcesDisagree,
    Support,
    TextRange,
    TextWithdrawn,
    ThinkingStarted,
    TurnFinished,
    TurnStarted,
    WritingStarted,
)
from kbchat.answering.evidence import Verdict, answer_from, judge_for_writing
from kbchat.answering.following_up import follow_ups
from kbchat.answering.gathering import Gathering
from kbchat.answering.ports import Environment, Question
from kbchat.answering.prompting import Material, PromptBudget, conversing, new_fence
from kbchat.answering.referring import owners_to_ask
from kbchat.answering.remembering import History, remembered
from kbchat.answering.repeating import only_repeats
from kbchat.answering.rewriting import queries_for
from kbchat.answering.sentinel import SentinelWatch
from kbchat.answering.strategies.endings import model_failed, refused, said
from kbchat.answering.translating import translated
from kbchat.answering.wording import Phrase, language_for
from kbchat.answering.writing import AnswerWriter
from kbchat.inference.ports import FinishReason, LanguageModel, ModelUnavailable, Prompt, Sampling, Usage
from kbchat.retrieval.port import Passage

# Assumed of a server that does not tell; the smallest window in use.
_USUAL_CONTEXT_TOKENS: Final = 4096
_HISTORY_SHARE: Final = 0.25


class Generating:
    name = "generating"

    async def run(self, question: Question, environment: Environment) -> AsyncGenerator[AnswerEvent, None]:
        """See AnswerStrategy. Raises ValueError for an environment without a model."""
        if environment.model is None:
            raise ValueError("the generating strategy needs a model")
        yield TurnStarted(strategy="generating", prompts=prompts.VERSION)
        async with aclosing(_Turn(question, environment, environment.model).events()) as events:
            async for event in events:
                yield event


class _Turn:
    """One question on its way to its answer."""

    def __init__(self, question: Question, environment: Environment, model: LanguageModel) -> None:
        self._question = question
        self._environment = environment
        self._model = model
        self._advisor = Advisor(model, environment.deadline, environment.own_salt)
        self._language = language_for(*question.said)
        self._fence = (environment.fence or new_fence)()
        self._history: History | None = None

    async def events(self) -> AsyncGenerator[AnswerEvent, None]:
        course = await decide(self._question, self._advisor)
        yield Decided(decision=course.decision)
        if course.phrase is Phrase.CANNOT_REWORK:
            async with aclosing(self._converse()) as events:
                async for event in events:
                    yield event
        elif course.phrase is not None:
            for event in said(course.phrase, self._language, self._advisor.usage):
                yield event
        else:
            async with aclosing(self._answer()) as events:
                async for event in events:
                    yield event

    async def _answer(self) -> AsyncGenerator[AnswerEvent, None]:
        queries = await queries_for(self._question, self._advisor)
        translations = await self._translations(queries[1:] or queries)
        yield QueriesRewritten(queries=[*queries, *translations])
        gathering = Gathering(
            self._question,
            self._environment,
            queries,
            passages=self._environment.budget.passages,
            translations=translations,
        )
        async with aclosing(gathering.run(self._judge)) as events:
            async for event in events:
                yield event
        if gathering.verdict.enough:
            # What has become hidden since it was found must not reach the prompt.
            await gathering.refresh()
        if not gathering.verdict.enough or not gathering.offered:
            for event in await self._refusal(gathering):
                yield event
            return
        material = await self._material(gathering)
        shown, found = material.shown(), await asyncio.to_thread(self._disagreements, gathering)
        told = [each for each in found if each.one.source in shown and each.other.source in shown]
        for event in told:
            yield event
        prompt = material.answering([(each.one.source, each.other.source) for each in told])
        writing = self._write(prompt, shown, material.salt, gathering, self._claim_judge(material))
        async with aclosing(writing) as events:
            async for event in events:
                yield event

    async def _translations(self, standalone: Sequence[str]) -> tuple[str, ...]:
        languages = self._environment.languages
        return await translated(standalone, await languages(), self._advisor) if languages else ()

    def _claim_judge(self, material: Material) -> ClaimJudge | None:
        if self._environment.entailment is not None:
            return EntailmentJudge(self._environment.entailment)
        return LanguageModelJudge(material, self._advisor) if self._environment.model_verifies else None

    def _disagreements(self, gathering: Gathering) -> list[SourcesDisagree]:
        if gathering.weighing is None:
            return []
        numbers = {passage.chunk_id: number for number, passage in gathering.offered.items()}
        passages = gathering.weighing.passages
        return [
            disagreement_event(found, passages, numbers)
            for found in disagreements(gathering.weighing)
            if passages[found.one.passage].chunk_id in numbers
            and passages[found.other.passage].chunk_id in numbers
        ]

    async def _converse(self) -> AsyncGenerator[AnswerEvent, None]:
        prompt = conversing(self._question, await self._remembered(share=0.5))
        async with aclosing(self._write(prompt, {}, self._environment.own_salt)) as events:
            async for event in events:
                yield event

    async def _judge(self, gathering: Gathering) -> Verdict:
        if gathering.weighing is None:
            return Verdict(enough=False)
        material = await self._material(gathering)
        return await judge_for_writing(
            gathering.weighing,
            material,
            self._advisor,
            answer_from("generating", self._question.text, self._environment.pin),
            may_search_again=gathering.may_search_again,
        )

    async def _material(self, gathering: Gathering) -> Material:
        """What was found and fits, with its neighbours. What a question is judged by stays what was found."""
        material = Material(
            self._question,
            gathering.standalone,
            self._language,
            gathering.offered,
            self._fence,
            await self._budget(),
            await self._remembered(share=_HISTORY_SHARE),
        )
        material = await self._counted(material)
        shown = [passage.chunk_id for passage in material.shown().values()]
        around = self._environment.retriever.around
        wider = material.widened(await asyncio.to_thread(around, self._question.viewer, shown))
        whole = await self._counted(wider)
        return replace(whole, salt=await self._salt(list(whole.shown().values())))

    async def _counted(self, material: Material) -> Material:
        """With the tokens that its texts have, where the server tells."""
        return replace(material, counts=await self._advisor.token_counts(material.texts()))

    async def _remembered(self, *, share: float) -> History:
        """The conversation in this share of the window; summarised once a turn."""
        if self._history is None:
            tokens = int((await self._budget()).context * share)
            self._history = await remembered(self._question.history, tokens, self._language, self._advisor)
        return self._history

    async def _salt(self, passages: Sequence[Passage]) -> str:
        """Before the passages stands the conversation, if there is one: nobody else may read that."""
        readership = self._environment.readership
        if self._question.history or readership is None:
            return self._environment.own_salt
        return await readership(passages)

    async def _budget(self) -> PromptBudget:
        able = await self._advisor.capabilities()
        context = able.context_tokens if able else _USUAL_CONTEXT_TOKENS
        budget = self._environment.budget
        answer = min(budget.answer_tokens, context // 3)
        thinking = min(budget.thinking_tokens, context // 3)
        return PromptBudget(context, answer, budget.passage_tokens, budget.neighbour_tokens, thinking)

    async def _write(
        self,
        prompt: Prompt,
        shown: Mapping[int, Passage],
        salt: str,
        gathering: Gathering | None = None,
        judge: ClaimJudge | None = None,
    ) -> AsyncGenerator[AnswerEvent, None]:
        """Streams the answer and ends the turn. Without `gathering`, from the conversation alone."""
        able = await self._advisor.capabilities()
        yield WritingStarted(model=able.model if able else None)
        writer, watch, end = AnswerWriter(shown, self._question.text), SentinelWatch(), _End()
        budget = await self._budget()
        sampling = Sampling(max_tokens=budget.answer, cache_salt=salt, thinking_tokens=budget.thinking)
        stream = self._model.stream(prompt, sampling, deadline=self._environment.deadline)
        with closing(Judging(judge, shown, writer)) as judging:
            try:
                async with aclosing(stream) as deltas:
                    async for delta in deltas:
                        if delta.is_thinking:
                            yield ThinkingStarted()
                        end.finish, end.usage = delta.finish_reason or end.finish, delta.usage or end.usage
                        for event in judging.passing(writer.add(watch.feed(delta.text))):
                            yield event
            except ModelUnavailable as unavailable:
                end.failure = unavailable.reason
            self._advisor.count(end.usage)
            for event in judging.passing(writer.add(watch.finish())):
                yield event
            refuses = end.reason is None and _is_refusal(writer, watch)
            rest = "" if refuses else watch.rest
            for event in judging.passing(chain(writer.add(rest), writer.close())):
                yield event
            # What was cited for its last sentence only now.
            refuses = refuses and not writer.cited
            if gathering and end.is_whole and not refuses:
                used = [shown[source] for source in writer.cited]
                end.follow_ups = await asyncio.to_thread(
                    follow_ups, self._question, self._environment, gathering, used
                )
            async for event in judging.rest(self._environment.deadline):
                yield event
        ground = self._ground(writer, judging.states) if gathering and end.is_whole else "unknown"
        if ground in {"nothing", "former"}:
            # What a model knows better than the passages is told to nobody.
            yield TextWithdrawn(range=TextRange(start=0, end=len(writer.text)), reason="unsupported")
        for event in await self._ending(gathering, writer, end, "not_found" if refuses else ground):
            yield event

    async def _ending(
        self, gathering: Gathering | None, writer: AnswerWriter, end: "_End", ground: "_Ground"
    ) -> Iterator[AnswerEvent]:
        if ground == "unknown":
            return iter([self._finished(writer, end)])
        return await self._refusal(gathering, _PHRASES[ground], behind=writer.text)

    def _ground(self, writer: AnswerWriter, states: Sequence[Support]) -> "_Ground":
        if only_repeats(writer.text, self._question.text, self._question.history):
            return "former"
        return _ground(writer, states)

    def _finished(self, writer: AnswerWriter, end: "_End") -> TurnFinished:
        usage = self._advisor.usage
        if end.reason is not None:
            return model_failed(end.reason, usage)
        if end.finish is FinishReason.LENGTH:
            return TurnFinished(state="truncated", reason="length", usage=usage)
        if not writer.text.strip():
            return TurnFinished(state="failed", reason="model_empty", usage=usage)
        return TurnFinished(state="done", follow_ups=end.follow_ups, usage=usage)

    async def _refusal(
        self, gathering: Gathering | None, phrase: Phrase = Phrase.NOT_FOUND, *, behind: str = ""
    ) -> Iterator[AnswerEvent]:
        """`behind`: what was written before it."""
        offered = gathering.offered if gathering else {}
        return refused(
            self._language,
            phrase,
            has_sources=bool(offered),
            is_continued=bool(behind.strip()),
            owners=await owners_to_ask(self._question, self._environment, offered),
            usage=self._advisor.usage,
        )


def _is_refusal(writer: AnswerWriter, watch: SentinelWatch) -> bool:
    """What cites something is an answer, whatever else it says."""
    return watch.was_found and not (writer.cited or writer.would_cite(watch.rest))


_Ground = Literal["nothing", "former", "not_found", "unknown"]
_PHRASES: Final[Mapping[_Ground, Phrase]] = {
    "nothing": Phrase.NOTHING_SUPPORTS,
    "former": Phrase.ONLY_REPEATS,
    "not_found": Phrase.NOT_FOUND,
}


def _ground(writer: AnswerWriter, states: Sequence[Support]) -> _Ground:
    """What an answer rests on, by the check of its claims. `not_found`: it says no more than that the passages do not
    tell, in a small model's own words, also where it names a source; `nothing`: it cites nothing, and none of it is
    supported, or it is a bare yes or no."""
    told = {state for state in states if state != "not_factual"}
    if not told and says_not_found(writer.text, is_cited=bool(writer.cited)):
        return "not_found"
    if writer.cited:
        return "unknown"
    return "nothing" if told == {"unsupported"} or is_bare(writer.text) else "unknown"


@dataclass(slots=True)
class _End:
    """How the model's stream ended."""

    finish: FinishReason | None = None
    usage: Usage | None = None
    failure: ModelUnavailable.Reason | None = None
    follow_ups: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.reason is None and self.finish is FinishReason.STOP

    @property
    def reason(self) -> ModelUnavailable.Reason | None:
        """Why it is no answer; None: it came to its end."""
        return self.failure or (None if self.finish else ModelUnavailable.Reason.BROKEN_STREAM)
