"""Feedback over HTTP: on an answer of one's own, and read by administrators."""

from uuid import uuid4

import pytest
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.chat.models import Conversation, Turn, TurnState
from tests.web.conftest import Company, SignIn, call

pytestmark = pytest.mark.django_db


def answered(company: Company, asker: User) -> Turn:
    """The only question of a conversation of his."""
    with viewing(company.viewer(asker)):
        opened = Conversation.objects.create(owner=asker, title="Leave")
        return Turn.objects.create(
            conversation=opened,
            owner=asker,
            client_message_id=uuid4(),
            question="How many days?",
            state=TurnState.DONE,
            finished_at=timezone.now(),
        )


def test_it_is_given_read_and_taken_back(company: Company, signed_in: SignIn) -> None:
    asker = company.reader
    turn = answered(company, asker)
    opened = turn.conversation
    address = f"/conversations/{opened.pk}/turns/{turn.pk}/feedback"
    reader, owner = signed_in(asker), signed_in(company.owner)
    wish = {"is_helpful": False, "reasons": ["wrong"], "comment": "30", "is_handed_over": True}
    assert call(reader, "post", address, wish).json() == wish
    assert call(reader, "get", f"/conversations/{opened.pk}").json()["turns"][0]["feedback"] == wish
    told = call(owner, "get", "/feedback").json()
    assert (told["helpful"], told["unhelpful"], told["reasons"]["wrong"]) == (0, 1, 1)
    (handed,) = told["handed_over"]
    assert set(handed) == {"changed_at", "is_helpful", "reasons", "question", "comment"}
    assert (handed["question"], handed["comment"]) == ("How many days?", "30")
    assert call(reader, "get", "/feedback").status_code == 404
    assert call(owner, "post", address, wish).status_code == 404
    assert call(reader, "post", address, wish | {"reasons": ["ugly"]}).status_code == 422
    assert call(reader, "delete", address).status_code == 204
    assert call(reader, "delete", address).status_code == 404
