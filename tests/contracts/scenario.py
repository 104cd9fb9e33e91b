"""What the scripted server does with a request: plain data, from JSON, chosen by what the prompt contains.

A file for `--scenario-file` (all fields optional):

    {"model": "scripted-model", "context_tokens": 8192,
     "default": {"reply": "cite_first", "tokens_per_second": 40},
     "rules": [{"when": "年假", "scenario": {"reply": "年假为15天 [1]。"}}]}
"""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from kbchat.analysis import sentences

Mode = Literal[
    "normal",
    "hang",  # headers, and then nothing
    "hang_before_headers",
    "stall",  # `after` pieces, and then nothing
    "drop",  # `after` pieces, and the connection breaks
    "malformed",  # `after` pieces, and an event that is no JSON
    "wrong_shape",  # `after` pieces, and an event that is JSON of another kind
    "error_in_stream",  # `after` pieces, an error event, and [DONE], as vLLM does when its engine dies
    "error_json",  # status 200 and a JSON error instead of a stream
    "split_utf8",  # every byte in a packet of its own
    "no_done",  # all is said, and the end mark is missing
    "no_finish",  # the end mark without a finish reason
    "no_usage",  # the finish reason, and then nothing, not even the end
    "refuse",  # status 400
]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`reply` is the text, or "cite_first": a sentence of the first passage in the prompt, cited as [1].

    `busy_times`: so many requests are turned away with 503 first. `labels`: probabilities of the next token.
    `vector_fault`: what is wrong with every embedding. `cut_by`: a seed, by which the text is cut at random places
    instead of after each word. `stamp`: a word in whose place stands when it is sent, in milliseconds since 1970.
    """

    mode: Mode = "normal"
    reply: str = "cite_first"
    reasoning: str = ""
    after: int = 2
    tokens_per_second: float = 0.0
    finish_reason: str = "stop"
    busy_times: int = 0
    busy_status: int = 503
    retry_after: str = ""
    labels: dict[str, float] = field(default_factory=dict)
    cut_by: int = 0
    stamp: str = ""
    vector_fault: Literal["", "nan", "dimension", "missing", "text"] = ""

    def text_for(self, prompt: str) -> str:
        return cited_sentence(prompt) if self.reply == "cite_first" else self.reply


TRANSLATING = ("Translate each line", "请把每一行译成英文")


@dataclass(slots=True)
class Script:
    model: str = "scripted-model"
    context_tokens: int = 8192
    owner: str = "vllm"
    tokenizes: bool = True
    templates: bool = True
    opening: str = ""
    reranks: Literal["", "documents", "texts"] = "documents"
    log_probabilities: bool = True
    default: Scenario = field(default_factory=Scenario)
    rules: list[tuple[str, Scenario]] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Script":
        """Raises TypeError for a field that does not exist."""
        fields = dict(data)
        fields["default"] = Scenario(**fields.get("default", {}))
        fields["rules"] = [(rule["when"], Scenario(**rule["scenario"])) for rule in fields.get("rules", [])]
        return cls(**fields)

    def choose(self, prompt: str) -> Scenario:
        """The scenario of the first rule whose text stands in the prompt. What is to be translated is answered at once
        and with nothing, unless a rule is for that."""
        if any(words in prompt for words in TRANSLATING) and not any(
            when in TRANSLATING for when, _ in self.rules
        ):
            return Scenario(reply="OK.")
        return next((scenario for when, scenario in self.rules if when in prompt), self.default)


_FIRST_PASSAGE = (
    re.compile(r"""<(?:passage|source|document)[^>]*?["' ]1["' ][^>]*>\s*(.*?)\s*</""", re.DOTALL),
    re.compile(r"^\W*\[1\](.*?)(?=^\W*\[2\]|\Z)", re.DOTALL | re.MULTILINE),
)


def cited_sentence(prompt: str) -> str:
    """The first whole sentence of the passage numbered 1 with its citation; a refusal where there is none."""
    for pattern in _FIRST_PASSAGE:
        if passage := pattern.search(prompt):
            text = passage[1]
            found = [text[span.start : span.end] for span in sentences(text)]
            whole = next((one for one in found if len(one) > 8 and one[-1] in ".!?。！？"), None)
            if whole:
                return f"{whole[:-1]} [1]{whole[-1]}"
    return "The passages do not say."
