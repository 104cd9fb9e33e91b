"""Open sockets are counted by all web processes together, of one person and from one address (T46)."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from weakref import WeakKeyDictionary

import pytest
from django.conf import settings

from kbchat.accounts.models import User
from kbchat.chat import redis_clients
from kbchat.chat.redis_clients import loop_client
from kbchat.core.limits import Limit
from kbchat.web.ws import seats
from kbchat.web.ws.seats import Seats
from tests.web.conftest import Company
from tests.web.limits_support import count, set_limit
from tests.web.page_socket import Page, connected


@pytest.fixture(autouse=True)
async def process(servers: object, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[str], None]]:
    """From here on the memory is that of the process of this name."""
    memories: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def become(name: str) -> None:
        monkeypatch.setattr(seats, "_here", memories[name])

    become("one")
    yield become
    await loop_client().flushdb()


async def taken() -> int:
    return sum([await loop_client().zcard(name) for name in await loop_client().keys("sockets:*")])


async def test_processes_count_together(process: Callable[[str], None]) -> None:
    first, second = Seats(), Seats()
    assert await first.take("person", "ann", most=2)
    process("two")
    assert await second.take("person", "ann", most=2)
    process("three")
    assert not await Seats().take("person", "ann", most=2)
    assert await Seats().take("person", "bob", most=2)
    process("two")
    await second.leave()
    process("three")
    assert await Seats().take("person", "ann", most=2)


async def test_the_seat_of_a_process_that_died_runs_out(process: Callable[[str], None]) -> None:
    assert await Seats().take("person", "ann", most=1)
    process("two")
    assert not await Seats().take("person", "ann", most=1)
    [name] = await loop_client().keys("sockets:*")
    assert 0 < await loop_client().ttl(name) <= seats.SEAT_SECONDS
    [(socket, until)] = await loop_client().zrange(name, 0, -1, withscores=True)
    await loop_client().zadd(name, {socket: until - seats.SEAT_SECONDS})
    assert await Seats().take("person", "ann", most=1)


async def test_a_seat_is_kept_also_when_redis_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "RENEW_SECONDS", 0.02)
    mine = Seats()
    assert await mine.take("person", "ann", most=1)
    await loop_client().flushdb()
    keeping = asyncio.create_task(mine.keep())
    for _ in range(250):
        await asyncio.sleep(0.02)
        if await taken():
            break
    keeping.cancel()
    assert await taken() == 1
    await mine.leave()
    assert await taken() == 0


async def test_without_redis_each_process_counts_its_own(
    process: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
        patch.setattr(redis_clients, "_of_loop", WeakKeyDictionary())
        one = Seats()
        assert await one.take("person", "ann", most=1)
        assert not await Seats().take("person", "ann", most=1)
        await one.leave()
        assert await Seats().take("person", "ann", most=1)
        process("two")
        assert await Seats().take("person", "ann", most=1)


async def told_and_closed(page: Page) -> tuple[str, str, int]:
    refused = await page.frame()
    return refused["code"], refused["message"], await page.closed()


@pytest.mark.django_db(transaction=True)
async def test_one_address_has_so_many_sockets(
    company: Company, session: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever they are: also of nobody, who is let go a moment later."""
    set_limit(monkeypatch, most_sockets_of_address=1)
    owner, reader = [await asyncio.to_thread(session, each) for each in (company.owner, company.reader)]
    before = count(Limit.SOCKETS_OF_ADDRESS)
    async with connected(owner, address="10.0.0.1") as first:
        await first.send(type="ping")
        await first.frame()
        for cookie in (reader, ""):
            async with connected(cookie, address="10.0.0.1") as second:
                code, message, closed = await told_and_closed(second)
            assert (code, closed) == ("too_many_sockets_of_address", 1013)
            assert "more than 1 windows" in message
        assert count(Limit.SOCKETS_OF_ADDRESS) == before + 2
        async with connected(reader, address="10.0.0.2") as elsewhere:
            await elsewhere.send(type="ping")
            assert (await elsewhere.frame())["type"] == "pong"
    async with connected(reader, address="10.0.0.1") as later:
        await later.send(type="ping")
        assert (await later.frame())["type"] == "pong"
