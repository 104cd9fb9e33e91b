"""What a turn's model took: as its server tells it, and by a stated rule where it could not tell (T45)."""

from contextlib import aclosing

import pytest

from kbchat.chat.metering import MeteredModel
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import ChatMessage, ModelUnavailable, Sampling
from kbchat.inference.rough_tokens import rough_tokens
from kbchat.inference.scripted import ScriptedLanguageModel

PROMPT = (ChatMessage("system", "Answer."), ChatMessage("user", "年假有几天？"))
ROUGHLY_READ = 2 + 6


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("four", 1), ("five5", 2), ("年假", 2), ("年假 2025", 4), ("ねこ", 2)],
)
def test_the_rule(text: str, tokens: int) -> None:
    assert rough_tokens(text) == tokens


async def drained(model: MeteredModel, *, most: int = 1000) -> None:
    """Reads so many pieces, and leaves."""
    sampling = Sampling(max_tokens=100)
    async with aclosing(model.stream(PROMPT, sampling, deadline=Deadline.after(5))) as deltas:
        async for _ in deltas:
            most -= 1
            if not most:
                return


async def test_what_the_server_tells_counts() -> None:
    scripted = ScriptedLanguageModel("There are twenty-eight days.")
    model = MeteredModel(scripted)
    await drained(model)
    told = (model.read, model.written)
    assert min(told) > 0
    await drained(model)
    assert (model.read, model.written) == (2 * told[0], 2 * told[1])


async def test_a_stream_that_was_stopped_counts_by_the_rule() -> None:
    scripted = ScriptedLanguageModel("年假共有二十八天，可以结转五天。")
    model = MeteredModel(scripted)
    await drained(model, most=1)
    assert (model.read, model.written) == (ROUGHLY_READ, rough_tokens(scripted.calls[0].text))
    assert model.written > 0


async def test_a_stream_that_broke_counts_too() -> None:
    model = MeteredModel(
        ScriptedLanguageModel("one two three", failure=ModelUnavailable.Reason.BROKEN_STREAM, failure_after=1)
    )
    with pytest.raises(ModelUnavailable):
        await drained(model)
    assert model.read == ROUGHLY_READ
    assert model.written > 0


async def test_requests_without_text_count_their_prompt_and_one_token() -> None:
    model = MeteredModel(ScriptedLanguageModel())
    await model.label_probabilities(PROMPT, ["yes", "no"])
    assert (model.read, model.written) == (ROUGHLY_READ, 1)
    await model.label_probabilities(PROMPT, ["yes", "no"])
    assert (model.read, model.written) == (2 * ROUGHLY_READ, 2)
