"""OpenAI-compatible language models that a scripted server serves, for tests of the adapter that asks it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from kbchat.inference.openai_language_model import OpenAILanguageModel
from tests.contracts.language_model_contract import REPLY
from tests.contracts.server_process import MODEL, ScriptedServer


class Served:
    """For test classes: ``served`` gives a model whose server answers by a scenario; all are closed at the end."""

    @pytest.fixture(autouse=True)
    async def prepared(self, server: ScriptedServer) -> AsyncIterator[None]:
        self.server = server
        self.models: list[OpenAILanguageModel] = []
        yield
        for model in self.models:
            await model.close()

    def served(self, *, scenario: dict[str, Any] | None = None, **settings: Any) -> OpenAILanguageModel:
        self.server.script(default={"reply": REPLY, **(scenario or {})})
        return self.at(self.server.base_url, **{"model": MODEL, **settings})

    def at(self, base_url: str, **settings: Any) -> OpenAILanguageModel:
        self.models.append(OpenAILanguageModel(base_url, **settings))
        return self.models[-1]
