"""Answers while a model's server is away, and when it comes back (F16); two servers of which one dies."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from kbchat.answering.events import TurnFinished
from kbchat.inference.balanced_language_model import BalancedLanguageModel
from kbchat.inference.openai_language_model import OpenAILanguageModel
from tests.company import Company
from tests.contracts.server_process import ScriptedServer
from tests.services.chat_support import answering, ask, check_stream, followed, row_of
from tests.waiting import allowed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]

QUESTION = "How many days of annual leave does everybody have?"
ANSWER = {"reply": "Everybody has 28 days [1]."}


@contextmanager
def a_port_where_nobody_listens() -> Iterator[int]:
    """Held for the time of the block: one that is free is soon somebody else's, who accepts and says nothing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def model_at(*addresses: str) -> BalancedLanguageModel:
    attempts = 3 if len(addresses) == 1 else 1
    return BalancedLanguageModel([OpenAILanguageModel(address, attempts=attempts) for address in addresses])


def end_of(company: Company, question: str) -> tuple[TurnFinished, float]:
    """How it ended, and after how many seconds."""
    started = time.monotonic()
    events = followed(company.reader, ask(company.reader, question), seconds=allowed(20))
    check_stream(events)
    end = events[-1].event
    assert isinstance(end, TurnFinished)
    assert any(item.event.type == "sources_found" for item in events)
    return end, time.monotonic() - started


@pytest.mark.timed
def test_twenty_questions_while_the_server_is_away_and_one_when_it_is_back(company: Company) -> None:
    with ExitStack() as running:
        with a_port_where_nobody_listens() as port:
            running.enter_context(answering(model=model_at(f"http://127.0.0.1:{port}/v1")))
            for number in range(20):
                end, seconds = end_of(company, f"{QUESTION} ({number})")
                assert (end.state, end.reason) == ("failed", "model_unreachable")
                assert seconds < allowed(6)
        with ScriptedServer({"default": ANSWER}, port=port):
            back = time.monotonic()
            while end_of(company, QUESTION)[0].state != "done":
                assert time.monotonic() - back < allowed(30)
                time.sleep(0.5)


def test_an_answer_moves_to_the_server_that_is_left(company: Company) -> None:
    with (
        ScriptedServer({"default": ANSWER}) as well,
        ScriptedServer({"default": ANSWER}) as mortal,
        answering(model=model_at(mortal.base_url, well.base_url)),
    ):
        for number in range(4):
            assert end_of(company, f"{QUESTION} ({number})")[0].state == "done"
        mortal.__exit__()
        for number in range(6):
            turn = ask(company.reader, f"{QUESTION} (again {number})")
            followed(company.reader, turn)
            assert row_of(company.reader, turn).state == "done"
