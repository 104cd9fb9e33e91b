"""Bytes of a text file to characters.

In order: what a person said, a byte order mark, an encoding made of ASCII's bytes where the file declares it or
marks its alphabets, UTF-16 without a mark, strict UTF-8, UTF-8 with a few broken places, Chinese by its commonest
characters, chardet. When the candidates stay too close together, or the best gives words that no language has, the
person is asked (ENCODING_UNSURE) rather than given rubbish that looks like a success.
"""

import codecs
import contextlib
import encodings.aliases
import math
import re
import unicodedata
from dataclasses import dataclass

from kbchat.parsing.errors import ParseError, ParseErrorCode

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The whole family is read by its largest member.
_FAMILIES = {
    **dict.fromkeys(["gb2312", "gbk", "cp936", "gb18030"], "gb18030"),
    **dict.fromkeys(["big5", "cp950", "big5hkscs", "big5-hkscs"], "cp950"),
    **dict.fromkeys(["ascii", "iso-8859-1", "iso8859-1", "latin-1", "windows-1252", "cp1252"], "cp1252"),
}
_CHINESE = ("gb18030", "cp950")
_HIDDEN_IN_ASCII = ("iso-2022", "iso2022", "hz", "utf-7", "utf7")
"""Made of ASCII's bytes, so that only the label tells them from ASCII."""
# Its bytes are ASCII's, and marks among them say which alphabet follows.
_SWITCHED = (
    (re.compile(rb"\x1b\$[@B]|\x1b\(J"), "iso2022-jp"),
    (re.compile(rb"~\{(?:[!-w][!-~])+~\}"), "hz"),
)

# The commonest characters of modern Chinese cover about two thirds of any running text, but a few
# percent of what bytes in another encoding happen to spell. First those that both scripts share.
_COMMON_BOTH = (
    "的一是不了在人有我他中上大和到地以出可也你生能子那得着下自之年用道行所然家事成方多法去如都同面起"
    "看定天分好小部其些主理心本前但因只想日者意力它把十民第公此已工使情明性知全三又正外高由很最重物手文"
    "相被利什二等或新己制身果加西斯月合回特代信表化老位世次度任常先海通教原立及比水名真各入几口支平系"
    "活更打女四神何少才反目受太量再感建必件管期市直德命山金指克至形社便空展科司五基眼非百光放强即像且思"
    "王象完式色路品住告求北早程往候病易角切取房假休班薪工作公司部招聘政策天申批核合同度金保"
)
_COMMON_SIMPLIFIED = (
    "这个们来为国说时会对里过发后还进无与长机经学当没动关点业将两间问应战向头体见产话从实军种样开让认变数总"
    "务条万义论处东军边风声电带书记员报结据许济给统军团办规级领导请补报销费险项资训练满经单类标准"
)
_COMMON_TRADITIONAL = (
    "這個們來為國說時會對裡過發後還進無與長機經學當沒動關點業將兩間問應戰向頭體見產話從實軍種樣開讓認變數總"
    "務條萬義論處東邊風聲電帶書記員報結據許濟給統團辦規級領導請補銷費險項資訓練滿單類標準特休勞"
)
_COMMON = frozenset(_COMMON_BOTH + _COMMON_SIMPLIFIED + _COMMON_TRADITIONAL)
_OF_ALPHABETS = re.compile("[\u0370-\u052f\u0590-\u06ff\u3000-\u30ff\uac00-\ud7a3\uff01-\uff9f]")
# In words of every language they are what letters of another encoding look like: Vertr„ge, sze¶ciu, RŠglement.
_ODD_IN_WORDS = re.compile(
    "[\x80-\x84\x86-\x9f]|(?<=[^\\W\\d_])[‚„±¶¦§†‡¤¨¬‹›ˆ˜](?=[^\\W\\d_])|(?<=[a-zà-ÿ])[ŠŒŽŸ](?=[a-zà-ÿ])"
)
_ODD_SHARE = 1 / 20
_IF_COMMON = math.log(0.62 / 0.08)
_IF_RARE = math.log(0.38 / 0.92)
_SURELY_CHINESE = 4.0
_BROKEN_SHARE = 1 / 200
_NO_WRITING = frozenset({"Cc", "Cn", "Co", "Cs"})
_SAMPLE_BYTES = 200_000
_HEAD_BYTES = 4096
_SHORT_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Decoded:
    """``confidence`` is 1.0 when nothing was guessed; ``broken`` counts characters that could not be read."""

    text: str
    encoding: str
    confidence: float
    broken: int = 0


def decode(data: bytes, *, told: str | None = None, declared: str | None = None) -> Decoded:
    """The text of ``data``, without its byte order mark.

    ``told`` is a person's word and is believed. ``declared`` is what the file says of itself (HTML's
    meta element) and is believed where the bytes allow it.

    :raises ParseError: ENCODING_UNSURE, with the ``candidates`` in order, joined by commas.
    """
    if told is not None:
        return _as_told(data, told)
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            return Decoded(text, encoding, 1.0, text.count("\ufffd"))
    label = canonical(declared or "")
    hidden = _tolerantly(data, label) if label.startswith(_HIDDEN_IN_ASCII) else None
    if hidden:
        return Decoded(hidden[0], label, 0.95, hidden[1])
    switched = _switched(data)
    if switched:
        return switched
    bare = utf16_order(data[:_HEAD_BYTES])
    decoded = bare and _tolerantly(data, bare)
    if bare and decoded:
        return Decoded(decoded[0], bare, 0.95, decoded[1])
    try:
        return Decoded(data.decode("utf-8"), "utf-8", 1.0)
    except UnicodeDecodeError:
        pass
    decoded = _tolerantly(data, label)
    if decoded and label != "cp1252":
        # Pages in every encoding claim to be Latin-1, and every byte is a letter of it: no evidence.
        return Decoded(decoded[0], label, 0.95, decoded[1])
    return _nearly_utf8(data) or _guessed(data)


def load_for(data: bytes, *, told: str | None = None) -> None:
    """Loads every module that ``decode`` may need for ``data``, for a process that will close its files."""
    switching = [encoding for mark, encoding in _SWITCHED if mark.search(data)]
    for name in filter(None, [told, *switching, "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]):
        with contextlib.suppress(LookupError):
            codecs.lookup(name)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        for name in sorted(set(encodings.aliases.aliases.values())):
            with contextlib.suppress(LookupError, ImportError):
                codecs.lookup(name)
        _candidates(b"\xb0\xa1\xe9 \xff")


def canonical(name: str) -> str:
    """The encoding by which text labelled ``name`` is read; unknown names come back in lower case."""
    name = name.strip().lower().replace("_", "-")
    return _FAMILIES.get(name, name)


def _switched(data: bytes) -> Decoded | None:
    if not data.isascii():
        return None
    for mark, encoding in _SWITCHED:
        decoded = _tolerantly(data, encoding) if mark.search(data) else None
        if decoded and (encoding != "hz" or _evidence_of_chinese(decoded[0]) >= _SURELY_CHINESE):
            return Decoded(decoded[0], encoding, 0.95, decoded[1])
    return None


def _as_told(data: bytes, told: str) -> Decoded:
    encoding = canonical(told)
    for mark, marked in _BOMS:
        if marked.startswith(encoding) and data.startswith(mark):
            data = data[len(mark) :]
            break
    decoded = _tolerantly(data, encoding)
    if decoded is None:
        raise ParseError(ParseErrorCode.ENCODING_UNSURE, encoding=told, **_named(_candidates(data)))
    return Decoded(decoded[0], encoding, 1.0, decoded[1])


def _nearly_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few broken places: a cut end, a byte flipped, a line pasted from elsewhere."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond_ascii = sum(character > "\x7f" for character in text) - broken
    if beyond_ascii < 20 * broken:
        return None
    return Decoded(text, "utf-8", 0.9, broken)


def _guessed(data: bytes) -> Decoded:
    chinese = _as_chinese(data)
    if chinese:
        return chinese
    candidates = _candidates(data)
    if candidates:
        encoding, confidence = candidates[0]
        text, broken = _tolerantly(data, encoding) or ("", 0)
        rivals = [score for other, score in candidates[1:] if _tolerantly(data, other) != (text, broken)]
        rival = rivals[0] if rivals else 0.0
        is_latin = encoding == "cp1252" and _is_latin_prose(text)
        is_clear = confidence >= 2 * rival and (encoding in _CHINESE or not _is_too_little(data))
        if (is_latin or is_clear) and not _looks_garbled(text, data):
            return Decoded(text, encoding, round(confidence / (confidence + rival), 2), broken)
    raise ParseError(ParseErrorCode.ENCODING_UNSURE, **_named(candidates))


def utf16_order(head: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` for text in UTF-16 without a mark.

    In Latin text every second byte is zero. In other text some are, of line ends and blanks, and in one order alone it
    is made of the characters of languages.
    """
    even, odd, half = head[::2].count(0), head[1::2].count(0), len(head) // 2
    if half >= 2 and max(even, odd) > 0.4 * half and min(even, odd) < 0.05 * half:
        return "utf-16-le" if odd > even else "utf-16-be"
    orders = ("utf-16-le", "utf-16-be") if half >= 2 and (even or odd) else ()
    return next((order for order in orders if _is_of_languages(head, order)), None)


def _is_of_languages(head: bytes, order: str) -> bool:
    """Whether a beginning in UTF-16 is writing: nothing that no text holds, and many common characters."""
    try:
        text = codecs.getincrementaldecoder(order)().decode(head)
    except UnicodeDecodeError:
        return False
    beyond_ascii = [character for character in text if character > "\x7f"]
    common = sum(one in _COMMON or _OF_ALPHABETS.match(one) is not None for one in beyond_ascii)
    is_writing = all(one in "\t\n\r\f" or unicodedata.category(one) not in _NO_WRITING for one in text)
    return is_writing and common >= max(0.4 * len(beyond_ascii), 1)


def _looks_garbled(text: str, data: bytes) -> bool:
    """Whether the guess of an encoding with one byte to a character gave words that no language has."""
    beyond_ascii = sum(character > "\x7f" for character in text)
    return len(text) == len(data) and len(_ODD_IN_WORDS.findall(text)) > beyond_ascii * _ODD_SHARE


def _is_too_little(data: bytes) -> bool:
    """Too few characters for statistics, above all where they could be Chinese: better no guess."""
    beyond_ascii = sum(byte > 127 for byte in data[:_SHORT_BYTES])
    if len(data) >= _SHORT_BYTES or beyond_ascii >= 16:
        return False
    return beyond_ascii < 4 or any(_tolerantly(data, encoding) for encoding in _CHINESE)


def _as_chinese(data: bytes) -> Decoded | None:
    """``data`` as GB18030 or Big5 when its commonest characters say so, whatever else is possible.

    A few characters are enough: a statistical detector needs sentences, a short notice has none.
    """
    weighed = []
    for encoding in _CHINESE:
        decoded = _tolerantly(data, encoding)
        if decoded:
            weighed.append((_evidence_of_chinese(decoded[0]), encoding, *decoded))
    weighed.sort(reverse=True)
    if not weighed or weighed[0][0] < _SURELY_CHINESE:
        return None
    if len(weighed) == 2 and weighed[0][0] - weighed[1][0] < _SURELY_CHINESE / 2:
        return None
    evidence, encoding, text, broken = weighed[0]
    return Decoded(text, encoding, round(min(0.5 + evidence / 40, 0.99), 2), broken)


def _evidence_of_chinese(text: str) -> float:
    """Log likelihood ratio of running Chinese against characters spelled by chance."""
    evidence = 0.0
    for character in text[:5000]:
        if character in _COMMON:
            evidence += _IF_COMMON
        elif "\u4e00" <= character <= "\u9fff":
            evidence += _IF_RARE
        elif character > "\u00ff" and character not in "，。、；：？！“”‘’（）《》…—·「」『』\u3000％℃①②③④⑤":
            evidence += 2 * _IF_RARE  # letters of other scripts, private use, rare ideographs
    return evidence


def _candidates(data: bytes) -> list[tuple[str, float]]:
    """chardet's candidates that can read ``data``, best first, each encoding once."""
    import chardet

    found = chardet.detect_all(
        data[:_SAMPLE_BYTES], ignore_threshold=True, encoding_era=chardet.EncodingEra.MODERN_WEB
    )
    candidates: dict[str, float] = {}
    for guess in found:
        encoding = canonical(guess["encoding"] or "")
        if encoding and encoding not in candidates and _tolerantly(data, encoding):
            candidates[encoding] = guess["confidence"]
    return list(candidates.items())


def _tolerantly(data: bytes, encoding: str) -> tuple[str, int] | None:
    """The text and its number of unreadable places, or None when they are too many or the name is unknown."""
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    except (LookupError, ValueError):
        return None
    broken = text.count("\ufffd")
    beyond_ascii = sum(character > "\x7f" for character in text)
    return (text, broken) if broken <= beyond_ascii * _BROKEN_SHARE else None


def _is_latin_prose(text: str) -> bool:
    """English or a neighbour of it: a few accents or curly quotes among plain letters."""
    letters = sum(character.isalpha() for character in text)
    plain = sum(character.isascii() and character.isalpha() for character in text)
    controls = sum("\x7f" <= character < "\xa0" for character in text)
    return plain > 4 and plain >= 0.8 * letters and not controls


def _named(candidates: list[tuple[str, float]]) -> dict[str, str]:
    """The fact that tells them, where there are any."""
    return {"candidates": ",".join(encoding for encoding, _ in candidates[:5])} if candidates else {}
