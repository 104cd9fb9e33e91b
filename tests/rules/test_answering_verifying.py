"""What changes a number, a name or a denial of its source is seen, and what says it in other words is not marked."""

import pytest

from kbchat.answering.claims.measuring import measures_of
from kbchat.answering.claims.verifying import Verifier
from kbchat.answering.events import Support
from tests.rules.answering_support import passage

BADGES = (
    "A lost badge must be reported to Security within 24 hours. Badges of contractors expire after 90 days and are "
    "renewed by the sponsor. Driving your own car is paid at 0.30 euro a kilometre. The hours roll over to the next "
    "period, and they never expire. Receipts are needed from 20 euro upwards. One in five stations is closed."
)
ROOMS = (
    "胸牌遗失应立即通知前台（分机 8000）。其他时间进入，须提前一天向行政部登记。"
    "公司承担费用超过 10,000 元的，员工应签订服务协议，服务期为两年。"
    "在舱门打开之前，宇航员已窒息。主楼由六座四合院组成。"
    "住宿每晚上限为 1,300 港元。苏格兰化学家詹姆斯·杜瓦制造出液氧。"
)
NUMBERS = (
    "年利率为百分之三点五。项目预算为一亿二千万元。每次会议限时十分钟。样品应在零下20度保存。办公室上午九点开门。"
    "加班工资为基本工资的三倍。工龄一年半以上可申请补贴。审批需要两三天。"
)
TERMS = (
    "Store the samples at -20 °C. The fee is HK$500. Applicants need two and a half years of service. "
    "Employees get five (5) days of sick leave. The shift ends at midnight."
)
LEVELS = (
    "Plan | Price a month | Support\n"
    "Team | 29 euro | by mail, within 8 hours\n"
    "Enterprise | 75 euro | by phone, within 30 minutes"
)


def state(claim: str, source: str) -> Support:
    return Verifier({1: passage(source, title="")}).state(claim, [1])


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        (BADGES, "Tell Security within a day if you lost your badge, which must be reported."),
        (BADGES, "Driving your own car is paid at 0.30 euro per kilometre."),
        (BADGES, "The hours roll over to the next period and do not expire."),
        (BADGES, "Receipts are needed for 20 euro and more."),
        (BADGES, "20% of the stations are closed."),
        (ROOMS, "胸牌遗失要马上通知前台，分机是8000。"),
        (ROOMS, "公司承担费用超过一万元的，员工须签服务期两年的协议。"),
        (ROOMS, "宇航员在舱门打开之前已经窒息。"),
        (ROOMS, "主楼由6座四合院组成。"),
        (NUMBERS, "年利率为3.5%。"),
        (NUMBERS, "项目预算为1.2亿元。"),
        (NUMBERS, "每次会议限时10分钟。"),
        (NUMBERS, "样品应在-20度保存。"),
        (NUMBERS, "办公室上午9点开门。"),
        (NUMBERS, "工龄18个月以上可申请补贴。"),
        (NUMBERS, "审批需要2至3天。"),
        (TERMS, "Applicants need 2.5 years of service."),
        (TERMS, "Employees get 5 days of sick leave."),
        (TERMS, "The fee is HK$500."),
        (LEVELS, "Enterprise customers have support by phone within half an hour."),
        (LEVELS, "The Team plan has a price of 29 euro a month."),
    ],
)
def test_the_same_in_other_words_is_supported(source: str, claim: str) -> None:
    assert state(claim, source) == "supported"


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        (BADGES, "A lost badge must be reported to Security within 24 days."),
        (BADGES, "Driving your own car is paid at 0.30 euro a mile."),
        (BADGES, "The hours roll over to the next period but do expire."),
        (BADGES, "Receipts are needed for less than 20 euro."),
        (BADGES, "One in three stations is closed."),
        (BADGES, "A lost badge must not be reported to Security."),
        (ROOMS, "胸牌遗失要马上通知行政部，分机是8000。"),
        (ROOMS, "公司承担费用超过一万元的，员工须签服务期三年的协议。"),
        (ROOMS, "公司承担费用不超过一万元的，员工须签服务期两年的协议。"),
        (ROOMS, "宇航员在舱门打开之后才窒息。"),
        (ROOMS, "主楼由四座四合院组成。"),
        (ROOMS, "住宿每晚上限为 1,300 美元。"),
        (ROOMS, "苏格兰化学家威廉·汉普森制造出液氧。"),
        (NUMBERS, "年利率为百分之三点八。"),
        (NUMBERS, "项目预算为一亿三千万元。"),
        (NUMBERS, "每次会议限时二十分钟。"),
        (NUMBERS, "样品应在20度保存。"),
        (NUMBERS, "办公室上午十点开门。"),
        (NUMBERS, "加班工资为基本工资的两倍。"),
        (NUMBERS, "工龄1年以上可申请补贴。"),
        (NUMBERS, "审批需要23天。"),
        (TERMS, "Store the samples at 20 °C."),
        (TERMS, "The fee is $500."),
        (TERMS, "Applicants need half a year of service."),
        (TERMS, "Employees get 5 weeks of sick leave."),
        (TERMS, "The shift ends at noon."),
        (LEVELS, "Enterprise customers have support by phone within 8 hours."),
        (LEVELS, "Enterprise customers have support by mail within 30 minutes."),
        (LEVELS, "The Team plan has a price of 75 euro a month."),
    ],
)
def test_what_is_changed_is_not_supported(source: str, claim: str) -> None:
    assert state(claim, source) != "supported"


@pytest.mark.parametrize(
    ("rule", "turned", "kept"),
    [
        ("未经批准不得外出。", "未经批准可以外出。", "经批准方可外出。"),
        ("未经批准不得外出。", "经批准不得外出。", "未经批准，不得外出。"),
        ("经批准可以外出。", "未经批准可以外出。", "经批准方可外出。"),
        ("未经授权禁止访问服务器。", "未经授权可访问服务器。", "未经授权不得访问服务器。"),
        ("没有工牌不得入内。", "没有工牌可以入内。", "凭工牌可以入内。"),
        ("无票不得报销。", "无票可以报销。", "有票可以报销。"),
        ("无需批准可以外出。", "未经批准不得外出。", "无需批准可以外出。"),
        (
            "Visitors must not enter without a badge.",
            "Visitors may enter without a badge.",
            "Visitors may enter with a badge.",
        ),
        (
            "Expenses are not paid without a receipt.",
            "Expenses are paid without a receipt.",
            "Expenses are paid with a receipt.",
        ),
        (
            "Employees cannot work abroad without prior approval.",
            "Employees can work abroad without prior approval.",
            "Employees cannot work abroad without approval.",
        ),
        (
            "Do not install software without approval.",
            "You may install software without approval.",
            "Never install software without approval.",
        ),
        (
            "Leave is granted without approval.",
            "Leave is not granted without approval.",
            "Leave is granted without approval.",
        ),
    ],
)
def test_a_prohibition_with_a_condition_is_no_permission(rule: str, turned: str, kept: str) -> None:
    assert state(turned, rule) != "supported"
    assert state(kept, rule) == "supported"


def test_before_and_after_are_told_apart_behind_a_time() -> None:
    assert state("每天晚上八点前要报平安。", "每天 20:00 前报平安。") == "supported"
    assert state("每天晚上八点后要报平安。", "每天 20:00 前报平安。") != "supported"


def test_a_pronoun_speaks_of_the_sentence_before() -> None:
    source = "Keys to the server room are handed out by the Infrastructure team. They may not be copied."
    assert state("Server room keys may not be copied.", source) == "supported"
    assert state("Server room keys may be copied.", source) == "unsupported"


def test_who_names_an_item_speaks_of_it() -> None:
    source = "The shared hours are:\n\n- Mountain: 11 a.m. to 3 p.m.\n- Pacific: 10 a.m. to 2 p.m."
    assert state("For Pacific the shared hours are 10 a.m. to 2 p.m.", source) == "supported"
    assert state("For Pacific the shared hours are 11 a.m. to 3 p.m.", source) == "unsupported"


@pytest.mark.parametrize(
    ("one", "other", "agrees"),
    [
        ("within half an hour", "within 30 minutes", True),
        ("12 months", "one year", True),
        ("5 working days", "120 hours", False),
        ("五分之一", "20%", True),
        ("over 5 euro", "at most 5 euro", False),
        ("up to 5 euro", "at most 5 euro", True),
        ("每公里 5 元", "每英里 5 元", False),
    ],
)
def test_how_a_number_is_meant(one: str, other: str, *, agrees: bool) -> None:
    (mine, *_), (known, *_) = measures_of(one), measures_of(other)
    assert mine.agrees_with(known) is agrees


@pytest.mark.parametrize(
    ("source", "kept", "changed"),
    [
        ("食堂晚8点关门。", "食堂20:00关门。", "食堂上午8点关门。"),
        ("食堂中午12点开门。", "食堂12:00开门。", "食堂凌晨12点开门。"),
        ("The budget is $1.5M.", "The budget is $1.5 million.", "The budget is $1.5bn."),
        ("The budget is $1.5M.", "The budget is 1,500,000 dollars.", "The budget is 1.5 dollars."),
        ("The budget is €2bn.", "The budget is 2 billion euros.", "The budget is 2 euros."),
        ("The fee is 3.000 Euro.", "The fee is 3,000 euros.", "The fee is 3 euros."),
        ("The fee is 1.000,50 €.", "The fee is 1,000.50 euros.", "The fee is 50 €."),
        (
            "The contract ends on 31.12.2025.",
            "The contract ends on 2025-12-31.",
            "The contract ends on 30.12.2025.",
        ),
        (
            "The contract ends on 12/31/2025.",
            "The contract ends on 31/12/2025.",
            "The contract ends on 12/30/2025.",
        ),
        ("工资每月15日发放。", "工资于每月15日发放。", "工资在15天内发放。"),
        ("工资在15天内发放。", "工资在15日内发放。", "工资每月15日发放。"),
        ("每月15日前提交报销单。", "报销单应在15日前提交。", "报销单应在10日前提交。"),
        ("工资每月15日发放。", "工资发放日为15日。", "工资发放日为10日。"),
        ("工资每月15日发放。", "工资于15日发放。", "工资于15天后发放。"),
        ("报销截止日为次月10日。", "报销截止日为次月的10日。", "报销截止日为次月的15日。"),
        ("每月5日和25日发放工资。", "工资于每月5日、25日发放。", "工资于每月5日、20日发放。"),
        # 每月1日 is the first of the month: whoever means a day a month says 1天.
        ("每月1日调休。", "于每月1日调休。", "每月可调休1天。"),
        ("会议持续1小时30分。", "会议持续90分钟。", "会议持续40分钟。"),
        ("会议持续1小时30分。", "会议持续1小时30分钟。", "会议持续2小时30分。"),
    ],
)
def test_amounts_and_times_in_another_form(source: str, kept: str, changed: str) -> None:
    assert state(kept, source) == state(source, kept) == "supported"
    assert state(changed, source) != "supported"
    assert state(source, changed) != "supported"


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("The salary range is 1.500–2.500 EUR.", "The salary starts at 1.500 EUR."),
        ("The salary range is 1.500–2.500 EUR.", "The salary range is €1.500 to €2.500."),
        ("The budget is 5.000-10.000 Euro.", "The budget is at least 5.000 Euro."),
    ],
)
def test_the_ends_of_a_range_of_euros_are_supported(source: str, claim: str) -> None:
    assert state(claim, source) == "supported"


def test_a_latin_name_ends_where_chinese_begins() -> None:
    source = "BSkyB 的体育内容包括英超联赛。"
    assert state("BSkyB提供的体育内容有英超联赛。", source) == "supported"
    assert state("ITV提供的体育内容有英超联赛。", source) == "unsupported"


def test_of_another_language_facts_alone_are_compared() -> None:
    assert state("胸牌遗失应在 24 小时内报告。", BADGES) == "partly"
    assert state("胸牌遗失应在 26 小时内报告。", BADGES) == "unsupported"
    assert state("化学家詹姆斯·杜瓦在 90 天后离开。", BADGES) == "partly"


def test_statements_of_two_passages_are_told_apart() -> None:
    cited = {
        1: passage("Plan | Price\nTeam | 29 euro\nEnterprise | 75 euro", title="Prices", number=1),
        2: passage("Plan | Support\nEnterprise | by phone\nTeam | by mail", title="Support", number=2),
    }
    verifier = Verifier(cited)
    assert (
        verifier.state("The Enterprise plan has a price of 75 euro and support by phone.", [1, 2])
        == "supported"
    )
    assert (
        verifier.state("The Enterprise plan has a price of 29 euro and support by phone.", [1, 2])
        != "supported"
    )
    assert (
        verifier.state("The Enterprise plan has a price of 75 euro and support by mail.", [1, 2])
        != "supported"
    )


def test_a_sentence_without_end_is_partly_supported_at_best() -> None:
    claim = "Badges of contractors expire after 90 days and are renewed by the sponsor"
    assert state(f"{claim}.", BADGES) == "supported"
    assert state(" and ".join([claim] * 7) + ".", BADGES) == "partly"


@pytest.mark.parametrize(
    "said",
    [
        "However its role is limited as no member can pass a law without the others, so power is not with the elected.",
        "也不知道有多少“法兰克人”（拜占庭人这样称呼他们）是诺曼人而非其他法国人。",
        "许多特许学校不要求他们的教师有资格证书，只要他们达到了“不让一个孩子掉队”的高标准。",
        "据猜想，存在无限多对孪生素数，即有无限多对相差2的素数（孪生素数猜想）。",
    ],
)
def test_what_stands_there_word_for_word_is_supported_and_a_part_of_it_is_read(said: str) -> None:
    source = f"It has a parliament. {said} So much of that."
    assert state(said, source) == "supported"
    assert state(f"**{said.replace(' ', '  ')}**", source) == "supported"
    denied = f"Nobody says that {said[:-1]} and it is not so."
    assert Verifier({1: passage(denied)})._sentences(1).isdisjoint({said})
