"""One websocket: decodes commands, forwards them to the use cases, sends what comes of them. Keeps no authority.

Nothing is answered here: an answer is written elsewhere and followed by a task, so that Stop is heard at any time.
Who is asking is read from the database with every command and every few seconds (D6). Everything that is sent waits
for the client, so a slow one holds up its own readers and no memory; one that takes nothing is let go.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any, assert_never
from uuid import UUID

from django.conf import settings

from kbchat.chat.following import follow
from kbchat.chat.leasing import place_in_queue
from kbchat.chat.turns import open_turn, request_stop
from kbchat.core.database_threads import in_database
from kbchat.core.errors import Busy, KbchatError, NotAllowed
from kbchat.core.limits import Limit, note_reached, reached
from kbchat.core.metrics import SOCKETS_OPEN
from kbchat.core.viewer import Viewer
from kbchat.sentences import ENGLISH
from kbchat.web.authentication import Credential
from kbchat.web.problems import SignedOut, problem_of
from kbchat.web.refusals import record_refusal
from kbchat.web.ws.closing import RIGHTS_CHANGED, SERVER_ERROR, SIGNED_OUT, TRY_LATER, Close
from kbchat.web.ws.ending import sockets_of
from kbchat.web.ws.incoming import Incoming, Receive
from kbchat.web.ws.library_watch import LibraryWatch
from kbchat.web.ws.listening import Ear
from kbchat.web.ws.presence import Presence
from kbchat.web.ws.protocol import (
    AcceptedFrame,
    AskCommand,
    ClientCommand,
    FollowCommand,
    PingCommand,
    PongFrame,
    RefusedFrame,
    ServerFrame,
    StopCommand,
    TurnEventFrame,
    UnfollowCommand,
    UnwatchLibraryCommand,
    WaitingFrame,
    WatchLibraryCommand,
    read_command,
    scope_of,
    subject_of,
)
from kbchat.web.ws.seats import Seats

logger = logging.getLogger(__name__)

RECHECK_SECONDS = 1.5
PLACE_SECONDS = 1.0
_AGAIN_SECONDS = 0.5

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Socket:
    """`run` is its whole life; the handshake has been judged before (kbchat.asgi). `address`: of the client, or ""."""

    def __init__(self, credential: Credential, address: str, receive: Receive, send: Send) -> None:
        self._presence, self._address = Presence(credential), address
        self._receive, self._send = receive, send
        self._seats = Seats()
        self._ear = Ear(self._hear)
        self._following: dict[UUID, asyncio.Task[None]] = {}
        self._library: tuple[LibraryWatch, asyncio.Task[None]] | None = None
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._language = ENGLISH

    async def run(self) -> None:
        try:
            viewer = await self._admitted()
            if viewer is not None:
                SOCKETS_OPEN.inc()
                try:
                    await self._live(viewer)
                finally:
                    SOCKETS_OPEN.dec()
        finally:
            await self._seats.leave()

    async def _admitted(self) -> Viewer | None:
        """None: turned away, and told why."""
        try:
            async with asyncio.timeout(settings.LIMITS.handshake_seconds):
                return await self._let_in()
        except TimeoutError:
            note_reached(Limit.HANDSHAKE)
            await self._close(TRY_LATER)
        except SignedOut:
            await self._close(SIGNED_OUT)
        except Close as order:
            await self._end(order)
        return None

    async def _let_in(self) -> Viewer:
        """Raises SignedOut, Close."""
        await self._receive()
        await self._send({"type": "websocket.accept"})
        most = settings.LIMITS.most_sockets_of_address
        if not await self._seats.take("address", self._address, most=most):
            busy = Busy("too_many_sockets_of_address", most=most)
            raise Close(TRY_LATER, reached(Limit.SOCKETS_OF_ADDRESS, busy))
        viewer = await self._presence.viewer()
        self._language = viewer.language
        most = settings.LIMITS.most_sockets
        if not await self._seats.take("person", str(viewer.user_id), most=most):
            raise Close(TRY_LATER, reached(Limit.SOCKETS, Busy("too_many_sockets", most=most)))
        return viewer

    async def _live(self, viewer: Viewer) -> None:
        await self._ear.join(sockets_of(viewer.user_id))
        self._start(self._ear.listen())
        self._start(self._stay_valid())
        self._start(self._seats.keep())
        commands = asyncio.create_task(self._obey())
        try:
            await asyncio.wait({commands, self._failure}, return_when=asyncio.FIRST_COMPLETED)
            (self._failure if self._failure.done() else commands).result()
        except Close as order:
            await self._end(order)
        except SignedOut:
            await self._close(SIGNED_OUT)
        except Exception:
            logger.exception("a socket failed")
            await self._close(SERVER_ERROR)
        finally:
            await _cancelled({commands, *self._tasks})
            self._failure.cancel()

    async def _obey(self) -> None:
        """Commands one after another, to the end of the connection."""
        incoming = Incoming(self._receive, is_following=lambda: bool(self._following))
        while (text := await incoming.next()) is not None:
            await self._do(text)

    async def _do(self, text: str) -> None:
        viewer = await self._presence.viewer()
        try:
            command = read_command(text)
            scope = scope_of(command)
            if scope is not None and not viewer.is_for(scope):
                raise NotAllowed("key_lacks_scope")
            await self._forward(viewer, command)
        except SignedOut:
            raise
        except KbchatError as error:
            subject = subject_of(text)
            if isinstance(error, NotAllowed):
                await in_database(record_refusal, viewer, error, "socket", subject)
            told = problem_of(error, viewer.language)
            await self._tell(RefusedFrame(**subject, **told.model_dump()))

    async def _forward(self, viewer: Viewer, command: ClientCommand) -> None:
        match command:
            case AskCommand():
                accepted = await in_database(open_turn, viewer, command.wish)
                await self._tell(
                    AcceptedFrame(
                        client_message_id=command.client_message_id,
                        conversation_id=accepted.conversation_id,
                        turn_id=accepted.turn_id,
                    )
                )
                self._follow(viewer, accepted.turn_id, after=0)
            case StopCommand():
                await in_database(request_stop, viewer, command.turn_id)
            case FollowCommand():
                self._follow(viewer, command.turn_id, after=command.after)
            case UnfollowCommand():
                self._unfollow(command.turn_id)
            case WatchLibraryCommand():
                self._watch_library()
            case UnwatchLibraryCommand():
                self._unwatch_library()
            case PingCommand():
                await self._tell(PongFrame())
            case _:
                assert_never(command)

    def _follow(self, viewer: Viewer, turn_id: UUID, *, after: int) -> None:
        """From here on, once: whoever follows again begins anew. Raises Busy."""
        self._unfollow(turn_id)
        most = settings.LIMITS.most_followed
        if len(self._following) >= most:
            raise reached(Limit.FOLLOWED, Busy("too_many_followed", most=most))
        task = self._start(self._read_turn(viewer, turn_id, after))
        self._following[turn_id] = task
        task.add_done_callback(lambda done: self._no_longer(turn_id, done))

    def _unfollow(self, turn_id: UUID) -> None:
        task = self._following.pop(turn_id, None)
        if task is not None:
            task.cancel()

    def _no_longer(self, turn_id: UUID, task: asyncio.Task[None]) -> None:
        if self._following.get(turn_id) is task:
            del self._following[turn_id]

    async def _read_turn(self, viewer: Viewer, turn_id: UUID, after: int) -> None:
        waiting = self._start(self._tell_place(viewer, turn_id))
        try:
            async with aclosing(follow(viewer, turn_id, after)) as events:
                async for item in events:
                    await self._tell(TurnEventFrame(turn_id=turn_id, number=item.number, event=item.event))
        except KbchatError as error:
            told = problem_of(error, viewer.language).model_dump()
            await self._tell(RefusedFrame(client_message_id=None, turn_id=turn_id, **told))
        finally:
            waiting.cancel()

    async def _tell_place(self, viewer: Viewer, turn_id: UUID) -> None:
        """While it waits; most questions are taken before this looks for the first time."""
        told: int | None = None
        while True:
            await asyncio.sleep(PLACE_SECONDS)
            place = await in_database(place_in_queue, viewer, turn_id)
            if place is None:
                return
            if place != told:
                await self._tell(WaitingFrame(turn_id=turn_id, place=place))
            told = place

    def _watch_library(self) -> None:
        if self._library is None:
            watch = LibraryWatch(current=self._presence.viewer, tell=self._tell, ear=self._ear)
            self._library = watch, self._start(watch.run())

    def _unwatch_library(self) -> None:
        if self._library is not None:
            self._library[1].cancel()
            self._library = None

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "credential.ended":
            self._ended.set()
        elif self._library is not None:
            self._library[0].hear(message)

    async def _stay_valid(self) -> None:
        """Raises SignedOut soon after whatever was signed in with is no longer valid, and Close soon after the person
        may read less: what the page shows is then read anew, over another socket (T32)."""
        reach = await self._presence.reach()
        while True:
            try:
                async with asyncio.timeout(RECHECK_SECONDS):
                    await self._ended.wait()
            except TimeoutError:
                pass
            self._ended.clear()
            before, reach = reach, await self._presence.reach()
            if reach.is_less_than(before):
                raise Close(RIGHTS_CHANGED, NotAllowed("rights_changed"))

    async def _tell(self, frame: ServerFrame) -> None:
        try:
            async with asyncio.timeout(settings.LIMITS.socket_send_seconds):
                await self._send({"type": "websocket.send", "text": frame.model_dump_json()})
        except TimeoutError:
            note_reached(Limit.SOCKET_SEND)
            raise Close(TRY_LATER) from None
        except OSError:
            # The client has gone without a word: nobody hears the code.
            raise Close(TRY_LATER) from None

    def _start(self, work: Any) -> asyncio.Task[None]:
        """A task of this socket: what it raises ends the socket."""
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._failure.done():
            self._failure.set_exception(error)

    async def _end(self, order: Close) -> None:
        if order.because is not None:
            told = problem_of(order.because, self._language).model_dump()
            with suppress(Close, RuntimeError, OSError):
                await self._tell(RefusedFrame(client_message_id=None, turn_id=None, **told))
        await self._close(order.code)

    async def _close(self, code: int) -> None:
        try:
            async with asyncio.timeout(1):
                await self._send({"type": "websocket.close", "code": code})
        except (TimeoutError, RuntimeError, OSError):
            logger.info("a socket was gone before it was closed")


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    """Until they have ended: a client of Redis that is just connecting swallows a cancellation."""
    waiting = tasks
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
