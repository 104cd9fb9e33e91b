"""One spelling for characters that mean the same: widths, compatibility forms, accents, dashes, traditional
Han, and numbers without the commas of thousands.

Case stays (an upper-case IT is not the pronoun), so callers fold case themselves. Offsets are not kept:
what needs places in the text (sentences) does not fold.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

_REWRITTEN = {
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")),  # invisible characters inside words
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
}
# 6½ would become 61⁄2, which is another number.
_VULGAR_FRACTION = re.compile("(?<=[0-9])(?=[\u00bc-\u00be\u2150-\u215e])")
COMMA_OF_THOUSANDS = re.compile("(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
# Canonical ordering of combining marks is quadratic in the length of a run: a few kB of marks would take
# seconds.
_LONG_NON_WORD_RUN = re.compile(r"[^\w\s]{32,}")
_LATIN_MARKS = re.compile("[\u0300-\u036f]+")


def fold(text: str) -> str:
    """`text` in NFKC without Latin accents, with plain dashes and quotes and simplified Han characters.

    Accepts any string, lone surrogates included; linear in its length.
    """
    text = text.translate(_REWRITTEN)
    if text.isascii():
        return COMMA_OF_THOUSANDS.sub("", text)
    text = _LONG_NON_WORD_RUN.sub(" ", text)
    text = _VULGAR_FRACTION.sub(" ", text)
    text = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = unicodedata.normalize("NFKC", text).translate(_simplified())
    return COMMA_OF_THOUSANDS.sub("", text)


@cache
def _simplified() -> dict[int, str]:
    """Traditional to simplified, one character for one; the first of OpenCC's forms where it lists several.

    Character by character on purpose: OpenCC's phrases make a character's folding depend on its neighbours,
    so that a document and a question can fold differently. On DRCD they change no figure.
    """
    table = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if line)
    return {ord(traditional): simplified.split()[0] for traditional, simplified in pairs}
