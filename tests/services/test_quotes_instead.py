"""A model that is configured and down: where its asker wishes, the question is answered with quotes instead."""

from uuid import uuid4

import pytest

from kbchat.chat.conversations import conversation
from kbchat.chat.turns import AcceptedTurn, Ask, open_turn
from kbchat.core.viewer import Viewer
from tests.company import Company
from tests.contracts.server_process import ScriptedServer
from tests.services.chat_support import answering, ask, followed, row_of
from tests.waiting import allowed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]

QUESTION = "How many days of annual leave does everybody have?"


def ask_for_quotes(viewer: Viewer, after: AcceptedTurn | None = None) -> AcceptedTurn:
    conversation_id, parent_id = (after.conversation_id, after.turn_id) if after else (None, None)
    return open_turn(viewer, Ask(uuid4(), QUESTION, conversation_id, parent_id, quotes_only=True))


def test_a_model_that_is_down_is_gone_around(company: Company) -> None:
    with answering("http://127.0.0.1:1/v1"):
        failed = ask(company.reader, QUESTION)
        events = followed(company.reader, failed, seconds=allowed(15))
        quoted = ask_for_quotes(company.reader)
        followed(company.reader, quoted, seconds=allowed(15))
    assert row_of(company.reader, failed).state == "failed"
    assert any(item.event.type == "sources_found" and item.event.sources for item in events), (
        "sources are shown"
    )
    assert row_of(company.reader, quoted).state == "done"
    assert "28 days" in row_of(company.reader, quoted).answer


def test_a_model_that_is_there_is_not_asked(company: Company, server: ScriptedServer) -> None:
    server.script(log_probabilities=False, default={"reply": "From the model [1]."})
    with answering(server.base_url):
        written = ask(company.reader, QUESTION)
        followed(company.reader, written)
        quoted = ask_for_quotes(company.reader, after=written)
        followed(company.reader, quoted)
    assert "From the model" in row_of(company.reader, written).answer
    row = row_of(company.reader, quoted)
    assert "28 days" in row.answer
    assert "From the model" not in row.answer
    (turn,) = [
        one for one in conversation(company.reader, quoted.conversation_id).turns if one.id == quoted.turn_id
    ]
    (started,) = [item.event for item in turn.events if item.event.type == "turn_started"]
    assert started.strategy == "quoting"
