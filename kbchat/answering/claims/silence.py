"""What says no more than that the sources do not tell: how a small model words a refusal. It is no claim.

"Not stated" and 没有规定 are words of rules too. So what cites something has to speak of the passages themselves; and a
number or a date that the question did not bring is never a part of it.
"""

import re
from typing import Final

from kbchat.analysis import content_words, sentences
from kbchat.answering.claims.claim import has_fact
from kbchat.answering.facts import Facts, facts_of

NOTHING_GIVEN: Final = Facts((), ())

_SOURCES: Final = r"(?:sources?(?! code)|documents?|texts?|materials?|handbooks?|information)"
_PASSAGES: Final = (
    r"(?:passages?|excerpts?|context|"
    rf"(?:provided|given|supplied|available|retrieved|these|above|cited) (?:\w+ )?{_SOURCES})"
)
_TELLS: Final = (
    r"(?:say|mention|cover|state|specify|describe|contain|include|address|give|provide|explain|answer|tell)s?"
)
_TOLD: Final = (
    r"(?:mentioned|stated|specified|described|addressed|covered|given|provided|included|found|available)"
)
_DO_NOT: Final = "(?:do|does|did)(?: not|n['’]t)"
_KNOWLEDGE: Final = r"(?:mention|information|details?|answer|reference)"
_AM_UNABLE: Final = "(?:(?:do|did|can|could)(?: not|n['’]t)|cannot|(?:was|am) unable to)"
# "documents that do not contain a receipt"
_NO_RELATIVE: Final = r"(?!\s+(?:that|which|who)\b)"
_CHINESE_SOURCES: Final = "(?:文档|资料|文件|材料|来源|内容|信息|原文)"
_CHINESE_PASSAGES: Final = (
    f"(?:段落|上下文|(?:所给|提供|给定|上述|这些|以上|检索到)的?.{{0,4}}{_CHINESE_SOURCES})"
)
_CHINESE_NOT: Final = "(?:没有|并未|均未|未(?!经)|不(?![得予能对会应可需许准]))(?:明确|直接|具体)?"
_CHINESE_TELL: Final = "(?:提到|提及|说明|涉及|包含|规定|给出|涵盖|找到|提供|记载|写明|回答|相关|有关|关于)"

_OF_PASSAGES: Final = (
    rf"\b{_PASSAGES}\b{_NO_RELATIVE}.{{0,40}}?\b{_DO_NOT}\b.{{0,20}}\b{_TELLS}\b",
    rf"\b(?:none of|no|neither of)\b.{{0,20}}\b{_PASSAGES}\b.{{0,20}}\b{_TELLS}\b",
    rf"\bnot (?:\w+ly )?{_TOLD}\b.{{0,20}}\b{_PASSAGES}\b",
    rf"\bno (?:\w+ )?{_KNOWLEDGE}\b.{{0,60}}\b{_PASSAGES}\b",
    rf"\b{_SOURCES}\b{_NO_RELATIVE}.{{0,40}}?\b{_DO_NOT}\b.{{0,20}}\b(?:mention|say|tell)\b",
    f"{_CHINESE_PASSAGES}.{{0,12}}{_CHINESE_NOT}.{{0,4}}{_CHINESE_TELL}",
    f"{_CHINESE_SOURCES}.{{0,8}}{_CHINESE_NOT}.{{0,2}}(?:提到|提及)",
)
_UNCITED: Final = (
    rf"\b{_SOURCES}\b{_NO_RELATIVE}.{{0,40}}?\b{_DO_NOT}\b.{{0,20}}\b{_TELLS}\b",
    rf"\bnot (?:\w+ly )?{_TOLD}\b.{{0,20}}\b{_SOURCES}\b",
    rf"\bthere (?:is|are|was|were) (?:no|not any) (?:\w+ )?{_KNOWLEDGE}\b",
    rf"\b(?:contains?|have|has|found) no (?:\w+ )?{_KNOWLEDGE}\b",
    rf"^\W*no (?:\w+ )?{_KNOWLEDGE}\b(?=\W*$|.{{0,30}}\b(?:about|on|regarding|found|available|given|provided)\b)",
    r"(?<!that )(?<!which )\b(?:is|are|was|were) not (?:\w+ly )?(?:mentioned|stated|specified|described|addressed)\b",
    rf"\bI {_AM_UNABLE} (?:find|determine|answer|tell|locate|know|have)\b(?! to\b)",
    r"^\W*not found\W*$",
    f"{_CHINESE_SOURCES}.{{0,12}}{_CHINESE_NOT}.{{0,4}}{_CHINESE_TELL}",
    r"^\W*(?:目前|很?抱歉|对不起)?[，,]?我?(?:没有|并未|未能?)(?:找到|提到|提及|查到|说明|给出|提供)",
    r"没有(?:任何)?(?:相关|有关|关于.{0,20}?)的?(?:信息|内容|说明|资料|答案)",
    r"无法(?:确定|回答|得知|判断)",
    r"^\W*我?不(?:知道|清楚)",
)
_SAYS_OF_PASSAGES: Final = re.compile("|".join(_OF_PASSAGES), re.IGNORECASE)
_SAYS: Final = re.compile("|".join((*_OF_PASSAGES, *_UNCITED)), re.IGNORECASE)
# "If it is not specified, …", 未提供发票的，不予报销: what holds then is a rule.
_CONDITION: Final = re.compile(
    r"^\W*(?:if|when|where|unless|whenever|in case)\b|(?:的|时|者|情况|的话)(?:[，,、]|[不须应由请可]|$)",
    re.IGNORECASE,
)
# What stands behind one of these is said by itself.
_JOINT: Final = re.compile(
    r"[,;，；。]?\s*(?:\b(?:so|but|however|therefore|thus|hence)\b|但是?|不过|因此|所以)[,，]?\s*",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    r"^\W*(?:yes|no|nope|yeah|是的?|不是|否|不?可以|不?能|不?会|不?对|没有|有)(?![a-z])", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r"(?:passages?|sources?|documents?|段落|文档|来源)\s*#?\d{1,3}", re.IGNORECASE)


def stated(claim: str, given: Facts = NOTHING_GIVEN, *, is_cited: bool = False) -> str:
    """What a claim states besides: "" where it only says that the sources do not tell. `given`: what the question has.
    `is_cited`: it names a passage for it, and so speaks of the passages or of what they say."""
    parts = [part for part in _JOINT.split(claim) if part.strip()]
    kept = [part for part in parts if not _is_silent(part, given, is_cited=is_cited)]
    return claim if len(kept) == len(parts) else " ".join(kept)


def says_not_found(text: str, *, is_cited: bool = False) -> bool:
    """Whether a sentence of `text` says that the sources do not tell."""
    return any(
        _is_silent(part, NOTHING_GIVEN, is_cited=is_cited)
        for span in sentences(text)
        for part in _JOINT.split(text[span.start : span.end])
    )


def is_bare(text: str) -> bool:
    """Whether it is a yes or a no, and no word more that says anything."""
    return _BARE.match(text) is not None and not content_words(_BARE.sub("", text))


def _is_silent(said: str, given: Facts, *, is_cited: bool) -> bool:
    if (_SAYS_OF_PASSAGES if is_cited else _SAYS).search(said) is None or _CONDITION.search(said):
        return False
    told = facts_of(_NUMBERED.sub(" ", said))
    return all(has_fact(given, fact) for fact in told.every if getattr(fact, "unit", "") != "rate")
