"""When a server is left alone, and who tries it again."""

import pytest

from kbchat.inference.circuit_breaker import (
    FAILURES,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    CircuitBreaker,
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    return breaker


def pause_of(breaker: CircuitBreaker, clock: Clock) -> float:
    """How long nobody may try it, to a hundredth of a second."""
    start = clock.now
    while not breaker.begin_probe():
        clock.now += 0.01
        assert clock.now < start + 100
    return clock.now - start


def test_it_opens_after_so_many_failures_in_a_row(clock: Clock) -> None:
    breaker = CircuitBreaker(clock)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed()
        breaker.succeeded()
    assert breaker.is_closed
    for _ in range(FAILURES):
        assert breaker.is_closed
        breaker.failed()
    assert not breaker.is_closed


def test_nobody_probes_what_is_closed(clock: Clock) -> None:
    breaker = CircuitBreaker(clock)
    breaker.failed()
    clock.now += 1000
    assert not breaker.begin_probe()


def test_one_probe_at_a_time_after_the_pause(clock: Clock) -> None:
    breaker = opened(clock)
    assert not breaker.begin_probe()
    clock.now += 2 * FIRST_PAUSE_SECONDS
    assert [breaker.begin_probe() for _ in range(5)] == [True, False, False, False, False]
    clock.now += 1000
    assert not breaker.begin_probe()
    breaker.end_probe(is_well=True)
    assert breaker.is_closed


def test_the_pause_grows_to_its_limit_and_begins_anew_when_it_is_well(clock: Clock) -> None:
    breaker = opened(clock)
    expected = FIRST_PAUSE_SECONDS
    for _ in range(8):
        assert 0.79 * expected <= pause_of(breaker, clock) <= 1.21 * expected
        breaker.end_probe(is_well=False)
        assert not breaker.is_closed
        expected = min(2 * expected, LONGEST_PAUSE_SECONDS)
    pause_of(breaker, clock)
    breaker.end_probe(is_well=True)
    for _ in range(FAILURES):
        breaker.failed()
    assert pause_of(breaker, clock) <= 1.21 * FIRST_PAUSE_SECONDS


def test_pauses_differ(clock: Clock) -> None:
    assert len({round(pause_of(opened(clock), clock), 2) for _ in range(40)}) > 5


def test_requests_that_began_before_it_opened_change_nothing(clock: Clock) -> None:
    breaker = opened(clock)
    breaker.succeeded()
    assert not breaker.is_closed
    for _ in range(50):
        breaker.failed()
    assert pause_of(breaker, clock) <= 1.21 * FIRST_PAUSE_SECONDS
