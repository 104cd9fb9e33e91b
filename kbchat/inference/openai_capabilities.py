"""What a server can do, found by asking it: the model list, and one cheap request for each ability.

A refusal means "cannot"; a server that is away, busy or silent means nothing, and is told to the caller.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from kbchat.inference.openai_endpoint import OpenAIEndpoint
from kbchat.inference.ports import Capabilities, ModelUnavailable

_T = TypeVar("_T")
_Reason = ModelUnavailable.Reason
# Neither says anything about abilities.
_NO_ANSWER: Final = frozenset({_Reason.UNREACHABLE, _Reason.TIMED_OUT, _Reason.BUSY})

# vLLM and OpenAI allow 20 (21 is refused), some others 5.
_TOP_LOG_PROBABILITIES: Final = (20, 5)
# No model says this by itself: an unknown field is silently ignored by some servers.
_UNLIKELY_CHOICE: Final = "zqv"
_SMALL_CONTEXT_TOKENS: Final = 4096


async def discover(
    endpoint: OpenAIEndpoint, *, model: str, context_tokens: int | None, extra_body: Mapping[str, Any]
) -> Capabilities:
    """Abilities of `model`, or of the first one served when `model` is "". Raises ModelUnavailable."""
    listed = await _listed(endpoint, model)
    name = listed.name
    probe = _Probe(endpoint, name, extra_body)
    top = await probe.top_log_probabilities()
    if top == 0:
        await probe.writes_at_all()
    tokens = await probe.tokens("a")
    return Capabilities(
        model=name,
        context_tokens=context_tokens or listed.context_tokens or _SMALL_CONTEXT_TOKENS,
        label_probabilities=top > 0,
        top_log_probabilities=top,
        prompt_log_probabilities=bool(tokens) and await probe.scores(tokens or []),
        structured_outputs=await probe.obeys_choices(),
        cache_salts=listed.is_vllm,
        counts_tokens=tokens is not None,
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    """`is_vllm`: others refuse a field that they do not know."""

    name: str
    context_tokens: int | None = None
    is_vllm: bool = False


async def _listed(endpoint: OpenAIEndpoint, wanted: str) -> _Listed:
    """What the model list tells; a wanted model need not be listed."""
    try:
        page = await endpoint.reply(endpoint.client.models.list)
    except ModelUnavailable as unavailable:
        if not wanted or unavailable.reason in _NO_ANSWER:
            raise
        return _Listed(wanted)
    models = list(page.data or [])
    model = next((model for model in models if model.id == wanted or not wanted), None)
    if model is None:
        if not wanted:
            raise ModelUnavailable(_Reason.REFUSED)
        return _Listed(wanted)
    length = getattr(model, "max_model_len", None)
    return _Listed(
        model.id,
        length if isinstance(length, int) and length > 0 else None,
        is_vllm=model.owned_by == "vllm",
    )


class _Probe:
    def __init__(self, endpoint: OpenAIEndpoint, model: str, extra_body: Mapping[str, Any]) -> None:
        self._endpoint = endpoint
        self._model = model
        self._extra_body = extra_body

    async def top_log_probabilities(self) -> int:
        for count in _TOP_LOG_PROBABILITIES:
            answer = await unless_refused(partial(self._chat, logprobs=True, top_logprobs=count))
            try:
                if answer and len(answer.choices[0].logprobs.content[0].top_logprobs) > 0:
                    return count
            except (AttributeError, IndexError, TypeError):
                continue  # the field was ignored
        return 0

    async def writes_at_all(self) -> None:
        """A plain request of one token, whose refusal (a wrong key, a wrong name) is the caller's to see."""
        await self._chat()

    async def tokens(self, text: str) -> list[int] | None:
        body = {"model": self._model, "prompt": text, "add_special_tokens": False}
        answer = await unless_refused(partial(self._endpoint.beside_the_api, "/tokenize", body))
        tokens = answer.get("tokens") if answer else None
        return tokens if isinstance(tokens, list) and tokens else None

    async def scores(self, tokens: list[int]) -> bool:
        """Whether a prompt of token ids comes back with log-probabilities and nothing is written."""
        create = partial(
            self._endpoint.client.completions.create,
            model=self._model,
            prompt=tokens * 2,
            echo=True,
            logprobs=1,
            max_tokens=0,
        )
        answer: Any = await unless_refused(lambda: self._endpoint.reply(create))
        try:
            return len(answer.choices[0].logprobs.token_logprobs) == 2 * len(tokens)
        except (AttributeError, IndexError, TypeError):
            return False

    async def obeys_choices(self) -> bool:
        body = {"structured_outputs": {"choice": [_UNLIKELY_CHOICE]}}
        answer = await unless_refused(partial(self._chat, max_tokens=8, more=body))
        try:
            return answer is not None and answer.choices[0].message.content == _UNLIKELY_CHOICE
        except (AttributeError, IndexError, TypeError):
            return False

    async def _chat(
        self, *, max_tokens: int = 1, more: Mapping[str, Any] | None = None, **fields: Any
    ) -> Any:
        completions = self._endpoint.client.chat.completions
        return await self._endpoint.reply(
            lambda: completions.create(
                model=self._model,
                messages=[{"role": "user", "content": "Hi"}],
                max_tokens=max_tokens,
                extra_body={**self._extra_body, **(more or {})},
                **fields,
            )
        )


async def unless_refused(call: Callable[[], Awaitable[_T]]) -> _T | None:
    """None where the server refuses. Raises ModelUnavailable where it is away, busy or silent."""
    try:
        return await call()
    except ModelUnavailable as unavailable:
        if unavailable.reason in _NO_ANSWER:
            raise
        return None
