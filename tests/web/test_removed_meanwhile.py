"""What a request refers to is removed between its look and its end: an error that says what to do, and nothing kept."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import pytest
from django.db import connections

from kbchat.access.viewing import viewing
from kbchat.chat.conversations import delete_conversation
from kbchat.chat.models import Conversation, Feedback
from tests.web.conftest import Company, SignIn, call
from tests.web.test_feedback import answered

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_answer_goes_while_somebody_says_what_he_thinks_of_it(company: Company, signed_in: SignIn) -> None:
    asker = company.reader
    viewer = company.viewer(asker)
    turn = answered(company, asker)
    opened = turn.conversation
    give = Feedback.objects.update_or_create

    def delete() -> None:
        try:
            delete_conversation(viewer, opened.pk)
        finally:
            connections.close_all()

    def given_too_late(**named: Any) -> tuple[Feedback, bool]:
        given = give(**named)
        with ThreadPoolExecutor(1) as another_window:
            another_window.submit(delete).result(60)
        return given

    with mock.patch.object(Feedback.objects, "update_or_create", given_too_late):
        reply = call(
            signed_in(asker),
            "post",
            f"/conversations/{opened.pk}/turns/{turn.pk}/feedback",
            {"is_helpful": True},
        )
    assert (reply.status_code, reply.json()["code"]) == (409, "conflict")
    assert reply.json()["next_step"]
    with viewing(viewer):
        assert not Conversation.objects.exists()
        assert not Feedback.objects.exists()
