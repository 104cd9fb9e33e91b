"""Quantities, dates and times in one form for both languages."""

import time
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.analysis.names import names_of
from kbchat.answering.claims.verifying import Verifier
from kbchat.answering.denial import bounds, clauses, denies
from kbchat.answering.expecting import expectation_of
from kbchat.answering.facts import agree, facts_of


def quantities(text: str) -> list[tuple[Decimal, str]]:
    return [(quantity.value, quantity.unit) for quantity in facts_of(text).quantities]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("15 days", "15", "day"),
        ("fifteen working days", "15", "day"),
        ("5 unused days", "5", "day"),
        ("十五天", "15", "day"),
        ("15 个工作日", "15", "day"),
        ("半天", "0.5", "day"),
        ("half a day", "0.5", "day"),
        ("twenty-five people", "25", "person"),
        ("一千五百人", "1500", "person"),
        ("$1,200.50", "1200.50", "usd"),
        ("500^1 EUR", "500", "eur"),
        ("上限为500^1元", "500", "cny"),
        ("10^3 kg", "1000", "kilogram"),
        ("10^−3 m", "0.001", "metre"),
        ("3万元", "30000", "cny"),
        ("2 万 5 千元", "25000", "cny"),
        ("3亿2千万元", "320000000", "cny"),
        ("百分之二十", "20", "percent"),
        ("20%", "20", "percent"),
        ("two weeks", "2", "week"),
        ("三个月", "3", "month"),
        ("at 5 pm", "1020", "clock"),
        ("下午3:30", "930", "clock"),
        ("周一", "1", "weekday"),
        ("every Sunday", "7", "weekday"),
        ("the 3rd", "3", "ordinal"),
        ("第三", "3", "ordinal"),
        ("6½ sacks", "6.5", ""),
        ("two million dollars", "2000000", "usd"),
        ("百分之三点五", "3.5", "percent"),
        ("千分之五", "0.5", "percent"),
        ("5‰", "0.5", "percent"),
        ("三点五天", "3.5", "day"),
        ("一点二亿元", "120000000", "cny"),
        ("一亿二千万元", "120000000", "cny"),
        ("一万二千亿元", "1200000000000", "cny"),
        ("一万亿元", "1000000000000", "cny"),
        ("一千万元", "10000000", "cny"),
        ("三万五元", "35000", "cny"),
        ("一百零五人", "105", "person"),
        ("十分钟", "10", "minute"),
        ("二十分", "20", "point"),
        ("两倍", "2", "multiple"),
        ("十八周岁", "18", "year"),
        ("五周年", "5", "year"),
        ("五周年假", "5", "week"),
        ("１，０００元", "1000", "cny"),
        ("５０％", "50", "percent"),
        ("at -20 °C", "-20", "degree"),
        ("零下20度", "-20", "degree"),
        ("minus 5 degrees", "-5", "degree"),
        ("5℃", "5", "degree"),
        ("- 5 °C", "5", "degree"),
        ("一年半", "1.5", "year"),
        ("一年半以上", "1.5", "year"),
        ("2个半小时", "2.5", "hour"),
        ("两个半月", "2.5", "month"),
        ("每年半天", "0.5", "day"),
        ("two and a half years", "2.5", "year"),
        ("HK$500", "500", "hkd"),
        ("US$500", "500", "usd"),
        ("EUR 500", "500", "eur"),
        ("RMB500", "500", "cny"),
        ("500 €", "500", "eur"),
        ("1 000 EUR", "1000", "eur"),
        ("1\u00a0000 people", "1000", "person"),
        ("five (5) days", "5", "day"),
        ("5（五）天", "5", "day"),
        ("上午九点", "540", "clock"),
        ("下午三点半", "930", "clock"),
        ("九点四十五分", "585", "clock"),
        ("晚上十一点一刻", "1395", "clock"),
        ("中午11点半", "690", "clock"),
        ("晚上12点", "0", "clock"),
        ("24:00", "0", "clock"),
        ("at noon", "720", "clock"),
        ("by midnight", "0", "clock"),
        ("晚8点", "1200", "clock"),
        ("每晚8:30", "1230", "clock"),
        ("夜里11点", "1380", "clock"),
        ("夜里2点", "120", "clock"),
        ("晚12点", "0", "clock"),
        ("早八点", "480", "clock"),
        ("凌晨2点", "120", "clock"),
        ("中午12点", "720", "clock"),
        ("午后3点", "900", "clock"),
        ("下午一点", "780", "clock"),
        ("最晚8点", "480", "clock"),
        ("不晚于8点", "480", "clock"),
        ("$1.5M", "1500000", "usd"),
        ("$1.5m", "1500000", "usd"),
        ("$1.5B", "1500000000", "usd"),
        ("€2bn", "2000000000", "eur"),
        ("3 mn EUR", "3000000", "eur"),
        ("3m EUR", "3000000", "eur"),
        ("$1.5k", "1500", "usd"),
        ("1.5k USD", "1500", "usd"),
        ("1,5 Mio. Euro", "1500000", "eur"),
        ("5 m of cable", "5", "metre"),
        ("5 metres", "5", "metre"),
        ("1.000,50 €", "1000.50", "eur"),
        ("12,50 €", "12.50", "eur"),
        ("€ 12,50", "12.50", "eur"),
        ("3.000 Euro", "3000", "eur"),
        ("EUR 3.000", "3000", "eur"),
        ("1.000.000 Euro", "1000000", "eur"),
        ("€ 0.305", "0.305", "eur"),
        ("€2.50", "2.50", "eur"),
        ("€1,500", "1500", "eur"),
        ("$3.125", "3.125", "usd"),
        ("1.500 kg", "1.5", "kilogram"),
        ("15日内", "15", "day"),
        ("每月15天", "15", "day"),
        ("1小时30分", "30", "minute"),
        ("得30分", "30", "point"),
        ("培训2小时80分及格", "80", "point"),
        ("培训2小时60分", "60", "point"),
        ("培训2小时50分及格", "50", "point"),
        ("培训2小时50分", "50", "minute"),
        ("每月15日发放", "15", "monthday"),
        ("次月 十五 号前", "15", "monthday"),
        ("次月的10日", "10", "monthday"),
        ("Sat–Sun", "6", "weekday"),
        ("open Thurs.", "4", "weekday"),
    ],
)
def test_a_quantity(text: str, value: str, unit: str) -> None:
    assert (Decimal(value), unit) in quantities(text)


@pytest.mark.parametrize(
    "text",
    [
        "one of us",
        "一般来说",
        "十分重要",
        "星期",
        "GPT-4o and ISO-27001",
        "统一规定",
        "v2.5.1",
        "以下两点一定要遵守",
        "九点意见",
        "单位：万元",
        "几十天",
        "万一天黑",
        "千万不要",
        "三分之二",
        "in the afternoon",
        "早一点来",
        "Sun Microsystems sat down",
        "the sun, the mon and the fri",
    ],
)
def test_no_quantity(text: str) -> None:
    assert quantities(text) == []


def test_a_range_shares_its_unit() -> None:
    assert quantities("3-5 days") == [(3, "day"), (5, "day")]
    assert quantities("提前 3 至 5 天") == [(3, "day"), (5, "day")]
    assert quantities("2-8 °C") == [(2, "degree"), (8, "degree")]
    assert quantities("-20 to -10 °C") == [(-20, "degree"), (-10, "degree")]
    assert quantities("5%-10%") == [(5, "percent"), (10, "percent")]


@pytest.mark.parametrize(
    "said",
    [
        "1.500–2.500 EUR",
        "1.500 - 2.500 €",
        "1.500 to 2.500 euros",
        "1.500 bis 2.500 Euro",
        "1.500 und 2.500 Euro",
        "€1.500 to €2.500",
        "€ 1.500 and 2.500",
    ],
)
def test_both_ends_of_a_range_of_euros_are_written_alike(said: str) -> None:
    assert quantities(said) == [(1500, "eur"), (2500, "eur")]


def test_what_is_no_range_of_thousands_of_euros() -> None:
    assert quantities("1.500-2.500 kg") == [(Decimal("1.5"), "kilogram"), (Decimal("2.5"), "kilogram")]
    assert quantities("0.305-0.450 EUR") == [(Decimal("0.305"), "eur"), (Decimal("0.45"), "eur")]
    assert quantities("€ 1.500 and 2.5") == [(1500, "eur"), (Decimal("2.5"), "")]


@pytest.mark.parametrize(
    ("text", "values"),
    [("两三天", [2, 3]), ("十五六天", [15, 16]), ("三五百天", [300, 500]), ("三十天", [30])],
)
def test_an_approximate_number_is_two(text: str, values: list[int]) -> None:
    assert quantities(text) == [(value, "day") for value in values]


def test_the_second_time_of_a_range_is_of_the_same_part_of_the_day() -> None:
    assert quantities("下午3点至5点") == quantities("15:00-17:00") == [(900, "clock"), (1020, "clock")]
    assert quantities("下午3点开会。早会 5点") == [(900, "clock"), (300, "clock")]


def test_a_number_said_again_in_brackets_is_one_number() -> None:
    assert quantities("thirty (30) working days") == [(30, "day")]
    assert quantities("三（3）个月") == [(3, "month")]
    assert quantities("Article 5 (2) says") == [(5, ""), (2, "")]


def test_a_blank_parts_no_thousands_but_of_money() -> None:
    assert quantities("Room 5 100 people") == [(5, ""), (100, "person")]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1 March 2025", (2025, 3, 1)),
        ("March 1st, 2025", (2025, 3, 1)),
        ("2025-03-01", (2025, 3, 1)),
        ("2025年3月1日", (2025, 3, 1)),
        ("二〇二五年三月一日", (2025, 3, 1)),
        ("3月1日", (None, 3, 1)),
        ("March 2025", (2025, 3, None)),
        ("in August", (None, 8, None)),
        ("2025", (2025, None, None)),
        ("31.12.2025", (2025, 12, 31)),
        ("3.4.2025", (2025, 4, 3)),
        ("31/12/2025", (2025, 12, 31)),
        ("12/31/2025", (2025, 12, 31)),
        # Either order is possible.
        ("03/04/2025", (2025, None, None)),
    ],
)
def test_a_date(text: str, date: tuple[int | None, int | None, int | None]) -> None:
    assert [(found.year, found.month, found.day) for found in facts_of(text).dates] == [date]


def test_a_day_of_the_month_is_no_span_of_days() -> None:
    assert quantities("每月15日发放") == [(15, "monthday"), (4, "rate")]
    for said in ("每月10日至15日、25日", "每月10日和15日及25日", "每月的10日、15日和25日"):
        assert quantities(said)[:3] == [(10, "monthday"), (15, "monthday"), (25, "monthday")]
    assert [date.day for date in facts_of("1月5日和25日").dates] == [5, 25]
    assert quantities("每月15日内") == [(15, "day"), (4, "rate")]


@pytest.mark.parametrize(
    ("said", "agrees"),
    [
        ("于15日发放", True),
        ("15日前", True),
        ("发放日为15日", True),
        ("15号", True),
        ("于10日发放", False),
        ("15天前", False),
        ("15日内", False),
        ("15日以内", False),
        ("15日年假", False),
        ("15个工作日", False),
        ("提前15日", False),
        ("每15日", False),
    ],
)
def test_a_day_alone_may_be_one_of_the_month(said: str, *, agrees: bool) -> None:
    ((mine, *_), (monthly, *_)) = facts_of(said).quantities, facts_of("每月15日").quantities
    assert agree(mine, monthly) is agree(monthly, mine) is agrees


@pytest.mark.parametrize(
    "said", ["1小时30分", "一小时三十分钟", "1小时零30分", "1 hour 30 minutes", "1 hour and 30 minutes"]
)
def test_hours_and_their_minutes_are_as_long_as_the_minutes_of_both(said: str) -> None:
    parts, (whole,) = facts_of(said).quantities, facts_of("90 minutes").quantities
    (half,) = facts_of("30 minutes").quantities
    assert len(parts) == 2
    assert all(agree(part, whole) and agree(whole, part) for part in parts)
    assert not any(agree(half, part) for part in parts)
    assert quantities("1小时，得30分") == [(1, "hour"), (30, "point")]


def test_days_may_be_shortened() -> None:
    assert quantities("Mon-Fri") == quantities("Mon – Fri") == quantities("Monday to Friday")
    assert quantities("Mon to Sun") == [(1, "weekday"), (7, "weekday")]


@given(
    st.text(max_size=80)
    | st.text(alphabet="一二十百万年月日天点分晚小时半第0123456789.,-/$€%: ampmeurk", max_size=40)
)
def test_any_text_gives_facts_in_their_places(text: str) -> None:
    facts = facts_of(text)
    spans = sorted([fact.span for fact in facts.quantities] + [fact.span for fact in facts.dates])
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(not one.overlaps(other) for one, other in pairwise(spans))


def test_names() -> None:
    assert names_of("The manager in Hamburg uses ISO-27001 and HR.") == {"Hamburg", "ISO-27001", "HR"}
    assert names_of("上海员工由王经理按《考勤制度》审批") == {"上海", "王", "考勤制度"}


@pytest.mark.parametrize(
    "seed", [" ", "\n", "一", "1,", "every day ", "5 x days ", "年假", "www.a.b ", "A B "]
)
def test_long_texts_are_read_in_time(seed: str) -> None:
    text = seed * (4000 // len(seed))
    started = time.perf_counter()
    facts_of(text)
    names_of(text)
    expectation_of(text)
    Verifier({}).state(text, ())
    for clause in clauses(text):
        denies(clause)
        bounds(clause)
    assert time.perf_counter() - started < 2
