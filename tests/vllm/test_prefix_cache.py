"""What vLLM remembers of a prompt, it uses again for the same salt alone: asked of its own counters."""

from collections.abc import AsyncIterator

import pytest

from kbchat.inference.openai_language_model import OpenAILanguageModel
from kbchat.inference.ports import ChatMessage, Prompt, Sampling
from tests.contracts.language_model_contract import deadline
from tests.vllm.server import VllmServer

pytestmark = pytest.mark.slow

LONG: Prompt = (
    ChatMessage("system", "Answer from the passages. " * 20),
    ChatMessage("user", "[1] Annual leave is fifteen days. " * 40),
)


@pytest.fixture
async def model(vllm: VllmServer) -> AsyncIterator[OpenAILanguageModel]:
    model = OpenAILanguageModel(vllm.base_url)
    assert (await model.capabilities()).cache_salts
    yield model
    await model.close()


async def remembered(model: OpenAILanguageModel, vllm: VllmServer, salt: str) -> float:
    """Tokens of the prompt that vLLM did not read anew."""
    before = vllm.metric("prefix_cache_hits_total")
    async for _ in model.stream(LONG, Sampling(max_tokens=2, cache_salt=salt), deadline=deadline()):
        pass
    return vllm.metric("prefix_cache_hits_total") - before


async def test_a_prompt_is_remembered_for_its_own_salt(model: OpenAILanguageModel, vllm: VllmServer) -> None:
    assert await remembered(model, vllm, "readers") == 0
    assert await remembered(model, vllm, "readers") > 200
    assert await remembered(model, vllm, "others") == 0
    assert await remembered(model, vllm, "others") > 200


async def test_without_a_salt_it_is_remembered_for_nobody(
    model: OpenAILanguageModel, vllm: VllmServer
) -> None:
    assert [await remembered(model, vllm, "") for _ in range(3)] == [0, 0, 0]


async def test_a_judgement_and_the_answer_after_it_share_what_was_read(
    model: OpenAILanguageModel, vllm: VllmServer
) -> None:
    await model.label_probabilities(LONG, ["yes", "no"], cache_salt="a turn")
    assert await remembered(model, vllm, "a turn") > 200
