"""A question, a long answer to it, and what is left of a turn whose sources its reader may no longer see."""

from kbchat.chat.conversations import list_conversations
from kbchat.chat.history import find_conversations
from kbchat.chat.turns import AcceptedTurn
from kbchat.core.viewer import Viewer
from tests.services.chat_support import detail_of, followed

QUESTION = "How many days of annual leave does everybody have?"
LONG = "Everybody has 28 days of annual leave in a year [1]. " * 20


def check_masked(viewer: Viewer, turn: AcceptedTurn, *words: str) -> None:
    """Only the reader's own words are left of the turn."""
    detail = detail_of(viewer, turn)
    assert (detail.masked, detail.events, detail.question) == (True, [], QUESTION)
    assert [row.title for row in list_conversations(viewer)] == [QUESTION]
    found = [find_conversations(viewer, word) for word in words if word.lower() not in QUESTION]
    assert not any(found)
    (asked,) = find_conversations(viewer, "annual leave")
    assert asked.excerpt is not None
    assert asked.excerpt.text == QUESTION
    for after in (0, 3, 99):
        told = followed(viewer, turn, after=after)
        assert [item.event.type for item in told] == ["text_withdrawn", "turn_finished"]
        assert [item.number for item in told] == [after + 1, after + 2]
        assert told[-1].event.state == "revoked"
        assert not any(word in repr(told) for word in words)
