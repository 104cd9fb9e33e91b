"""One claimed turn from its question to its end: runs the strategy, numbers its events, keeps watch, and ends it once.

The row is the truth: the last event is sent after the row is written, and a lost lease writes nothing. Knows its ports
as arguments; which adapters they are is the composition root's business.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import Final
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kbchat.access.readership import readership, readership_of_one
from kbchat.access.responsible import responsible_for
from kbchat.analysis import Language
from kbchat.answering.claims.judging import LANGUAGE_MODEL
from kbchat.answering.events import AnswerEvent, SourcesFound, TextAdded, TurnFinished
from kbchat.answering.ports import Budget, Environment, Question
from kbchat.answering.strategies import strategy_for
from kbchat.chat import turn_store
from kbchat.chat.attendance import Attendance
from kbchat.chat.leasing import Claim
from kbchat.chat.metering import MeteredModel
from kbchat.chat.pacing import coalesced
from kbchat.chat.record import NumberedEvent, numbered, revocation, text_length
from kbchat.chat.scope_choices import scope_choices
from kbchat.chat.turn_log import TurnLogWriter
from kbchat.chat.turn_store import Ending, SourcesHidden, Standing, TurnLost
from kbchat.core.cancelling import ended
from kbchat.core.database_threads import in_database
from kbchat.core.deadline import Deadline
from kbchat.core.errors import KbchatError, NotAllowed
from kbchat.core.metrics import MODEL_TOKENS, TURNS_ENDED
from kbchat.indexing.encoders import Encoders
from kbchat.inference.ports import Embedder, EntailmentModel, LanguageModel
from kbchat.retrieval.port import Passage, Pin, Retriever

logger = logging.getLogger(__name__)

_TEXT_SECONDS: Final = 0.05
_GRACE_SECONDS: Final = 5.0
"""What a strategy may take beyond its deadline to end by itself."""
_UNWINDING_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Of an answers process. `concurrency` is its own, `most_running` that of all of them together; `lease_seconds`:
    how long a turn stays its own without being kept."""

    concurrency: int = 32
    most_running: int = 256
    answer_seconds: float = 180.0
    answer_tokens: int = 1024
    thinking_tokens: int = 0
    neighbour_tokens: int = 1000
    lease_seconds: float = 15.0
    beat_seconds: float = 1.0
    check_seconds: float = 2.0
    drain_seconds: float = 5.0
    abandoned_seconds: float = 120.0
    """How long nobody may follow an answer before it is stopped; 0: for ever."""


@dataclass(frozen=True, slots=True)
class Tools:
    retriever: Retriever
    encoders: Encoders
    model: LanguageModel | None
    redis: Redis
    limits: Limits = Limits()
    claim_judge: str = ""
    entailment: EntailmentModel | None = None


class Halt(Enum):
    """Why a turn ends before its strategy does."""

    STOPPED = auto()
    INTERRUPTED = auto()
    REVOKED = auto()
    LOST = auto()
    ABANDONED = auto()


class RunningTurn:
    def __init__(self, claim: Claim, tools: Tools) -> None:
        self.claim = claim
        self._tools = tools
        self._events: list[NumberedEvent] = []
        self._log = TurnLogWriter(tools.redis, claim.turn_id)
        self._halted: asyncio.Future[Halt] = asyncio.get_running_loop().create_future()
        self._lease = Deadline.after(tools.limits.lease_seconds)
        self._model = MeteredModel(tools.model) if tools.model else None
        self._trace: list[dict[str, object]] = []
        self._is_over = False
        self._is_watched = True
        self._first_word_at: datetime | None = None

    def prolong(self, lease: Deadline) -> None:
        """The lease holds until then."""
        self._lease = lease

    def halt(self, why: Halt) -> None:
        """End it as soon as possible; the first reason counts."""
        if not self._halted.done():
            self._halted.set_result(why)

    async def run(self) -> None:
        """Returns when the turn's end is written, or is somebody else's to write."""
        working = asyncio.create_task(self._work())
        watching = asyncio.create_task(self._watch())
        try:
            outcome = await self._outcome(working)
        finally:
            self._is_watched = False
            await ended([watching])
        if not await self._ended(outcome) and await in_database(turn_store.is_deleted, self.claim):
            # What was written between the deletion and this moment goes too.
            with suppress(RedisError, OSError):
                await self._log.replace([])

    async def _work(self) -> TurnFinished:
        """Sends everything but the terminal event, which it returns."""
        pin = await in_database(self._tools.retriever.pin)
        question = await in_database(
            partial(turn_store.begin, self.claim, pin, uses_answers=self._tools.model is not None)
        )
        embedder = await in_database(partial(self._tools.encoders.of, pin.generation_id))
        model = None if question.quotes_only else self._model
        environment = self._environment(question, pin, embedder, model)
        events = strategy_for(model).run(question, environment)
        async with aclosing(coalesced(events, seconds=_TEXT_SECONDS)) as paced:
            async for event in paced:
                if isinstance(event, TurnFinished):
                    return event
                await self._send(question, event)
        raise RuntimeError("a strategy ended without a terminal event")

    def _environment(
        self, question: Question, pin: Pin, embedder: Embedder, model: LanguageModel | None
    ) -> Environment:
        viewer = question.viewer

        async def readers(passages: Sequence[Passage]) -> str:
            places = [(each.version_id, each.heading_path) for each in passages]
            return await in_database(readership, viewer, places)

        async def owners(collections: Sequence[UUID]) -> list[tuple[str, Sequence[str]]]:
            found = await in_database(responsible_for, viewer, collections)
            return [(each.collection, each.owners) for each in found]

        async def languages() -> list[Language]:
            found = await in_database(scope_choices, viewer)
            wanted = question.scope.languages
            return [language for language in found.languages if not wanted or language in wanted]

        return Environment(
            retriever=self._tools.retriever,
            embedder=embedder,
            pin=pin,
            deadline=Deadline.after(self._budget.seconds),
            model=model,
            budget=self._budget,
            trace=self._trace,
            own_salt=readership_of_one(viewer),
            readership=readers,
            owners=owners,
            languages=languages,
            entailment=self._tools.entailment,
            model_verifies=self._tools.claim_judge == LANGUAGE_MODEL,
        )

    @property
    def _budget(self) -> Budget:
        limits = self._tools.limits
        return Budget(
            answer_tokens=limits.answer_tokens,
            thinking_tokens=limits.thinking_tokens,
            neighbour_tokens=limits.neighbour_tokens,
            seconds=limits.answer_seconds,
        )

    async def _send(self, question: Question, event: AnswerEvent) -> None:
        if isinstance(event, SourcesFound):
            await in_database(turn_store.record_shown, question.viewer, self.claim, event.sources)
        if self._lease.has_passed:
            # Frozen or cut off for too long: the turn may have been ended, and its log must not grow again.
            raise TurnLost
        self._events.append(NumberedEvent(len(self._events) + 1, event))
        if isinstance(event, TextAdded) and self._first_word_at is None:
            self._first_word_at = timezone.now()
        await self._log.write(self._events)
        if self._is_over:
            # The cancellation came while Redis was waited for, and was lost there: redis-py waits with
            # asyncio.wait_for, which until Python 3.12 forgets one that comes with the reply.
            raise asyncio.CancelledError

    async def _outcome(self, working: asyncio.Task[TurnFinished]) -> TurnFinished | Halt:
        """What ends the turn; when this returns, nothing of it runs upstream any more."""
        either: set[asyncio.Future[TurnFinished] | asyncio.Future[Halt]] = {working, self._halted}
        await asyncio.wait(
            either,
            timeout=self._tools.limits.answer_seconds + _GRACE_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not working.done():
            self._is_over = True
            working.cancel()
            await asyncio.wait({working}, timeout=_UNWINDING_SECONDS)
            if self._halted.done():
                return self._halted.result()
            return TurnFinished(state="failed", reason="timed_out")
        if self._halted.done() and self._halted.result() in {Halt.LOST, Halt.REVOKED}:
            return self._halted.result()
        return _outcome_of(working)

    async def _watch(self) -> None:
        """While it runs: may its owner still read what it rests on, and does anybody wait for it? Its record so far is
        kept on the way."""
        kept = 0
        attendance = Attendance(self._tools.redis, self.claim.turn_id, self._tools.limits.abandoned_seconds)
        # Not for ever: a cancellation that comes while Redis is waited for is lost there (see `_send`).
        while self._is_watched:
            await asyncio.sleep(self._tools.limits.check_seconds)
            if await attendance.has_ended():
                self.halt(Halt.ABANDONED)
            events = list(self._events) if len(self._events) > kept else None
            try:
                standing = await in_database(turn_store.check, self.claim, events)
            except DatabaseError:
                logger.warning("a running turn could not be checked", exc_info=True)
                continue
            kept = len(events) if events else kept
            if standing is not Standing.HELD:
                self.halt(Halt.LOST if standing is Standing.LOST else Halt.REVOKED)

    async def _ended(self, outcome: TurnFinished | Halt) -> bool:
        """Whether the turn's end was this runner's to write, and is written."""
        if outcome is Halt.LOST:
            return False
        if outcome is Halt.REVOKED:
            return await self._finish_revoked()
        return await self._finish(_finished(outcome))

    async def _finish(self, finished: TurnFinished) -> bool:
        ending = Ending(
            [*self._events, *numbered([finished], after=len(self._events))],
            tokens=self._tokens,
            first_word_at=self._first_word_at,
            trace={
                "settings": asdict(self._budget) | {"claim_judge": self._tools.claim_judge},
                "steps": self._trace,
            },
        )
        standing = await self._written(ending)
        if standing is Standing.HIDDEN:
            return await self._finish_revoked()
        if standing is Standing.HELD:
            await self._log.write(ending.events, finished=True)
        return standing is Standing.HELD

    async def _finish_revoked(self) -> bool:
        """Followers are told to withdraw what they have; neither row nor log keeps a word of it."""
        parting = revocation(text_length(self._events))
        ending = Ending(
            numbered(parting), of_revoked=True, tokens=self._tokens, first_word_at=self._first_word_at
        )
        standing = await self._written(ending)
        if standing is Standing.HELD:
            with suppress(RedisError, OSError):
                await self._log.replace(numbered(parting, after=len(self._events)))
        return standing is Standing.HELD

    @property
    def _tokens(self) -> int:
        return self._model.read + self._model.written if self._model else 0

    async def _written(self, ending: Ending) -> Standing:
        """Tried again while the database is away and the lease may still be held; after that the reaper ends it."""
        until = time.monotonic() + self._tools.limits.lease_seconds
        while True:
            try:
                standing = await in_database(turn_store.finish, self.claim, ending)
                break
            except (OperationalError, InterfaceError):
                if time.monotonic() > until:
                    raise
                logger.warning("a turn's end could not be written yet", exc_info=True)
            await asyncio.sleep(_AGAIN_SECONDS)
        if standing is Standing.HELD:
            self._count(ending.finished)
        return standing

    def _count(self, finished: TurnFinished) -> None:
        TURNS_ENDED.labels(finished.state).inc()
        if self._model is not None:
            MODEL_TOKENS.labels("read").inc(self._model.read)
            MODEL_TOKENS.labels("written").inc(self._model.written)


def _finished(outcome: TurnFinished | Halt) -> TurnFinished:
    match outcome:
        case Halt.STOPPED:
            return TurnFinished(state="stopped")
        case Halt.ABANDONED:
            return TurnFinished(state="stopped", reason="abandoned")
        case Halt.INTERRUPTED:
            return TurnFinished(state="interrupted", reason="shutting_down")
        case TurnFinished():
            return outcome
    raise ValueError(f"not written by this turn: {outcome}")


def _outcome_of(working: asyncio.Task[TurnFinished]) -> TurnFinished | Halt:
    """The one place where a strategy's errors become a state."""
    try:
        return working.result()
    except TurnLost:
        return Halt.LOST
    except (SourcesHidden, NotAllowed):
        return Halt.REVOKED
    except KbchatError as error:
        return TurnFinished(state="failed", reason=error.code)
    except DatabaseError:
        logger.exception("a turn failed at the database")
        return TurnFinished(state="failed", reason="unavailable")
    except Exception:
        logger.exception("a turn failed")
        return TurnFinished(state="failed", reason="internal")
