"""Words with blanks between them, and identifiers, to terms.

A word is case-folded and stemmed (Snowball English, after Porter 1980). A compound is kept whole besides
its parts: RAG-Token, GPT-4o, ISO-27001 and AB_123 as one term without hyphens and underscores, so that
GPT4o and ISO27001 find them and co-worker finds coworkers; addresses, file names and versions with their
dots; R&D, C++ and C# with their signs. Text is expected folded (kbchat.analysis.folding).
"""

import re
import threading
from dataclasses import dataclass, field
from functools import lru_cache

from kbchat.analysis.scripts import HAN, IN_PAIRS
from kbchat.analysis.stop_words import ACRONYMS, ENGLISH

_CHARACTER = rf"[^\W_{HAN}{IN_PAIRS}]"
# Pieces joined by single signs; a part of the pattern of kbchat.analysis.terms.
TOKEN = rf"[A-Za-z]\#(?!{_CHARACTER})|{_CHARACTER}+(?:[-'._@&]{_CHARACTER}+)*(?:\+\+)?"

_PIECE = re.compile(r"[vV]?[0-9]+(?:\.[0-9]+)+|[^\W_]+(?:'[^\W_]+)*")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_NUMBERS_JOINED = re.compile(r"[0-9][0-9.-]*")
_VERSION = re.compile(r"v([0-9]+(?:\.[0-9]+)+)")
_LETTERS_AND_DIGITS = re.compile(r"([^\W\d_]{2,})([0-9]{2,})|([0-9]{2,})([^\W\d_]{2,})")
_STEMMED = re.compile(r"[a-z']+")

# Longer ones are encoded bytes or ruled lines, which nobody asks for whole; the cut keeps index rows small.
_LONGEST_TERM = 64
# A library says the same few thousand words again and again; what is longer than this is seldom said twice.
_LONGEST_REMEMBERED = 24


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """`whole` is None where the token is a plain word; `stopped` are its stop words, for texts of nothing
    else.
    """

    whole: str | None = None
    parts: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)


def token_terms(token: str) -> TokenTerms:
    """Terms of one token as `TOKEN` finds it. Not to be changed: the same is given again for the same word."""
    return _remembered(token) if len(token) <= _LONGEST_REMEMBERED else _terms_of(token)


@lru_cache(maxsize=1 << 14)
def _remembered(token: str) -> TokenTerms:
    return _terms_of(token)


def _terms_of(token: str) -> TokenTerms:
    word = token.casefold()
    if _NUMBER.fullmatch(word):
        return TokenTerms(parts=[word[:_LONGEST_TERM]])
    if version := _VERSION.fullmatch(word):
        return TokenTerms(whole=word[:_LONGEST_TERM], parts=[version[1][:_LONGEST_TERM]])
    pieces = _PIECE.findall(token)
    if len(pieces) > 1 and all(len(piece) == 1 and piece.isalpha() for piece in pieces) and "." in token:
        return TokenTerms(whole=stem("".join(pieces).casefold()))  # U.S. is US
    terms = TokenTerms(whole=_whole(word) if len(pieces) > 1 or word.endswith(("+", "#")) else None)
    for piece in pieces:
        _add_piece(piece, terms)
    return terms


def _add_piece(piece: str, terms: TokenTerms) -> None:
    word = piece.casefold()
    if word in ENGLISH and piece not in ACRONYMS:
        terms.stopped.append(stem(word))
        return
    terms.parts.append(stem(word))
    if version := _VERSION.fullmatch(word):
        terms.parts.append(version[1][:_LONGEST_TERM])
    if mixed := _LETTERS_AND_DIGITS.fullmatch(word):
        terms.parts.extend(stem(part) for part in mixed.groups() if part)


def _whole(compound: str) -> str:
    """The compound as one term: without hyphens and underscores, unless made of digits (dates)."""
    if "@" in compound or _NUMBERS_JOINED.fullmatch(compound):
        return compound[:_LONGEST_TERM]
    return stem(re.sub("[-_']", "", compound))


_stemmers = threading.local()


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Snowball stem of a case-folded English word; anything else as it is. At most 64 characters."""
    word = word[:_LONGEST_TERM]
    if not _STEMMED.fullmatch(word):
        return word
    # A stemmer holds the word it works on: one for each thread.
    if not hasattr(_stemmers, "english"):
        import snowballstemmer

        _stemmers.english = snowballstemmer.stemmer("english")
    stemmed: str = _stemmers.english.stemWord(word)
    return stemmed
