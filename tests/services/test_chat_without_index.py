"""A question to a library in which nothing was ever indexed."""

import pytest

from tests.company import Company
from tests.services.chat_support import answering, ask, followed

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_library_without_an_index_fails_the_turn_and_says_why(company: Company) -> None:
    with answering():
        events = followed(
            company.reader, ask(company.reader, "How many days of annual leave does everybody have?")
        )
    assert [(item.event.state, item.event.reason) for item in events] == [("failed", "no_active_generation")]
