"""A build stands still while somebody waits for an answer, and comes further all the same."""

import asyncio
from collections.abc import Callable

import pytest
import redis

from kbchat.chat.doorbell import ring_new
from kbchat.chat.redis_clients import loop_client
from kbchat.core import pulse, waiting
from kbchat.core.waiting import somebody_waits
from kbchat.indexing.filling import BATCH
from kbchat.rebuilding import building
from kbchat.rebuilding.giving_way import LEAST_BATCH, WAITED_FOR_WORKED, Courtesy
from kbchat.rebuilding.models import BuildState
from tests.company import Company
from tests.services.rebuilding_support import build, company_with_pages


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self, asked_until: float) -> None:
        self.now = 0.0
        self._asked_until = asked_until

    def waits(self) -> bool:
        return self.now < self._asked_until

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def courtesy(clock: Clock) -> Courtesy:
    return Courtesy(clock.waits, clock.sleep)


def test_it_stands_still_for_as_long_as_an_answer_takes() -> None:
    clock = Clock(asked_until=3.0)
    polite = courtesy(clock)
    polite.worked(64, 8.0)
    polite.give_way()
    assert clock.now == pytest.approx(3.0, abs=0.2)
    polite.give_way()
    assert clock.now == pytest.approx(3.0, abs=0.2)


def test_however_many_ask_it_has_a_third_of_the_time() -> None:
    clock = Clock(asked_until=float("inf"))
    polite, worked = courtesy(clock), 0.0
    for _ in range(200):
        polite.give_way()
        polite.worked(8, 0.5)
        worked += 0.5
    assert worked / (worked + clock.now) == pytest.approx(1 / (1 + WAITED_FOR_WORKED), abs=0.03)


def test_what_it_did_long_ago_holds_it_up_no_longer() -> None:
    clock = Clock(asked_until=float("inf"))
    polite = courtesy(clock)
    for _ in range(1000):
        polite.worked(64, 4.0)
    polite.give_way()
    assert clock.now <= 31


def test_a_batch_takes_a_tenth_of_a_second_on_any_machine() -> None:
    polite = courtesy(Clock(0))
    assert polite.batch == LEAST_BATCH
    polite.worked(64, 0.5)
    assert polite.batch == 12
    polite.worked(32, 8.0)
    assert polite.batch == LEAST_BATCH
    polite.worked(8, 0.001)
    assert polite.batch == BATCH
    polite.worked(0, 1.0)
    assert polite.batch == BATCH


def test_whoever_answers_is_heard_for_some_seconds(servers: object) -> None:
    async def say() -> None:
        async with loop_client() as redis:
            await redis.set(waiting.KEY, 1, px=waiting.MILLISECONDS)

    with pulse.open_client() as client:
        client.delete(waiting.KEY)
        assert not somebody_waits()
        asyncio.run(say())
        assert somebody_waits()
        assert 0 < client.pttl(waiting.KEY) <= waiting.MILLISECONDS
        client.delete(waiting.KEY)


def test_whoever_asks_says_so_at_once(servers: object) -> None:
    """Before anybody has claimed his question: most answers take less than the second in which it is said again."""
    with pulse.open_client() as client:
        client.delete(waiting.KEY)
        ring_new()
        assert somebody_waits()
        client.delete(waiting.KEY)


def test_redis_that_is_away_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> redis.Redis:
        return redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1)

    monkeypatch.setattr(waiting, "open_client", away)
    assert not somebody_waits()


@pytest.mark.django_db
def test_a_build_asks_before_each_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    company: Company = company_with_pages()
    clock = Clock(asked_until=float("inf"))
    polite, asked = courtesy(clock), []
    give_way: Callable[[], None] = polite.give_way
    monkeypatch.setattr(polite, "give_way", lambda: (asked.append(polite.batch), give_way()))
    monkeypatch.setattr(building, "_COURTESY", polite)
    built = build(company.admin, "small")
    assert built.state == BuildState.BUILT
    # Passages in batches, the first of them small, and that nothing is left.
    assert len(asked) >= 3
    assert asked[0] == LEAST_BATCH
