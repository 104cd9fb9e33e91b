"""Does a clause deny, and which way does it bound a quantity? Told by closed lists of words."""

import re
from enum import StrEnum
from typing import Final

from kbchat.analysis import content_words
from kbchat.analysis.folding import fold
from kbchat.answering.numerals import repetitions


class Bound(StrEnum):
    AT_MOST = "at_most"
    AT_LEAST = "at_least"


# One scan for both, so that "no less than" is taken whole before its "less than" is seen.
_BOUND: Final = re.compile(
    r"(?P<at_most>\b(?:at most|no(?:t)? (?:more|longer|later|greater|higher) than|(?:not|cannot) "
    r"exceed(?:ing)?|"
    r"up to|maximum|(?:less|fewer) than)\b|\b(?:under|below|within)(?= [$€£¥]?\d)|"
    r"不(?:得|能|可|应)?(?:超过|多于|高于|晚于|迟于|大于)|最多|至多|最高|最长|上限|以内|以下|"
    r"不到|不满|不足|低于|少于)|"
    r"(?P<at_least>\b(?:at least|no(?:t)? (?:less|fewer|earlier|lower|shorter) than|minimum|"
    r"(?:more|longer) than|exceed(?:s|ing)?)\b|\b(?:over|above|beyond)(?= [$€£¥]?\d)|"
    r"不(?:得|能|可|应)?(?:少于|低于|小于|短于|早于)|至少|最少|最低|下限|以上|超过|多于|高于)",
    re.IGNORECASE,
)
# Words that hold a negative syllable and deny nothing.
_HARMLESS: Final = re.compile(
    r"\bnot (?:only|just|merely)\b|\bwhether or not\b|\bno (?:more|less|fewer|later|earlier|longer) than\b|"
    r"\bnot (?:more|less|fewer|later|earlier|longer) than\b|\bno\. ?\d|\bno (?:matter|doubt|problem)\b|"
    r"不仅|不但|不只|不光|不过|不同|不断|不久|不定期|不限(?:于)?|是否|无论|不论|不管|非常|除非|未来|未婚|"
    r"无线|不可抗力|不动产|不平等|不利|不良|不便|不幸|不安|不适|不确定|不规则|不当|"
    r"能不能|可不可以|要不要|会不会|是不是|有没有|差不多|不好意思|不得不|不能不|无不|非得|非洲|南非|"
    r"不(?:得|能|可|应)?(?:超过|少于|低于|高于|多于|晚于|早于|迟于|大于|小于|短于|到|满|足)",
    re.IGNORECASE,
)
_DENIAL: Final = re.compile(
    r"\b(?:not|no|never|none|nor|neither|cannot|without|nobody|nothing|nowhere|prohibited|forbidden|banned|"
    r"disallowed|ineligible|"
    r"excluded|refused|denied)\b|n['’]t\b|"
    r"不|没|未|无|勿|莫|[并绝]非|非经|禁止|严禁|拒绝|免除",
    re.IGNORECASE,
)
# What a noun is described by: "days that you have not used" are unused days, and nothing is denied of them.
_DESCRIBING: Final = re.compile(
    r"\b(?:that|which|who)\b(?: \w+){0,4}?(?: (?:not|never)|n['’]t)(?: been)? \w+|"
    r"[未没不][有]?[\u4e00-\u9fff]{1,3}的(?![不须應应由可均也要必需不])(?=[\u4e00-\u9fff])",
    re.IGNORECASE,
)
_DENIED_WORDS: Final = 1
_CLAUSE_END: Final = re.compile(
    r"[,;:，；：。.!！?？()（）—]+\s*|\s{1,4}(?:but|and(?! a half\b)|or|while|although|unless|except|if|however|"
    r"because|so)\s+|"
    r"但是?|而且|并且|如果|除非|否则",
    re.IGNORECASE,
)

_INITIAL: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]$")


def denies(clause: str) -> bool:
    return _DENIAL.search(_predicate(clause)) is not None


def denied(clause: str) -> frozenset[str]:
    """The words right behind a denial, as terms: what it denies."""
    text = _predicate(clause)
    return frozenset(
        word
        for match in _DENIAL.finditer(text)
        for word in content_words(text[match.end() :])[:_DENIED_WORDS]
    )


def _predicate(clause: str) -> str:
    return _DESCRIBING.sub(" ", _HARMLESS.sub(" ", fold(clause)))


def bounds(clause: str) -> frozenset[Bound]:
    return frozenset(Bound(match.lastgroup) for match in _BOUND.finditer(fold(clause)) if match.lastgroup)


def without_bounds(clause: str) -> str:
    return _BOUND.sub(" ", clause)


def clauses(text: str) -> list[str]:
    """Parts of `text` that state one thing each; never empty unless `text` is blank."""
    return [part for part in map(str.strip, _split(text)) if part]


def _split(text: str) -> list[str]:
    # A full stop or comma between digits, and a full stop after a single letter ("p.m."), separates nothing.
    parts, start = [], 0
    repeated = {place for span in repetitions(text).items() for place in range(*span)}
    for end in _CLAUSE_END.finditer(text):
        inside = text[end.start() - 1 : end.start()].isdigit() and text[end.end() : end.end() + 1].isdigit()
        is_initial = end.group()[0] == "." and _INITIAL.search(text, 0, end.start()) is not None
        if end.start() not in repeated and not is_initial and not (inside and end.group() in {".", ",", ":"}):
            parts.append(text[start : end.start()])
            start = end.end()
    return [*parts, text[start:]]
