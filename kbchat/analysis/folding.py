"""One spelling for characters that mean the same: widths, compatibility forms, accents, dashes, traditional
Han, and numbers without the commas of thousands.

Case stays (an upper-case IT is not the pronoun), so callers fold case themselves. Offsets are not kept:
what needs places in the text (sentences) does not fold.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from kbchat.core.radicals import CHARACTER_OF_RADICAL

_REWRITTEN = {
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")),  # invisible characters inside words
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
    **{code: f" {unicodedata.normalize('NFKC', chr(code))} " for code in range(0x2460, 0x249C)},  # ① to ⒛
    **CHARACTER_OF_RADICAL,
    **str.maketrans("衞粧敍枱擡糭簷痺", "衛妝敘檯抬粽檐痹"),  # of Hong Kong and Taiwan, not in OpenCC's table
}
# 6½ would become 61⁄2, and 28¹ 281, which are other numbers.
_OTHER_DIGIT = "[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2150-\u215e]"
_NUMBERS_MEETING = re.compile(f"(?<=[0-9])(?={_OTHER_DIGIT})|(?<={_OTHER_DIGIT})(?=[0-9])")
# As a whole: 80,443,8080 is a list. It begins with what is looked for, which is the quicker way.
NUMBER_IN_THOUSANDS = re.compile("[1-9](?<![0-9].)(?<![0-9][,.].)[0-9]{0,2}(?:,[0-9]{3})+(?!,?[0-9])")
# Canonical ordering of combining marks is quadratic in the length of a run: a few kB of marks would take
# seconds.
_LONG_NON_WORD_RUN = re.compile(r"[^\w\s]{32,}")
# Accents of Latin letters; the points of Hebrew and Arabic, which most texts leave out, and Arabic's stretching.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u0652\u0670]+"
)


def fold(text: str) -> str:
    """`text` in NFKC without accents and points, with plain dashes and quotes and simplified Han characters.

    Accepts any string, lone surrogates included; linear in its length.
    """
    text = text.translate(_REWRITTEN)
    if text.isascii():
        return NUMBER_IN_THOUSANDS.sub(_without_commas, text)
    text = _LONG_NON_WORD_RUN.sub(" ", text)
    text = _NUMBERS_MEETING.sub(" ", text)
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = unicodedata.normalize("NFKC", text).translate(_simplified())
    return NUMBER_IN_THOUSANDS.sub(_without_commas, text)


def _without_commas(number: re.Match[str]) -> str:
    return number[0].replace(",", "")


@cache
def _simplified() -> dict[int, str]:
    """Traditional to simplified, one character for one; the first of OpenCC's forms where it lists several.

    Character by character on purpose: OpenCC's phrases make a character's folding depend on its neighbours,
    so that a document and a question can fold differently. On DRCD they change no figure.
    """
    table = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if line)
    return {ord(traditional): simplified.split()[0] for traditional, simplified in pairs}
