"""What has to be lacking for a clause to hold: "without a badge", 未经批准.

It denies nothing of the rule: "must not enter without a badge" forbids, "may enter without a badge" permits, and "may
enter with a badge" goes with the first.
"""

import re
from typing import Final

from kbchat.analysis.folding import fold
from kbchat.answering.denial import denies

_LACKING: Final = re.compile(
    r"(?:[未非]经|没有|无(?![需须法权论不]))(?P<han>[\u4e00-\u9fff]{1,8}?)(?=擅自|不|方可|可|能|一?律|均|严禁|禁止)|"
    r"(?<=\w )without (?:(?:an?|the|any|prior|written|their|his|her|your) )*(?P<word>\w+)",
    re.IGNORECASE,
)
_GIVEN: Final = (
    r"\b(?:with|has|have|having|needs?|requires?)\b[^,;.]*\b{word}\b",
    r"(?<![未非没])(?:经|有|凭|持|须|需|应|获)[^，。；]{{0,8}}{word}",
)
# Of 主管书面同意 the last two: by whom may be left out.
_HEAD: Final = 2


def lacking(clause: str) -> str:
    """The thing; "" where there is none."""
    found = _LACKING.search(fold(clause))
    return (found["word"] or found["han"][-_HEAD:]) if found else ""


def is_met(thing: str, clause: str) -> bool:
    """Whether by `clause` the thing is there."""
    english, chinese = _GIVEN
    pattern = (english if thing.isascii() else chinese).format(word=re.escape(thing))
    return thing != "" and re.search(pattern, fold(clause), re.IGNORECASE) is not None


def without_condition(clause: str) -> str:
    return _LACKING.sub(" ", fold(clause))


def rules_differ(one: str, other: str) -> bool:
    """Whether one of the clauses denies what the other does not, the conditions of both considered."""
    mine, theirs = lacking(one), lacking(other)
    if mine and theirs:
        return denies(without_condition(one)) != denies(without_condition(other))
    if (mine and is_met(mine, other)) or (theirs and is_met(theirs, one)):
        return denies(without_condition(one)) == denies(without_condition(other))
    return denies(one) != denies(other)
