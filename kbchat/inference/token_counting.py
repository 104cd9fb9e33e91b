"""How many tokens a text has, by a tokenizer's own file: what chunking asks of every piece, and of many twice.

Where a tokenizer reads each word by itself (BERT's do), a word is read once and then known: a library says the same few
thousand again and again.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

# Longer ones are addresses, or text without blanks, which is seldom said twice.
_LONGEST_REMEMBERED: Final = 24
_MOST_REMEMBERED: Final = 1 << 16


class CountingTokenizer:
    """Neither cuts nor pads. `written`: the tokenizer as JSON. Threads may share it."""

    def __init__(self, written: str) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_str(written)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._reads_words_alone = _reads_words_alone(json.loads(written))
        self._special_tokens = len(self._tokenizer.encode(""))
        self._known: dict[str, int] = {}

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each, special ones too."""
        if not self._reads_words_alone:
            return self._read(texts, special=True)
        return [self._special_tokens + count for count in self._counted_by_word(texts)]

    def _counted_by_word(self, texts: Sequence[str]) -> list[int]:
        # Only these two are certainly blanks for every tokenizer: other characters may be dropped, which joins words.
        words_of = [text.replace("\n", " ").split(" ") for text in texts]
        if len(self._known) > _MOST_REMEMBERED:
            # Another thread may be reading in the old one.
            self._known = {}
        known = self._known
        new = [word for word in set[str]().union(*words_of) if word not in known]
        counts = dict(zip(new, self._read(new, special=False), strict=True))
        known.update((word, count) for word, count in counts.items() if len(word) <= _LONGEST_REMEMBERED)
        return [sum(counts[word] if word in counts else known[word] for word in words) for words in words_of]

    def _read(self, texts: Sequence[str], *, special: bool) -> list[int]:
        return [
            len(read) for read in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=special)
        ]


def _reads_words_alone(tokenizer: dict[str, Any]) -> bool:
    """Whether what stands on one side of a blank makes no difference to what stands on the other."""
    parts = {
        name: (tokenizer.get(name) or {}).get("type") for name in ("normalizer", "pre_tokenizer", "model")
    }
    return parts == {
        "normalizer": "BertNormalizer",
        "pre_tokenizer": "BertPreTokenizer",
        "model": "WordPiece",
    } and not any(" " in added["content"] or "\n" in added["content"] for added in tokenizer["added_tokens"])
