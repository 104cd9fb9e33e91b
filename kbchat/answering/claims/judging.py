"""A second look at what an answer claims, by a model that reads: do the cited passages say this?

Numbers, dates, names, denial and words were compared before (verifying.py). What disagrees there is unsupported,
whatever a model thinks; of the rest a model moves the state by one step. It is asked while the answer is still being
written, one sentence after another, and never holds up a word of it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Final, Protocol

from kbchat.answering.advising import Advisor
from kbchat.answering.events import AnswerEvent, CitationAdded, SentenceVerified, Support
from kbchat.answering.prompting import Material
from kbchat.answering.writing import AnswerWriter
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import EntailmentModel, ModelUnavailable
from kbchat.retrieval.port import Passage

LANGUAGE_MODEL: Final = "language_model"
"""The judge's name in the settings, where it is the model that writes the answers."""
# In between a model says nothing: a small one hardly leaves the middle. Of the odd pairs of
# tests/quality/verification_pairs.jsonl, judged by one of 1.5 billion weights, .04 of the true sentences are marked so,
# and .76 were with one bar at .5.
_ENTAILED_FROM: Final = 0.75
_DENIED_BELOW: Final = 0.25
# How long a finished answer waits for its last sentences.
_SECONDS: Final = 10.0
# What is left of the turn's time then, for what comes behind.
_TO_FINISH: Final = 0.5


class ClaimJudge(Protocol):
    async def entailed(self, claim: str, cited: Mapping[int, Passage]) -> float | None:
        """How probable it is that the passages, by number, say what `claim` says; None: not known."""


class EntailmentJudge:
    """By natural-language inference: from one of the passages, or from all of them together."""

    def __init__(self, model: EntailmentModel) -> None:
        self._model = model

    async def entailed(self, claim: str, cited: Mapping[int, Passage]) -> float | None:
        premises = [passage.text for passage in cited.values()]
        if len(premises) > 1:
            premises.append("\n\n".join(premises))
        try:
            return float((await asyncio.to_thread(self._model.entailment, premises, claim)).max())
        except ModelUnavailable:
            return None


class LanguageModelJudge:
    """By the model that writes the answers, which is shown what it was shown before."""

    def __init__(self, material: Material, advisor: Advisor) -> None:
        self._material = material
        self._advisor = advisor

    async def entailed(self, claim: str, cited: Mapping[int, Passage]) -> float | None:
        prompt = self._material.verifying(claim, tuple(cited))
        p = await self._advisor.choose(prompt, ("yes", "no"), salt=self._material.salt)
        return None if p is None else p["yes"]


def judged(state: Support, p: float | None) -> Support:
    """What was found by words, moved by what a model thinks."""
    if p is None or state not in ("supported", "partly"):
        return state
    if p >= _ENTAILED_FROM:
        return "supported"
    if p >= _DENIED_BELOW:
        return state
    return "partly" if state == "supported" else "unsupported"


class Judging:
    """The events of a writer, whose sentences are looked at again on their way; they stay in their order. `judge` None:
    all pass as they are. `states`: what was found of the sentences that have passed. To be closed, whatever happens."""

    def __init__(self, judge: ClaimJudge | None, shown: Mapping[int, Passage], writer: AnswerWriter) -> None:
        self._judge = judge
        self._shown = shown
        self._writer = writer
        self._citations: list[CitationAdded] = []
        self.states: list[Support] = []
        self._waiting: deque[tuple[SentenceVerified, asyncio.Task[SentenceVerified] | None]] = deque()
        self._one_at_a_time = asyncio.Lock()

    def passing(self, events: Iterable[AnswerEvent]) -> Iterator[AnswerEvent]:
        """`events` without the sentences that are still being looked at, and those that no longer are."""
        for event in events:
            if isinstance(event, SentenceVerified):
                self._waiting.append((event, self._look(event)))
                continue
            if isinstance(event, CitationAdded):
                self._citations.append(event)
            yield event
        while self._waiting and ((task := self._waiting[0][1]) is None or task.done()):
            yield self._settled(*self._waiting.popleft())

    async def rest(self, deadline: Deadline) -> AsyncIterator[SentenceVerified]:
        """Those still being looked at; what takes too long stays as it was found by words. An answer that is whole
        does not fail by its turn's end."""
        if tasks := [task for _, task in self._waiting if task]:
            seconds = deadline.remaining_seconds - _TO_FINISH
            await asyncio.wait(tasks, timeout=max(0.0, min(_SECONDS, seconds)))
        while self._waiting:
            yield self._settled(*self._waiting.popleft())

    def close(self) -> None:
        for _, task in self._waiting:
            if task:
                task.cancel()

    def _look(self, verified: SentenceVerified) -> asyncio.Task[SentenceVerified] | None:
        end = verified.range.end
        cited = dict.fromkeys(citation.source for citation in self._citations if citation.at <= end)
        self._citations = [citation for citation in self._citations if citation.at > end]
        if self._judge is None or not cited or judged(verified.state, 0.0) == verified.state:
            return None
        claim = self._writer.text[verified.range.start : end]
        passages = {source: self._shown[source] for source in cited}
        return asyncio.create_task(self._looked_at(self._judge, verified, claim, passages))

    async def _looked_at(
        self, judge: ClaimJudge, verified: SentenceVerified, claim: str, cited: Mapping[int, Passage]
    ) -> SentenceVerified:
        async with self._one_at_a_time:
            p = await judge.entailed(claim, cited)
        return verified.model_copy(update={"state": judged(verified.state, p)})

    def _settled(
        self, verified: SentenceVerified, task: asyncio.Task[SentenceVerified] | None
    ) -> SentenceVerified:
        if task is not None and task.done():
            verified = task.result()
        elif task is not None:
            task.cancel()
        self.states.append(verified.state)
        return verified
