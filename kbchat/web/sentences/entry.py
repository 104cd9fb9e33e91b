"""One code's sentence in one language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """Wordings best first; the last of each names no facts, or the list is empty."""

    messages: tuple[str, ...]
    next_steps: tuple[str, ...] = ()


def sentence(message: str, next_step: str = "", *, simpler: str = "") -> Sentence:
    """`simpler`: the message where facts are missing."""
    messages = (message, simpler) if simpler else (message,)
    return Sentence(messages, (next_step,) if next_step else ())
