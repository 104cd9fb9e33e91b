"""Text to terms. Documents and questions go through the same function, so equal words meet whoever wrote
them.

Kinds of terms: stems of words, whole identifiers besides their parts, numbers; single Han characters, pairs
of them and longer Han words; pairs of kana, hangul and the scripts of India and South-East Asia.
"""

import re
from collections.abc import Callable

from kbchat.analysis.folding import fold
from kbchat.analysis.han import han_grams, han_phrases, han_terms, han_words
from kbchat.analysis.scripts import HAN, IN_PAIRS
from kbchat.analysis.words import TOKEN, TokenTerms, token_terms

# Raise it with every change of a term: an index generation is built by one version and asked by the same.
ANALYSER_VERSION: int = 2

_RUN = re.compile(rf"(?P<han>[{HAN}]+)|(?P<paired>[{IN_PAIRS}]+)|(?P<token>{TOKEN})")


def analyse(text: str) -> list[str]:
    """Terms of `text` in order, repeats included. Stop words are left out unless nothing else remains.

    Never raises and is linear in the length of `text`; no term is longer than 64 characters.
    """
    terms: list[str] = []
    stopped: list[str] = []
    for run in _RUN.finditer(fold(text)):
        if token := run["token"]:
            found = token_terms(token)
            terms += [found.whole, *found.parts] if found.whole else found.parts
            stopped += found.stopped
        elif han := run["han"]:
            kept = han_terms(han)
            terms += kept
            stopped += [] if kept else han_grams(han)
        else:
            terms += _pairs(run["paired"])
    return terms or stopped


def content_words(text: str) -> list[str]:
    """The words that carry the content of `text`, in order, repeats included, each spelt as its term.

    Unlike `analyse`: one entry for each word (Han text gives words alone, ISO-27001 is whole and long-term
    is two), and a text of stop words gives nothing. Never raises.
    """
    return _words(text, han_words)


def sought_words(text: str) -> list[str]:
    """As `content_words`, for somebody who looks for them: neighbouring Han characters for which the dictionary
    knows no word are one, as they are typed (年假 and not 年 and 假).
    """
    return _words(text, han_phrases)


def _words(text: str, words_of_han: Callable[[str], list[str]]) -> list[str]:
    words: list[str] = []
    for run in _RUN.finditer(fold(text)):
        if token := run["token"]:
            words += _content(token_terms(token))
        elif han := run["han"]:
            words += words_of_han(han)
        else:
            words += _pairs(run["paired"])
    return words


def _content(terms: TokenTerms) -> list[str]:
    if terms.whole and (not terms.parts or not terms.whole.isalpha()):
        return [terms.whole]
    return terms.parts[:1] if terms.whole is None else terms.parts


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]
