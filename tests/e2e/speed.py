"""How long a reader waits, in seconds by the browser's own clock. Tests hold each wait to its bar, `bench.ui` prints
it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import expect

from tests.e2e.stage import Stage
from tests.e2e.visitor import ANSWER_SECONDS, Visitor

SIGN_IN, CHAT, LONG_CHAT, SEARCH, QUESTION, STATUS, KEY, STREAMING = (
    "sign-in page, until its form is painted",
    "empty chat, until the field for a question is painted",
    "conversation of 500 turns, until its last answer is painted",
    "search results, from Enter until the first is painted",
    "own question shown, from Enter",
    "first step shown, from Enter",
    "key press in a conversation of 500 turns, until painted (slowest)",
    "interaction while an answer streams, until painted (slowest)",
)
BARS: Final = {
    SIGN_IN: 1.0,
    CHAT: 1.0,
    LONG_CHAT: 1.0,
    SEARCH: 1.0,
    QUESTION: 0.1,
    STATUS: 0.3,
    KEY: 0.05,
    STREAMING: 0.2,
}
TURNS: Final = 500
WORDS: Final = "and what about the days that are left over"

# Seconds from `since` until `there()` holds in a frame that was painted.
_WATCH: Final = """
window.painted = (there, since) => new Promise(done => {
  const look = () => requestAnimationFrame(() =>
    there() ? setTimeout(() => done((performance.now() - since) / 1000)) : look());
  look();
});
"""
_FROM_ENTER: Final = """
document.addEventListener('keydown', event => {
  if (event.key === 'Enter') window.passed = window.painted(() => (%s), event.timeStamp);
}, { capture: true, once: true });
"""
_INTERACTIONS: Final = """
window.interactions = [0];
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (one.interactionId) window.interactions.push(one.duration / 1000);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""
_LAST_ANSWER: Final = """(() => {
  const box = [...document.querySelectorAll('[data-testid=answer]')].at(-1)?.getBoundingClientRect();
  return box && box.height > 0 && box.top < innerHeight && box.bottom > 0;
})()"""
# Copies of the conversation's turns, one after another, under their asker's row-level security.
_PROLONG: Final = """
from copy import copy
from uuid import uuid4
from kbchat.access.viewers import viewer_of
from kbchat.access.viewing import viewing
from kbchat.chat.models import Citation, Shown, Turn
from kbchat.cli.people import active_person

def copied(row, **changed):
    row = copy(row)
    for name, value in changed.items():
        setattr(row, name, value)
    return row

with viewing(viewer_of(active_person({email!r}))):
    asked = list(Turn.objects.filter(conversation={conversation!r}).order_by("created_at"))
    turns = [*asked]
    for at in range({length} - len(asked)):
        turns.append(
            copied(asked[at % len(asked)], pk=uuid4(), client_message_id=uuid4(), parent_id=turns[-1].pk)
        )
    added = turns[len(asked):]
    Turn.objects.bulk_create(added, batch_size=50)
    for kind in (Shown, Citation):
        rows = {{turn.pk: list(kind.objects.filter(turn=turn)) for turn in asked}}
        kind.objects.bulk_create(
            [
                copied(row, pk=None, turn_id=turn.pk)
                for at, turn in enumerate(added)
                for row in rows[asked[at % len(asked)].pk]
            ],
            batch_size=500,
        )
"""


@dataclass(frozen=True, slots=True)
class Measurement:
    name: str
    seconds: float

    @property
    def bar(self) -> float:
        return BARS[self.name]


def first_pages(stranger: Visitor, reader: Visitor) -> Iterator[Measurement]:
    """Of windows that have loaded nothing yet."""
    yield Measurement(SIGN_IN, _opened(stranger, "/", "document.querySelector('form button[type=submit]')"))
    yield Measurement(CHAT, _opened(reader, "/", "document.querySelector('#question')"))


def search(visitor: Visitor, words: str) -> Iterator[Measurement]:
    visitor.open("/search")
    field = visitor.page.get_by_role("main").get_by_role("searchbox")
    field.fill(words)
    yield Measurement(SEARCH, _from_enter(visitor, "document.querySelector('main ol li')"))


def asking(visitor: Visitor, question: str) -> Iterator[Measurement]:
    """In a new conversation; ends when its answer is complete."""
    for name, selector in ((QUESTION, "article.turn .question p"), (STATUS, "[data-testid=steps] li")):
        visitor.open()
        visitor.page.locator("#question").fill(question)
        yield Measurement(name, _from_enter(visitor, f"document.querySelector('{selector}')"))
        expect(visitor.page.locator(".turn .actions")).to_be_visible(timeout=ANSWER_SECONDS * 1000)


def streaming(visitor: Visitor, question: str) -> Iterator[Measurement]:
    """`question` is one whose answer goes on for some seconds. Words are written, and the sidebar goes and comes."""
    visitor.open()
    with _interactions(visitor) as slowest:
        visitor.ask(question)
        visitor.wait_for_answer_longer_than(20)
        _write(visitor)
        for _ in range(2):
            visitor.page.keyboard.press("Control+Shift+s")
        visitor.page.get_by_role("button", name="Account:").click()
        assert visitor.answer().get_attribute("aria-busy") == "true", "the answer is over already"
    yield Measurement(STREAMING, slowest[0])


def long_chat(stage: Stage, visitor: Visitor, email: str, questions: list[str]) -> Iterator[Measurement]:
    visitor.open()
    for question in questions:
        visitor.ask_and_wait(question)
    path = visitor.page.url.removeprefix(visitor.address)
    conversation = path.rpartition("/")[2]
    stage.manage("shell", "-c", _PROLONG.format(email=email, conversation=conversation, length=TURNS))
    assert len(visitor.call("GET", f"/api/v1/conversations/{conversation}").json()["turns"]) == TURNS
    other = visitor.another_window()
    yield Measurement(LONG_CHAT, _opened(other, path, _LAST_ANSWER))
    with _interactions(other) as slowest:
        _write(other)
    yield Measurement(KEY, slowest[0])


def _opened(visitor: Visitor, path: str, there: str) -> float:
    """From the beginning of navigation."""
    page = visitor.page
    page.add_init_script(f"{_WATCH} window.passed = window.painted(() => ({there}), 0);")
    visitor.open(path)
    seconds: float = page.evaluate("window.passed")
    return seconds


def _from_enter(visitor: Visitor, there: str) -> float:
    page = visitor.page
    page.evaluate(_WATCH + _FROM_ENTER % there)
    page.keyboard.press("Enter")
    seconds: float = page.evaluate("window.passed")
    return seconds


@contextmanager
def _interactions(visitor: Visitor) -> Iterator[list[float]]:
    """Holds, afterwards, how long the slowest interaction waited for its paint."""
    visitor.page.evaluate(_INTERACTIONS)
    found: list[float] = []
    yield found
    # Durations are told after the paint.
    visitor.page.wait_for_timeout(500)
    found.append(visitor.page.evaluate("Math.max(...window.interactions)"))


def _write(visitor: Visitor) -> None:
    field = visitor.page.locator("#question")
    field.focus()
    field.press_sequentially(WORDS, delay=30)
