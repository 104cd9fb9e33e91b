"""A model that says its former answer again, whatever is asked: small ones do."""

import re
from collections.abc import Sequence
from typing import Final

from kbchat.analysis import content_words
from kbchat.answering.ports import PastTurn

_NO_WORD: Final = re.compile(r"[\W_]+")


def only_repeats(text: str, asked: str, history: Sequence[PastTurn]) -> bool:
    """Whether `text` is a former answer, and says nothing of what `asked` brings that was not asked before. One that
    does may be the answer to both ("Is that per year?")."""
    former = [turn for turn in history if turn.answer and _same(turn.answer, text)]
    if not former:
        return False
    fresh = set(content_words(asked)) - {word for turn in former for word in content_words(turn.question)}
    return bool(fresh) and not fresh & set(content_words(text))


def _same(one: str, other: str) -> bool:
    return _NO_WORD.sub("", one).casefold() == _NO_WORD.sub("", other).casefold()
