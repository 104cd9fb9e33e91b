"""A written answer that is none: the control word, a denial in words of its own, and what nothing supports."""

import pytest

from kbchat.answering.events import SentenceVerified, TextWithdrawn
from kbchat.answering.ports import Budget, PastTurn, Question
from kbchat.answering.strategies import Generating
from kbchat.answering.wording import Language, Phrase, wording
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, passage, run
from tests.rules.answering_turns import ASKED, LIBRARY, check, finished, of, sure


async def test_the_writer_may_still_refuse() -> None:
    model = ScriptedLanguageModel("NOT_FOUND", label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert check(events) == wording(Phrase.NOT_FOUND_NEAREST, "en")
    assert finished(events).state == "refused"


@pytest.mark.parametrize("reply", ["**NOT_FOUND**", "[NOT_FOUND]", "Answer: NOT_FOUND", "NOT_FOUND. Ask HR."])
async def test_a_refusal_may_be_wrapped(reply: str) -> None:
    model = ScriptedLanguageModel(reply, label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert check(events) == wording(Phrase.NOT_FOUND_NEAREST, "en")
    assert finished(events).state == "refused"


async def test_a_refusal_behind_words_without_a_source_is_one() -> None:
    model = ScriptedLanguageModel("The passages do not say this.\n\nNOT_FOUND", label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    refusal = wording(Phrase.NOT_FOUND_NEAREST, "en")
    assert check(events) == f"The passages do not say this.\n\n{refusal}"
    assert finished(events).state == "refused"


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("They receive 30 working days [1].\n\nNOT_FOUND", "They receive 30 working days."),
        # The passage that says it is cited for it.
        (
            "Employees in Hamburg receive 30 working days of annual leave.\n\nNOT_FOUND",
            "Employees in Hamburg receive 30 working days of annual leave.",
        ),
        ("NOT_FOUND. But they receive 30 working days [1].", "But they receive 30 working days."),
    ],
)
async def test_what_is_cited_is_an_answer_and_the_word_is_dropped(reply: str, text: str) -> None:
    model = ScriptedLanguageModel(reply, label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert check(events).strip() == text
    assert finished(events).state == "done"


@pytest.mark.parametrize("reply", ["No, it is not [1].", "NOT at all [1].", "No [1]"])
async def test_a_beginning_like_the_refusal_is_not_lost(reply: str) -> None:
    model = ScriptedLanguageModel(reply, label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert check(events) == reply.replace(" [1]", "")


@pytest.mark.parametrize(
    ("asked", "reply", "language"),
    [
        (ASKED, "Employees in Hamburg receive 31 working days of annual leave.", "en"),
        (ASKED, "Everybody gets 28 days. Ask Dora Wolf.", "en"),
        (ASKED, "Yes.", "en"),
        (ASKED, "No.", "en"),
        (ASKED, "No, they cannot.", "en"),
        ("上海员工可以结转年假吗？", "不可以。", "zh"),
        ("2024 年上海的年假最多多少天？", "2024 年上海的年假最多 25 天。", "zh"),
    ],
)
async def test_what_nothing_supports_is_withdrawn_and_refused(
    asked: str, reply: str, language: Language
) -> None:
    model = ScriptedLanguageModel(reply, label_rule=sure())
    events = await run(Generating(), asked, environment(MemoryRetriever(LIBRARY), model))
    text = check(events)
    (withdrawn,) = of(events, TextWithdrawn)
    assert text[withdrawn.range.start : withdrawn.range.end] == reply
    assert text[withdrawn.range.end :].strip() == wording(Phrase.NOTHING_SUPPORTS, language)
    assert (withdrawn.reason, finished(events).state, finished(events).reason) == (
        "unsupported",
        "refused",
        "not_found",
    )


@pytest.mark.parametrize(
    "reply",
    [
        "Employees in Hamburg receive 31 working days of annual leave [1].",  # cited, and marked
        "Up to 5 days may be used later on, in the following year. Dora Wolf said so.",  # in part
        "No [1].",
    ],
)
async def test_what_something_speaks_for_stays(reply: str) -> None:
    model = ScriptedLanguageModel(reply, label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert check(events) == reply.replace(" [1]", "")
    assert finished(events).state == "done"


@pytest.mark.parametrize("failure", [None, ModelUnavailable.Reason.BROKEN_STREAM])
async def test_of_an_answer_that_is_not_whole_nothing_is_withdrawn(
    failure: ModelUnavailable.Reason | None,
) -> None:
    replies = "Employees in Hamburg receive 31 days of leave, and more of it besides."
    model = ScriptedLanguageModel(replies, label_rule=sure(), failure=failure, failure_after=6)
    budget = Budget() if failure else Budget(answer_tokens=8)
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model, budget=budget))
    assert of(events, TextWithdrawn) == []
    assert finished(events).state == ("failed" if failure else "truncated")


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        (ASKED, "The summer party is not mentioned in the given passages."),
        ("夏季聚会是哪一天？", "所给的段落中没有提到夏季聚会。"),
    ],
)
async def test_a_model_may_say_in_its_own_words_that_nothing_answers(asked: str, reply: str) -> None:
    model = ScriptedLanguageModel(reply, label_rule=sure())
    events = await run(Generating(), asked, environment(MemoryRetriever(LIBRARY), model))
    assert check(events).startswith(f"{reply}\n\n")
    assert of(events, TextWithdrawn) == []
    assert finished(events).state == "refused"


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        (ASKED, "The passages do not contain information about the summer party [1]."),
        (ASKED, "The provided passages do not mention the summer party [1][2][3]."),
        ("夏季聚会是哪一天？", "所给段落没有提到夏季聚会的日期 [1]。"),
    ],
)
async def test_a_refusal_in_its_own_words_is_one_also_where_it_names_a_source(asked: str, reply: str) -> None:
    """Or it counts as answered, and nobody can hand it over as a gap."""
    model = ScriptedLanguageModel(reply, label_rule=sure())
    events = await run(Generating(), asked, environment(MemoryRetriever(LIBRARY), model))
    assert finished(events).state == "refused"
    assert of(events, TextWithdrawn) == []


FORMER = "Employees in Hamburg receive 30 working days of annual leave."


@pytest.mark.parametrize(
    ("follow_up", "state"),
    [
        ("And who approves it?", "refused"),
        ("Is that for employees in Hamburg?", "done"),
        ("How many days of annual leave do employees in Hamburg receive?", "done"),
    ],
)
async def test_a_model_that_says_its_former_answer_again_has_not_answered(follow_up: str, state: str) -> None:
    """Its sentences are true and get their citation; they are no answer to what was asked."""
    history = (PastTurn(ASKED, FORMER),)
    model = ScriptedLanguageModel(f"**{FORMER}** [1]", label_rule=sure())
    events = await run(
        Generating(), Question(VIEWER, follow_up, history), environment(MemoryRetriever(LIBRARY), model)
    )
    assert finished(events).state == state
    withdrawn = of(events, TextWithdrawn)
    assert bool(withdrawn) is (state == "refused")
    assert (wording(Phrase.ONLY_REPEATS, "en") in check(events)) is bool(withdrawn)


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ("没有发票可以报销吗？", "未提供发票的，不予报销。"),
        ("外发文件可以包含客户信息吗？", "外发文件不得包含客户信息。"),
        ("Does the handbook cover contractors?", "The employee handbook does not cover contractors."),
        ("How long is the contract?", "If the end date is not specified, the contract is permanent."),
        ("Which information may be shared?", "The date is not specified."),
    ],
)
@pytest.mark.parametrize("marker", [" [1]", ""])
async def test_a_rule_in_words_of_a_refusal_is_an_answer(asked: str, rule: str, marker: str) -> None:
    """It stands word for word in the passage."""
    library = [passage(f"{rule} Ask the office.", title="Rules")]
    model = ScriptedLanguageModel(f"{rule}{marker}", label_rule=sure())
    events = await run(Generating(), asked, environment(MemoryRetriever(library), model))
    assert finished(events).state == "done"
    assert [event.state for event in of(events, SentenceVerified)] == ["supported"]
