"""The answers process with a scripted model server: numbering, faults, losing Redis."""

import socket
import time
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from kbchat.access.viewing import viewing
from kbchat.answering.events import TextAdded, TurnFinished
from kbchat.chat.models import Citation, Shown
from kbchat.chat.redis_clients import client
from kbchat.chat.runner import Limits
from kbchat.chat.turns import request_stop
from tests.company import Company, add
from tests.contracts.server_process import ScriptedServer
from tests.servers import redis_of_its_own
from tests.services.chat_support import (
    LONG,
    QUESTION,
    QUICK,
    answering,
    ask,
    check_stream,
    detail_of,
    followed,
    has_text,
    row_of,
    script,
    text_of,
)
from tests.waiting import allowed, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]

CHAT = "/v1/chat/completions"


def test_a_quoted_answer_is_numbered_stored_and_cited(company: Company) -> None:
    with answering():
        turn = ask(company.reader, QUESTION)
        events = followed(company.reader, turn)
    check_stream(events)
    row = row_of(company.reader, turn)
    assert (row.state, row.lease) == ("done", None)
    assert "28 days" in row.answer
    assert row.answer == text_of(events)
    assert row.first_word_at is not None
    assert row.finished_at is not None
    assert row.created_at < row.first_word_at < row.finished_at
    assert row.pin_id is not None
    assert detail_of(company.reader, turn).events == events
    with viewing(company.reader):
        assert Citation.objects.filter(turn=turn.turn_id).count() > 0
        shown = set(Shown.objects.filter(turn=turn.turn_id).values_list("number", flat=True))
    sources = [
        source for item in events if item.event.type == "sources_found" for source in item.event.sources
    ]
    assert shown == {source.number for source in sources} != set()


def test_a_page_without_headings_answers_too(company: Company) -> None:
    add(company.admin, company.handbook, "The canteen opens at 11:30 on workdays.\n", "canteen.md")
    with answering():
        turn = ask(company.reader, "When does the canteen open?")
        check_stream(followed(company.reader, turn))
    assert "11:30" in row_of(company.reader, turn).answer


def test_a_written_answer_streams_in_at_most_twenty_texts_a_second(
    company: Company, server: ScriptedServer
) -> None:
    script(server, reply=LONG, tokens_per_second=120)
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        begin = time.monotonic()
        events = followed(company.reader, turn)
        seconds = time.monotonic() - begin
    check_stream(events)
    assert row_of(company.reader, turn).state == "done"
    assert "28 days" in text_of(events)
    # A citation lets the text before it go at once, so each may add one.
    texts = sum(isinstance(item.event, TextAdded) for item in events)
    others = sum(item.event.type in {"citation_added", "sentence_verified"} for item in events)
    assert 5 < texts <= seconds * 20 + others + 1


def test_every_cut_of_a_stream_continues_without_gap_or_repeat(
    company: Company, server: ScriptedServer
) -> None:
    script(server, reply=LONG, tokens_per_second=100)
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        begun = followed(company.reader, turn, until=has_text(60))
        reloaded = detail_of(company.reader, turn).events
        rest = followed(company.reader, turn, after=len(begun))
        whole = followed(company.reader, turn)
    check_stream(whole)
    assert begun + rest == whole
    assert reloaded == whole[: len(reloaded)]
    assert len(reloaded) >= len(begun)
    client().flushall()
    for cut in range(0, len(whole) + 1, 7):
        assert followed(company.reader, turn, after=cut) == whole[cut:]


@pytest.mark.parametrize(
    ("default", "state", "reason"),
    [
        ({"mode": "malformed"}, "failed", "model_broken_stream"),
        ({"mode": "wrong_shape"}, "failed", "model_broken_stream"),
        ({"mode": "drop"}, "failed", "model_broken_stream"),
        ({"mode": "error_in_stream"}, "failed", "model_broken_stream"),
        ({"mode": "no_finish"}, "failed", "model_broken_stream"),
        ({"mode": "stall"}, "failed", "model_timed_out"),
        ({"mode": "hang"}, "failed", "model_timed_out"),
        ({"mode": "refuse"}, "failed", "model_refused"),
        ({"finish_reason": "length"}, "truncated", "length"),
        ({"mode": "split_utf8", "reply": "年假28天 [1]。"}, "done", None),
        ({"reply": "Everybody has 28\0 days [1]."}, "done", None),
    ],
)
def test_a_faulty_model_ends_the_turn_in_a_clear_state(
    company: Company,
    server: ScriptedServer,
    default: dict[str, object],
    state: str,
    reason: str | None,
) -> None:
    script(server, **({"reply": "Everybody has 28 days [1]."} | default))
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        events = followed(company.reader, turn)
    check_stream(events)
    end = events[-1].event
    assert isinstance(end, TurnFinished)
    assert (end.state, end.reason) == (state, reason)
    row = row_of(company.reader, turn)
    assert (row.state, row.answer) == (state, text_of(events))
    assert any(item.event.type == "sources_found" for item in events)


@pytest.mark.timed
def test_a_model_that_is_not_there_fails_the_turn_within_six_seconds(company: Company) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        with answering(nowhere):
            turn = ask(company.reader, QUESTION)
            end = followed(company.reader, turn, seconds=allowed(6))[-1].event
    assert isinstance(end, TurnFinished)
    assert (end.state, end.reason) == ("failed", "model_unreachable")


def test_an_answer_that_takes_too_long_ends(company: Company, server: ScriptedServer) -> None:
    script(server, reply=LONG, tokens_per_second=5)
    with answering(server.base_url, limits=Limits(answer_seconds=1.5, lease_seconds=2, beat_seconds=0.2)):
        turn = ask(company.reader, QUESTION)
        events = followed(company.reader, turn, seconds=8)
    check_stream(events)
    assert events[-1].event.state == "failed"
    assert events[-1].event.reason == "model_timed_out"


def test_two_processes_share_the_turns_and_answer_each_once(company: Company, server: ScriptedServer) -> None:
    script(server, reply="Everybody has 28 days [1].", tokens_per_second=60)
    people = [company.reader, company.editor, company.admin]
    with answering(server.base_url), answering(server.base_url):
        asked = [(person, ask(person, f"{QUESTION} ({number})")) for person in people for number in range(3)]
        for person, turn in asked:
            check_stream(followed(person, turn))
    requests = server.requests(CHAT)
    for number in range(3):
        assert sum(f"({number})" in seen["prompt"] for seen in requests) == len(people)
    assert {row_of(person, turn).state for person, turn in asked} == {"done"}


def test_a_follow_up_knows_the_conversation(company: Company, server: ScriptedServer) -> None:
    script(server, reply="Everybody has 28 days [1].")
    with answering(server.base_url):
        first = ask(company.reader, QUESTION)
        followed(company.reader, first)
        second = ask(company.reader, "And how many may be carried over?", after=first)
        followed(company.reader, second)
    prompt = server.requests(CHAT)[-1]["prompt"]
    assert QUESTION in prompt
    assert "Everybody has 28 days" in prompt


def test_a_long_conversation_is_summarised_with_its_sources(company: Company, server: ScriptedServer) -> None:
    script(server, reply="Everybody has 28 days [1].")
    with answering(server.base_url):
        last = ask(company.reader, QUESTION)
        followed(company.reader, last)
        for number in range(6):
            last = ask(company.reader, f"{QUESTION} Once more, {number}.", after=last)
            followed(company.reader, last)
        followed(company.reader, ask(company.reader, "And how many may be carried over?", after=last))
    prompt = server.requests(CHAT)[-1]["prompt"]
    assert "Earlier in this conversation:" in prompt
    assert "These answers rest on: Annual leave" in prompt


def test_what_redis_loses_in_the_middle_is_written_again(company: Company, server: ScriptedServer) -> None:
    script(server, reply=LONG, tokens_per_second=60)
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        begun = followed(company.reader, turn, until=has_text(40))
        client().flushall()
        rest = followed(company.reader, turn, after=len(begun))
        whole = followed(company.reader, turn)
    check_stream(whole)
    assert begun + rest == whole
    assert whole[-1].event.state == "done"


def test_an_answer_ends_well_when_redis_dies_in_the_middle(
    company: Company, server: ScriptedServer, settings: Settings, tmp_path: Path
) -> None:
    script(server, reply=LONG, tokens_per_second=60)
    with redis_of_its_own(tmp_path) as (redis, address):
        settings.REDIS_URL = address
        with answering(server.base_url):
            turn = ask(company.reader, QUESTION)
            begun = followed(company.reader, turn, until=has_text(40))
            redis.kill()
            redis.wait()
            rest = followed(company.reader, turn, after=len(begun))
            other = ask(company.reader, "Without any Redis: how many days of annual leave?")
            check_stream(followed(company.reader, other))
    check_stream(begun + rest)
    row = row_of(company.reader, turn)
    assert (row.state, row.answer) == ("done", text_of(begun + rest))


def test_no_connection_is_held_while_the_model_thinks(company: Company, server: ScriptedServer) -> None:
    def others() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend'"
            )
            return int(cursor.fetchone()[0])

    script(server, reply=LONG, tokens_per_second=10)
    alone = others()
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(10))
        # Now and then it looks whether the asker still has his rights, by a connection that it gives back.
        wait_until(lambda: others() == alone, 1.5)
        assert row_of(company.reader, turn).state == "running"
        request_stop(company.reader, turn.turn_id)
        followed(company.reader, turn)


def test_an_orderly_end_interrupts_what_cannot_end_in_time(company: Company, server: ScriptedServer) -> None:
    script(server, reply=LONG, tokens_per_second=10)
    with answering(server.base_url) as end:
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(10))
        begin = time.monotonic()
        end()
        assert time.monotonic() - begin < QUICK.drain_seconds + 4
        waiting = ask(company.reader, "Nobody is there to answer this?")
    events = followed(company.reader, turn)
    check_stream(events)
    assert (events[-1].event.state, events[-1].event.reason) == ("interrupted", "shutting_down")
    assert len(row_of(company.reader, turn).answer) >= 10
    assert row_of(company.reader, waiting).state == "queued"
    server.wait_for(lambda seen: seen["closed_by_client_after_seconds"] is not None)
