"""What a model is told of a long conversation: its last turns word by word, what was before them as a summary.

The summary is written by the model where it can, else put together from each question, the first sentence of its answer
and the documents that it cites. Either way those documents are named in the end: what an answer rested on is not lost
with its words. Answers hold text of documents, so nothing of it is ever among the rules.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from kbchat.analysis import sentences
from kbchat.answering.advising import Advisor
from kbchat.answering.ports import PastTurn
from kbchat.answering.prompting import conversation, visible
from kbchat.answering.prompts import rendered
from kbchat.answering.tokens import count_tokens
from kbchat.answering.wording import Language
from kbchat.inference.ports import ChatMessage

_SUMMARY_TOKENS: Final = 220
_LONGEST_QUESTION: Final = 160
_LONGEST_SENTENCE: Final = 240
_MOST_DOCUMENTS: Final = 12

History = tuple[ChatMessage, ...]


async def remembered(
    history: Sequence[PastTurn], tokens: int, language: Language, advisor: Advisor
) -> History:
    """The conversation as messages, oldest first, in so many tokens: half of them for the summary, where one is
    needed. Turns whose answer he may not see any more are no part of it."""
    told = [turn for turn in history if turn.answer]
    whole = conversation(told, tokens)
    if len(whole) == 2 * len(told):
        return whole
    kept = conversation(told, tokens // 2)
    older = told[: len(told) - len(kept) // 2]
    asked = (
        ChatMessage("system", rendered("summarise", language)),
        ChatMessage("user", visible(_told(older, language, tokens + tokens // 2))),
    )
    written = await advisor.write(asked, max_tokens=_SUMMARY_TOKENS)
    summary = (written or "").strip() or by_rules(older, language)
    titles = "; ".join(_documents(older))
    rested = rendered("rested", language, documents=titles) if titles else ""
    cut = _latest(summary, tokens // 2 - count_tokens(rested))
    said = rendered("earlier", language, summary="\n".join(filter(None, (cut, rested))))
    return (ChatMessage("user", visible(said)), ChatMessage("assistant", rendered("noted", language)), *kept)


def _told(older: Sequence[PastTurn], language: Language, tokens: int) -> str:
    """What a model summarises: the latest turns at length, those before them by how their answers begin, as many as
    fit."""
    lines = [by_rules([turn], language, is_short=False) for turn in older]
    for place, turn in enumerate(older):
        if sum(map(count_tokens, lines)) <= tokens:
            break
        lines[place] = by_rules([turn], language)
    while len(lines) > 1 and sum(map(count_tokens, lines)) > tokens:
        del lines[0]
    return "\n".join(lines)


def by_rules(older: Sequence[PastTurn], language: Language, *, is_short: bool = True) -> str:
    """A line for each turn: what was asked, and how its answer begins."""
    lines = [
        rendered(
            "before",
            language,
            question=turn.question[:_LONGEST_QUESTION],
            answer=_first_sentence(turn.answer) if is_short else turn.answer[: 4 * _LONGEST_SENTENCE],
        )
        for turn in older
    ]
    return "\n".join(lines)


def _latest(summary: str, tokens: int) -> str:
    """As many of its last lines as fit."""
    lines = summary.splitlines()
    while len(lines) > 1 and count_tokens("\n".join(lines)) > tokens:
        lines = lines[1:]
    return "\n".join(lines)[: max(tokens, 0)]


def _first_sentence(answer: str) -> str:
    found = sentences(answer)
    return answer[found[0].start : found[0].end][:_LONGEST_SENTENCE] if found else answer[:_LONGEST_SENTENCE]


def _documents(older: Iterable[PastTurn]) -> list[str]:
    """Each once, those of the latest turns kept."""
    titles = [title for turn in older for title in turn.documents]
    return list(dict.fromkeys(reversed(titles)))[:_MOST_DOCUMENTS][::-1]
