"""Names and nouns of a clause, each with the words beside it: the place that something else would stand in.

"Approved by the manager" and "approved by the board" have the same place and fill it with something else.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kbchat.analysis import content_words
from kbchat.analysis.folding import fold
from kbchat.analysis.han import han_tagged

_TOKEN: Final = re.compile(
    r"(?P<han>[\u4e00-\u9fff]+)|(?P<word>[^\W\u4e00-\u9fff]+(?:['.-][^\W\u4e00-\u9fff]+)*)|[^\w\s·•‧]"
)
# What stands before a noun and names nothing: it is stepped over.
_DETERMINING: Final = (
    "the a an this that these those his her its their our your my any each every all some no"
)
_PREPOSITIONS: Final = (
    "of in on at by for with from to into through under over between against during about via as and or"
)
_DETERMINERS: Final = frozenset(_DETERMINING.split()) | frozenset("的该本其这那各每")
_BEFORE_NOUNS: Final = _DETERMINERS | frozenset(_PREPOSITIONS.split())
_NAME_TAGS: Final = ("nr", "ns", "nt", "nz", "j")
# Heads of what acts in an organisation: offices, bodies, posts.
_ROLE: Final = re.compile(
    r"(?:部|部门|处|局|科|室|中心|经理|负责人|主管|官|总监|总裁|主任|书记|委员会|公司|集团|大学|法庭|机房|前台|"
    r"服务台|热线|频道|银行|团队|董事会|上级|专员|秘书|组长|议会|政府|部长|馆|所|院|站|厅|署|组|队)$"
)
_ENGLISH_ROLES: Final = (
    "manager head officer lead leader director team department committee council board desk office hotline supervisor "
    "president minister ministry court bank company university agency bureau commission counsel lawyer partner "
    "controller auditor administrator owner contractor channel"
)
_ROLES: Final = frozenset(_ENGLISH_ROLES.split())
_EMPTY_TAGS: Final = ("f", "u", "p", "c", "d", "r", "m", "q", "x")
_MOST_REMEMBERED: Final = 1024
_NOUN_TAGS: Final = ("n", "j", "s", "eng", "i", "l")


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    term: str
    is_noun: bool = False
    is_content: bool = False
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """`filler`: terms of what stands there. `left`, `right`: terms of the content words that are its neighbours; what
    follows may stand behind further nouns of the same compound."""

    filler: tuple[str, ...]
    is_name: bool
    left: frozenset[str]
    right: frozenset[str]

    def is_place_of(self, other: "Slot") -> bool:
        return bool(self.left & other.left or self.right & other.right)


def slots_of(text: str, without: Container[str] = ()) -> Iterator[Slot]:
    """`without`: terms that fill no slot."""
    tokens = _tokens_of(text)
    start = 0
    while start < len(tokens):
        end = start
        while end < len(tokens) and tokens[end].is_noun and tokens[end].term not in without:
            end += 1
        if end > start:
            last = end
            while last < len(tokens) and tokens[last].is_noun:
                last += 1
            yield Slot(
                tuple(token.term for token in tokens[start:end]),
                any(token.is_name for token in tokens[start:end]),
                _neighbour(reversed(tokens[:start])),
                _neighbour(iter(tokens[end:])) | _neighbour(iter(tokens[last:])),
            )
        start = max(end, start + 1)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _tokens_of(text: str) -> tuple[_Token, ...]:
    return tuple(_tokens(fold(text)))


def _neighbour(tokens: Iterator[_Token]) -> frozenset[str]:
    """The first that is no determiner, if it is a content word."""
    found = next((token for token in tokens if token.word not in _DETERMINERS), None)
    return frozenset({found.term}) if found and found.is_content else frozenset()


def _tokens(text: str) -> Iterator[_Token]:
    before = ""
    for match in _TOKEN.finditer(text):
        if han := match["han"]:
            for word, tag in han_tagged(han):
                is_content = bool(content_words(word)) and not tag.startswith(_EMPTY_TAGS)
                is_name = tag.startswith(_NAME_TAGS) or _ROLE.search(word) is not None
                yield _Token(
                    word, word, is_content and (is_name or tag.startswith(_NOUN_TAGS)), is_content, is_name
                )
        elif word := match["word"]:
            terms = content_words(word)
            is_name = word[0].isupper() and bool(before)
            is_noun = bool(terms) and not word[0].isdigit() and (is_name or before in _BEFORE_NOUNS)
            yield _Token(
                word.lower(),
                terms[-1] if terms else word.lower(),
                is_noun,
                bool(terms),
                is_name or word.lower() in _ROLES,
            )
        else:
            yield _Token(match.group(), match.group())
        before = match.group().lower()
