"""`manage.py run_answers` as a real process: it answers, ends in order, and is survived when it is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from kbchat.answering.events import TurnFinished
from kbchat.chat.models import TurnState
from kbchat.chat.redis_clients import client
from kbchat.chat.turns import request_stop
from kbchat.indexing.encoders import only
from kbchat.inference.served_embedder import ServedEmbedder
from kbchat.library.uploading import upload
from kbchat.settings.environment import PROJECT_ROOT
from tests.company import MAX_BYTES, Company, found_company, ingest, markdown
from tests.contracts.server_process import MODEL, ScriptedServer
from tests.services.chat_support import (
    LEAVE,
    ask,
    check_stream,
    followed,
    has_text,
    row_of,
    text_of,
)
from tests.waiting import allowed, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "How many days of annual leave does everybody have?"
LONG = "Everybody has 28 days of annual leave in a year [1]. " * 20
LEASE_SECONDS = 2


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def company(server: ScriptedServer) -> Company:
    company = found_company()
    upload(company.admin, company.handbook.id, markdown(LEAVE), max_bytes=MAX_BYTES)
    ingest(only(ServedEmbedder(server.base_url, model=MODEL)))
    return company


@contextmanager
def run_answers(server: ScriptedServer) -> Iterator[subprocess.Popen[bytes]]:
    """The command with the model and the encoder of the scripted server; killed at the end of the block."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kbchat.settings.base",
        "KBCHAT_PROCESS": "application",
        "KBCHAT_LLM_BASE_URL": server.base_url,
        "KBCHAT_LOG_LEVEL": "WARNING",
        **server.as_encoder,
    }
    command = [sys.executable, "manage.py", "run_answers", "--lease-seconds", str(LEASE_SECONDS)]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def script(server: ScriptedServer, tokens_per_second: float) -> None:
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": tokens_per_second})


@pytest.mark.timed
def test_the_command_answers_stops_and_ends_in_order(company: Company, server: ScriptedServer) -> None:
    script(server, tokens_per_second=25)
    with run_answers(server) as process:
        turn = ask(company.reader, QUESTION)
        begun = followed(company.reader, turn, until=has_text(20), seconds=40)
        request_stop(company.reader, turn.turn_id)
        server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None, allowed(1.0))
        check_stream(begun + followed(company.reader, turn, after=len(begun)))
        assert row_of(company.reader, turn).state == "stopped"

        cut_off = ask(company.reader, QUESTION)
        followed(company.reader, cut_off, until=has_text(20))
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - begin < 10
        row = row_of(company.reader, cut_off)
        assert row.state == "interrupted"
        assert len(row.answer) >= 20


@pytest.mark.torture
@pytest.mark.parametrize("redis_is_lost_too", [False, True])
def test_a_killed_process_leaves_an_interrupted_turn_and_no_waiting_reader(
    company: Company, server: ScriptedServer, *, redis_is_lost_too: bool
) -> None:
    script(server, tokens_per_second=25)
    with run_answers(server) as doomed:
        turn = ask(company.reader, QUESTION)
        begun = followed(company.reader, turn, until=has_text(60), seconds=40)
        wait_until(lambda: len(row_of(company.reader, turn).events) > 5, 5)
        doomed.kill()
        doomed.wait()
    assert row_of(company.reader, turn).state == "running"
    if redis_is_lost_too:
        client().flushall()
    with run_answers(server):
        rest = followed(company.reader, turn, after=len(begun), seconds=40)
        end = rest[-1].event
        assert isinstance(end, TurnFinished)
        assert (end.state, end.reason) == ("interrupted", "process_lost")
        whole = followed(company.reader, turn)
        check_stream(whole)
        if not redis_is_lost_too:
            check_stream(begun + rest)
            assert text_of(begun) in text_of(whole)
        row = row_of(company.reader, turn)
        assert (row.state, row.answer) == (TurnState.INTERRUPTED, text_of(whole))
        # The next process goes on with the next question.
        assert followed(company.reader, ask(company.reader, QUESTION), until=has_text(20))


@pytest.mark.torture
def test_a_process_that_was_cut_off_writes_nothing(company: Company, server: ScriptedServer) -> None:
    script(server, tokens_per_second=25)
    with run_answers(server) as frozen:
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20), seconds=40)
        frozen.send_signal(signal.SIGSTOP)
        with run_answers(server):
            assert followed(company.reader, turn, seconds=40)[-1].event.state == "interrupted"
        ended = row_of(company.reader, turn)
        logged = client().xrange(f"turn:{turn.turn_id}")
        frozen.send_signal(signal.SIGCONT)
        wait_until(lambda: _closed(server), 5)
        time.sleep(0.5)
        assert client().xrange(f"turn:{turn.turn_id}") == logged
        now = row_of(company.reader, turn)
        assert (now.state, now.events) == ("interrupted", ended.events)
        check_stream(followed(company.reader, turn))


def _closed(server: ScriptedServer) -> bool:
    """Whether the client left the last answer that was being written."""
    written = [seen for seen in server.requests("/v1/chat/completions") if seen["body"].get("stream")]
    return written[-1]["closed_by_client_after_seconds"] is not None


def test_a_lease_is_kept_while_the_answer_runs(company: Company, server: ScriptedServer) -> None:
    script(server, tokens_per_second=25)
    with run_answers(server):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20), seconds=40)
        time.sleep(LEASE_SECONDS + 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kbchat_abandoned_turns()")
            assert cursor.fetchone() == (0,)
        assert row_of(company.reader, turn).state == "running"
