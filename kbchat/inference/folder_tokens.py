"""What the files of a model's folder tell about its tokens, without loading the model.

A process that only cuts texts into chunks (the parse workers) counts tokens and never makes a vector: it must not pay
for torch.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kbchat.inference.token_counting import CountingTokenizer


@dataclass(frozen=True, slots=True)
class FolderTokens:
    """`document_prefix` is what the model declares; `window_tokens` counts special tokens too."""

    window_tokens: int
    document_prefix: str
    _tokenizer: CountingTokenizer

    @classmethod
    def of(cls, folder: Path) -> Self | None:
        """None where the files do not tell: then the loaded model must."""
        try:
            window = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
            prompts = json.loads((folder / "config_sentence_transformers.json").read_text()).get("prompts")
            written = (folder / "tokenizer.json").read_text(encoding="utf-8")
        except (OSError, ValueError, KeyError):
            return None
        if not isinstance(window, int):
            return None
        return cls(window, (prompts or {}).get("document") or "", CountingTokenizer(written))

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._tokenizer.count(texts)
