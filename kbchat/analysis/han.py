"""Han text to terms: every character, every pair of neighbours, and every word of three characters or more.

Stop words are cut out first, as words of a segmentation (目的 keeps its 的), and nothing is paired across the
gap. Characters and pairs find what no dictionary knows; a longer word adds weight where the dictionary
does. The three kinds differ in length, so no term of one can be taken for a term of another.

Chosen on half of the questions of XQuAD-zh and DRCD-dev; a pair of characters that is also a word is not
counted twice. Text is expected folded (kbchat.analysis.folding).
"""

from collections.abc import Callable
from functools import cache
from itertools import groupby

from kbchat.analysis.stop_words import CHINESE

# What meets in one simplified character in some words only (瞭解 了解, 答覆 答复, 著裝 着装): met after
# segmentation, because the dictionary knows the words by their usual spelling.
MEETING = str.maketrans("瞭藉覆著", "了借复着")

# The segmenter is linear, but not cheap to hand a book in one piece.
_LONGEST_RUN = 4096

# The model for unknown words takes a row of one character for a word of any length.
_LONGEST_WORD = 16


def han_terms(run: str) -> list[str]:
    """Terms of a run of Han characters without its stop words; empty when there is nothing else."""
    terms: list[str] = []
    for words in _stretches(run):
        terms.extend(han_grams("".join(words)))
        terms.extend(word.translate(MEETING) for word in words if 2 < len(word) <= _LONGEST_WORD)
    return terms


def han_grams(run: str) -> list[str]:
    """Every character of `run` and every pair of neighbours, stop words or not."""
    run = run.translate(MEETING)
    return [*run, *(run[i : i + 2] for i in range(len(run) - 1))]


def han_words(run: str) -> list[str]:
    """The words of `run` in order, stop words left out."""
    return [word.translate(MEETING)[:_LONGEST_WORD] for words in _stretches(run) for word in words]


def han_phrases(run: str) -> list[str]:
    """As `han_words`; neighbouring words of one character are one."""
    phrases: list[str] = []
    for words in _stretches(run):
        for is_single, group in groupby(words, lambda word: len(word) == 1):
            some = list(group)
            phrases += ["".join(some)] if is_single else some
    return [phrase.translate(MEETING)[:_LONGEST_WORD] for phrase in phrases]


def _stretches(run: str) -> list[list[str]]:
    """Words between stop words."""
    stretches: list[list[str]] = [[]]
    for start in range(0, len(run), _LONGEST_RUN):
        for word in _segmenter()(run[start : start + _LONGEST_RUN]):
            if word in CHINESE:
                stretches.append([])
            else:
                stretches[-1].append(word)
    return [words for words in stretches if words]


@cache
def _segmenter() -> Callable[[str], list[str]]:
    """rjieba's cut (with its model for unknown words); its dictionary takes a quarter of a second to load."""
    import rjieba

    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


def han_tagged(run: str) -> list[tuple[str, str]]:
    """Every word of `run`, stop words too, with its part of speech as jieba's dictionary has it (n: noun, v: verb)."""
    import rjieba

    return [(word.translate(MEETING), tag) for word, tag in rjieba.tag(run[:_LONGEST_RUN])]
