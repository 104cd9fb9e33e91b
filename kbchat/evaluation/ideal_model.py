"""A model that makes no mistake, to tell what is lost before and after it: it knows the expected words, quotes the
sentence that holds them from the passages that it is shown, cites that passage, and says so where none holds them.

What search does not bring into its prompt, it does not know either.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from kbchat.analysis import content_words, sentences
from kbchat.answering.prompting import NOT_FOUND
from kbchat.evaluation.comparing import contains_any
from kbchat.inference.ports import Capabilities, LanguageModel, Prompt
from kbchat.inference.scripted import ScriptedLanguageModel

_CONTEXT_TOKENS: Final = 8192
# As prompting.Material writes a passage: the fence, its number, a line with title and date, its text.
_PASSAGE: Final = re.compile(
    r"<<(?P<fence>\w+) passage \[(?P<number>\d+)\]\n[^\n]*\n(?P<text>.*?)\n(?P=fence)>>", re.DOTALL
)


def ideal_model(question: str, answers: Sequence[str], *, judges: bool = True) -> LanguageModel:
    """For this one question. Without `answers` nothing answers it. `judges`: it also says beforehand whether its
    passages answer; else the probability decides what it is shown."""

    def reply(prompt: Prompt) -> str:
        found = _best(prompt, question, answers)
        return f"{found[1]} [{found[0]}]" if found else NOT_FOUND

    def label(prompt: Prompt, labels: Sequence[str]) -> Mapping[str, float]:
        if "yes" not in labels:  # the route: whatever is asked, look it up
            return dict(zip(labels, (1.0, *[0.0] * len(labels)), strict=False))
        is_there = _best(prompt, question, answers) is not None
        return {"yes": float(is_there), "no": float(not is_there)}

    able = Capabilities(model="ideal", context_tokens=_CONTEXT_TOKENS, label_probabilities=judges)
    return ScriptedLanguageModel(reply, label_rule=label, capabilities=able)


def _best(prompt: Prompt, question: str, answers: Sequence[str]) -> tuple[int, str] | None:
    """The sentence with an expected answer that has most of the question's words, and its passage's number."""
    asked = set(content_words(question))
    found = [
        (len(asked & set(content_words(sentence))), -int(match["number"]), sentence)
        for match in _PASSAGE.finditer(prompt[-1].content)
        for sentence in _sentences(match["text"])
        if contains_any(sentence, answers)
    ]
    if not found:
        return None
    _, number, sentence = max(found)
    return -number, sentence


def _sentences(text: str) -> list[str]:
    """A table's row, which ends with its line, is one."""
    lines = [line for line in text.split("\n") if " | " in line]
    return lines + [" ".join(text[span.start : span.end].split()) for span in sentences(text)]
