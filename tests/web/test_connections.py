"""With the pool of production: no connection is lent out while a reader is slow or a model thinks."""

import asyncio
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from kbchat import asgi
from kbchat.accounts.api_keys import create_api_key
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import DocumentRow
from kbchat.library.uploading import upload
from kbchat.retrieval.releasing import ReleasingRetriever
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.web.http import search
from tests.company import MAX_BYTES, PAGE, ingest, markdown
from tests.servers import lent_by
from tests.web.conftest import Company

pytestmark = pytest.mark.django_db(transaction=True)

Message = MutableMapping[str, Any]


@pytest.fixture
def row(company: Company) -> DocumentRow:
    row = upload(company.viewer(company.owner), company.collection_id, markdown(PAGE), max_bytes=MAX_BYTES)
    ingest()
    return row


@pytest.fixture
def key(company: Company) -> str:
    return create_api_key(company.owner, "script")[1]


@pytest.fixture
def pool(row: DocumentRow, key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator["ConnectionPool[Any]"]:
    """From here on, every connection of the process comes from it."""
    connection.close()
    connection.close_pool()
    pooled = connection.settings_dict["OPTIONS"] | {"pool": {"min_size": 0, "max_size": 2, "timeout": 5}}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", pooled)
    yield connection.pool
    connection.close()
    connection.close_pool()


async def lent_while_sent(pool: "ConnectionPool[Any]", path: str, key: str) -> list[int]:
    """How many connections are out whenever a part of the response is on its way."""
    address, _, query = f"/api/v1{path}".partition("?")
    headers = [(b"host", b"testserver"), (b"authorization", f"Bearer {key}".encode())]
    scope = {"type": "http", "method": "GET", "path": address, "query_string": query.encode()}
    asked = False
    lent: list[int] = []

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        assert message.get("status", 200) == 200, message
        lent.append(lent_by(pool))

    await asgi.application(scope | {"headers": headers}, receive, send)
    return lent


@pytest.mark.parametrize("part", ["original", "content"])
async def test_a_slow_reader_holds_no_connection(
    pool: "ConnectionPool[Any]", row: DocumentRow, key: str, part: str
) -> None:
    lent = await lent_while_sent(pool, f"/versions/{row.version_id}/{part}", key)
    assert pool.get_stats()["requests_num"] > 0
    assert len(lent) >= 2
    assert set(lent) == {0}


async def test_a_search_holds_none_while_the_encoder_works(
    pool: "ConnectionPool[Any]", key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent: list[int] = []

    class Watching(HashEmbedder):
        def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            lent.append(lent_by(pool))
            return super().embed_queries(texts)

    retriever = ReleasingRetriever(PostgresRetriever(only(Watching())))
    monkeypatch.setattr(search, "retriever", lambda: retriever)
    for question in ("annual+leave", "sick+leave"):
        await lent_while_sent(pool, f"/search?q={question}", key)
    assert lent == [0, 0]


async def test_the_look_at_the_start_gives_its_connection_back(
    pool: "ConnectionPool[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "warm_up", lambda: None)
    received = iter(["lifespan.startup", "lifespan.shutdown"])
    sent: list[tuple[str, int]] = []

    async def receive() -> Message:
        return {"type": next(received)}

    async def send(message: Message) -> None:
        sent.append((message["type"], lent_by(pool)))

    await asgi.application({"type": "lifespan"}, receive, send)
    assert sent == [("lifespan.startup.complete", 0), ("lifespan.shutdown.complete", 0)]
    assert pool.get_stats()["requests_num"] > 0
