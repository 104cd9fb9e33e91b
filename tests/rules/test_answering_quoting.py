"""The sentence selector: the right sentences, in order, cited exactly, with the value lit; tables and lists
whole."""

from dataclasses import replace

import pytest

from kbchat.analysis import Glossary
from kbchat.answering.events import CitationAdded
from kbchat.answering.quoting import MOST_QUOTES, choose
from kbchat.answering.showing import escaped
from kbchat.answering.weighing import weigh
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.scripted import HashEmbedder
from tests.rules.answering_support import PIN, VIEWER, MemoryRetriever, passage, text_of
from tests.rules.quoting_support import CARRY, LEAVE, LIBRARY, answer, lit, weighed


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        (
            "How many days of annual leave do full-time employees in Hamburg receive?",
            "Full-time employees in Hamburg receive 30 working days",
            "30 working days",
        ),
        ("年假最多多少天？", "全年合计最多 18 天", "18 天"),
        ("公司的年假有几天？", "全年合计最多 18 天", "18 天"),
        ("福利年假每年几天？", "福利年假每人每年 3 天", "3 天"),
        ("年假要提前几天申请？", "提前 5 个工作日申请", "5 个工作日"),
        ("When is the canteen open?", "open from 11:30 to 14:00", "11:30 to 14:00"),
        ("How many unused days are carried over?", "Up to 5 unused days are carried over", "5 unused days"),
    ],
)
def test_the_sentence_that_holds_the_value(question: str, sentence: str, value: str) -> None:
    events = answer(question)
    assert sentence in text_of(events)
    assert value in lit(events)


def test_every_quote_points_at_its_words() -> None:
    by_version = {(str(p.version_id), p.span.start): p for p in LIBRARY}
    for question in ("年假多少天？", "How much leave do I get?", "What must visitors bring along?"):
        citations = [event for event in answer(question) if isinstance(event, CitationAdded)]
        assert citations
        for cited in citations:
            sources = [
                p
                for (version, _), p in by_version.items()
                if version == cited.version_id and p.span.start <= cited.start and cited.end <= p.span.end
            ]
            (source,) = sources
            assert source.text[cited.start - source.span.start : cited.end - source.span.start] == cited.quote


def test_citations_are_numbered_in_order_of_use() -> None:
    events = answer("How many days of annual leave, and when must unused days be taken?")
    numbers = [event.number for event in events if isinstance(event, CitationAdded)]
    assert list(dict.fromkeys(numbers)) == list(range(1, len(set(numbers)) + 1))
    places = [event.at for event in events if isinstance(event, CitationAdded)]
    assert places == sorted(places)
    assert places[-1] <= len(text_of(events))


def test_a_table_row_comes_with_its_header() -> None:
    events = answer("How much annual leave do I get when I work 4 days?")
    text = text_of(events)
    assert "| Days worked | Annual leave 2025 | Of which statutory |\n| --- | --- | --- |\n" in text
    assert "| 4 | 24 days | 16 days |" in text
    assert "24 days" in lit(events)


def test_a_list_comes_with_the_sentence_that_announces_it() -> None:
    text = text_of(answer("What must visitors bring along?"))
    assert "Please bring along:\n\n- an identity card\n- the name of your host" in text


def test_a_question_is_never_quoted() -> None:
    assert "?" not in text_of(answer("How do I get a visitor badge?"))


def test_a_sentence_that_leans_back_brings_the_one_before() -> None:
    text = text_of(answer("By when must they be taken?", [CARRY]))
    assert text.startswith("Up to 5 unused days are carried over to the next year automatically. They must")


def test_the_same_said_twice_is_quoted_once() -> None:
    copy = passage(LEAVE.text, title="Old copy", number=9, start=50)
    text = text_of(answer("How many days of annual leave do employees in Hamburg receive?", [LEAVE, copy]))
    assert text.count("Full-time employees in Hamburg receive") == 1


def test_no_more_than_five_quotes() -> None:
    many = passage(
        " ".join(f"Rule {n} on travel says travel by train number {n}." for n in range(1, 30)), number=1
    )
    events = answer("What are the rules on travel?", [many])
    assert 1 <= sum(isinstance(event, CitationAdded) for event in events) <= MOST_QUOTES


def test_missing_evidence_is_improbable() -> None:
    answered = ["How many days of annual leave in Hamburg?", "年假最多多少天？", "When is the canteen open?"]
    unanswered = ["What is the share price of the firm?", "公司股票价格是多少？", "Who won the football cup?"]
    lowest = min(weighed(question, LIBRARY).probability for question in answered)
    highest = max(weighed(question, LIBRARY).probability for question in unanswered)
    assert lowest > 0.5 > highest


def test_names_that_no_passage_has_speak_against_an_answer() -> None:
    here = weighed("How many days of annual leave in Hamburg?", [LEAVE])
    there = weighed("How many days of annual leave in Lisbon?", [LEAVE])
    assert there.features["absent_names"] == 1.0
    assert there.probability < here.probability


def test_a_year_that_the_passage_does_not_speak_of_is_not_answered() -> None:
    here = weighed("How many days of annual leave in Hamburg in 2025?", [LEAVE])
    there = weighed("How many days of annual leave in Hamburg in 2019?", [LEAVE])
    assert there.probability < 0.5 < here.probability


def test_nothing_found_is_nothing_weighed() -> None:
    weighing = weighed("How many days?", [])
    assert (weighing.ranked, weighing.probability) == ((), 0.0)
    assert choose("How many days?", weighing) == []


def test_a_statement_that_says_another_name_says_what_was_asked_for() -> None:
    """From the company's glossary: the same statement, weighed as if it had the question's name."""
    pages = [
        passage("Everybody has 28 days of paid time off in a year.", title="Time off", number=1),
        passage("Everybody has 30 minutes of rest in a shift.", title="Rest", number=2),
    ]
    question = "How many days of PTO do I have?"
    retrieval = MemoryRetriever(pages).retrieve(VIEWER, question, PIN, limit=8)
    known = replace(PIN, glossary=Glossary.of([["PTO", "paid time off"]]))
    without, with_names = (weigh(question, retrieval, pin, None) for pin in (PIN, known))
    assert with_names.ranked[0].statement.text.startswith("Everybody has 28 days")
    assert "pto" in with_names.ranked[0].terms - without.ranked[0].terms
    assert with_names.probability > without.probability
    assert (without.features["absent_names"], with_names.features["absent_names"]) == (1.0, 0.0)


class BrokenEmbedder(HashEmbedder):
    def embed_queries(self, texts: object) -> object:  # type: ignore[override]
        raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)


def test_words_alone_serve_when_the_encoder_is_down() -> None:
    question = "年假最多多少天？"
    assert (
        weighed(question, LIBRARY, BrokenEmbedder()).ranked
        == weigh(
            question, MemoryRetriever(LIBRARY).retrieve(VIEWER, question, PIN, limit=8), PIN, None
        ).ranked
    )


def test_markdown_in_a_source_is_shown_as_it_stands() -> None:
    assert escaped("use *args and [x](y) | a_b _c_ <b>") == r"use \*args and \[x\](y) \| a_b \_c\_ \<b\>"
    assert escaped("年假 15 天") == "年假 15 天"
