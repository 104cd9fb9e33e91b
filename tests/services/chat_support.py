"""An answers process in a thread, with an event loop of its own, and a reader of turns: for tests of the chat."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from kbchat.access.granting import take, visible_grants
from kbchat.access.viewing import viewing
from kbchat.answering.events import TextAdded
from kbchat.chat.answers import AnswersProcess
from kbchat.chat.conversations import TurnDetail, conversation
from kbchat.chat.following import follow
from kbchat.chat.models import Turn
from kbchat.chat.record import NumberedEvent
from kbchat.chat.redis_clients import loop_client
from kbchat.chat.runner import Limits, Tools
from kbchat.chat.turns import AcceptedTurn, Ask, open_turn
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.inference.openai_language_model import OpenAILanguageModel
from kbchat.inference.ports import LanguageModel
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.collections import CollectionRow
from kbchat.retrieval.port import EVERYTHING, Retriever, Scope
from kbchat.retrieval.releasing import ReleasingRetriever
from kbchat.retrieval.retriever import PostgresRetriever
from tests.contracts.server_process import ScriptedServer

QUICK = Limits(lease_seconds=2, beat_seconds=0.2, check_seconds=0.3, drain_seconds=0.5)

LEAVE = """# Annual leave

Everybody has 28 days of annual leave in a year. Part-time staff have a share of that.

## Carrying over

At most five days may be carried over into the next year. They expire on 31 March.
"""
QUESTION = "How many days of annual leave does everybody have?"
LONG = "Everybody has 28 days of annual leave in a year [1]. " * 12


def script(server: ScriptedServer, **default: object) -> None:
    """Without log-probabilities the strategy decides by its rules: one request a turn."""
    server.script(log_probabilities=False, default=default)


@dataclass
class Served:
    """Where the model is: an OpenAI-compatible address, an object, or nowhere (quoting). `extra_body` goes with every
    request to an address."""

    base_url: str = ""
    model: LanguageModel | None = None
    extra_body: Mapping[str, object] = field(default_factory=dict)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[LanguageModel | None]:
        if not self.base_url:
            yield self.model
            return
        model = OpenAILanguageModel(
            self.base_url,
            first_token_seconds=3,
            between_tokens_seconds=1.5,
            reply_seconds=3,
            extra_body=self.extra_body,
        )
        try:
            yield model
        finally:
            await model.close()


@contextmanager
def answering(
    base_url: str = "",
    *,
    model: LanguageModel | None = None,
    limits: Limits = QUICK,
    retriever: Retriever | None = None,
    extra_body: Mapping[str, object] | None = None,
    claim_judge: str = "",
) -> Iterator[Callable[[], None]]:
    """Answers turns for the time of the block. Gives a function that ends it earlier, as SIGTERM would."""
    stopping: list[Callable[[], None]] = []
    ready = threading.Event()
    served = Served(base_url, model, extra_body or {})

    async def serve() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        stopping.append(lambda: loop.call_soon_threadsafe(stop.set))
        encoders = only(HashEmbedder())
        async with served.opened() as opened, loop_client() as redis:
            searching = retriever or ReleasingRetriever(PostgresRetriever(encoders))
            tools = Tools(searching, encoders, opened, redis, limits, claim_judge)
            ready.set()
            await AnswersProcess(tools).serve(stop)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="answers", daemon=True)
    thread.start()
    assert ready.wait(10)

    def end() -> None:
        if thread.is_alive():
            stopping[0]()
            thread.join(20)
            assert not thread.is_alive()

    try:
        yield end
    finally:
        end()


def ask(
    viewer: Viewer, question: str, *, after: AcceptedTurn | None = None, scope: Scope = EVERYTHING
) -> AcceptedTurn:
    """`after`: the turn that this one follows."""
    return open_turn(
        viewer,
        Ask(
            uuid4(),
            question,
            conversation_id=after.conversation_id if after else None,
            parent_turn_id=after.turn_id if after else None,
            scope=scope,
        ),
    )


def followed(
    viewer: Viewer,
    turn: AcceptedTurn,
    *,
    after: int = 0,
    until: Callable[[list[NumberedEvent]], bool] = lambda _: False,
    seconds: float = 20,
) -> list[NumberedEvent]:
    """What a follower gets, to the end or until the condition holds."""

    async def collect() -> list[NumberedEvent]:
        found: list[NumberedEvent] = []
        async with asyncio.timeout(seconds), aclosing(follow(viewer, turn.turn_id, after)) as events:
            async for item in events:
                found.append(item)
                if until(found):
                    break
        await loop_client().aclose()
        return found

    return asyncio.run(collect())


def has_text(characters: int = 1) -> Callable[[Sequence[NumberedEvent]], bool]:
    return lambda events: len(text_of(events)) >= characters


def text_of(events: Sequence[NumberedEvent]) -> str:
    return "".join(item.event.text for item in events if isinstance(item.event, TextAdded))


def row_of(viewer: Viewer, turn: AcceptedTurn) -> Turn:
    with viewing(viewer):
        return Turn.objects.get(pk=turn.turn_id)


def detail_of(viewer: Viewer, turn: AcceptedTurn) -> TurnDetail:
    turns = conversation(viewer, turn.conversation_id).turns
    return next(one for one in turns if one.id == turn.turn_id)


def check_stream(events: Sequence[NumberedEvent]) -> None:
    """Numbers from 1 without gaps, one terminal event, and nothing behind it."""
    assert [item.number for item in events] == list(range(1, len(events) + 1))
    assert [item.event.type == "turn_finished" for item in events] == [False] * (len(events) - 1) + [True]


def withdraw_grants(owner: Viewer, collection: CollectionRow) -> None:
    """Only its owner reads the collection from now on."""
    with viewing(owner):
        for grant in visible_grants(owner, collection.id):
            if grant.user_id != owner.user_id:
                take(owner, grant.pk)
