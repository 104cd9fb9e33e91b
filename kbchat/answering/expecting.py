"""What kind of thing would answer a question, told from its wording: a number of days, a date, a person, …"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    MONEY = "money"
    PERCENT = "percent"
    FREQUENCY = "frequency"
    DURATION = "duration"
    CLOCK = "clock"
    YEAR = "year"
    DATE = "date"
    QUANTITY = "quantity"
    CONTACT = "contact"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"
    MANNER = "manner"
    YES_NO = "yes_no"
    THING = "thing"


@dataclass(frozen=True, slots=True)
class Expectation:
    """`unit` is the one that the question names ("how many days"), "" where it names none."""

    kind: Kind
    unit: str = ""


# Tried in the order of Kind: the more special before the more general.
_ENGLISH: Final = {
    Kind.MONEY: (
        r"\bhow much money\b|\bhow much (?:does|do|did|is|are|was|were|can|could|will|would|should|may|"
        r"must)\b"
        r".*\b(?:cost|pay|paid|spend|spent|charge|reimburse\w*|claim|earn|price|fees?|allowance|budget|"
        r"salary|"
        r"worth|limit|stipend|bonus|rate|get|receive|expense)\b|"
        r"\bwhat(?:'s| is| are| was| were) .*\b(?:price|cost|fee|salary|amount|spending limit|allowance|"
        r"stipend)\b|\bwhat (?:does|do|did|would|will|may|can)\b.*\bcost\b"
    ),
    Kind.PERCENT: r"\b(?:what|how many|which) (?:percent(?:age)?|per cent|proportion|share)\b",
    Kind.FREQUENCY: r"\bhow (?:often|frequently|regularly)\b",
    Kind.DURATION: (
        r"\bhow (?:long|soon|quickly|fast|early|much (?:\w+ )?(?:time|notice|leave|vacation|holiday))\b|"
        r"\bhow far in advance\b|\bwhat(?:'s| is) the (?:length|duration|notice period|time limit|waiting "
        r"period)\b"
    ),
    Kind.CLOCK: r"\bwhat (?:time|hours?)\b",
    Kind.YEAR: r"\b(?:what|which) year\b",
    Kind.DATE: (
        r"^when\b|\b(?:by|since|until|from|and|but) when\b|\b(?:what|which) (?:date|day|month|quarter)\b|"
        r"\bdeadline\b|\bdue date\b|\bwhen (?:is|are|was|were|do|does|did|can|must|should|will|may|has|"
        r"have)\b"
    ),
    Kind.QUANTITY: (
        r"\bhow (?:many|much|big|large|tall|high|deep|far|old|heavy|wide)\b|\bwhat number\b|"
        r"\bwhat(?:'s| is) the (?:number|maximum|minimum|limit)\b"
    ),
    Kind.CONTACT: (
        r"\b(?:e-?mail|phone number|telephone|hotline|url|web ?address|website|link|channel|extension|"
        r"address)\b.*\?"
    ),
    Kind.PERSON: (
        r"\bwho(?:m|se)?\b|\b(?:which|what) (?:person|people|team|department|office|group|role|manager|"
        r"organi[sz]ation|company|agency)\b"
    ),
    Kind.PLACE: (
        r"\bwhere\b|\b(?:which|what) (?:city|country|location|place|building|room|floor|region|state|site|"
        r"folder|page)\b"
    ),
    Kind.REASON: (
        r"^(?:and |but )?why\b|\bhow come\b|\bwhat(?:'s| is| was| were) the (?:reason|purpose|cause)\b"
    ),
    Kind.MANNER: (
        r"^(?:and |but |so )?how (?:do|can|should|does|would|to|must|is|are|might|did|was)\b|"
        r"\bwhat(?:'s| is| are) the (?:process|procedure|steps?)\b"
    ),
    Kind.YES_NO: (
        r"^(?:and |but |so |then )?(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|"
        r"have|am|need|shall)\b"
    ),
}
_CHINESE: Final = {
    Kind.MONEY: (
        r"多少(?:钱|元|块|美元|人民币|费用)|几(?:元|块钱)|"
        r"(?:金额|价格|费用|额度|补贴|工资|薪资|奖金|补助|津贴|费)(?:标准)?(?:是|为|有)?多少"
    ),
    Kind.PERCENT: r"百分之(?:多少|几)|百分比|(?:多大|多少|什么)比例|比例是多少|占比",
    Kind.FREQUENCY: r"多久(?:一次|举行|开|做|进行|检查|更新|发)|多长时间一次|频率",
    Kind.DURATION: (
        r"多久|多长(?:时间)?|多少时间|提前(?:几|多少)|时长|期限是|"
        r"(?:几|多少)\s*(?:个)?(?:小时|分钟|月(?!份)|星期|周|年(?!级)|工作日|天|日)"
    ),
    Kind.CLOCK: r"几点|(?:上班|下班|工作|营业|开放)时间",
    Kind.YEAR: r"(?:哪|什么|几几)(?:一)?年",
    Kind.DATE: (
        r"什么时候|何时|什么时间|哪(?:一)?天|几[月号日]|哪(?:个|一)?月|截止(?:日期|时间)|日期是|什么日子"
    ),
    Kind.QUANTITY: (
        r"多少|几(?=\s*(?:个|次|人|名|位|种|家|条|项|份|页|台|级|轮|岁|层|倍|分))|多(?:大|高|重|远|宽|深)|"
        r"上限是|数量"
    ),
    Kind.CONTACT: r"(?:邮箱|电话|网址|链接|热线|联系方式|频道)(?:是|号码)?(?:什么|多少|哪)?",
    Kind.PERSON: (r"谁|哪(?:位|些人|个部门|个团队|个人|个岗位|个组织|个公司|家公司|名)|什么人|何人|联系人"),
    Kind.PLACE: (
        r"哪里|哪儿|在哪|什么地方|何处|何地|哪座|地点|"
        r"哪个(?:城市|国家|地方|地区|地点|办公室|会议室|楼层|网站|页面|系统)"
    ),
    Kind.REASON: r"为什么|为何|原因|为啥|什么目的",
    Kind.MANNER: r"怎么|怎样|如何|流程|步骤|手续",
    Kind.YES_NO: (
        r"吗[？?]?$|是否|能否|可否|能不能|可不可以|是不是|有没有|要不要|需不需要|会不会|可以.{0,12}[吗么]"
    ),
}
_PATTERNS: Final = tuple(
    (kind, re.compile(f"{_ENGLISH[kind]}|{_CHINESE[kind]}", re.IGNORECASE))
    for kind in Kind
    if kind in _ENGLISH
)

_UNIT_NAMES: Final = {
    "day": r"days?|天|工作日|日(?!期)",
    "hour": r"hours?|小时|钟头",
    "minute": r"minutes?|分钟",
    "week": r"weeks?|周|星期",
    "month": r"months?|个月",
    "year": r"years?|年",
    "percent": r"percent(?:age)?|per cent",
    "time": r"times|次",
    "person": r"people|persons|employees|人|名|位",
    "page": r"pages?|页",
}
_ASKED_UNIT: Final = re.compile(
    r"(?:how (?:many|much)(?: \w+){0,2}? |what (?:number|percentage) of |(?:多少|几)\s*个?)(?:"
    + "|".join(f"(?P<{unit}>(?:{names})(?![a-z]))" for unit, names in _UNIT_NAMES.items())
    + ")",
    re.IGNORECASE,
)
_TIME_UNITS: Final = frozenset({"minute", "hour", "day", "week", "month", "year"})


def expectation_of(question: str) -> Expectation:
    """The kind of answer that the wording of `question` asks for; THING where it does not tell."""
    for kind, pattern in _PATTERNS:
        if pattern.search(question):
            asked = _ASKED_UNIT.search(question)
            unit = (asked.lastgroup or "") if asked else ""
            if kind is Kind.QUANTITY and unit in _TIME_UNITS:
                return Expectation(Kind.DURATION, unit)
            return Expectation(kind, unit)
    return Expectation(Kind.THING)
