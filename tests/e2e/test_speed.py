"""Nobody waits long for the page: each wait is held to its bar (`tests.e2e.speed`), or five times as long."""

from collections.abc import Iterable

import pytest

from tests.e2e.conftest import Visit
from tests.e2e.speed import Measurement, asking, first_pages, long_chat, search, streaming
from tests.e2e.stage import ADMINISTRATOR, ENGINEER, Stage
from tests.e2e.test_answers_streaming import LONG, QUESTIONS, script
from tests.waiting import allowed

pytestmark = [pytest.mark.e2e, pytest.mark.timed]


def hold(measured: Iterable[Measurement]) -> None:
    late = [one for one in measured if one.seconds > allowed(one.bar)]
    assert not late, late


def test_the_first_pages_and_search_results_are_there_at_once(visit: Visit, quoting: Stage) -> None:
    hold(first_pages(visit(), visit(ADMINISTRATOR)))
    hold(search(visit(ENGINEER), "annual leave Hamburg"))


def test_u2_a_question_is_shown_at_once_and_soon_what_is_done_about_it(visit: Visit, quoting: Stage) -> None:
    """U2."""
    hold(asking(visit(ENGINEER), QUESTIONS["en"]))


def test_u48_a_conversation_of_500_turns_opens_and_is_written_in(visit: Visit, quoting: Stage) -> None:
    """U48."""
    hold(long_chat(quoting, visit(ENGINEER), ENGINEER, [QUESTIONS["en"], "And for part-time employees?"]))


def test_the_page_answers_while_an_answer_streams(visit: Visit, generating: Stage) -> None:
    script(generating, LONG["en"], tokens_per_second=60)
    hold(streaming(visit(ENGINEER), QUESTIONS["en"]))
