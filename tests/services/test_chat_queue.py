"""Waiting questions: persons take turns, so many run at once, and everybody is told his own place."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from kbchat.access.viewing import viewing
from kbchat.chat.leasing import Claim, claim_turn, place_in_queue
from kbchat.chat.models import Turn
from kbchat.chat.turns import AcceptedTurn, request_stop
from kbchat.core.viewer import Viewer
from tests.company import Company
from tests.contracts.server_process import ScriptedServer
from tests.services.chat_support import QUICK, answering, ask
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]

QUESTION = "How many days of annual leave does everybody have?"


def claim(most: int = 100) -> Claim | None:
    return claim_turn(uuid4(), lease_seconds=60, most=most)


def claimed(count: int) -> list[UUID]:
    found = [claim() for _ in range(count)]
    assert None not in found
    return [one.turn_id for one in found if one]


def ids(*turns: AcceptedTurn) -> list[UUID]:
    return [turn.turn_id for turn in turns]


def three(viewer: Viewer) -> list[AcceptedTurn]:
    return [ask(viewer, f"{QUESTION} ({number})") for number in range(3)]


def test_persons_take_turns(company: Company) -> None:
    greedy = three(company.reader)
    other, third = ask(company.editor, QUESTION), ask(company.admin, QUESTION)
    again = ask(company.editor, "Anything else?")
    assert claimed(6) == ids(greedy[0], other, third, greedy[1], again, greedy[2])
    assert claim() is None


def test_what_runs_counts_too(company: Company) -> None:
    greedy = three(company.reader)
    assert claimed(2) == ids(*greedy[:2])
    late = ask(company.editor, QUESTION)
    assert claimed(2) == ids(late, greedy[2])


def test_places_are_those_in_which_they_are_taken(company: Company) -> None:
    greedy = three(company.reader)
    other = ask(company.editor, QUESTION)
    waiting = [(company.reader, turn) for turn in greedy] + [(company.editor, other)]
    places = {turn.turn_id: place_in_queue(viewer, turn.turn_id) for viewer, turn in waiting}
    assert sorted(places.values(), key=str) == [1, 2, 3, 4]
    order = claimed(4)
    assert [places[turn] for turn in order] == [1, 2, 3, 4]
    assert {place_in_queue(viewer, turn.turn_id) for viewer, turn in waiting} == {None}


def test_a_place_moves_up_when_somebody_gives_up(company: Company) -> None:
    first, second = ask(company.reader, QUESTION), ask(company.editor, QUESTION)
    assert place_in_queue(company.editor, second.turn_id) == 2
    request_stop(company.reader, first.turn_id)
    assert place_in_queue(company.editor, second.turn_id) == 1


def test_nobody_learns_of_another_s_place(company: Company) -> None:
    turn = ask(company.reader, QUESTION)
    assert place_in_queue(company.reader, turn.turn_id) == 1
    for stranger in (company.admin, company.stranger):
        assert place_in_queue(stranger, turn.turn_id) is None
    assert place_in_queue(company.reader, uuid4()) is None


def test_so_many_run_in_all_processes_together(company: Company) -> None:
    three(company.reader)
    three(company.editor)
    assert [claim(most=2) is not None for _ in range(4)] == [True, True, False, False]
    assert claim(most=3) is not None


def test_two_processes_keep_to_the_number_and_all_are_answered(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one person, so that one statement tells how many run at one moment."""
    monkeypatch.setattr(settings.LIMITS, "most_answers_at_once", 9)
    # A lease that a busy machine keeps: one that runs out ends its answer as interrupted.
    limits = replace(QUICK, most_running=2, lease_seconds=30)
    script = {"reply": "Everybody has 28 days [1].", "tokens_per_second": 10}
    running: list[int] = []
    ends: list[list[str]] = []
    with (
        ScriptedServer({"log_probabilities": False, "default": script}) as server,
        answering(server.base_url, limits=limits),
        answering(server.base_url, limits=limits),
    ):
        for number in range(9):
            ask(company.reader, f"{QUESTION} ({number})")

        def all_are_over() -> bool:
            with viewing(company.reader):
                states = list(Turn.objects.values_list("state", flat=True))
            running.append(states.count("running"))
            ends.append(sorted(states))
            return not {"queued", "running"} & set(states)

        wait_until(all_are_over, 120)
    assert ends[-1] == ["done"] * 9
    assert max(running) == 2
