"""Headings known by their number alone, in texts that mark them in no other way.

第一章 总则, 一、适用范围, （二）审批流程, 1.2 Scope, Chapter 3, 附录A. Careful on purpose: a line that could
be a sentence or an item of a list is none. Knows lines of text only.
"""

import re

_HANZI = "〇零一二三四五六七八九十百千两"
_NUMBER = rf"[{_HANZI}\d０-９]+"
_SENTENCE_END = tuple("。！？；，、.!?;,:：…")
_LONGEST_CHINESE = 40
_LONGEST_LATIN = 90

# From the widest to the narrowest; ranks only have to be in order, a text need not use all of them.
_RANKS = (
    (1, re.compile(rf"第{_NUMBER}[编編篇部卷](?:分)?(?=\s|$|[^\w])")),
    (1, re.compile(r"(?:Part|PART|Book|BOOK)\s+(?:[IVXLC]+|\d+|[A-Z])\b")),
    (2, re.compile(rf"第{_NUMBER}章")),
    (
        2,
        re.compile(
            r"(?:Chapter|CHAPTER|Article|ARTICLE|Appendix|APPENDIX|Annex|ANNEX)\s+(?:[IVXLC]+|\d+|[A-Z])\b"
        ),
    ),
    (2, re.compile(rf"附[录錄件](?:{_NUMBER}|[A-Z])?(?=[\s:：]|$)")),
    (3, re.compile(rf"第{_NUMBER}[节節]")),
    (3, re.compile(r"(?:Section|SECTION)\s+(?:[IVXLC]+|\d+)\b")),
    (4, re.compile(rf"[{_HANZI}]{{1,3}}、")),
    (5, re.compile(rf"[（(][{_HANZI}]{{1,3}}[）)]")),
)
_RANK_OF_SINGLE = 6
"""1 Scope; then 1.1, 1.1.1 below it. Last of all: beside another numbering they stand inside it."""
_DECIMAL = re.compile(
    r"(\d{1,2}(?:\.\d{1,2}){1,4})\.?[\s\u3000]+(?=[^\W\d_])|(\d{1,2}(?:\.\d{1,2}){1,4})(?=[\u4e00-\u9fff])"
)
_SINGLE = re.compile(r"(\d{1,2})[.、．]?[\s\u3000]+(?=[A-Z\u4e00-\u9fff])")


def numbered_rank(line: str, *, stands_alone: bool) -> int | None:
    """The rank (1 is the highest) of a heading that begins with its number, None for any other line.

    ``stands_alone``: the line has blank space around it, or other evidence speaks for a heading. Only then
    may ``1 Scope`` be one, which otherwise is an item of a list.
    """
    line = line.strip()
    if not line or len(line) > _LONGEST_LATIN or line.endswith(_SENTENCE_END) or len(line) > _longest(line):
        return None
    for rank, pattern in _RANKS:
        if pattern.match(line):
            return rank if stands_alone or rank < 4 or _is_short(line) else None
    decimal = _DECIMAL.match(line)
    if decimal and (stands_alone or _is_short(line)):
        return min(_RANK_OF_SINGLE + (decimal[1] or decimal[2]).count("."), 9)
    if stands_alone and _SINGLE.match(line) and _is_short(line):
        return _RANK_OF_SINGLE
    return None


def _longest(line: str) -> int:
    has_chinese = any("\u4e00" <= character <= "\u9fff" for character in line)
    return _LONGEST_CHINESE if has_chinese else _LONGEST_LATIN


def _is_short(line: str) -> bool:
    return len(line) <= _longest(line) * 2 // 3
