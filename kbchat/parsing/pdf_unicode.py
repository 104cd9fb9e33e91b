"""Code points as PDF fonts give them, to the characters that people type.

Only what is a different spelling of the same character: ligatures, the look-alike radicals that some
producers write instead of ideographs, bullets of symbol fonts, sorts of blanks. Nothing else is changed.
"""

import re
import unicodedata

from kbchat.core.radicals import CHARACTER_OF_RADICAL

# Symbol and Wingdings keep their signs in the private use area; these are the ones lists begin with.
_SYMBOLS = {
    0xF06C: "●",
    0xF06E: "■",
    0xF06F: "□",
    0xF071: "❑",
    0xF075: "◆",
    0xF076: "❖",
    0xF09F: "•",
    0xF0A7: "▪",
    0xF0A8: "◻",
    0xF0B7: "•",
    0xF0D8: "➢",
    0xF0E0: "→",
    0xF0E8: "➔",
    0xF0FC: "✓",
    0xF0FE: "☑",
}

_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")


def readable(code: int) -> str:
    """The text of code point ``code``: "" for what is no character, " " for every blank."""
    if 0x21 <= code < 0x7F or 0x4E00 <= code <= 0x9FFF:
        return chr(code)
    if code < 0x20 or code in (0x7F, 0xFFFD) or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return " " if code == 9 else ""
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    if code in CHARACTER_OF_RADICAL:
        return chr(CHARACTER_OF_RADICAL[code])
    character = chr(code)
    if character.isspace():
        return " " if code != 0x3000 else "\u3000"
    if 0xFB00 <= code <= 0xFB06 or 0x2F00 <= code <= 0x2FD5 or code in (0x2E9F, 0x2EF3):
        return unicodedata.normalize("NFKC", character)
    return character


def privates_in(text: str) -> int:
    """How many of the characters mean nothing outside their font."""
    return 0 if text.isascii() else len(_PRIVATE.findall(text))
