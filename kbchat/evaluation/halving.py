"""Which questions are fitted on, and which of them tell what the fit is worth. Plain Python."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def halved(questions: Iterable[T], language_of: Callable[[T], str]) -> tuple[list[T], list[T]]:
    """Every second question of each language, from its first, to fit on, and the others to tell.

    Of each language by itself: of questions that are kept in two languages in turn, every second one is in the same.
    """
    halves: tuple[list[T], list[T]] = [], []
    seen = Counter[str]()
    for question in questions:
        language = language_of(question)
        halves[seen[language] % 2].append(question)
        seen[language] += 1
    return halves
