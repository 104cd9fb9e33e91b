"""The word by which a model says that the passages do not answer, kept out of what is shown, however it stands."""

import re
from typing import Final

from kbchat.answering.prompting import NOT_FOUND

_WRAP: Final = " \n\t*`\"'“”‘’([（【"
_OPENING: Final = r"[\s*`\"'“”‘’(\[（【]"
_WRAPPED: Final = rf"{_OPENING}*{NOT_FOUND}[*`\"'“”‘’)\]）】]*"
# The word as it may stand later on: alone on its line, or a sentence of its own. "Returns NOT_FOUND" is text.
_WORD: Final = re.compile(rf"(?:^|(?<=[\n.。!！?？:：])){_WRAPPED}(?:[.。!！]+|[ \t]*(?=\n|\Z))")
_PARTS: Final = "|".join(NOT_FOUND[:end] for end in range(1, len(NOT_FOUND)))
_BEGUN: Final = re.compile(rf"(?<!{_OPENING})(?:{_OPENING}*(?:{_PARTS})?|{_WRAPPED}[.。!！]*[ \t]*)\Z")
# "Answer:" and 答案： before the word are no answer.
_LEAD: Final = 8


class SentinelWatch:
    """Lets a stream pass but for what may be the word: its beginning, and what stands alone further on. From the word
    on all is held."""

    def __init__(self) -> None:
        self._shown = ""
        self._held = ""
        self.was_found = False

    def feed(self, delta: str) -> str:
        """What may be shown now."""
        self._held += delta
        return "" if self.was_found or not self._is_decided() else self._passed(is_end=False)

    def finish(self) -> str:
        """What is still to be shown, at the end of the stream; of a stream with the word nothing."""
        return "" if self.was_found else self._passed(is_end=True)

    @property
    def rest(self) -> str:
        """What came with the word: something that answers nevertheless, if anything."""
        begun = self._held.lstrip(_WRAP)
        if not self._shown and begun.replace(" ", "_").startswith(NOT_FOUND):
            return begun[len(NOT_FOUND) :].lstrip("*`\"'“”‘’)]）】.。!！:： \n")
        return _WORD.sub("", self._held)

    def _is_decided(self) -> bool:
        """Whether the beginning is long enough to tell."""
        if self._shown:
            return True
        begun = self._held.lstrip(_WRAP).replace(" ", "_")
        self.was_found = begun.startswith(NOT_FOUND)
        return not (self.was_found or NOT_FOUND.startswith(begun) or len(self._held) < _LEAD)

    def _passed(self, *, is_end: bool) -> str:
        # With what was shown last: whether the word stands alone, it tells.
        behind = len(self._shown)
        text = self._shown + self._held
        words = _WORD.finditer(text) if NOT_FOUND in text else ()
        word = next((match for match in words if is_end or match.end() < len(text)), None)
        open_end = None if is_end else _BEGUN.search(text, behind)
        place = word.start() if word else open_end.start() if open_end else len(text)
        self.was_found = word is not None
        if not self._shown and place <= _LEAD and (self.was_found or not is_end):
            return ""
        place = max(place, behind)
        passed, self._held = text[behind:place], text[place:]
        self._shown = text[max(0, place - 1) : place]
        return passed
