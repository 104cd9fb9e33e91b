"""Characters that a reader cannot see, and how lines of text are joined.

Invisible characters can carry orders to a language model that no person would notice, so they leave
the text at the door and are reported. Plain functions over strings; knows no format.
"""

import re
from collections.abc import Iterator

from kbchat.parsing.document import HiddenPart

# Scripts that shape their letters with joiners (Hebrew to Myanmar, Khmer, Mongolian, Indic extensions) and
# the emoji that are glued together with them. Everywhere else a joiner shows nothing.
_JOINER_NEEDED_AFTER = "\u0590-\u109f\u1780-\u18af\ua800-\uabff\ufe00-\ufe0f\ufb1d-\ufdff\ufe70-\ufefe"
_JOINER_NEEDED_AFTER += "\u2600-\u27bf\U0001f000-\U0001faff\U00010a00-\U00011fff"

_HIDDEN = re.compile(
    "(?P<zero_width>"
    # Zero-width space, word joiner, byte order mark, invisible operators, fillers, grapheme joiner.
    "[\u200b\u2060-\u2064\ufeff\u180e\u034f\u3164\uffa0\ufff9-\ufffb\u206a-\u206f]"
    f"|(?<![{_JOINER_NEEDED_AFTER}])[\u200c\u200d])"
    "|(?P<tag_characters>[\U000e0000-\U000e007f])"
    "|(?P<bidi_controls>[\u202a-\u202e\u2066-\u2069])"
    # One variation selector picks a glyph; several in a row, or one behind nothing, are data.
    "|(?P<variation_selectors>(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef])"
    "|(?P<control_characters>[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff])"
    "|(?P<layout>[\xad\u200e\u200f\u061c])"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[\xa0\u2007\u202f]")
# Characters of which none is any of these: most text has no others, and is seen at one look.
_PLAIN = re.compile(
    "[\t\n -~\xa1-\xac\xae-\u024f\u2010-\u2027\u2030-\u205e\u3000-\u312f\u4e00-\u9fff\uff00-\uff9f]*"
)

# Ideographs, kana, bopomofo and the punctuation set full-width: no blank stands between two of these.
_UNSPACED = re.compile(
    "[\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
# Shared with Latin text, set full-width in Chinese: they count as unspaced beside an ideograph.
_SHARED_PUNCTUATION = "“”‘’…—·"


def hidden_places(text: str) -> Iterator[tuple[int, HiddenPart | None]]:
    """Offsets of the characters to leave out, with the reason; None for layout marks not worth a report."""
    if _PLAIN.fullmatch(text):
        return
    for match in _HIDDEN.finditer(text):
        name = match.lastgroup or ""
        yield match.start(), None if name == "layout" else HiddenPart(name)


def visible(text: str) -> tuple[str, frozenset[HiddenPart]]:
    """``text`` without invisible characters, its line ends as \\n, its no-break spaces as spaces.

    Also says which sorts were found. Idempotent.
    """
    if _PLAIN.fullmatch(text):
        return text, frozenset()
    text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", text))
    reasons: set[HiddenPart] = set()
    while places := list(hidden_places(text)):
        # Again, as long as something was found: what one character hid behind may now hide the next.
        reasons.update(reason for _, reason in places if reason)
        text = _without(text, [place for place, _ in places])
    return text, frozenset(reasons)


def is_unspaced(character: str) -> bool:
    """Whether ``character`` belongs to a script written without blanks between words (Chinese, Japanese)."""
    return bool(_UNSPACED.match(character))


def joint(before: str, after: str) -> str:
    """What stands between two joined lines of one paragraph: nothing in Chinese, else a blank."""
    if not before or not after or before[-1].isspace() or after[0].isspace():
        return ""
    left, right = is_unspaced(before[-1]), is_unspaced(after[0])
    unspaced = (left or before[-1] in _SHARED_PUNCTUATION) and (right or after[0] in _SHARED_PUNCTUATION)
    return "" if unspaced and (left or right) else " "


def on_one_line(text: str) -> str:
    """``text`` with every run of blanks and line ends as one blank, none at the ends."""
    return " ".join(text.split())


def _without(text: str, places: list[int]) -> str:
    kept, reached = [], 0
    for place in places:
        kept.append(text[reached:place])
        reached = place + 1
    kept.append(text[reached:])
    return "".join(kept)
