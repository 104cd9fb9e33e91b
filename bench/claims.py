"""What a model adds to the check of claims by words: 100 true sentences of each language, and their changed twins.

    make bench-claims SERVER=http://127.0.0.1:8001/v1 [MODEL=NAME]

Half of the pairs (odd) were looked at when thresholds were chosen.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kbchat.answering.advising import Advisor
from kbchat.answering.claims.judging import LanguageModelJudge, judged
from kbchat.answering.claims.verifying import Verifier
from kbchat.answering.events import Support
from kbchat.answering.ports import Question
from kbchat.answering.prompting import Material, PromptBudget
from kbchat.core.deadline import Deadline
from kbchat.inference.openai_language_model import OpenAILanguageModel
from kbchat.settings.environment import PROJECT_ROOT
from tests.rules.answering_support import VIEWER, passage
from tests.rules.parsing_support import parsed

PAIRS = PROJECT_ROOT / "tests" / "quality" / "verification_pairs.jsonl"
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """`state`: by words; `p`: how probable the model thinks it that the passage says it."""

    is_odd: bool
    is_true: bool
    state: Support
    p: float | None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("address")
    parser.add_argument("model", nargs="?", default="")
    arguments = parser.parse_args()
    sentences = asyncio.run(asked(arguments.address, arguments.model))
    print(
        f"AUROC of the model alone: {auroc(sentences):.2f}; did not say: {sum(s.p is None for s in sentences)}"
    )
    print("| pairs | changed, not supported: words, with the model | true, marked: words, with the model |")
    print("|---|---|---|")
    for name, half in (("odd", True), ("even", False)):
        told = [sentence for sentence in sentences if sentence.is_odd == half]
        changed = [sentence for sentence in told if not sentence.is_true]
        true = [sentence for sentence in told if sentence.is_true]
        print(f"| {name} | {shares(changed)} | {shares(true)} |")


async def asked(address: str, name: str) -> list[Sentence]:
    model = OpenAILanguageModel(address, model=name, reply_seconds=SECONDS)
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    try:
        return [await _asked(model, pair, is_true=is_true) for pair in pairs for is_true in (True, False)]
    finally:
        await model.close()


async def _asked(model: OpenAILanguageModel, pair: dict[str, Any], *, is_true: bool) -> Sentence:
    claim, text = pair["true" if is_true else "changed"], pair["passage"]
    source = {1: passage(parsed(text, "page.md").text if "|---" in text else text, title="", number=1)}
    budget = PromptBudget(context=8192, answer=0, passages=6000)
    material = Material(Question(VIEWER, ""), ("",), pair["language"], source, "0" * 16, budget)
    judge = LanguageModelJudge(material, Advisor(model, Deadline.after(SECONDS), own_salt="pairs"))
    p = await judge.entailed(claim, source)
    is_odd = int(pair["id"].removeprefix("vp-")) % 2 == 1
    return Sentence(is_odd, is_true, Verifier(source).state(claim, [1]), p)


def auroc(sentences: Sequence[Sentence]) -> float:
    true = [s.p for s in sentences if s.is_true and s.p is not None]
    changed = [s.p for s in sentences if not s.is_true and s.p is not None]
    ahead = sum((one > other) + 0.5 * (one == other) for one in true for other in changed)
    return ahead / (len(true) * len(changed)) if true and changed else 0.0


def shares(sentences: Sequence[Sentence]) -> str:
    """Of those that are not supported."""
    by_words = sum(s.state != "supported" for s in sentences) / len(sentences)
    by_both = sum(judged(s.state, s.p) != "supported" for s in sentences) / len(sentences)
    return f"{by_words:.2f}, {by_both:.2f}"


if __name__ == "__main__":
    main()
