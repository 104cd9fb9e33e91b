"""A model's thoughts kept out of its answer, however the stream cuts the tags."""

from typing import Final

OPENING: Final = "<think>"
_CLOSING: Final = "</think>"


class ThinkingFilter:
    """Drops <think>…</think> and what a server did not separate as reasoning by itself.

    What may still become a tag is held back until it is decided. `is_opened`: the prompt ended within a thought, as
    some chat templates let it, so that only its end is written. Otherwise a closing tag without an opening one is
    dropped, and what stands before it is text.
    """

    def __init__(self, *, is_opened: bool = False) -> None:
        self._held = ""
        self._thinking = self._is_by_prompt = is_opened
        self._nothing_written = True

    @property
    def is_thinking(self) -> bool:
        return self._thinking

    def separated(self) -> None:
        """The server tells thoughts apart by itself: what the prompt opened goes on there, and the text is none."""
        if self._is_by_prompt:
            self._thinking = self._is_by_prompt = False

    def feed(self, piece: str) -> str:
        """The part of the text so far that is certain to be answer and has not been given yet."""
        self._held += piece
        certain: list[str] = []
        while self._step(certain):
            pass
        text = "".join(certain)
        if self._nothing_written:
            # Between a thought and its answer stand blank lines that belong to neither.
            text = text.lstrip()
            self._nothing_written = not text
        return text

    def finish(self) -> str:
        """What was held back, at the end of the stream. A thought that never ended is dropped."""
        rest = "" if self._thinking else self._held
        self._held = ""
        return rest.lstrip() if self._nothing_written else rest

    def _step(self, certain: list[str]) -> bool:
        """Moves past the next tag; False when no whole tag is left."""
        tags = (_CLOSING,) if self._thinking else (OPENING, _CLOSING)
        found = min(((place, tag) for tag in tags if (place := self._held.find(tag)) >= 0), default=None)
        if found is None:
            keep = max(_overlap(self._held, tag) for tag in tags)
            sure = self._held[: len(self._held) - keep]
            if not self._thinking:
                certain.append(sure)
            self._held = self._held[len(sure) :]
            return False
        place, tag = found
        if not self._thinking:
            certain.append(self._held[:place])
        self._held = self._held[place + len(tag) :]
        self._thinking, self._is_by_prompt = tag == OPENING, False
        return True


def _overlap(text: str, tag: str) -> int:
    """How many of the last characters of `text` may be the beginning of `tag`."""
    return next((n for n in range(min(len(tag) - 1, len(text)), 0, -1) if text.endswith(tag[:n])), 0)
