"""What a number may count, as patterns: units in English and Chinese, currencies, kinds of days."""

import re
from typing import Final

_UNITS: Final[dict[str, str]] = {
    "day": (
        r"(?:(?:working|business|calendar|consecutive|paid|full|week) ?)?days?|"
        r"(?:个)?(?:工作日|自然日)|天|日"
    ),
    "hour": r"(?:(?:working|business) ?)?hours?|hrs?|(?:个)?(?:工作)?(?:小时|钟头)",
    "minute": r"minutes?|mins?|分钟",
    "second": r"seconds?|secs?|秒钟?",
    "week": r"(?:calendar )?weeks?|(?:个)?(?:星期|周(?!岁|年(?!假))|礼拜)",
    "month": r"(?:calendar )?months?|个月|(?<=个半)月",
    "quarter": r"quarters?|个?季度",
    "year": r"years?|yrs?|周?年|周?岁",
    "multiple": r"倍",
    "permille": r"‰",
    "percent": r"%|％|percent|per cent|pct|个百分点",
    "usd": r"(?:us )?dollars?|usd|美元|美金",
    "eur": r"euros?|eur|€|欧元",
    "gbp": r"pounds? sterling|gbp|£|英镑",
    "cny": r"yuan|rmb|cny|renminbi|元(?:人民币)?|块钱?|人民币",
    "hkd": r"(?:hk|hong kong) dollars?|hkd|港[元币幣]",
    "twd": r"(?:nt|new taiwan) dollars?|ntd|twd|新台[币幣]|新[台臺][币幣]|[台臺][币幣]",
    "jpy": r"yen|jpy|日[元圆圓]",
    "chf": r"(?:swiss )?francs?|chf|瑞士法郎",
    "time": r"times|次|回|遍",
    "person": r"persons?|people|employees|members|名|位|人",
    "square_kilometre": r"(?:square kilomet(?:er|re)s?|sq\.? ?km|km[²2]|平方公里|平方千米)",
    "square_mile": r"(?:square miles?|sq\.? ?mi|平方英里)",
    "hectare": r"hectares?|公[顷頃]",
    "acre": r"acres?|英[亩畝]",
    "millimetre": r"millimet(?:er|re)s?|mm|毫米",
    "centimetre": r"centimet(?:er|re)s?|cm|厘米|公分",
    "foot": r"feet|foot|ft|英尺",
    "yard": r"yards?|[码碼]",
    "inch": r"inch(?:es)?|英寸",
    "kilometre": r"kilomet(?:er|re)s?|km|公里|千米",
    "metre": r"met(?:er|re)s?|m|米",
    "mile": r"miles?|英里",
    "kilogram": r"kilograms?|kg|公斤|千克",
    "pound": r"pounds?(?! sterling)|lbs?|磅",
    "tonne": r"tonnes?|metric tons?|吨",
    "litre": r"lit(?:er|re)s?|升",
    "degree": r"degrees?|°[CF]?|[℃℉]|摄氏度|度",
    "page": r"pages?|页",
    "point": r"points?|分(?!钟|之)",
    "kilobyte": r"kb|kilobytes?",
    "megabyte": r"mb|megabytes?",
    "gigabyte": r"gb|gigabytes?",
    "terabyte": r"tb|terabytes?",
}
UNIT: Final = re.compile(
    r"[\s-]{0,2}(?:"
    + "|".join(f"(?P<{name}>(?:{words}){'(?![a-z])'})" for name, words in _UNITS.items())
    + r")",
    re.IGNORECASE,
)
# "5 unused days": one describing word may stand between a number and its unit.
DESCRIBED_UNIT: Final = re.compile(
    r" (?!(?:per|an?|of|in|each|every|the|to|and|or|for|on|at|by|is|are|as)\b)[a-z-]+ "
    r"(?:(?P<day>days?)|(?P<hour>hours?)|(?P<week>weeks?)|(?P<month>months?)|(?P<year>years?)|"
    r"(?P<time>times))\b",
    re.IGNORECASE,
)
KIND: Final = re.compile(
    r"(?P<working>working|business|工作)|(?P<calendar>calendar|consecutive|自然)", re.IGNORECASE
)
# What may stand before an amount.
CURRENCY: Final = {
    "$": "usd",
    "us$": "usd",
    "hk$": "hkd",
    "nt$": "twd",
    "€": "eur",
    "£": "gbp",
    "¥": "cny",
    "￥": "cny",
    "rmb": "cny",
    **{code: code for code in ("usd", "eur", "gbp", "cny", "hkd", "twd", "jpy", "chf")},
}
