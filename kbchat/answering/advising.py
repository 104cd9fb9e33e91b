"""Short calls to a model that a turn can do without: a choice among labels, a line of text.

Every call answers None where there is no model, it cannot do this, or it failed; the stage then goes by its
rules. After the first failure the model is not asked again, so that an unreachable server costs one attempt
and not one a stage.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Final

from kbchat.answering.events import TokenUsage
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import Capabilities, LanguageModel, ModelUnavailable, Prompt, Sampling, Usage

# Below this the model meant something else than any of the labels (measured: a constrained request hides it).
LEAST_LABEL_MASS: Final = 0.5
_SECONDS: Final = 20.0


class Advisor:
    """One turn's use of its model; also counts what the turn has used. Prompts that come with no salt of their own
    are the asker's alone (`own_salt`).
    """

    def __init__(self, model: LanguageModel | None, deadline: Deadline, own_salt: str = "") -> None:
        self._model = model
        self._own_salt = own_salt
        self._deadline = deadline
        self._failed = False
        self._capabilities: Capabilities | None = None
        self._used = TokenUsage()
        self._counted: dict[str, int] = {}
        self._counts = True

    @property
    def usage(self) -> TokenUsage:
        return self._used

    def count(self, usage: Usage | None = None) -> None:
        """Adds one model call, and its tokens where the server told them."""
        self._used = TokenUsage(
            prompt_tokens=self._used.prompt_tokens + (usage.prompt_tokens if usage else 0),
            completion_tokens=self._used.completion_tokens + (usage.completion_tokens if usage else 0),
            model_calls=self._used.model_calls + 1,
        )

    async def capabilities(self) -> Capabilities | None:
        if self._capabilities is None and self._model is not None and not self._failed:
            try:
                self._capabilities = await self._model.capabilities()
            except ModelUnavailable:
                self._failed = True
        return self._capabilities

    async def choose(
        self, prompt: Prompt, labels: Sequence[str], *, salt: str = ""
    ) -> dict[str, float] | None:
        """p(label), renormalised, from an unconstrained request whose labels hold enough of the mass."""
        able = await self.capabilities()
        if able is None or not able.label_probabilities or not self._may_ask() or self._model is None:
            return None
        self.count()
        try:
            found = await self._model.label_probabilities(prompt, labels, cache_salt=salt or self._own_salt)
        except ModelUnavailable:
            self._failed = True
            return None
        return found.p if found.mass >= LEAST_LABEL_MASS else None

    async def write(
        self, prompt: Prompt, *, max_tokens: int, salt: str = "", seconds: float = _SECONDS
    ) -> str | None:
        """A short completion; None when it broke off. Less than the usual `seconds` being too few says nothing of the
        model."""
        if await self.capabilities() is None or not self._may_ask() or self._model is None:
            return None
        text, usage, ended = "", None, False
        try:
            sampling = Sampling(max_tokens=max_tokens, cache_salt=salt or self._own_salt)
            async with aclosing(
                self._model.stream(prompt, sampling, deadline=self._deadline.within(seconds))
            ) as deltas:
                async for delta in deltas:
                    text += delta.text
                    usage = delta.usage or usage
                    ended = ended or delta.finish_reason is not None
        except ModelUnavailable as unavailable:
            is_slow = unavailable.reason is ModelUnavailable.Reason.TIMED_OUT and seconds < _SECONDS
            self._failed = not is_slow
            return None
        finally:
            self.count(usage)
        return text if ended else None

    async def token_counts(self, texts: Sequence[str]) -> Mapping[str, int]:
        """By the model's own tokenizer, of texts that were counted before too; of none where the server does not tell,
        or failed to."""
        able = await self.capabilities()
        if able is None or not able.counts_tokens or not self._counts or self._model is None:
            return self._counted
        new = [text for text in dict.fromkeys(texts) if text not in self._counted]
        try:
            self._counted |= zip(new, await self._model.count_tokens(new), strict=True)
        except ModelUnavailable:
            self._counts = False
        return self._counted

    def _may_ask(self) -> bool:
        return not self._failed and not self._deadline.has_passed
