"""From what was asked to what is searched for: standalone queries, the original question first.

A model writes them when one can; else rules resolve pronouns, fragments and missing topics from the earlier
questions. Earlier answers reach the model only as a short beginning: document text must not write queries.
"""

import re
from typing import Final

from kbchat.analysis import content_words
from kbchat.answering import rewriting_chinese, rewriting_english
from kbchat.answering.advising import Advisor
from kbchat.answering.deciding import course_by_rules
from kbchat.answering.ports import PastTurn, Question
from kbchat.answering.prompts import rendered
from kbchat.answering.tokens import shortened
from kbchat.answering.wording import language_for
from kbchat.inference.ports import ChatMessage, Prompt

MOST_QUERIES: Final = 4
_MOST_TURNS: Final = 6
_MOST_TOKENS: Final = 120
_MOST_ASKED: Final = 600
LONGEST_QUERY: Final = 300
_QUESTION_END: Final = re.compile(r"(?<=[?？])")
_LIST_MARK: Final = re.compile(r"^(?:[-*•]|\d{1,2}[.)、])\s*")


async def queries_for(question: Question, advisor: Advisor) -> tuple[str, ...]:
    """At most MOST_QUERIES distinct queries, the original question first."""
    parts = _parts(question.text)
    resolved: tuple[str, ...] = ()
    if question.history or len(parts) > 1:
        written = await advisor.write(_prompt(question), max_tokens=_MOST_TOKENS)
        resolved = _usable(written or "", question)
    if not resolved:
        resolved = tuple(standalone(part, question.history) for part in parts[:MOST_QUERIES])
    return tuple(dict.fromkeys((question.text.strip(), *resolved)))[:MOST_QUERIES]


def standalone(text: str, history: tuple[PastTurn, ...]) -> str:
    """`text` completed by rules from the earlier questions, each of which is completed in its turn.

    What is long stands alone, and only the beginning of an earlier question is looked at: rules look at every place of
    a text from every other, on the event loop that writes everybody's answers.
    """
    if len(text) > LONGEST_QUERY:
        return text.strip()
    asked = [turn.question[:LONGEST_QUERY] for turn in history[-_MOST_TURNS:]]
    previous = ""
    for said in (*asked, text):
        if said is not text and course_by_rules(said, has_history=bool(previous)).decision != "retrieve":
            continue
        previous = _completed(said, previous) if previous else said
    return previous.strip()


def _completed(text: str, previous: str) -> str:
    subject = _topic(previous)
    if language_for(text, previous) == "zh":
        return rewriting_chinese.standalone(text, previous, subject)
    return rewriting_english.standalone(text, previous, subject)


def _topic(question: str) -> str:
    return (
        rewriting_chinese.topic(question)
        if language_for(question) == "zh"
        else rewriting_english.topic(question)
    )


def _parts(text: str) -> list[str]:
    """The single questions of a compound one: "What is X? And who approves it?"."""
    *ended, _ = _QUESTION_END.split(text)
    parts = [part.strip() for part in ended if part.strip("?？")]
    return parts if len(parts) > 1 else [text]


def _prompt(question: Question) -> Prompt:
    language = language_for(*question.said)
    asked = shortened(question.text, _MOST_ASKED)
    earlier = "\n".join(
        rendered("before", language, question=turn.question[:LONGEST_QUERY], answer=turn.answer[:200])
        for turn in question.history[-_MOST_TURNS:]
    )
    return (
        ChatMessage("system", rendered("rewrite", language)),
        ChatMessage("user", rendered("rewritten", language, earlier=earlier, question=asked)),
    )


def _usable(written: str, question: Question) -> tuple[str, ...]:
    """The queries of a completion that speak of what was asked, and of what was asked last; () when there are none."""
    earlier = [set(content_words(turn.question)) for turn in question.history]
    now = set(content_words(question.text))
    fresh = now.difference(*earlier)

    def speaks(query: str) -> bool:
        words = set(content_words(query))
        # A small model writes the former question again: what would be found then answers that one.
        is_former = bool(fresh) and not words & fresh and any(words <= before for before in earlier)
        return not is_former and bool(words & now.union(*earlier))

    return tuple(filter(speaks, written_queries(written)))[: MOST_QUERIES - 1]


def written_queries(completion: str) -> list[str]:
    """The lines of a completion, without what makes a list of them, as far as they can be searched for."""
    lines = (_LIST_MARK.sub("", line.strip()).strip("\"'“”`") for line in completion.splitlines())
    return [line for line in lines if 0 < len(line) <= LONGEST_QUERY]
