"""A served model's own tokens: vLLM's /tokenize and /detokenize, with what does not change remembered."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kbchat.inference.openai_endpoint import OpenAIEndpoint
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.thinking_filter import OPENING

# Enough for a tag and what stands behind it, in any vocabulary.
_LAST_TOKENS: Final = 16


class ServedTokens:
    """Every method raises ModelUnavailable."""

    def __init__(self, endpoint: OpenAIEndpoint, model: str, extra_body: Mapping[str, Any]) -> None:
        self._endpoint = endpoint
        self._model = model
        self._template = {
            key: value
            for key, value in extra_body.items()
            if key in {"chat_template", "chat_template_kwargs"}
        }
        self._single: dict[str, bool] = {}

    async def of_prompt(self, messages: Sequence[Any]) -> list[int]:
        """Tokens of a conversation in the model's template, up to where its answer begins."""
        return await self._tokenize({"messages": messages, "add_generation_prompt": True, **self._template})

    async def of_text(self, text: str) -> list[int]:
        return await self._tokenize({"prompt": text, "add_special_tokens": False})

    async def is_single(self, label: str) -> bool:
        if label not in self._single:
            self._single[label] = len(await self.of_text(label)) == 1
        return self._single[label]

    async def open_a_thought(self) -> bool:
        """Whether the template begins the answer within a thought, as those of DeepSeek-R1 and QwQ do."""
        last = (await self.of_prompt([{"role": "user", "content": "Hi"}]))[-_LAST_TOKENS:]
        body = {"model": self._model, "tokens": last}
        text = (await self._endpoint.beside_the_api("/detokenize", body)).get("prompt", "")
        return str(text).rstrip().endswith(OPENING)

    async def _tokenize(self, body: dict[str, Any]) -> list[int]:
        answer = await self._endpoint.beside_the_api("/tokenize", {"model": self._model, **body})
        tokens = answer.get("tokens")
        if not isinstance(tokens, list):
            raise ModelUnavailable(ModelUnavailable.Reason.BROKEN_ANSWER)
        return [int(token) for token in tokens]
