"""Whatever a model writes, and however it is cut into tokens, it is text: while it streams, when it is complete, and
when the stored record is read again (T34, T36-T38)."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.hostile_text import HOST, HOSTILE, SECRET
from tests.e2e.inertness import Inertness
from tests.e2e.recording_proxy import RecordingProxy
from tests.e2e.stage import ENGINEER, Stage
from tests.e2e.test_answers_streaming import QUESTIONS, script
from tests.e2e.visitor import ANSWER_SECONDS

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("generating")]

QUESTION = f"{QUESTIONS['en']} <img src=x onerror=alert(1)> ![x](http://{HOST}/q.png)"
_MOST_CHARACTERS = 6000


def marker(number: int) -> str:
    return f"Rule{number}x"


def placed(number: int, text: str) -> str:
    """By itself, in an item of a list, in a sentence, or in a row of a table."""
    line = text.replace("\n", " ")
    match number % 4:
        case 0:
            return f"{marker(number)} speaks of leave [1].\n\n{text}\n\n"
        case 1:
            return f"- {marker(number)} {text}".replace("\n", "\n  ") + "\n\nAnnual leave [1].\n\n"
        case 2:
            return f"{marker(number)} says {line} of annual leave [1].\n\n"
        case _:
            return f"| a | b |\n|---|---|\n| {marker(number)} | {line.replace('|', '¦')} [1] |\n\n"


def answers() -> Iterator[str]:
    """All texts, in answers as long as a model may write."""
    answer = ""
    for number, text in enumerate(HOSTILE):
        answer += placed(number, text)
        if len(answer) > _MOST_CHARACTERS or number == len(HOSTILE) - 1:
            yield answer
            answer = ""


def test_whatever_a_model_writes_stays_text(generating: Stage, visit: Visit) -> None:
    """U50."""
    shown = ""
    with RecordingProxy(urlsplit(generating.address).netloc) as proxy:
        visitor = visit(ENGINEER, proxy=proxy.address)
        inert = Inertness(visitor.page)
        for seed, written in enumerate(answers(), start=1):
            script(generating, written, cut_by=seed)
            visitor.open()
            answer = visitor.ask_and_wait(QUESTION)
            expect(answer).to_have_attribute("aria-busy", "false")
            text, address = answer.inner_text(), visitor.page.url
            assert inert.faults() == []
            # The stored record, drawn at once.
            visitor.page.reload()
            complete = visitor.page.locator("article.turn .actions")
            expect(complete).to_be_visible(timeout=ANSWER_SECONDS * 1000)
            assert answer.inner_text() == text
            inert.press("[data-testid=answer], .question")
            assert (inert.faults(), visitor.page.url) == ([], address)
            shown += text
        assert inert.saw_an_answer()
        assert proxy.called == []
    for number in range(len(HOSTILE)):
        assert shown.count(marker(number)) == 1, marker(number)
    assert shown.count(SECRET) > 10, "addresses are shown as text"
