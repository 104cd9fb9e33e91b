"""What a model is told: rules, conversation, numbered and fenced passages, question, within its context
window.

Passages are data. Each stands between fences that carry a random word of this request, so no document can
close its own fence or open another; nothing secret is in any prompt. All prompts of a turn begin alike
(rules, conversation, passages in canonical order), so that the server can reuse what it has read; only the
last lines differ.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kbchat.answering.ports import PastTurn, Question
from kbchat.answering.prompts import rendered
from kbchat.answering.tokens import count_tokens, shortened
from kbchat.answering.widening import widened
from kbchat.answering.wording import Language, language_for
from kbchat.inference.ports import ChatMessage, Prompt
from kbchat.retrieval.port import Passage, Surroundings

# What the model writes, alone, when the passages do not answer; the turn then ends as a refusal.
NOT_FOUND: Final = "NOT_FOUND"

_MESSAGE_TOKENS: Final = 8
_MOST_TURNS: Final = 6
# Of the window, for a question: what is longer is a pasted document, and its middle is left out.
_QUESTION_SHARE: Final = 0.15
_INVISIBLE: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class PromptBudget:
    """Tokens: the model's whole window, and what the answer and the passages may take of it at most; `neighbours`:
    what stands around the passages, besides; `thinking`: what may be thought before the answer."""

    context: int
    answer: int
    passages: int
    neighbours: int = 0
    thinking: int = 0


@dataclass(frozen=True, slots=True)
class Material:
    """All that the prompts of one turn share. `understood`: the question as it stands without the
    conversation; `offered`: passages by number; `fence` is random for each turn; `history`: what of the conversation
    it is told; `salt` names who may read all of it; `counts`: tokens of some of `texts`, others are estimated."""

    question: Question
    understood: tuple[str, ...]
    language: Language
    offered: Mapping[int, Passage]
    fence: str
    budget: PromptBudget
    history: tuple[ChatMessage, ...] = ()
    salt: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def texts(self) -> list[str]:
        """What is counted against the window."""
        passages = [self._fenced(number, passage) for number, passage in self.offered.items()]
        return [self._rules(), self._asked(), *(message.content for message in self.history), *passages]

    def answering(self, disagreeing: Sequence[tuple[int, int]] = ()) -> Prompt:
        """`disagreeing`: pairs of passages that say different things on what was asked."""
        notes = [
            rendered("disagreeing", self.language, one=str(one), other=str(other))
            for one, other in disagreeing
        ]
        return self._prompt("\n".join([*notes, rendered("answer", self.language)]))

    def judging(self) -> Prompt:
        return self._prompt(rendered("judge", self.language))

    def asking_for_more(self) -> Prompt:
        return self._prompt(rendered("missing", self.language))

    def verifying(self, claim: str, cited: Sequence[int]) -> Prompt:
        """`claim`: a sentence of the answer, which nobody but its model has looked at."""
        numbers = ", ".join(f"[{number}]" for number in cited)
        inside = visible(_on_one_line(claim)).replace(self.fence, "")
        fenced = f"<<{self.fence}\n{inside}\n{self.fence}>>"
        return self._prompt(rendered("verify", self.language, numbers=numbers, claim=fenced))

    def shown(self) -> dict[int, Passage]:
        """The passages that fit, best first by number: those that the model sees and may cite."""
        room = min(self.budget.passages, self._room())
        kept: dict[int, Passage] = {}
        for number, passage in sorted(self.offered.items()):
            room -= self._count(self._fenced(number, passage))
            if room < 0 and kept:
                break
            kept[number] = passage
        return kept

    def widened(self, around: Mapping[int, Surroundings]) -> "Material":
        """The passages that fit, with as much as fits besides of what stands around them, by chunk id."""
        shown = self.shown()
        used = sum(self._count(self._fenced(number, passage)) for number, passage in shown.items())
        spare = min(self.budget.neighbours, self._room() - used)
        budget = replace(self.budget, passages=max(self.budget.passages, used) + self.budget.neighbours)
        return replace(self, offered=widened(shown, around, spare), budget=budget)

    def _room(self) -> int:
        """Of the window, for passages."""
        told = sum(self._count(message.content) + _MESSAGE_TOKENS for message in self.history)
        fixed = self._count(self._rules()) + self._count(self._asked()) + told
        written = self.budget.answer + self.budget.thinking
        return self.budget.context - written - fixed - 16 * _MESSAGE_TOKENS

    def _count(self, text: str) -> int:
        return self.counts.get(text) or count_tokens(text)

    def _prompt(self, task: str) -> Prompt:
        passages = "\n\n".join(self._fenced(number, passage) for number, passage in _canonical(self.shown()))
        said = rendered(
            "passages",
            self.language,
            passages=passages,
            question=self._asked(),
            task=task,
        )
        return (
            ChatMessage("system", self._rules()),
            *self.history,
            ChatMessage("user", said),
        )

    def _asked(self) -> str:
        asked, understood = self.question.text.strip(), " ".join(self.understood)
        most = int(self.budget.context * _QUESTION_SHARE)
        lines = [rendered("question", self.language, asked=shortened(asked, most))]
        if understood.split() != asked.split():
            lines.append(rendered("understood", self.language, understood=shortened(understood, most)))
        return visible("\n".join(lines))

    def _rules(self) -> str:
        return rendered("rules", self.language, not_found=NOT_FOUND)

    def _fenced(self, number: int, passage: Passage) -> str:
        section = " > ".join(passage.heading_path)
        head = f"title: {passage.title}; date: {passage.effective_from:%Y-%m-%d}" + (
            section and f"; section: {section}"
        )
        inside = visible(f"{_on_one_line(head)}\n{passage.text}").replace(self.fence, "")
        return f"<<{self.fence} passage [{number}]\n{inside}\n{self.fence}>>"


def new_fence() -> str:
    return secrets.token_hex(8)


def conversing(question: Question, history: tuple[ChatMessage, ...]) -> Prompt:
    """A prompt that answers from the conversation alone, as far as it is told."""
    return (
        ChatMessage("system", rendered("converse", language_for(*question.said))),
        *history,
        ChatMessage("user", visible(question.text)),
    )


def conversation(history: Sequence[PastTurn], tokens: int) -> tuple[ChatMessage, ...]:
    """The last turns whose answer can be shown, oldest first, as many as fit into `tokens`."""
    kept: list[ChatMessage] = []
    for turn in [turn for turn in history if turn.answer][: -_MOST_TURNS - 1 : -1]:
        pair = (ChatMessage("user", visible(turn.question)), ChatMessage("assistant", visible(turn.answer)))
        tokens -= _history_tokens(pair)
        if tokens < 0:
            break
        kept[:0] = pair
    return tuple(kept)


def visible(text: str) -> str:
    """`text` without control, invisible and direction-changing characters, which can carry hidden orders."""
    return _INVISIBLE.sub("", text)


def _history_tokens(messages: Sequence[ChatMessage]) -> int:
    return sum(count_tokens(message.content) + _MESSAGE_TOKENS for message in messages)


def _canonical(offered: Mapping[int, Passage]) -> list[tuple[int, Passage]]:
    """By document and place, so that the same passages always stand in the same order."""
    return sorted(
        offered.items(), key=lambda item: (str(item[1].version_id), item[1].span.start, item[1].chunk_id)
    )


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
