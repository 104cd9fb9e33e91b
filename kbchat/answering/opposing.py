"""Do two clauses on the same matter say the opposite? By denial, bounds, and pairs of words that exclude each other."""

import re
from typing import Final

from kbchat.answering.conditions import rules_differ
from kbchat.answering.denial import bounds, denies

_PAIRS: Final = tuple(
    (re.compile(one, re.IGNORECASE), re.compile(other, re.IGNORECASE))
    for one, other in (
        (
            (
                r"\b(?:before|prior to|ahead of|earlier than)\b|"
                r"[之以]前|(?<=[年月日天时点周\d])\s?前|前(?=\s?[\d一二两三四五六七八九十])|早于"
            ),
            (
                r"\b(?:after|once|later than|following)\b|"
                r"[之以][后後]|(?<=[年月日天时点周\d])\s?[后後]|[后後](?=\s?[\d一二两三四五六七八九十])|[晚迟]于"
            ),
        ),
        (
            r"\b(?:only|solely|exclusively|just)\b|只|[仅僅]|才",
            r"\b(?:also|too|as well|even|in addition)\b|也|[还還]|均|都",
        ),
        (
            r"\b(?:paid|reimbursed|refunded|kept|retained|given back|returned)\b|支付|[发發]放|[报報][销銷]|保留",
            r"\b(?:forfeit(?:ed|s)?|lost|lapses?|expires?|unpaid)\b|作[废廢]|[丧喪]失|清零|扣除",
        ),
        (
            r"\b(?:allow(?:ed|s)?|permit(?:ted|s)?|may|can)\b|可以?|[允准][许許]",
            r"\b(?:prohibit(?:ed|s)?|forbid(?:den|s)?|ban(?:ned|s)?)\b|禁止|[严嚴]禁",
        ),
        (
            r"\b(?:support(?:s|ed)?|favou?r(?:s|ed)?|approve[sd]?)\b|支持|[赞贊]成|同意",
            r"\b(?:oppose[sd]?|against|reject(?:s|ed)?|decline[sd]?)\b|反[对對]|拒[绝絕]|否[决決]",
        ),
        (
            r"\b(?:more|higher|longer|greater|larger|faster|increase[sd]?|rise[s]?|rose|above|over)\b|增加|提高|上[升调調]|高于|多于|超[过過]|以上",
            r"\b(?:less|fewer|lower|shorter|smaller|slower|decrease[sd]?|reduce[sd]?|falls?|fell|below|under)\b|[减減]少|降低|下[降调調]|低于|少于|不足|不[满滿到]|以下",
        ),
        (
            r"\b(?:include[sd]?|including|with)\b|包括|包含|[计計]入",
            r"\b(?:exclude[sd]?|excluding|without)\b|除外|不含",
        ),
        (r"\b(?:always|every time|all)\b|[总總]是|全部|所有", r"\b(?:never|none)\b|[从從]不"),
        (
            r"\b(?:first|earliest|begin(?:s|ning)?|start(?:s|ed)?)\b|最早|[开開]始|首",
            r"\b(?:last|latest|end(?:s|ed)?)\b|最晚|[结結]束|末",
        ),
        (
            r"\b(?:required|mandatory|must|have to|has to|obliged)\b|必[须須]|[须須]|[应應][当當]?|[强強]制",
            r"\b(?:optional|voluntary|need not)\b|自[愿願]|可[选選]",
        ),
        (r"\b(?:working|business) (?:day|hour)s?\b|工作日", r"\b(?:calendar|consecutive) days?\b|自然日"),
        (r"\binternal(?:ly)?\b|[内內]部", r"\bexternal(?:ly)?\b|外部"),
        (
            r"\bpublic(?:ly)?\b|公[开開]",
            r"\b(?:private|confidential|internal|secret)\b|保密|[机機]密|[内內]部",
        ),
    )
)


def opposed(one: str, other: str) -> bool:
    """Whether clauses that speak of the same matter exclude each other."""
    is_inverted = rules_differ(one, other)
    for this, that in _PAIRS:
        mine, theirs = _side(one, this, that), _side(other, this, that)
        if mine * theirs < 0 and not _is_denial(this, that, one, other):
            is_inverted = not is_inverted
    if is_inverted:
        return True
    mine_bounds, their_bounds = bounds(one), bounds(other)
    return bool(mine_bounds) and bool(their_bounds) and not mine_bounds & their_bounds


def _is_denial(this: re.Pattern[str], that: re.Pattern[str], one: str, other: str) -> bool:
    """Whether words of the pair are denials themselves ("never", 禁止, "without"), which are told already."""
    found = (pattern.search(clause) for clause in (one, other) for pattern in (this, that))
    return any(denies(match[0]) for match in found if match)


def _side(clause: str, this: re.Pattern[str], that: re.Pattern[str]) -> int:
    """1 where the clause has the one, -1 where it has the other, 0 for none or both."""
    return bool(this.search(clause)) - bool(that.search(clause))
