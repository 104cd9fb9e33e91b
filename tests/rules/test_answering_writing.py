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
        "Leave is 30 days a year [1].\n\nDogs may come on Fridays.\n\n[2]",
        "Leave is 30 days a year.\n[1]\n\nDogs may come on Fridays.\n[2]\n",
        "1. [1] Leave is 30 days a year.\n2. [2] Dogs may come on Fridays.",
        "[1] Leave is 30 days a year.\n[2] Dogs may come on Fridays.",
    ],
)
def test_a_sentence_has_the_citations_that_belong_to_it(text: str, size: int) -> None:
    events = written(text, size)
    assert [state for _, state in states(events)] == ["supported", "supported"]
    found = [event for event in events if isinstance(event, CitationAdded)]
    assert [event.quote for event in found] == ["Leave is 30 days a year.", "Dogs may come on Fridays."]
    assert [event.number for event in found] == [1, 2]
    told = text_of(events)
    assert [told[: event.at].rstrip(".").endswith(("a year", "Fridays")) for event in found] == [True, True]
    assert not any(event.is_attributed for event in found)


@pytest.mark.parametrize("size", [1, 1000])
def test_a_citation_supports_its_own_sentence_only(size: int) -> None:
    events = written(
        "Leave is 31 days a year [1]. Birds may come on Sundays [2]. Cats are on the roof.", size
    )
    assert [state for _, state in states(events)] == ["unsupported", "unsupported", "partly"]
    assert not any(event.is_attributed for event in events if isinstance(event, CitationAdded))


@pytest.mark.parametrize("size", [1, 3, 1000])
class TestAttribution:
    """A sentence for which the model names no source."""

    def test_it_gets_the_citation_of_the_passage_that_says_it(self, size: int) -> None:
        events = written("Leave is 30 days a year. Dogs may come on Fridays.", size)
        assert attributed(events) == [
            (1, 1, "Leave is 30 days a year.", "Leave is 30 days a year."),
            (2, 2, "Dogs may come on Fridays.", "Dogs may come on Fridays."),
        ]
        assert [state for _, state in states(events)] == ["supported", "supported"]

    @pytest.mark.parametrize(
        "text",
        [
            "Leave is 31 days a year.",
            "Leave is not 30 days a year.",
            "Ducks are on the roof.",
            "## Leave is 30 days a year",
            "| Leave | 30 days a year |\n|---|---|",
            "```\nLeave is 30 days a year.\n```",
            "Is leave 30 days a year?",
            "The passages do not say how many days of leave a year has.",
            " and ".join(["Leave is 30 days a year"] * 22) + ".",
        ],
    )
    def test_what_no_passage_says_and_what_says_nothing_gets_none(self, size: int, text: str) -> None:
        events = written(text, size)
        assert attributed(events) == []
        assert "supported" not in [state for _, state in states(events)]

    def test_each_of_several_gets_its_own(self, size: int) -> None:
        events = written("Leave is 30 days a year. Dogs may come on Fridays. Cats stay at home.", size)
        assert [event.source for event in events if isinstance(event, CitationAdded)] == [1, 2, 2]
        assert [state for _, state in states(events)] == ["supported"] * 3

    def test_one_that_names_its_source_keeps_it_alone(self, size: int) -> None:
        assert attributed(written("Leave is 30 days a year [1]. Birds may come on Sundays. [2]", size)) == []

    def test_one_that_names_a_wrong_one_stays_marked(self, size: int) -> None:
        events = written("Leave is 30 days a year [2].", size)
        assert attributed(events) == []
        assert [state for _, state in states(events)] == ["unsupported"]

    def test_it_is_numbered_before_what_stands_behind_it(self, size: int) -> None:
        events = written("Dogs may come on Fridays. Leave is 30 days a year [1].", size)
        found = [event for event in events if isinstance(event, CitationAdded)]
        assert [(event.number, event.source) for event in found] == [(1, 2), (2, 1)]

    def test_of_two_that_say_it_the_one_with_more_of_its_words_is_cited(self, size: int) -> None:
        near = passage("Dogs are welcome, and may come to the office on Fridays and Mondays.", number=3)
        said = "Dogs are welcome and may come on Fridays."
        for shown in ({1: PETS, 2: near}, {1: near, 2: PETS}):
            (found,) = [e for e in written(said, size, shown) if isinstance(e, CitationAdded)]
            assert shown[found.source] is near


def attributed(events: list[AnswerEvent]) -> list[tuple[int, int, str, str]]:
    """Number, source, the answer's text before it, and quote of each."""
    text = text_of(events)
    return [
        (e.number, e.source, text[max(0, e.at - len(e.quote)) : e.at], e.quote)
        for e in events
        if isinstance(e, CitationAdded) and e.is_attributed
    ]


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
