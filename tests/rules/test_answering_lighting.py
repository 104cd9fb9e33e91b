"""The value of a quote that is lit: the one that was asked for, or none."""

import pytest

from tests.rules.answering_support import passage, text_of
from tests.rules.quoting_support import ZH, answer, lit


@pytest.mark.parametrize(
    ("question", "value"),
    [
        # Where it stands is said before breakfast alone, and lunch is another clause: either may be meant.
        ("苏州工厂食堂午餐几点开始？", []),
        ("午餐供应时间是几点？", ["11:20至13:00"]),
        ("食堂早餐供应时间是几点？", ["6:30至8:30"]),
    ],
)
def test_of_two_clauses_the_one_with_all_that_was_asked_for_has_its_value_lit(
    question: str, value: list[str]
) -> None:
    canteen = passage(
        "苏州工厂食堂早餐供应时间为6:30至8:30，午餐供应时间为11:20至13:00。", title="苏州工厂", number=1
    )
    assert lit(answer(question, [canteen])) == value


LOCKED = "After 8 failed attempts an account is locked for 30 minutes."


GRADES = (
    "Grade | Hotel per night | Meals per day\nManager | 600 EUR | 150 EUR\nDirector | 900 EUR | 200 EUR\n"
    "Staff | 400 EUR | 100 EUR"
)


GRADES_ZH = "级别 | 每晚住宿上限 | 每日餐补\n经理 | 600元 | 150元\n总监 | 900元 | 200元\n员工 | 400元 | 100元"
# One head too few: nobody knows which of them stands above which.


UNEVEN = "Hotel per night | Meals per day\nStaff | 400 EUR | 100 EUR"


CANTEEN = "The canteen opens at 11:30 and closes at 14:00."


CANTEEN_ZH = "食堂11:30开门，14:00关门。"


CLAIMS = "Claims submitted within 30 days are paid within 10 working days."


CLAIMS_ZH = "30天内提交的报销单，10个工作日内付款。"


WHOLE = "Of the 30 days, up to 5 can be carried over."


CASES_ZH = "累计工作满1年不满10年的，年假5天，满10年不满20年的，10天，满20年的，15天。"


PROBATION = "The notice period is two weeks during probation and three months after probation."


FEES = "The fee is 20 EUR for non-members and 10 EUR for members."


ALLOWANCE = "Allowance: employees 100 EUR, managers 150 EUR."


LEAVES = "Sick leave is 10 days per employee and parental leave 12 weeks."


LISTED_LEAVES = "Sick leave: 10 days, parental leave: 12 weeks."


CHECKS_ZH = "体检费：男员工300元，女员工400元。"


TRAFFIC_ZH = "交通补贴：经理500元，总监800元。"


DAILY_ZH = "每日补贴：正式员工100元，实习生50元。"


NIGHTS_ZH = "北京每晚600元，上海每晚550元，其他城市每晚400元。"


@pytest.mark.parametrize(
    ("text", "question", "value"),
    [
        (GRADES, "How much may staff spend on meals per day?", "100 EUR"),
        (GRADES, "How much can a director spend on meals?", "200 EUR"),
        (GRADES, "How much may a manager spend on a hotel?", "600 EUR"),
        (GRADES, "How much may a manager spend?", None),
        (UNEVEN, "How much may staff spend on meals per day?", None),
        (CANTEEN, "What time does the canteen close?", "14:00"),
        (LOCKED, "After how many failed attempts is an account locked?", "8"),
        (LOCKED, "For how long is an account locked?", "30 minutes"),
        (LOCKED, "How many accounts are locked?", None),
        ("Buying leave in 2025 closes on 30 April.", "What is the deadline for buying leave?", "30 April"),
        ("Leave can be bought since 2025.", "Since when can leave be bought?", "2025"),
        ("One bought day costs 1/260 of your annual salary.", "How much is a bought leave day?", None),
        ("During probation the notice is two weeks.", "What is the notice period after probation?", None),
        (
            "During probation the notice is two weeks.",
            "What is the notice period during probation?",
            "two weeks",
        ),
        (CANTEEN, "What time does the canteen open?", "11:30"),
        (
            "Expenses for trips before 1 March must be submitted by 31 March.",
            "When must I submit my expense report?",
            "31 March",
        ),
        (WHOLE, "How many days can I carry over?", "5"),
        ("You may use 10 of your 30 days for training.", "How many days may I use for training?", "10"),
        (
            "Within the first two weeks of the 6 months of probation you meet a mentor.",
            "How long is probation?",
            "6 months",
        ),
        (CLAIMS, "How long does it take to get reimbursed?", None),
        (CLAIMS, "How long does it take until claims are paid?", "10 working days"),
        (CLAIMS, "How many days do I have to submit claims?", "30 days"),
        ("2 to 5 years: 2 months", "How long is my notice period after 3 years?", "2 months"),
        ("more than 5 years: 3 months", "What is the notice period after six years?", "3 months"),
        ("less than 2 years: 1 month", "How long is the notice period after 30 months?", None),
        ("The notice period is at least 3 months.", "How long is notice after 6 years?", "3 months"),
        ("Sick leave is 10 days and parental leave 12 weeks.", "How long is parental leave?", "12 weeks"),
        ("Sick leave is 10 days and parental leave 12 weeks.", "How long is leave?", None),
        (
            "Sick pay is paid for 6 weeks; after 5 years of service for 10 weeks.",
            "How long is sick pay paid after 6 years?",
            None,
        ),
        (
            "In 2005, the plant was built in Suzhou, and in 2012 it was extended.",
            "What year was the plant built in Suzhou?",
            "2005",
        ),
        (
            "Staff pay 20% and the company pays 80% of the fee.",
            "What percentage does the company pay?",
            "80%",
        ),
        ("Room 301 seats 12 people.", "How many people can use the room?", "12 people"),
        (PROBATION, "How long is the notice period after probation?", "three months"),
        (PROBATION, "How long is the notice period during probation?", "two weeks"),
        (PROBATION, "How long is the notice period?", None),
        (FEES, "How much is the fee for members?", "10 EUR"),
        (FEES, "How much is the fee for non-members?", "20 EUR"),
        (FEES, "How much is the fee?", None),
        (ALLOWANCE, "How much is the allowance for managers?", "150 EUR"),
        (ALLOWANCE, "How much is the allowance for employees?", "100 EUR"),
        (ALLOWANCE, "How much is the allowance?", None),
        (LEAVES, "How long is sick leave?", "10 days"),
        (LEAVES, "How long is parental leave?", "12 weeks"),
        (LISTED_LEAVES, "How long is sick leave?", "10 days"),
        (LISTED_LEAVES, "How long is parental leave?", "12 weeks"),
        (CHECKS_ZH, "女员工的体检费是多少钱？", "400元"),
        (CHECKS_ZH, "男员工的体检费是多少钱？", "300元"),
        (CHECKS_ZH, "员工的体检费是多少钱？", None),
        (TRAFFIC_ZH, "总监交通补贴是多少钱？", "800元"),
        (TRAFFIC_ZH, "经理交通补贴是多少钱？", "500元"),
        (TRAFFIC_ZH, "交通补贴是多少钱？", None),
        ("补贴：经理：500元，总监：800元。", "总监补贴是多少钱？", "800元"),
        (DAILY_ZH, "实习生每天补贴多少钱？", "50元"),
        (DAILY_ZH, "正式员工每天补贴多少钱？", "100元"),
        ("工资每月15日发放，奖金20日发放。", "工资哪天发放？", "15日"),
        ("工资每月5日和25日发放。", "工资几号发放？", "5日和25日"),
        (GRADES_ZH, "员工每天餐补多少钱？", "100元"),
        (GRADES_ZH, "总监的餐补是多少钱？", "200元"),
        (GRADES_ZH, "经理每晚住宿多少钱？", "600元"),
        (GRADES_ZH, "经理能花多少钱？", None),
        (CANTEEN_ZH, "食堂几点关门？", "14:00"),
        (CANTEEN_ZH, "食堂几点开门？", "11:30"),
        ("3月1日前的出差费用须在3月31日前报销。", "什么时候要报销？", "3月31日"),
        ("30天年假中，最多5天可以结转。", "年假可以结转几天？", None),
        ("30天年假中，最多5天可以结转。", "可以结转几天？", "5天"),
        (CLAIMS_ZH, "多久到账？", None),
        (CLAIMS_ZH, "多久付款？", "10个工作日"),
        ("满2年不满5年的，通知期为2个月。", "工作3年的通知期多长？", "2个月"),
        ("满5年以上的，通知期为3个月。", "工作六年通知期是多久？", "3个月"),
        ("不满2年的，通知期为1个月。", "工作30个月的通知期多长？", None),
        (CASES_ZH, "工作十二年有几天年假？", "10天"),
        (CASES_ZH, "工作3年有几天年假？", "5天"),
        (NIGHTS_ZH, "上海住宿多少钱？", "550元"),
        (NIGHTS_ZH, "住宿标准是多少钱？", None),
        ("出差每晚住宿400元，一线城市的，每晚600元。", "一线城市住宿多少钱？", None),
        ("推荐奖500元，建议奖200元。", "年终奖是多少元？", None),
        ("病假每年10天，产假98天。", "产假有多少天？", "98天"),
        ("1950年1月18日，县政府成立，设在龙州，1952年8月迁走。", "县政府哪一年成立？", "1950年1月18日"),
    ],
)
def test_the_value_beside_the_words_of_the_question_is_lit(
    text: str, question: str, value: str | None
) -> None:
    """Of two that have as many of them none: no light is better than a wrong one."""
    assert lit(answer(question, [passage(text, title="Rules", number=1)])) == ([value] if value else [])


def test_of_several_rows_none_is_lit() -> None:
    """Which of them holds for whoever asks is not known: none is the answer by itself."""
    table = passage(
        "Days worked | Annual leave\n5 | 30 days\n4 | 24 days\n3 | 18 days", title="Leave", number=1
    )
    events = answer("How many days of annual leave do I have?", [table])
    assert "| 5 | 30 days |" in text_of(events)
    assert "| 3 | 18 days |" in text_of(events)
    assert lit(events) == []


@pytest.mark.parametrize(
    "question", ["上海工作满十年有多少天法定年假？", "上海工作满 10 年有多少天法定年假？"]
)
def test_what_the_question_brought_is_not_the_value(question: str) -> None:
    assert not {"10 年", "十年", "1 年"} & set(lit(answer(question, [ZH])))


@pytest.mark.parametrize(
    ("text", "question", "value"),
    [
        ("Write to the channel #it-help with any question.", "Which channel is for help?", "#it-help"),
        ("#it-help is the channel for any question.", "Which channel is for questions?", r"\#it-help"),
        ("Topic | Channel\nHelp | #it-help", "Which channel is for help?", r"\#it-help"),
        (
            "Write to the help desk: _ops@acme.com today.",
            "What is the e-mail of the help desk?",
            "ops@acme.com",
        ),
    ],
)
def test_a_value_with_markup_is_lit_from_its_first_to_its_last_character(
    text: str, question: str, value: str
) -> None:
    events = answer(question, [passage(text, title="Help desk", number=1)])
    assert value in {each.lstrip("\\_") if "@" in each else each for each in lit(events)}
