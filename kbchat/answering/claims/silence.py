"""What says no more than that the sources do not tell: how a small model words a refusal. It is no claim.

"Not stated" and 没有规定 are words of rules too, so what is said must be said of the sources, or begin so; and a number
or a date that the question did not bring is never a part of it.
"""

import re
from typing import Final

from kbchat.analysis import content_words, sentences
from kbchat.answering.claims.claim import has_fact
from kbchat.answering.facts import Facts, facts_of

NOTHING_GIVEN: Final = Facts((), ())

_SOURCES: Final = r"(?:passages?|sources?|documents?|excerpts?|texts?|materials?|context|handbooks?)"
_CHINESE_SOURCES: Final = "(?:段落|来源|文档|资料|文件|材料|原文|上下文|内容)"
_TELLS: Final = (
    r"(?:say|mention|cover|state|specify|describe|contain|include|address|give|provide|explain|answer|tell)s?"
)
_CHINESE_TELL: Final = "(?:提到|提及|说明|涉及|包含|规定|给出|涵盖|找到|提供|记载|写明|回答|相关|有关|关于)"
_DO_NOT: Final = "(?:(?:do|does|did|can|could)(?: not|n['’]t)|cannot)"
_KNOWLEDGE: Final = r"(?:mention|information|details?|answer|reference)"
_SILENT: Final = re.compile(
    "|".join(
        (
            # "The passages do not mention": not "documents that do not contain a receipt".
            rf"\b{_SOURCES}\b(?!\s+(?:that|which|who)\b).{{0,40}}?\b{_DO_NOT}\b.{{0,20}}\b{_TELLS}\b",
            rf"\b(?:none of|no|neither of)\b.{{0,20}}\b{_SOURCES}\b.{{0,20}}\b{_TELLS}\b",
            rf"\bthere (?:is|are|was|were) (?:no|not any) (?:\w+ )?{_KNOWLEDGE}\b",
            rf"\b(?:contains?|have|has|found) no (?:\w+ )?{_KNOWLEDGE}\b",
            rf"^\W*no (?:\w+ )?{_KNOWLEDGE}\b(?! (?:may|must|shall|should|can)\b)",
            r"\b(?:is|are|was|were) not (?:\w+ly )?(?:mentioned|stated|specified|described|addressed)\b",
            rf"\bnot (?:\w+ly )?(?:covered|given|provided|included|found|available)\b.{{0,20}}\b{_SOURCES}\b",
            rf"\bI (?:{_DO_NOT}|(?:was|am) unable to) (?:find|determine|answer|tell|locate|know|have)\b(?! to\b)",
            r"^\W*not found\W*$",
            rf"{_CHINESE_SOURCES}.{{0,12}}(?:没有|并未|均未|未|不)(?:明确|直接|具体)?.{{0,4}}{_CHINESE_TELL}",
            r"^\W*(?:目前|很?抱歉|对不起)?[，,]?我?(?:没有|并未|未能?)(?:找到|提到|提及|查到|说明|给出|提供)",
            r"没有(?:任何)?(?:相关|有关|关于.{0,20}?)的?(?:信息|内容|说明|资料|答案)",
            r"无法(?:确定|回答|得知|判断)(?!的)",
            r"^\W*我?不(?:知道|清楚)",
        )
    ),
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
_NUMBERED: Final = re.compile(rf"(?:{_SOURCES}|{_CHINESE_SOURCES})\s*#?\d{{1,3}}", re.IGNORECASE)


def stated(claim: str, given: Facts = NOTHING_GIVEN) -> str:
    """What a claim states besides: "" where it only says that the sources do not tell. `given`: what the question
    has."""
    parts = _JOINT.split(claim)
    kept = [part for part in parts if part.strip() and not _is_silent(part, given)]
    return claim if len(kept) == len([part for part in parts if part.strip()]) else " ".join(kept)


def says_not_found(text: str) -> bool:
    """Whether a sentence of `text` says that the sources do not tell."""
    return any(
        _is_silent(part, NOTHING_GIVEN)
        for span in sentences(text)
        for part in _JOINT.split(text[span.start : span.end])
    )


def is_bare(text: str) -> bool:
    """Whether it is a yes or a no, and no word more that says anything."""
    return _BARE.match(text) is not None and not content_words(_BARE.sub("", text))


def _is_silent(said: str, given: Facts) -> bool:
    if _SILENT.search(said) is None:
        return False
    told = facts_of(_NUMBERED.sub(" ", said))
    return all(has_fact(given, fact) for fact in told.every if getattr(fact, "unit", "") != "rate")
