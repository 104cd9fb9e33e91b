"""Telling one socket what becomes of the documents that its person may read.

Words heard name documents; what is sent is each document's row as read again, as this person, at that moment. Bursts
are gathered. A removal is told only of documents that this socket knew: that something hidden went is hidden too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from kbchat.core.database_threads import in_database
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.announcing import watchers_of
from kbchat.library.collections import list_collections
from kbchat.library.documents import DocumentRow as Row
from kbchat.library.documents import document_row, list_documents
from kbchat.web.library_shapes import DocumentRow
from kbchat.web.ws.listening import Ear
from kbchat.web.ws.protocol import (
    DocumentChangedFrame,
    DocumentRemovedFrame,
    LibraryWatchedFrame,
    ServerFrame,
)

GATHER_SECONDS = 0.2
LOOK_SECONDS = 4.0
"""How often documents that are still being worked on are looked at, whatever was heard."""
REGROUP_SECONDS = 15.0
_MOST_AT_ONCE = 200

Current = Callable[[], Awaitable[Viewer]]
Tell = Callable[[ServerFrame], Awaitable[None]]


class LibraryWatch:
    """`current` gives the person as he stands now; `tell` sends a frame, and waits for a slow client."""

    def __init__(self, *, current: Current, tell: Tell, ear: Ear) -> None:
        self._current, self._tell, self._ear = current, tell, ear
        self._collections: set[UUID] = set()
        self._known: set[UUID] = set()
        self._unfinished: dict[UUID, Row] = {}
        self._heard: set[UUID] = set()
        self._woken = asyncio.Event()

    def hear(self, message: dict[str, Any]) -> None:
        if UUID(message["collection_id"]) in self._collections:
            self._heard.add(UUID(message["document_id"]))
            self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            await self._regroup()
            await self._tell(LibraryWatchedFrame())
            regroup_at = loop.time() + REGROUP_SECONDS
            while True:
                if loop.time() >= regroup_at:
                    await self._regroup()
                    regroup_at = loop.time() + REGROUP_SECONDS
                await self._wait()
                await self._tell_changes()
        finally:
            for collection in self._collections:
                await self._ear.leave(watchers_of(collection))

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            self._heard.update(self._unfinished)
        else:
            await asyncio.sleep(GATHER_SECONDS)
        self._woken.clear()

    async def _regroup(self) -> None:
        """Listen to the collections that he sees now, and to no others."""
        viewer = await self._current()
        visible = {row.id for row in await in_database(list_collections, viewer)}
        for gone in self._collections - visible:
            await self._ear.leave(watchers_of(gone))
        for new in visible - self._collections:
            # Joined before it is read: what changes in between is heard.
            await self._ear.join(watchers_of(new))
        added, self._collections = visible - self._collections, visible
        for row in await in_database(_rows_of, viewer, added):
            self._note(row)

    async def _tell_changes(self) -> None:
        while self._heard:
            batch = [self._heard.pop() for _ in range(min(len(self._heard), _MOST_AT_ONCE))]
            viewer = await self._current()
            for document_id, row in await in_database(_read, viewer, batch):
                if row is None:
                    await self._forget(document_id)
                elif self._unfinished.get(document_id) != row:
                    self._note(row)
                    await self._tell(DocumentChangedFrame(document=DocumentRow.of(row, viewer.language)))

    def _note(self, row: Row) -> None:
        self._known.add(row.id)
        if row.state in ("queued", "working"):
            self._unfinished[row.id] = row
        else:
            self._unfinished.pop(row.id, None)

    async def _forget(self, document_id: UUID) -> None:
        self._unfinished.pop(document_id, None)
        if document_id in self._known:
            self._known.discard(document_id)
            await self._tell(DocumentRemovedFrame(document_id=document_id))


def _rows_of(viewer: Viewer, collections: set[UUID]) -> list[Row]:
    found: list[Row] = []
    for collection in collections:
        try:
            found += list_documents(viewer, collection)
        except NotFound:
            continue
    return found


def _read(viewer: Viewer, document_ids: list[UUID]) -> list[tuple[UUID, Row | None]]:
    """Each row as this person sees it now; None for one that he does not."""
    found: list[tuple[UUID, Row | None]] = []
    for document_id in document_ids:
        try:
            found.append((document_id, document_row(viewer, document_id)))
        except NotFound:
            found.append((document_id, None))
    return found
