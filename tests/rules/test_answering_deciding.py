"""What a turn does where rules say nothing: it searches, unless a model is sure that nothing is to be searched."""

import pytest

from kbchat.answering.advising import Advisor
from kbchat.answering.deciding import course_by_rules, decide
from kbchat.answering.ports import PastTurn, Question
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import Capabilities, ModelUnavailable
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import VIEWER

HISTORY = (PastTurn("How many days of leave?", "Leave is 15 days."),)


@pytest.mark.parametrize(
    "said",
    [
        "How many days of annual leave do I get?",
        "Thanks, and how many days of sick leave?",
        "Hello kitty licence",
        "help desk opening hours",
        "谢谢，那病假呢？",
        "公司 2025 年的年假政策是什么?",
        "好的员工怎么评选？",
        "18F",
        "年假",
    ],
)
def test_everything_else_is_searched(said: str) -> None:
    assert course_by_rules(said, has_history=False).decision == "retrieve"


@pytest.mark.parametrize("said", ["Why?", "为什么？", "tell me more"])
def test_a_bare_follow_up_is_searched(said: str) -> None:
    assert course_by_rules(said, has_history=True).decision == "retrieve"


def labelled(**p: float) -> ScriptedLanguageModel:
    return ScriptedLanguageModel(label_rule=lambda _prompt, _labels: p)


async def decision(model: ScriptedLanguageModel, text: str = "Could that be said in a nicer way?") -> str:
    course = await decide(Question(VIEWER, text, HISTORY), Advisor(model, Deadline.after(30)))
    return course.decision


async def test_the_model_decides_by_its_labels() -> None:
    assert await decision(labelled(A=0.01, B=0.9, C=0.05)) == "converse"
    assert await decision(labelled(A=0.01, B=0.1, C=0.85)) == "ask_back"


async def test_a_little_need_is_enough_to_search() -> None:
    assert await decision(labelled(A=0.08, B=0.9, C=0.0)) == "retrieve"


async def test_labels_without_mass_decide_nothing() -> None:
    assert await decision(labelled(A=0.001, B=0.4, C=0.0)) == "retrieve"


async def test_a_server_without_labels_is_not_asked_for_them() -> None:
    model = ScriptedLanguageModel(capabilities=Capabilities(model="small", context_tokens=2048))
    assert await decision(model) == "retrieve"
    assert model.calls == []


async def test_a_model_that_is_down_changes_nothing() -> None:
    model = ScriptedLanguageModel(failure=ModelUnavailable.Reason.UNREACHABLE)
    assert await decision(model) == "retrieve"
    assert await decision(model, "谢谢") == "converse"
