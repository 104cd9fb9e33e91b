"""What a turn does with what was said: search the documents, answer from the conversation, or ask back.

Rules first, for what is plainly no question; then a model's label probabilities; without them, search. A
missed search costs far more than a needless one, so searching needs little probability to win.
"""

from dataclasses import dataclass
from typing import Final

from kbchat.answering.advising import Advisor
from kbchat.answering.courtesies import courtesy_in, is_empty, is_verdict, orders_rework, plain
from kbchat.answering.events import Decision
from kbchat.answering.ports import Question
from kbchat.answering.prompts import rendered
from kbchat.answering.wording import Phrase, language_for
from kbchat.inference.ports import ChatMessage, Prompt

# c_useless / (c_useless + c_missed), a missed search taken as 20 times as costly as a useless one.
SEARCH_FROM: Final = 0.05
# A longer message is a question, whatever it begins with; keeps the patterns cheap.
_LONGEST_REMARK: Final = 120
_OF_BEFORE: Final = 300


@dataclass(frozen=True, slots=True)
class Course:
    """`phrase` is what a strategy without a model says when it does not search."""

    decision: Decision
    phrase: Phrase | None = None


_SEARCH: Final = Course("retrieve")
_ASK_BACK: Final = Course("ask_back", Phrase.ASK_BACK)

_LABELS: Final[dict[str, Decision]] = {"A": "retrieve", "B": "converse", "C": "ask_back"}


def course_by_rules(text: str, *, has_history: bool) -> Course:
    """What the rule table says; searching is what it says of everything it does not know."""
    if len(text) > _LONGEST_REMARK:
        return _SEARCH
    said = plain(text)
    if phrase := courtesy_in(text):
        return Course("converse", phrase)
    if has_history and orders_rework(said):
        return Course("converse", Phrase.CANNOT_REWORK)
    says_nothing = not said or is_verdict(said) or (not has_history and is_empty(text))
    return _ASK_BACK if says_nothing else _SEARCH


async def decide(question: Question, advisor: Advisor) -> Course:
    course = course_by_rules(question.text, has_history=bool(question.history))
    if course != _SEARCH or len(question.text) > _LONGEST_REMARK:
        return course
    p = await advisor.choose(_routing_prompt(question), tuple(_LABELS))
    if p is None or p.get("A", 0.0) >= SEARCH_FROM:
        return course
    if p.get("B", 0.0) >= p.get("C", 0.0) and question.history:
        return Course("converse", Phrase.CANNOT_REWORK)
    return _ASK_BACK


def _routing_prompt(question: Question) -> Prompt:
    language, before = language_for(*question.said), ""
    if question.history:
        last = question.history[-1]
        before = rendered(
            "before", language, question=last.question[:_OF_BEFORE], answer=last.answer[:_OF_BEFORE]
        )
        before += "\n\n"
    return (
        ChatMessage("system", rendered("route", language)),
        ChatMessage("user", rendered("routed", language, before=before, message=question.text)),
    )
