"""Where a sentence holds a thing of the kind that a question asks for."""

import re
from collections.abc import Iterable
from typing import Final

from kbchat.answering.dates import CalendarDate
from kbchat.answering.expecting import Expectation, Kind
from kbchat.answering.facts import Facts, Quantity, facts_of
from kbchat.core.text import Span

_TIME_UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
# "How many days" is answered in weeks or months at the most, never in years.
_UNITS_APART: Final = 2
_MONEY_UNITS: Final = frozenset({"usd", "eur", "gbp", "cny", "hkd", "twd", "jpy", "chf"})
_NO_AMOUNT: Final = frozenset({"weekday", "ordinal", "clock", "monthday"})
_DATED: Final = frozenset({"weekday", "clock", "monthday"})

_TOLD_BY_WORDS: Final = {
    Kind.FREQUENCY: (
        r"\b(?:every|each|per) (?:\w+ )?(?:day|week|month|quarter|year|hour|sprint|morning|other|two|three|"
        r"six)"
        r"\w*\b|\b(?:daily|weekly|bi-?weekly|fortnightly|monthly|quarterly|annually|annual|yearly|once|twice|"
        r"semi-?annual\w*|hourly)\b|"
        r"每(?:隔)?(?:[一二两三四五六七八九十\d半]+)?个?(?:天|日|周|星期|月|季度|年|小时|半年|次)|一次|两次|"
        r"定期"
    ),
    Kind.PERSON: (
        r"\b(?:(?:your |the |a |an )?(?:\w+[- ]){0,2}(?:manager|supervisor|director|lead|officer|team|"
        r"department|office|hr|committee|chief|head|administrator|coordinator|facilitator|counsel|partner|"
        r"council|president|ceo|cto|cio|executive|representative|owner|staff|board|chapter|agency|contact|"
        r"assistant|analyst|specialist))s?\b|@[\w.-]+|\bI\.?T\.?\b|HR|"
        r"[\u4e00-\u9fff]{0,6}(?:经理|主管|总监|部门|部长|部(?=[门负审批]|$|[，。、])|委员会|负责人|领导|"
        r"团队|"
        r"办公室|总裁|主席|董事|会计|出纳|专员|管理员|人力资源|小组|中心|组长|局长|院长|教授|博士|公司|机构)|"
        r"(?<![.!?] )(?<!^)\b[A-Z][\w'’.-]+(?: (?:of |the |de |van |von )?[A-Z][\w'’.-]+)*|\b[A-Z]{2,}\b|"
        r"[\u4e00-\u9fff]{1,6}[·•][\u4e00-\u9fff·•]{1,12}|《[^》]+》"
    ),
    Kind.CONTACT: (
        r"https?://[^\s)>\]，。]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w/])#[a-z][\w-]+|"
        r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|cn|edu|io)\b(?:/[\w/.-]*)?|\+?\d[\d() -]{6,}\d"
    ),
    Kind.PLACE: (
        r"https?://[^\s)>\]，。]+|"
        r"\b(?:in|at|on|to|from|near|inside|under|into|through|via|using) (?:the |our |your |a )?(?:\w+ "
        r"){0,2}"
        r"(?:office|building|room|floor|drive|folder|portal|site|page|website|channel|system|tool|form|"
        r"calendar|city|directory|repository|spreadsheet|dashboard|server|tab|menu|list)\b|"
        r"\b(?:in|at|from|to|near|on|of) (?:the )?[A-Z][\w-]+|"
        r"[\u4e00-\u9fff]{1,8}(?:市|省|区|县|镇|路|街|大厦|楼|层|室|中心|系统|平台|网站|页面|门户|文件夹|"
        r"办公室|园区|公司|国|州|城|岛|河|湖|山|洲|学院|大学|机场)|"
        r"(?:位于|设在|坐落|在)[\u4e00-\u9fff]{2,}"
    ),
    Kind.REASON: (
        r"\b(?:because|since|due to|so that|in order to|as a result|therefore|helps?|"
        r"to (?:ensure|protect|avoid|allow|help|make|give|keep|prevent)|the (?:reason|purpose|goal|aim))\b|"
        r"因为|由于|因此|所以|以便|为了|旨在|目的|原因|导致|从而"
    ),
    Kind.MANNER: (
        r"\b(?:submit|fill|click|go to|log ?in|send|email|contact|request|use|open|visit|ask|complete|follow|"
        r"enter|select|by \w+ing|via|through|must|should|need to|first|then|step)\b|"
        r"提交|填写|登录|点击|进入|联系|发送|通过|按照|经|须|应|需要?|首先|然后|步骤|流程|使用"
    ),
    Kind.YES_NO: (
        r"\b(?:can|cannot|can't|may|must|should|shall|not|never|no|only|allowed|permitted|prohibited|"
        r"required|"
        r"entitled|eligible|need|always|unless|except|all|any|every|don't|doesn't|won't|isn't|aren't|yes|"
        r"optional|mandatory|provided|available)\b|"
        r"可以?|不|须|必须|应当?|能|禁止|允许|无需|无须|需要?|均|只有|除非|有权|有|没有|未|需|得|是"
    ),
    # Times that are told by an event rather than by a date.
    Kind.DATE: (
        r"\b(?:immediately|today|tomorrow|at the (?:end|beginning|start) of|before the|after the|within|"
        r"no later than|upon|prior to|as soon as|by the end|end of (?:the )?(?:day|week|month|quarter|"
        r"year))\b|"
        r"当天|当日|次日|月底|月初|年底|年初|季度末|之前|以前|之后|以后|以内|立即|立刻|入职(?:当|后|时)|"
        r"离职(?:前|后|时)|[日天月年周]内|前提交|后生效|起生效"
    ),
}
_WORDS: Final = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _TOLD_BY_WORDS.items()}
# Names are told by their capitals.
_WORDS[Kind.PERSON] = re.compile(_TOLD_BY_WORDS[Kind.PERSON])
_WORDS[Kind.PLACE] = re.compile(_TOLD_BY_WORDS[Kind.PLACE])


def answering_parts(expected: Expectation, sentence: str) -> list[Span]:
    """Places in `sentence` that are of the expected kind, in order; always [] for THING."""
    match expected.kind:
        case Kind.QUANTITY | Kind.MONEY | Kind.DURATION | Kind.PERCENT | Kind.CLOCK:
            return _spans(q for q in facts_of(sentence).quantities if _fits(expected, q))
        case Kind.YEAR:
            return _spans(date for date in facts_of(sentence).dates if date.year)
        case Kind.DATE:
            return _times(sentence) or _by_words(Kind.DATE, sentence)
        case Kind.THING:
            return []
        case _:
            return _by_words(expected.kind, sentence)


def new_parts(expected: Expectation, sentence: str, *, question: str, asked: Facts) -> list[Span]:
    """Of `answering_parts` those that the question, with the facts `asked`, did not bring itself: "after ten years"
    is not answered by "10 years"."""
    parts = answering_parts(expected, sentence)
    if not parts:
        return parts
    said, words = facts_of(sentence), question.casefold()
    brought = {(fact.value, fact.unit) for fact in asked.quantities}
    repeated = {fact.span for fact in said.quantities if (fact.value, fact.unit) in brought}
    repeated |= {date.span for date in said.dates if any(date.agrees_with(own) for own in asked.dates)}
    return [
        part
        for part in parts
        if part not in repeated and sentence[part.start : part.end].strip().casefold() not in words
    ]


def are_alike(one: str, other: str) -> bool:
    """Whether the units measure the same: years and months do."""
    return one == other or {one, other} <= {*_TIME_UNITS}


def _times(sentence: str) -> list[Span]:
    """Dates, weekdays and hours; where there are none, spans of time ("10 days after …")."""
    facts = facts_of(sentence)
    timed = _spans((*facts.dates, *(q for q in facts.quantities if q.unit in _DATED)))
    return timed or _spans(q for q in facts.quantities if q.unit in _TIME_UNITS)


def _fits(expected: Expectation, quantity: Quantity) -> bool:
    match expected.kind:
        case Kind.CLOCK:
            return quantity.unit == "clock"
        case Kind.MONEY:
            return quantity.unit in _MONEY_UNITS
        case Kind.PERCENT:
            return quantity.unit == "percent"
        case Kind.DURATION:
            return quantity.unit in _TIME_UNITS and _are_near(quantity.unit, expected.unit)
        case _:
            fits_unit = quantity.unit == expected.unit or not expected.unit or not quantity.unit
            return fits_unit and quantity.unit not in _NO_AMOUNT


def _are_near(unit: str, expected: str) -> bool:
    if expected not in _TIME_UNITS:
        return True
    return abs(_TIME_UNITS.index(unit) - _TIME_UNITS.index(expected)) <= _UNITS_APART


def _spans(found: Iterable[Quantity | CalendarDate]) -> list[Span]:
    return sorted(fact.span for fact in found)


def _by_words(kind: Kind, sentence: str) -> list[Span]:
    return [Span(*match.span()) for match in _WORDS[kind].finditer(sentence)]
