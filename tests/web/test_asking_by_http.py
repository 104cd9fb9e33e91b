"""Asking, waiting and stopping over the HTTP API: the websocket's turns, with the same rights and limits."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import User
from kbchat.answering.events import (
    AnswerEvent,
    TextAdded,
    TextRange,
    TextWithdrawn,
    TurnFinished,
    TurnStarted,
)
from kbchat.chat.models import Shown, Turn
from kbchat.chat.record import numbered, to_stored
from tests.web.conftest import Company, SignIn

pytestmark = pytest.mark.django_db

EVENTS: list[AnswerEvent] = [
    TurnStarted(strategy="generating"),
    TextAdded(text="28 days. Nobody knows. "),
    TextWithdrawn(range=TextRange(start=9, end=23), reason="unsupported"),
    TurnFinished(state="done"),
]


@pytest.fixture
def client(company: Company, signed_in: SignIn) -> Client:
    return signed_in(company.owner)


def send(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(f"/api/v1{path}", body or {}, content_type="application/json", headers=headers)


def open_one(client: Client, question: str = "How many days?") -> dict[str, str]:
    reply = send(client, "/conversations", {"question": question})
    assert reply.status_code == 202, reply.content
    accepted: dict[str, str] = reply.json()
    assert set(accepted) == {"conversation_id", "turn_id"}
    return accepted


def path_of(accepted: dict[str, str]) -> str:
    return f"/conversations/{accepted['conversation_id']}/turns/{accepted['turn_id']}"


def read(client: Client, accepted: dict[str, str], query: str = "") -> Any:
    return client.get(f"/api/v1{path_of(accepted)}{query}")


def finish(company: Company, accepted: dict[str, str]) -> None:
    """The answer of a turn, as if a process had written it."""
    with viewing(company.viewer(company.owner)):
        Turn.objects.filter(pk=accepted["turn_id"]).update(
            state="done", finished_at=timezone.now(), events=to_stored(numbered(EVENTS))
        )


def turns_of(company: Company, person: User) -> int:
    with viewing(company.viewer(person)):
        return Turn.objects.count()


def test_a_key_asks_and_asks_on(company: Company) -> None:
    _, key = create_api_key(company.owner, "script")
    script = Client(headers={"authorization": f"Bearer {key}", "accept-language": "zh-hans"})
    first = open_one(script)
    told = read(script, first).json()
    assert (told["state"], told["question"], told["answer"], told["events"]) == (
        "queued",
        "How many days?",
        "",
        [],
    )
    body = {"question": "And in 2024?", "parent_turn_id": first["turn_id"]}
    second = send(script, f"/conversations/{first['conversation_id']}/turns", body).json()
    assert second["conversation_id"] == first["conversation_id"]
    assert read(script, second).json()["parent_id"] == first["turn_id"]


def test_an_answer_is_read_whole_and_from_an_event_on(company: Company, client: Client) -> None:
    accepted = open_one(client)
    finish(company, accepted)
    told = read(client, accepted).json()
    assert (told["state"], told["answer"], told["masked"]) == ("done", "28 days. ", False)
    assert [item["event"]["type"] for item in told["events"]] == [event.type for event in EVENTS]
    assert [item["number"] for item in read(client, accepted, "?after=3").json()["events"]] == [4]
    assert read(client, accepted, "?after=3").json()["answer"] == "28 days. "
    assert read(client, accepted, "?after=-1").status_code == 422


def test_an_answer_from_a_closed_source_is_not_read(company: Company, client: Client) -> None:
    accepted = open_one(client)
    finish(company, accepted)
    with viewing(company.viewer(company.owner)):
        Shown.objects.create(turn_id=accepted["turn_id"], number=1, version_id=uuid4(), section_id=uuid4())
    told = read(client, accepted).json()
    assert (told["masked"], told["answer"], told["events"]) == (True, "", [])


def test_asking_twice_with_one_id_is_asking_once(company: Company, client: Client) -> None:
    body = {"question": "How many days?", "client_message_id": str(uuid4())}
    first = send(client, "/conversations", body).json()
    assert send(client, "/conversations", body).json() == first
    turns = f"/conversations/{first['conversation_id']}/turns"
    assert send(client, turns, body).json() == first
    elsewhere = open_one(client)["conversation_id"]
    for path, question in (
        ("/conversations", "Another?"),
        (f"/conversations/{elsewhere}/turns", "How many days?"),
    ):
        refused = send(client, path, body | {"question": question})
        assert (refused.status_code, refused.json()["code"]) == (409, "message_id_taken")
    assert turns_of(company, company.owner) == 2


def test_the_limits_of_asking_hold(client: Client) -> None:
    for question, code in ((" ", "question_empty"), ("x" * 8001, "question_too_long")):
        refused = send(client, "/conversations", {"question": question})
        assert (refused.status_code, refused.json()["code"]) == (400, code)
    for body in ({}, {"question": "x", "owner_id": "me"}, {"question": "x", "client_message_id": "1"}):
        assert send(client, "/conversations", body).status_code == 422
    unknown = {"question": "x", "scope": {"collection_ids": [str(uuid4())]}}
    assert send(client, "/conversations", unknown).status_code == 404
    accepted = [open_one(client) for _ in range(settings.LIMITS.most_answers_at_once)]
    refused = send(client, "/conversations", {"question": "One more?"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_turns")
    assert send(client, f"{path_of(accepted[0])}/stop").status_code == 204
    assert read(client, accepted[0]).json()["state"] == "stopped"
    open_one(client, "One more?")


def test_a_stranger_s_conversation_is_not_found(company: Company, client: Client, signed_in: SignIn) -> None:
    mine, stranger = open_one(client), signed_in(company.stranger)
    his = open_one(stranger)
    turns = f"/conversations/{mine['conversation_id']}/turns"
    mixed = {"conversation_id": his["conversation_id"], "turn_id": mine["turn_id"]}
    for reply in (
        send(stranger, turns, {"question": "May I?"}),
        send(stranger, turns, {"question": "May I?", "parent_turn_id": mine["turn_id"]}),
        send(
            stranger,
            f"/conversations/{his['conversation_id']}/turns",
            {"question": "x", "parent_turn_id": mine["turn_id"]},
        ),
        send(stranger, f"{path_of(mine)}/stop"),
        send(stranger, f"{path_of(mixed)}/stop"),
        read(stranger, mine),
        read(stranger, mixed),
        read(stranger, {"conversation_id": mine["conversation_id"], "turn_id": his["turn_id"]}),
    ):
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
    assert read(client, mine).json()["state"] == "queued"
    assert turns_of(company, company.owner) == turns_of(company, company.stranger) == 1
