"""A long conversation is told as a summary of its first turns and the last ones word by word; no source is lost."""

import asyncio
from collections.abc import Sequence

import pytest

from kbchat.answering.advising import Advisor
from kbchat.answering.ports import PastTurn, Question
from kbchat.answering.remembering import History, remembered
from kbchat.answering.strategies import Generating
from kbchat.answering.tokens import count_tokens
from kbchat.answering.wording import Language
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import LanguageModel, ModelUnavailable
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, passage, run

LONG = [
    PastTurn(
        f"Question {n} on rule {n}?",
        f"Rule {n} says {n} days. It has more to say about this.",
        (f"Document {n}",),
    )
    for n in range(1, 13)
]
CHINESE = [
    PastTurn(f"第 {n} 条规定是什么？", f"第 {n} 条规定为 {n} 天。另有说明。", (f"文件 {n}",))
    for n in range(1, 13)
]


def memory(
    history: Sequence[PastTurn],
    model: LanguageModel | None = None,
    *,
    tokens: int = 1000,
    language: Language = "en",
) -> History:
    return asyncio.run(remembered(history, tokens, language, Advisor(model, Deadline.after(10))))


def test_a_short_conversation_is_told_word_by_word() -> None:
    model = ScriptedLanguageModel("A summary.")
    told = memory(LONG[:3], model)
    assert [message.content for message in told[::2]] == [turn.question for turn in LONG[:3]]
    assert not model.calls


@pytest.mark.parametrize(("history", "language"), [(LONG, "en"), (CHINESE, "zh")])
def test_without_a_model_rules_summarise_and_every_document_stays(
    history: list[PastTurn], language: Language
) -> None:
    told = memory(history, language=language)
    assert [message.role for message in told] == ["user", "assistant"] * (len(told) // 2)
    summary = told[0].content
    kept = len(told) // 2 - 1
    for turn in history[:-kept]:
        assert turn.documents[0] in summary
    assert history[-kept - 1].question in summary
    assert history[-1].answer == told[-1].content
    assert "more to say" not in summary
    assert "另有说明" not in summary


def test_a_model_summarises_and_what_it_forgets_is_added() -> None:
    model = ScriptedLanguageModel("They spoke of rules.")
    summary = memory(LONG, model)[0].content
    assert "They spoke of rules." in summary
    assert "Document 1; Document 2" in summary
    assert len(model.calls) == 1
    assert "Rule 1 says 1 days." in model.prompts[0][-1].content
    assert "Rule 1 says" not in model.prompts[0][0].content, "no words of documents among the rules"


@pytest.mark.parametrize("answer", ["It is said at length. " * 40, "这项规定的内容如下，请遵照执行。" * 60])
def test_what_a_model_summarises_fits_its_window_with_the_latest_at_length(answer: str) -> None:
    model, tokens = ScriptedLanguageModel("A summary."), 1000
    memory([PastTurn(f"Question {n}?", f"Rule {n}. {answer}") for n in range(40)], model, tokens=tokens)
    told = model.prompts[0][-1].content
    assert count_tokens(told) <= 2 * tokens
    assert "Question 37?" in told
    assert "Question 0?" not in told or answer[:200] not in told.split("Question 1?")[0]


def test_what_fits_is_summarised_at_length() -> None:
    model, answer = ScriptedLanguageModel("A summary."), "It is said at length. " * 20
    memory([PastTurn(f"Question {n}?", f"Rule {n}. {answer}") for n in range(3)], model, tokens=400)
    assert answer.strip() in model.prompts[0][-1].content


def test_a_model_that_fails_costs_its_summary_only() -> None:
    failing = ScriptedLanguageModel(failure=ModelUnavailable.Reason.UNREACHABLE)
    assert memory(LONG, failing) == memory(LONG)


@pytest.mark.parametrize("tokens", [60, 200, 1000])
def test_it_keeps_to_its_tokens(tokens: int) -> None:
    wordy = ScriptedLanguageModel("\n".join(f"Line {n} of a summary that does not end." for n in range(40)))
    for model in (None, wordy):
        told = memory(LONG, model, tokens=tokens)
        documents = sum(count_tokens(turn.documents[0]) for turn in LONG)
        assert sum(count_tokens(message.content) for message in told) <= tokens + documents + 60


def test_an_answer_that_is_closed_now_is_in_no_summary() -> None:
    closed = [PastTurn("What does the director earn?"), *LONG]
    assert all("director" not in message.content for message in memory(closed))


def test_a_prompt_has_the_summary_before_the_last_turns() -> None:
    page = passage("Everybody has 28 days of annual leave.", title="Leave")
    model = ScriptedLanguageModel(
        ["Summary of it all.", "leave days", "28 days [1]."], label_rule=lambda *_: {"yes": 0.9, "A": 0.9}
    )
    question = Question(VIEWER, "And how many days of annual leave does everybody have?", tuple(LONG))
    asyncio.run(run(Generating(), question, environment(MemoryRetriever([page]), model)))
    written = model.prompts[-1]
    assert written[0].role == "system"
    assert "Document 1" in written[1].content
    assert LONG[-1].answer in [message.content for message in written]
    asked_to_summarise = [call for call in model.calls if "keep the memory" in call.prompt[0].content]
    assert len(asked_to_summarise) == 1, "once a turn"
