"""The company glossary in both languages: data that widens a question at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.analysis import Glossary, analyse, expand_query, other_names
from kbchat.retrieval.lexical import asked_terms

GLOSSARY = Glossary.of(
    [
        ("PTO", "paid time off", "带薪休假"),
        ("PTO policy", "leave handbook"),
        ("飞书", "Lark"),
        ("IT", "信息技术部"),
        ("CAN", "Controller Area Network"),
        ("R", "R language"),
        ("C", "C language"),
        (".NET", "dotnet"),
        ("акт", "deed"),
        ("SLA", "service level agreement"),
        ("work from home", "telework"),
        ("single sign-on", "SSO"),
        ("R&D", "research"),
        ("travel policy", "expense rules"),
        ("mailbox", "inbox"),
    ]
)


def test_an_acronym_brings_its_full_name_and_the_other_language() -> None:
    assert expand_query("How much PTO do I get?", GLOSSARY) == ("paid time off", "带薪休假")


def test_a_chinese_name_is_found_inside_a_sentence_and_in_traditional_spelling() -> None:
    assert expand_query("怎么申请带薪休假？", GLOSSARY) == ("PTO", "paid time off")
    assert expand_query("怎麼申請帶薪休假？", GLOSSARY) == ("PTO", "paid time off")
    assert expand_query("飞书怎么登录", GLOSSARY) == ("Lark",)


def test_the_longest_name_wins() -> None:
    assert expand_query("the PTO policy", GLOSSARY) == ("leave handbook",)


def test_latin_names_match_whole_words_only() -> None:
    assert expand_query("utopto", GLOSSARY) == ()
    assert expand_query("bitten", GLOSSARY) == ()
    assert expand_query("PTOs", GLOSSARY) == ("paid time off", "带薪休假")


@pytest.mark.parametrize("question", ["How do I renew it?", "Can I carry it over?", "can it be renewed"])
def test_an_ordinary_word_is_no_acronym(question: str) -> None:
    assert expand_query(question, GLOSSARY) == ()


@pytest.mark.parametrize("question", ["Who runs IT?", "问IT部门", "Is it the IT department?"])
def test_an_acronym_that_is_also_a_word_is_told_by_its_capitals(question: str) -> None:
    assert expand_query(question, GLOSSARY) == ("信息技术部",)


@pytest.mark.parametrize(
    "question",
    [
        "The R.D budget",
        "The R&B budget",
        "a C++ guide",
        "a C# guide",
        "write to support@firm.net",
        "r.java",
        "контракт",
    ],
)
def test_a_name_within_a_longer_one_is_another(question: str) -> None:
    assert expand_query(question, GLOSSARY) == ()


@pytest.mark.parametrize(
    ("question", "other"),
    [("Is R fast?", "R language"), ("in C.", "C language"), ("for .NET", "dotnet"), ("Акт", "deed")],
)
def test_the_same_name_by_itself_is_meant(question: str, other: str) -> None:
    assert expand_query(question, GLOSSARY) == (other,)


def test_a_name_beside_han_characters_is_a_whole_word() -> None:
    assert expand_query("我的PTO还剩几天", GLOSSARY) == ("paid time off", "带薪休假")


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("May I work-from-home?", ("telework",)),
        ("May I work from home?", ("telework",)),
        ("Work‑From‑Home rules", ("telework",)),
        ("Is paid-time-off paid out?", ("PTO", "带薪休假")),
        ("How does single sign on work?", ("SSO",)),
        ("How does single sign-on work?", ("SSO",)),
        ("The R & D budget", ("research",)),
        ("The R&D budget", ("research",)),
        ("travel policies", ("expense rules",)),
        ("travel-policy", ("expense rules",)),
        ("Two mailboxes", ("inbox",)),
        ("a mailboxer", ()),
        ("work. From home", ()),
        ("work - from home", ()),
        ("travel polices", ()),
    ],
)
def test_hyphens_blanks_and_plurals_do_not_matter(question: str, others: tuple[str, ...]) -> None:
    assert expand_query(question, GLOSSARY) == others


@pytest.mark.parametrize(
    ("question", "form", "others"),
    [
        ("What are our SLAs?", "slas", ("service level agreement", "sla")),
        ("What is our SLA?", "sla", ("service level agreement",)),
        ("Work-from-home rules", "work-from-home", ("telework", "work from home")),
    ],
)
def test_a_name_is_told_in_the_form_that_the_question_has(
    question: str, form: str, others: tuple[str, ...]
) -> None:
    assert other_names(question, GLOSSARY) == {form: others}


def test_names_of_one_form_are_one_name() -> None:
    glossary = Glossary.of([("sign-on", "sign on"), ("sign-off", "sign off", "release")])
    assert other_names("sign on and sign-offs", glossary) == {"sign-offs": ("release", "sign off")}


@pytest.mark.parametrize("name", ["SLA", "CV", "TV", "GPU", "SSD", "RFP", "PR", "SKU"])
def test_the_plural_of_an_acronym_is_searched_for_by_all_names(name: str) -> None:
    question = f"Which {name}s do we have?"
    asked = asked_terms(question, other_names(question, Glossary.of([(name, "full name")])))
    assert {each.term: (each.thing, each.name) for each in asked} == {
        f"{name}s".casefold(): (1, 0),
        "full": (1, 1),
        "name": (1, 1),
        name.casefold(): (1, 2),
    }


def test_names_that_the_question_holds_already_are_left_out() -> None:
    assert expand_query("Is PTO the same as paid time off?", GLOSSARY) == ("带薪休假",)


def test_an_expansion_makes_a_question_meet_the_document() -> None:
    document = set(analyse("員工每年享有帶薪休假十五天"))
    question = "How much PTO do I get?"
    assert not document & set(analyse(question))
    assert document & {term for text in expand_query(question, GLOSSARY) for term in analyse(text)}


@given(st.text(), st.lists(st.lists(st.text(), max_size=4), max_size=4))
def test_neither_text_nor_glossary_raises(text: str, groups: list[list[str]]) -> None:
    expand_query(text, Glossary.of(groups))
