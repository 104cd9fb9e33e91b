"""One code's sentence in one language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """Wordings best first; the last of each names no facts, or the list is empty."""

    messages: tuple[str, ...]
    next_steps: tuple[str, ...] = ()


def sentence(message: str, next_step: str = "", *, simpler: str | tuple[str, ...] = ()) -> Sentence:
    """`simpler`: the message where facts are missing, or several, each with fewer."""
    fewer = (simpler,) if isinstance(simpler, str) else simpler
    return Sentence((message, *fewer), (next_step,) if next_step else ())
