"""How many passages fit is told by the model's own tokenizer where there is one, else by an upper estimate."""

import asyncio
import re
from collections.abc import Sequence

import pytest

from kbchat.answering.ports import Budget
from kbchat.answering.strategies import Generating
from kbchat.inference.ports import Capabilities, ModelUnavailable
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import MemoryRetriever, environment, passage, run

# Three letters a token by the estimate, ten by the scripted model.
LIBRARY = [
    passage(f"Leaveregulation {'unexceptional ' * 30}{number}.", title=f"Rules {number}")
    for number in range(8)
]
BUDGET = Budget(passage_tokens=500, neighbour_tokens=0)


class Failing(ScriptedLanguageModel):
    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)


def shown(kind: type[ScriptedLanguageModel] = ScriptedLanguageModel, *, counts_tokens: bool) -> str:
    """The passages of the last prompt."""
    able = Capabilities(model="m", context_tokens=8192, counts_tokens=counts_tokens)
    model = kind("Unexceptional [1].", capabilities=able)
    given = environment(MemoryRetriever(LIBRARY), model, budget=BUDGET)
    asyncio.run(run(Generating(), "What is the unexceptional leaveregulation?", given))
    return model.prompts[-1][-1].content


def passages_in(prompt: str) -> int:
    return len(re.findall(r"<<fence0000 passage", prompt))


def test_what_the_model_counts_decides_how_much_it_is_shown() -> None:
    counted = shown(counts_tokens=True)
    assert passages_in(counted) > passages_in(shown(counts_tokens=False))
    fenced = re.findall(r"<<fence0000.*?fence0000>>", counted, re.DOTALL)
    assert sum(asyncio.run(ScriptedLanguageModel().count_tokens(fenced))) <= BUDGET.passage_tokens


@pytest.mark.parametrize("kind", [Failing])
def test_a_tokenizer_that_fails_leaves_the_estimate(kind: type[ScriptedLanguageModel]) -> None:
    assert shown(kind, counts_tokens=True) == shown(counts_tokens=False)
