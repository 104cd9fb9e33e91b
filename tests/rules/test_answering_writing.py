"""A stream becomes text, citations and verified sentences, each tied to what it belongs to."""

import pytest

from kbchat.answering.events import AnswerEvent, CitationAdded, SentenceVerified
from kbchat.answering.writing import AnswerWriter, narrowed
from kbchat.retrieval.port import Passage
from tests.rules.answering_support import passage, text_of

LEAVE = passage("Leave is 30 days a year. It is asked for in Pier. Bought days cannot be sold.", number=1)
PETS = passage("Dogs may come on Fridays. Cats stay at home.", title="Office guide", number=2)
SHOWN = {1: LEAVE, 2: PETS}


def written(text: str, size: int, shown: dict[int, Passage] | None = None) -> list[AnswerEvent]:
    """Events of `text` streamed in pieces of `size` characters."""
    writer = AnswerWriter(SHOWN if shown is None else shown, "")
    events: list[AnswerEvent] = []
    for start in range(0, len(text), size):
        events += writer.add(text[start : start + size])
    return [*events, *writer.close()]


def states(events: list[AnswerEvent]) -> list[tuple[str, str]]:
    text = text_of(events)
    return [(text[e.range.start : e.range.end], e.state) for e in events if isinstance(e, SentenceVerified)]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "Leave is 30 days a year [1]. Dogs may come on Fridays [2].",
        "Leave is 30 days a year. [1] Dogs may come on Fridays. [2]",
        "Leave is 30 days a year.[1]\n\nDogs may come on Fridays.[2]\n",
        "- Leave is 30 days a year [1]\n- Dogs may come on Fridays [2]",
        "[1] Leave is 30 days a year.\n[2] Dogs may come on Fridays.",
    ],
)
def test_a_sentence_has_the_citations_that_belong_to_it(text: str, size: int) -> None:
    events = written(text, size)
    assert [state for _, state in states(events)] == ["supported", "supported"]
    quotes = [event.quote for event in events if isinstance(event, CitationAdded)]
    if not text.startswith("["):
        assert quotes == ["Leave is 30 days a year.", "Dogs may come on Fridays."]


@pytest.mark.parametrize("size", [1, 1000])
def test_a_citation_supports_its_own_sentence_only(size: int) -> None:
    events = written("Leave is 30 days a year [2]. Dogs may come on Fridays [1]. Cats stay at home.", size)
    assert [state for _, state in states(events)] == ["unsupported", "unsupported", "partly"]


def test_headings_questions_and_code_are_no_claims() -> None:
    text = "## Leave\n\nWhat applies?\n\n```\nLeave is 99 days [1].\n```\n\nLeave is 99 days [1]."
    events = written(text, 5)
    assert states(events)[-1] == ("Leave is 99 days.", "unsupported")
    assert "99" not in "".join(sentence for sentence, _ in states(events)[:-1])
    assert "Leave is 99 days [1]." in text_of(events), "code stays as it was written"


def test_the_same_place_is_cited_once() -> None:
    events = written("Leave is 30 days [1][1], see [1].", 3)
    assert [event.at for event in events if isinstance(event, CitationAdded)] == [16, 21]


def test_an_answer_from_the_conversation_is_not_verified() -> None:
    assert states(written("Leave is 30 days.", 4, {})) == []


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("You ask for it in Pier", "It is asked for in Pier."),
        ("Nobody can sell bought days", "Bought days cannot be sold."),
        ("Completely different matters", LEAVE.text),
        ("", LEAVE.text),
    ],
)
def test_a_citation_is_narrowed_to_the_sentence_that_supports(claim: str, quote: str) -> None:
    span = narrowed(claim, LEAVE)
    assert LEAVE.text[span.start : span.end] == quote


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Interns get 10 days of annual leave", "Interns get 10 days."),
        ("Managers get 30 days of annual leave", "Managers get 30 days of annual leave."),
        ("Employees get 28 days of annual leave", "Employees get 28 days of annual leave."),
        ("福利年假有10天", "福利年假为10天。"),
        ("The canteen has many seats", ""),
    ],
)
def test_of_like_sentences_the_one_with_the_number_is_cited(claim: str, quote: str) -> None:
    source = passage(
        "Employees get 28 days of annual leave. Managers get 30 days of annual leave. Interns get 10 days. "
        "法定年假为5天。福利年假为10天。",
        number=1,
    )
    span = narrowed(claim, source)
    assert source.text[span.start : span.end] == (quote or source.text)
