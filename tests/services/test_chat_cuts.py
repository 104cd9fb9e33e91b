"""An answer that is followed over a line that breaks by chance: the text that arrives is the text that is stored."""

import random

import pytest

from kbchat.chat.record import NumberedEvent
from kbchat.chat.redis_clients import client
from kbchat.chat.runner import Limits
from kbchat.chat.turns import AcceptedTurn
from kbchat.core.viewer import Viewer
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.company import Company
from tests.services.chat_support import answering, ask, check_stream, detail_of, followed, row_of, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]

QUESTION = "How many days of annual leave does everybody have?"
WRITTEN = (
    "Everybody has 28 days of annual leave in a year [1]. Teilzeitkräfte haben 🌿 einen Anteil [1]. "
    "最多五天可以结转到下一年【1】。 Nobody has 30 days [7]. "
) * 6
KEPT_OFTEN = Limits(beat_seconds=0.2, check_seconds=0.1)
"""So that the row has a part of the answer when the log is lost."""


def follow_in_pieces(
    viewer: Viewer, turn: AcceptedTurn, chance: random.Random, *, most: int
) -> tuple[list[NumberedEvent], int]:
    """All events of the turn, and how often the line broke: after one to six events, `most` times at most. One break in
    eight loses the log, and one in eight reads again what it has seen already."""
    seen: list[NumberedEvent] = []
    cuts = 0
    while not seen or seen[-1].event.type != "turn_finished":
        again = chance.randrange(len(seen) + 1) if chance.random() < 1 / 8 else 0
        after = len(seen) - again
        length = chance.randint(1, 6) + again if cuts < most else 10**6
        part = followed(viewer, turn, after=after, until=lambda found, length=length: len(found) >= length)
        assert part[: len(seen) - after] == seen[after : after + len(part)], "what comes again is the same"
        seen = seen[:after] + part if len(part) > again else seen
        cuts += 1
        if chance.random() < 1 / 8:
            client().flushall()
    return seen, cuts - 1


def cut_by_chance(company: Company, *, at_least: int, seed: int) -> None:
    chance, cuts = random.Random(seed), 0
    while cuts < at_least:
        model = ScriptedLanguageModel(WRITTEN, seconds_per_piece=chance.choice([0.0, 0.002, 0.01]))
        with answering(model=model, limits=KEPT_OFTEN):
            for _ in range(3):
                turn = ask(company.reader, QUESTION)
                events, broken = follow_in_pieces(company.reader, turn, chance, most=at_least - cuts)
                cuts += broken
                check_stream(events)
                row = row_of(company.reader, turn)
                assert (row.state, text_of(events)) == ("done", row.answer)
                assert detail_of(company.reader, turn).events == events
                assert "[" not in row.answer


def test_what_arrives_is_what_is_stored_wherever_the_line_breaks(company: Company) -> None:
    cut_by_chance(company, at_least=40, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_cuts_lose_nothing(company: Company) -> None:
    cut_by_chance(company, at_least=1000, seed=2)
