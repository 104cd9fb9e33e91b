"""Where words stand in a text as it is written: in any spelling, while they are typed, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.analysis import analyse, places_of_words, sought_words, terms_of_word


def lit(text: str, query: str) -> list[list[str]]:
    """For each word of the query, what of the text is lit."""
    found = places_of_words(text, sought_words(query))
    return [[text[span.start : span.end] for span in spans] for spans in found]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Two policies, one Policy.", "policy", [["policies", "Policy"]]),
        ("Our policies", "polic", [["policies"]]),
        ("A résumé — a Résumé", "resume", [["résumé", "Résumé"]]),
        ("A re\u0301sume\u0301", "résumé", [["re\u0301sume\u0301"]]),
        ("It costs 1,000 euro", "1000", [["1,000"]]),
        ("Ports 80,443,8080", "443", [["443"]]),
        ("छुट्टी के दिन", "छु", [["छु"]]),
        ("ISO-27001 and ISO-9001", "iso-27001", [["ISO-27001"]]),
        ("员工每年有年假，年假可以结转。", "年假结转", [["年假", "年假"], ["结转"]]),
        ("勞動合同的期限", "劳动合同", [["勞動合同"]]),
        ("ＲＡＧ的用法", "rag", [["ＲＡＧ"]]),
        ("annual leave", "leave 年假", [["leave"], []]),
        ("A leaf", "leave", [[]]),
    ],
)
def test_words_are_lit_where_they_stand(text: str, query: str, found: list[list[str]]) -> None:
    assert lit(text, query) == found


@given(st.text(max_size=80), st.text(max_size=12))
def test_places_are_places_of_the_text(text: str, query: str) -> None:
    for spans in places_of_words(text, sought_words(query)):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("带薪年假政策适用于上海的员工", "年假政策"),
        ("The policies of the Hamburg office", "policy office"),
        ("ISO-27001 certificates", "iso-27001 certificate"),
        ("瞭解答覆", "了解答复"),
    ],
)
def test_a_text_that_is_lit_has_the_terms(text: str, query: str) -> None:
    """A search that asks for terms first misses nothing of what it would light."""
    assert all(lit(text, query))
    kept = analyse(text)
    for word in sought_words(query):
        assert all(any(term.startswith(begun) for term in kept) for begun in terms_of_word(word))
