"""A text cut into sentences, with their exact places. English and Chinese rules in one: texts mix them.

A sentence ends at 。！？；… and at . ! ? with the closing quotes and brackets behind them, and at the end of
a line that is not merely wrapped. A full stop inside numbers, addresses and abbreviations ends nothing.
"""

import re
from collections.abc import Iterator

from kbchat.analysis.scripts import HAN, KANA
from kbchat.core.text import Span

_CLOSING = r"[”’」』）)\]】》〉\"'*_]*"
# Citation marks stand behind the full stop in some texts and belong to the sentence before them.
_END = re.compile(rf"[.!?。！？；…｡．]+{_CLOSING}(?:\[[0-9]{{1,3}}\])*")
_LINE_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_ALWAYS = frozenset("。！？；…｡")
_GOES_ON = frozenset("，、,;；：:)）」』】》")
_ASIAN = re.compile(f"[{HAN}{KANA}]")
# "1.5 days" and "U.S. law" are the rest of a sentence.
_LIST_MARK = re.compile(
    r"[ \t]*(?:[-*+•·–—]\s|[(（]?(?:(?:[0-9]{1,3}|[A-Za-z]|[一二三四五六七八九十]{1,3})[)、）]|"
    r"(?:[0-9]{1,3}|[一二三四五六七八九十]{1,3})[.．](?![0-9a-z])|[A-Za-z][.．](?![0-9A-Za-z]))|[#|>])"
)

# Never the last word of a sentence.
_TITLES = """mr mrs ms dr prof rev hon gen col sgt capt lt sen rep gov pres st mt ft vs cf viz fig figs eq eqs
sec secs ch vol pp ed eds al approx est ca resp dept e.g i.e eg ie u.k"""
# Before a figure only: "No. 5" goes on, and "No." is an answer.
_NUMBERED = """no nos p pg jan feb mar apr jun jul aug sep sept oct nov dec art ver"""
# May end a sentence, and then a word that starts one follows.
_MAYBE_LAST = """etc inc ltd co corp bros jr sr ph.d b.sc m.sc"""
_STARTING = """a after all although an and any as at because before both but by do does during each either
employees every for from he here how however i if in is it its many most my no not of on once one only or our
please see she since so some such that the their then there these they this those to under until upon we what
when where whether which while who why with you your"""
_BEFORE_A_NAME = frozenset(_TITLES.split())
_BEFORE_A_NUMBER = frozenset(_NUMBERED.split())
_PERHAPS_LAST = frozenset(_MAYBE_LAST.split())
_STARTERS = frozenset(_STARTING.split())
_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")
_LAST_WORD = re.compile(r"[^\s(（\[\"'“‘]*$")
_NEXT_WORD = re.compile(r"[\s“‘\"'(（\[*_]*([^\W\d_]*)")

# A line that ends in one of these has lost the rest of its sentence.
_UNFINISHED = re.compile(r"\b(?:and|or|of|the|a|an|to|in|for|with|by|on|from|at|is|are|that|which)$")

# A line this long that breaks off without an end was wrapped by its writer's margin.
_WRAPPED_LINE = 30
# Enough to see the word before and behind a full stop; keeps the whole linear.
_WINDOW = 40


def sentences(text: str) -> list[Span]:
    """Spans of the sentences of `text` in order, without surrounding blanks; only blanks are left out.

    Never raises; linear in the length of `text`.
    """
    spans: list[Span] = []
    for line_start, line_end in _lines(text):
        start = line_start
        for end in _END.finditer(text, line_start, line_end):
            if _is_end(text, end, line_start, line_end):
                _append(spans, text, start, end.end())
                start = end.end()
        _append(spans, text, start, line_end)
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    blank = len(piece) - len(piece.lstrip())
    if stripped := piece.strip():
        spans.append(Span(start + blank, start + blank + len(stripped)))


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of lines, wrapped ones joined."""
    start = line_start = 0
    for line_break in _LINE_BREAK.finditer(text):
        if not _is_wrap(text, line_start, line_break):
            yield start, line_break.start()
            start = line_break.end()
        line_start = line_break.end()
    yield start, len(text)


def _is_wrap(text: str, line_start: int, line_break: re.Match[str]) -> bool:
    """Whether the sentence runs on in the next line."""
    line = text[max(line_start, line_break.start() - _WINDOW) : line_break.start()].rstrip()
    behind = text[line_break.end() : line_break.end() + _WINDOW].lstrip(" \t")[:1]
    if len(line) < _WRAPPED_LINE or not behind.isalnum() or text.startswith(("#", "|"), line_start):
        return False
    if _LIST_MARK.match(text, line_break.end()) or line[-1] in ".!?:|":
        return False
    if line[-1] in ",，、" or behind.islower() or _UNFINISHED.search(line):
        return True
    return bool(_ASIAN.match(behind)) and bool(_ASIAN.match(line[-1]))


def _is_end(text: str, end: re.Match[str], line_start: int, line_end: int) -> bool:
    behind = text[end.end() : min(end.end() + _WINDOW, line_end)]
    ahead = behind.lstrip()
    if not ahead:
        return True
    if ahead[0] in _GOES_ON:
        return False
    marks = end[0].rstrip("”’」』）)]】》〉\"'*_[0123456789")
    if not _ALWAYS.isdisjoint(marks):
        return set(marks) != {"…"} or not _starts_small(ahead)
    before = text[max(line_start, end.start() - _WINDOW) : end.start()]
    if behind[0] == ahead[0]:  # nothing blank in between: 3.5, kbchat.org, 是吗?我
        return bool(_ASIAN.match(ahead)) and (marks[-1] != "." or bool(_ASIAN.match(before[-1:])))
    if _starts_small(ahead):
        return False
    return marks != "." or not _is_abbreviation(
        before, ahead, at_line_start=end.start() - line_start < _WINDOW
    )


def _starts_small(ahead: str) -> bool:
    word = _NEXT_WORD.match(ahead)
    return bool(word and word[1][:1].islower() and word[1].islower())


def _is_abbreviation(before: str, ahead: str, *, at_line_start: bool) -> bool:
    """Whether the full stop between `before` and `ahead` belongs to the word before it."""
    match = _LAST_WORD.search(before)
    word = match[0].casefold() if match else ""
    if at_line_start and word == before.strip().casefold() and (word.isdigit() or len(word) == 1):
        return True  # the number of a list item
    if word in _BEFORE_A_NAME:
        return True
    if word in _BEFORE_A_NUMBER:
        return ahead[0].isdigit()
    next_word = _NEXT_WORD.match(ahead)
    follows = next_word[1].casefold() if next_word else ""
    if word in _PERHAPS_LAST or _INITIALS.fullmatch(word):
        return bool(follows) and follows not in _STARTERS
    return len(word) == 1 and word.isalpha() and word != "i" and follows not in _STARTERS and bool(follows)
