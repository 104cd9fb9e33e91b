"""What people and scripts type, before it meets a tokenizer or the database."""

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
# Letters and signs that are drawn as nothing: the fillers of Hangul and the empty cell of braille.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def storable(typed: str) -> str:
    """Without NUL, which PostgreSQL does not take, and with "?" for lone surrogates, which UTF-8 does not know."""
    return typed.replace("\0", "").encode("utf-8", "replace").decode()


def visible_name(typed: str) -> str:
    """A name on one line, without control and direction characters; "" where nothing of it would be seen."""
    kept = "".join(sign for sign in storable(typed) if sign.isspace() or not _is_hidden(sign))
    return " ".join(kept.split()) if any(map(_is_seen, kept)) else ""


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN


def _is_seen(sign: str) -> bool:
    """Letters, numbers, punctuation and symbols."""
    return unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK
