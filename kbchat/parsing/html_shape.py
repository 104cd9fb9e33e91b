"""Whether a page can be taken apart in a time that its length lets expect.

For each tag a parser looks at what is open around it, and for each attribute at those before it: nesting and attributes
beyond what any page has cost the square of their number.
"""

import re
from collections import Counter
from typing import Final

from kbchat.parsing.errors import ParseError, ParseErrorCode

_MOST_OPEN: Final = 10_000
_MOST_ATTRIBUTES: Final = 10_000
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_WHOLE_TAG: Final = re.compile(r"""<[a-zA-Z](?:[^"'>]++|"[^"]*+"|'[^']*+')*+""")
_QUOTED: Final = re.compile(r""""[^"]*+"|'[^']*+'""")
# Nothing stands inside them, or the next one of their kind ends them.
_NEVER_OPEN: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "dt", "dd", "td", "th", "tr", "thead", "tbody", "tfoot", "colgroup", "caption", "option", "optgroup",
    "rp", "rt",
})  # fmt: skip


def require_reasonable(html: str) -> None:
    """:raises ParseError: CORRUPT for more open elements, or more attributes of one, than any page has."""
    if html.count("<") > _MOST_OPEN and _most_open(html) > _MOST_OPEN:
        raise ParseError(ParseErrorCode.CORRUPT, cause="nesting")
    for tag in _WHOLE_TAG.finditer(html):
        if tag.end() - tag.start() > _MOST_ATTRIBUTES and _attributes(tag.group()) > _MOST_ATTRIBUTES:
            raise ParseError(ParseErrorCode.CORRUPT, cause="attributes")


def _most_open(html: str) -> int:
    opened: Counter[str] = Counter()
    count = most = 0
    for end, name in _TAG.findall(html):
        name = name.lower()
        if name in _NEVER_OPEN or (end and not opened[name]):
            continue
        step = -1 if end else 1
        opened[name] += step
        count += step
        most = max(most, count)
    return most


def _attributes(tag: str) -> int:
    bare = _QUOTED.sub("", tag)
    return max(len(bare.split()), bare.count("="))
