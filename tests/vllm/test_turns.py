"""Every end that an answer can have, with a real vLLM behind it; whether it still writes is asked of vLLM itself."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from kbchat.access.viewing import viewing
from kbchat.answering.events import TurnFinished
from kbchat.chat.models import Citation, Turn
from kbchat.chat.turns import AcceptedTurn, request_stop
from kbchat.core.viewer import Viewer
from tests.company import Company, add, found_company
from tests.services.chat_support import (
    LEAVE,
    QUICK,
    answering,
    ask,
    check_stream,
    followed,
    has_text,
    row_of,
    text_of,
    withdraw_grants,
)
from tests.vllm.server import VllmServer
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.django_db(transaction=True)]

QUESTION = "How many days of annual leave does everybody have?"
PATIENT = replace(QUICK, answer_tokens=2500)
ENDLESS = {"ignore_eos": True}


def saying(reply: str) -> dict[str, object]:
    return {"structured_outputs": {"choice": [reply]}}


@pytest.fixture
def company(vllm: VllmServer) -> Iterator[Company]:
    company = found_company()
    add(company.admin, company.handbook, LEAVE, "leave.md")
    yield company
    vllm.wait_until_idle()


def end_of(viewer: Viewer, turn: AcceptedTurn) -> tuple[str, str | None]:
    """Its state and reason, after the record was compared with what was sent."""
    events = followed(viewer, turn)
    check_stream(events)
    end = events[-1].event
    assert isinstance(end, TurnFinished)
    row = row_of(viewer, turn)
    assert row.state == end.state
    assert row.answer == ("" if end.state == "revoked" else text_of(events))
    return end.state, end.reason


@contextmanager
def being_written(company: Company, vllm: VllmServer) -> Iterator[AcceptedTurn]:
    """An answer that would go on for long, of which its reader has seen the beginning."""
    with answering(vllm.base_url, limits=PATIENT, extra_body=ENDLESS):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20))
        assert vllm.running == 1
        yield turn


def test_done(company: Company, vllm: VllmServer) -> None:
    with answering(
        vllm.base_url, extra_body=saying("Everybody has 28 days of annual leave [1]. 年假为28天 [1]。👧")
    ):
        turn = ask(company.reader, QUESTION)
        assert end_of(company.reader, turn) == ("done", None)
    finished = followed(company.reader, turn)[-1].event
    assert isinstance(finished, TurnFinished)
    assert finished.usage.prompt_tokens > 50
    assert finished.usage.completion_tokens > 10
    with viewing(company.reader):
        assert [cited.quote for cited in Citation.objects.filter(turn=turn.turn_id)]
    assert row_of(company.reader, turn).answer == "Everybody has 28 days of annual leave. 年假为28天。👧"


def test_a_thought_is_told_and_never_shown(company: Company, vllm: VllmServer) -> None:
    reply = "<think>The secret plan.</think>Everybody has 28 days of annual leave [1]."
    with answering(vllm.base_url, extra_body=saying(reply)):
        turn = ask(company.reader, QUESTION)
        assert end_of(company.reader, turn) == ("done", None)
    events = followed(company.reader, turn)
    assert [item.event.type for item in events].count("thinking_started") == 1
    assert "secret" not in repr(events)
    assert row_of(company.reader, turn).answer == "Everybody has 28 days of annual leave."


def test_refused(company: Company, vllm: VllmServer) -> None:
    with answering(vllm.base_url, extra_body=saying("NOT_FOUND")):
        assert end_of(company.reader, ask(company.reader, QUESTION)) == ("refused", "not_found")


def test_truncated(company: Company, vllm: VllmServer) -> None:
    with answering(vllm.base_url, limits=replace(QUICK, answer_tokens=40), extra_body=ENDLESS):
        assert end_of(company.reader, ask(company.reader, QUESTION)) == ("truncated", "length")


def test_stopped(company: Company, vllm: VllmServer) -> None:
    with being_written(company, vllm) as turn:
        since = time.monotonic()
        request_stop(company.reader, turn.turn_id)
        vllm.wait_until_idle()
        vllm.closings.append(time.monotonic() - since)
        assert vllm.writes_nothing_more()
        assert end_of(company.reader, turn) == ("stopped", None)


def test_revoked(company: Company, vllm: VllmServer) -> None:
    with being_written(company, vllm) as turn:
        withdraw_grants(company.admin, company.handbook)
        vllm.wait_until_idle(within_seconds=2.0)
        assert vllm.writes_nothing_more()
        assert end_of(company.reader, turn) == ("revoked", "revoked")


def test_a_lost_lease_ends_the_request(company: Company, vllm: VllmServer) -> None:
    with being_written(company, vllm) as turn:
        with viewing(company.reader):
            Turn.objects.filter(pk=turn.turn_id).update(lease=uuid4())
        vllm.wait_until_idle()
        assert row_of(company.reader, turn).state == "running"


def test_interrupted(company: Company, vllm: VllmServer) -> None:
    with answering(vllm.base_url, limits=PATIENT, extra_body=ENDLESS) as end:
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(20))
        end()
    assert vllm.running == 0
    assert end_of(company.reader, turn) == ("interrupted", "shutting_down")


def test_failed_when_the_whole_answer_takes_too_long(company: Company, vllm: VllmServer) -> None:
    with answering(vllm.base_url, limits=replace(PATIENT, answer_seconds=2.0), extra_body=ENDLESS):
        turn = ask(company.reader, QUESTION)
        assert end_of(company.reader, turn) == ("failed", "model_timed_out")
    assert row_of(company.reader, turn).answer


def test_a_reader_who_leaves_ends_nothing(company: Company, vllm: VllmServer) -> None:
    with answering(vllm.base_url, limits=replace(PATIENT, answer_tokens=400), extra_body=ENDLESS):
        turn = ask(company.reader, QUESTION)
        begun = followed(company.reader, turn, until=has_text(20))
        assert vllm.running == 1
        wait_until(lambda: row_of(company.reader, turn).state == "truncated", 20)
    whole = followed(company.reader, turn)
    assert whole[: len(begun)] == begun
    assert len(text_of(whole)) > len(text_of(begun))


def test_of_several_only_the_stopped_one_ends(company: Company, vllm: VllmServer) -> None:
    people = [company.reader, company.editor, company.admin]
    with answering(vllm.base_url, limits=PATIENT, extra_body=ENDLESS):
        turns = [(person, ask(person, QUESTION)) for person in people]
        for person, turn in turns:
            followed(person, turn, until=has_text(20))
        assert vllm.running == 3
        for left, (person, turn) in zip((2, 1, 0), turns, strict=True):
            request_stop(person, turn.turn_id)
            wait_until(lambda left=left: vllm.running == left, 5)
    assert [row_of(person, turn).state for person, turn in turns] == ["stopped"] * 3


def test_failed_when_the_server_freezes_and_well_again_afterwards(company: Company, vllm: VllmServer) -> None:
    with being_written(company, vllm) as turn:
        vllm.freeze()
        try:
            assert end_of(company.reader, turn) == ("failed", "model_timed_out")
        finally:
            vllm.go_on()
        vllm.wait_until_idle()
        other = ask(company.reader, QUESTION)
        followed(company.reader, other, until=has_text(20))
        request_stop(company.reader, other.turn_id)
        assert end_of(company.reader, other) == ("stopped", None)


def test_failed_when_the_server_dies(company: Company, tiny_model: Path, tmp_path: Path) -> None:
    with VllmServer(tiny_model, tmp_path) as mortal, being_written(company, mortal) as turn:
        mortal.kill()
        assert end_of(company.reader, turn) == ("failed", "model_broken_stream")
        assert row_of(company.reader, turn).answer
        other = ask(company.reader, QUESTION)
        assert end_of(company.reader, other) == ("failed", "model_unreachable")
        assert any(item.event.type == "sources_found" for item in followed(company.reader, other))
