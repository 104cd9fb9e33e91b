"""Questions as somebody asks who does not know the words of the text: a share of them matches nothing.

Judged sets are written with the passage at hand and share most words with it. What is fitted on them alone believes
that whoever asks in words of his own asks for what is not there.
"""

import random
import re
import string
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from kbchat.analysis import content_words, language_of, names_of, numbers_of
from kbchat.analysis.folding import fold
from kbchat.inference.ports import Embedder, EncoderIdentity

# Of the content words, supposed and not measured: in English most are said otherwise, in Chinese what means the same
# shares characters.
_SHARE: Final = {"en": 0.65, "zh": 0.25, "other": 0.25}
# Ideographs that no text of today is written with.
_UNUSED_HAN: Final = tuple(map(chr, range(0x3400, 0x4DB6)))


def paraphrased(question: str) -> str:
    """The question with words that no text has in the place of some of its own, always the same. Names and numbers
    stay, as people keep them."""
    chance = random.Random(question)  # noqa: S311 (to be the same again, not to be secret)
    kept = set(content_words(" ".join(sorted(names_of(question) | numbers_of(question)))))
    share, said = _SHARE[language_of(question)], fold(question)
    for word in dict.fromkeys(content_words(question)):
        if word not in kept and chance.random() < share:
            said = re.sub(rf"{re.escape(word)}[a-z]*", _other_word(word, chance), said, flags=re.IGNORECASE)
    return said


def _other_word(word: str, chance: random.Random) -> str:
    if word.isascii():
        return "zq" + "".join(chance.choices(string.ascii_lowercase, k=8))
    return "".join(chance.choices(_UNUSED_HAN, k=len(word)))


class MeaningKept:
    """An embedder to which a paraphrase is what was meant: it gives the question's own vector for it. Words change in
    a paraphrase, and an encoder is there to look past them."""

    def __init__(self, embedder: Embedder, questions: Sequence[str]) -> None:
        self._embedder = embedder
        self._meant = {paraphrased(question): question for question in questions}

    @property
    def identity(self) -> EncoderIdentity:
        return self._embedder.identity

    @property
    def window_tokens(self) -> int:
        return self._embedder.window_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count_tokens(texts)

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._embedder.embed_documents(texts)

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._embedder.embed_queries([self._meant.get(text, text) for text in texts])
