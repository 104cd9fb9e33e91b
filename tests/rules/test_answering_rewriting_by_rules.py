"""What rules make of follow-ups in both languages, and what they must leave as it was typed."""

import pytest

from kbchat.analysis import language_of
from kbchat.answering.ports import PastTurn
from kbchat.answering.rewriting import standalone

LEAVE = "How many days of annual leave do I get?"
REMOTE = "Is remote work allowed?"
OFFICER = "Who is the data protection officer?"
GIFTS = "What are the rules for gifts?"
LAPTOP = "How much can I spend on a laptop?"
HOTEL = "What is the hotel limit in London?"
MEALS = "What is the meal allowance in Germany?"
MEALS_THERE = "What is the meal allowance in the US?"
TRAINING = "What is the budget for training?"
CANTEEN = "When does the canteen open?"
CAR = "What is the company car policy?"
年假 = "公司的年假有多少天？"


def after(before: str, asked: str) -> str:
    return standalone(asked, (PastTurn(before, "An answer."),))


IT_IS_A_DEPARTMENT = [
    "How do I contact IT?",
    "What is the IT security policy?",
    "Where is the IT help desk?",
    "How do I reset my password with IT?",
    "Who runs the IT department?",
    "Does IT support Macs?",
    "Is IT open on Saturdays?",
    "Can IT install software remotely?",
    "How do I order a mouse from IT?",
    "Where do I find IT?",
    "Who manages IT?",
    "When can I call IT?",
    "What does IT do?",
    "How do I apply to IT?",
    "Who reviews IT?",
    "How long does IT take?",
    "Do I need IT?",
    "May I use IT?",
    "How do I write to IT?",
    "怎么联系IT？",
    "IT部门的电话是多少？",
]

POINTS_AT_NOTHING = [
    "What is the rule that covers gifts?",
    "Does the company reimburse those who travel by train?",
    "Are those employees who work nights paid more?",
    "What happens to people that are late?",
    "Is there a rule that employees must wear badges?",
    "Is there a rule that overtime is paid?",
    "Which forms that require a signature are there?",
    "Who handles reports that include salaries?",
    "What are the duties of a manager that has no budget?",
    "Is there support for those with children?",
    "Do those working nights get a bonus?",
    "What do those under 18 earn?",
    "Can I take that Friday off?",
    "Is the same true for interns?",
    "What is the policy on that kind of thing?",
    "How many public holidays are there this year?",
    "Who is on call this week?",
    "What is the budget for training this quarter?",
    "Are there software licences that expire soon?",
    "Which expenses that cost over 100 euros need approval?",
    "Does the handbook say that managers approve travel?",
    "Are these rules that cover travel public?",
    "Does the CEO share his salary?",
    "What should a nurse do when she is sick?",
    "Does everyone get his own desk?",
    "土耳其费用标准是什么？",
    "尤其有哪些禁止事项？",
    "吉他社团在哪里报名？",
    "他们公司的制度",
    "其他假期有哪些？",
    "其中餐补是多少？",
    "其余补贴有哪些？",
    "公司有其他福利吗？",
    "其实加班费标准是多少？",
    "与其他部门共享文件有什么规定？",
    "极其重要的文件怎么保管？",
    "向他人透露薪资会怎样？",
    "土耳其流程怎么走？",
    "吉他培训在哪里报名？",
    "莫名其妙的收费找谁投诉？",
    "其他标准有哪些？",
    "尤其适用于哪些岗位？",
    "那个谁负责打印机？",
    "马耳他分公司在哪里？",
]

OWN_QUESTIONS = [
    "Parking",
    "Wifi password",
    "Dress code",
    "Travel expenses",
    "training budget",
    "Company car",
    "Maternity leave",
    "Parental leave",
    "Expense report?",
    "Travel request?",
    "Leave?",
    "Office hours",
    "Salary bands",
    "Holiday calendar 2025",
    "2025 holidays",
    "401k match",
    "List all public holidays",
    "Expense report",
    "Expense report deadline",
    "Travel request",
    "After hours support",
    "Canteen menu",
    "Fire drill",
    "Payroll?",
    "Sick pay",
    "Coffee machine",
    "Notice period",
    "Health insurance",
    "Badge lost",
    "Thanks. Parking",
    "如何报销？",
    "怎么请假？",
    "上班时间",
    "福利怎么样？",
    "可以迟到吗？",
    "薪资如何？",
    "公司文化如何？",
    "绩效考核怎么样？",
    "周末加班可以吗？",
    "可以提前下班吗？",
    "报销流程",
    "该怎么报销？",
    "应该找谁报销？",
    "年会时间",
    "食堂怎么样？",
    "可以抽烟吗？",
    "可以早退吗？",
    "要打卡吗？",
    "怎么辞职？",
    "出差标准",
    "下班时间",
    "在家办公可以吗？",
    "班车如何？",
    "如何离职？",
    "怎么停车？",
    "可以加班吗？",
    "节假日有哪些？",
    "周末上班吗？",
    "周六要来吗？",
    "分公司有几个？",
]


@pytest.mark.parametrize("asked", IT_IS_A_DEPARTMENT + POINTS_AT_NOTHING + OWN_QUESTIONS)
def test_it_is_left_as_it_was_typed(asked: str) -> None:
    assert after(年假 if language_of(asked) == "zh" else LEAVE, asked) == asked


@pytest.mark.parametrize(
    "asked",
    [
        "What should I do if I lose my laptop and it is found?",
        "Thanks for that, how many sick days do I get?",
        "No, I mean from suppliers",
        "Does my manager have to agree?",
        "How is the bonus paid and when does it arrive?",
        "If the CEO resigns, who replaces him?",
        "Can my wife use her own doctor?",
        "What does the handbook say about her pension?",
        "谢谢，产假有多少天？",
        "忘记密码怎么办？",
        "发票丢了怎么办？",
        "离职需要提前多久？",
        "护照过期了怎么办？",
        "谁负责审核合同？",
        "婚假会作废吗？",
    ],
)
def test_what_says_its_topic_is_left_as_it_was_typed(asked: str) -> None:
    assert after(年假 if language_of(asked) == "zh" else LEAVE, asked) == asked


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        # "it", though in capitals; IT that is spoken of; what points back beside what does not.
        (LEAVE, "CAN I CARRY IT OVER?", "Can i carry annual leave over?"),
        (LEAVE, "WHO APPROVES IT?", "Who approves annual leave?"),
        (LEAVE, "Can IT see it?", "Can IT see annual leave?"),
        ("Who runs HR?", "And IT?", "Who runs IT?"),
        ("Who runs the HR department?", "What about IT?", "Who runs the IT department?"),
        (LEAVE, "Is that allowed under GDPR?", "Is annual leave allowed under GDPR?"),
        (LEAVE, "Who decides that?", "Who decides annual leave?"),
        (LEAVE, "What happens if that expires?", "What happens if annual leave expires?"),
        (LEAVE, "Explain that rule for interns", "Explain the annual leave rule for interns?"),
        (LEAVE, "Explain this policy to me", "Explain the annual leave policy to me?"),
        (LEAVE, "What if I don't use it?", "What if I don't use annual leave?"),
        (LEAVE, "Do these days expire?", "Do the annual leave days expire?"),
        # A question without its topic.
        (REMOTE, "How many days per week?", "How many days per week (remote work)?"),
        (REMOTE, "Why not?", "Why not (remote work)?"),
        (REMOTE, "Who approves?", "Who approves (remote work)?"),
        (REMOTE, "From abroad too?", "Is remote work allowed from abroad too?"),
        (REMOTE, "Since when?", "Since when (remote work)?"),
        (OFFICER, "What is her email address?", "What is data protection officer's email address?"),
        (OFFICER, "What is his phone number?", "What is data protection officer's phone number?"),
        (OFFICER, "Where is her office?", "Where is data protection officer's office?"),
        (OFFICER, "What are their duties?", "What are data protection officer's duties?"),
        (OFFICER, "How do I reach her?", "How do I reach data protection officer?"),
        (OFFICER, "How do I reach him?", "How do I reach data protection officer?"),
        (OFFICER, "Can I call her after work?", "Can I call data protection officer after work?"),
        (GIFTS, "Is there a limit?", "Is there a limit (rules for gifts)?"),
        (GIFTS, "What are the exceptions?", "What are the exceptions (rules for gifts)?"),
        (GIFTS, "more details please", "More details please (rules for gifts)?"),
        (GIFTS, "And if I am late?", "If I am late (rules for gifts)?"),
        (LEAVE, "And if I resign?", "If I resign (annual leave)?"),
        (LEAVE, "What about when I resign?", "When I resign (annual leave)?"),
        (LEAVE, "And me?", f"{LEAVE[:-1]} (me)?"),
        ("Who keeps the personnel files?", "And who may look at them?", "Who may look at personnel files?"),
        ("Where are the personnel files kept?", "Who owns them?", "Who owns personnel files?"),
        (LEAVE, "Thank you for the answer. Who approves it?", "Who approves annual leave?"),
        # What is exchanged, what is added, and what stands beside.
        (LAPTOP, "What about a monitor?", "How much can I spend on a monitor?"),
        (LAPTOP, "and monitors", "How much can I spend on monitors?"),
        (HOTEL, "And for Paris?", "What is the hotel limit in Paris?"),
        (HOTEL, "And in Paris?", "What is the hotel limit in Paris?"),
        (HOTEL, "Paris?", "What is the hotel limit in Paris?"),
        (HOTEL, "And on Fridays?", "What is the hotel limit in London on Fridays?"),
        (HOTEL, "And in January?", "What is the hotel limit in London in January?"),
        (GIFTS, "Thanks. And for entertainment?", "What are the rules for entertainment?"),
        (GIFTS, "What about meals?", "What are the rules for meals?"),
        ("How do I book a meeting room?", "And a car?", "How do I book a car?"),
        ("How do I request parental leave?", "And sick leave?", "How do I request sick leave?"),
        ("How do I renew my badge?", "What about a visa?", "How do I renew a visa?"),
        ("How do I renew badges?", "And visas?", "Visas (renew badges)?"),
        ("Who is the CEO?", "And the CFO?", "Who is the CFO?"),
        ("What is the US travel policy?", "And Germany?", "What is the US travel policy (Germany)?"),
        (LEAVE, "What about Germany?", f"{LEAVE[:-1]} (Germany)?"),
        (LEAVE, "And in Germany?", f"{LEAVE[:-1]} in Germany?"),
        ("What are the office hours?", "On Fridays?", "What are the office hours on Fridays?"),
        (
            "What is the notice period?",
            "And during probation?",
            "What is the notice period during probation?",
        ),
        ("What is the dress code?", "What about interns?", "What is the dress code for interns?"),
        ("Does the company pay for lunch?", "And dinner?", "Does the company pay for dinner?"),
        (
            "What does the handbook say about overtime?",
            "And about weekends?",
            "What does the handbook say about weekends?",
        ),
        ("Do I need a receipt for meals?", "And for taxis?", "Do I need a receipt for taxis?"),
        # A country in capitals is a place, a department is none.
        (MEALS, "And in the US?", MEALS_THERE),
        (MEALS, "And in the UK?", "What is the meal allowance in the UK?"),
        (MEALS, "And for the USA?", "What is the meal allowance in the USA?"),
        (MEALS, "And in the EU?", "What is the meal allowance in the EU?"),
        (MEALS, "in the UAE?", "What is the meal allowance in the UAE?"),
        (MEALS, "What about the UK?", "What is the meal allowance in the UK?"),
        (MEALS_THERE, "And in Germany?", MEALS),
        (MEALS_THERE, "Germany?", MEALS),
        (MEALS_THERE, "And in the UK?", "What is the meal allowance in the UK?"),
        ("Who runs the UK office?", "And the US?", "Who runs the US office?"),
        ("Who is our contact in HR?", "And in Germany?", "Who is our contact in HR in Germany?"),
        ("Do I need a visa for the US?", "And for Japan?", "Do I need a visa for Japan?"),
        # A thing is exchanged for a thing and a person for a person.
        (TRAINING, "And for managers?", "What is the budget for training for managers?"),
        (TRAINING, "And for travel?", "What is the budget for travel?"),
        ("How do I apply for a laptop?", "And for new hires?", "How do I apply for a laptop for new hires?"),
        ("How do I apply for a laptop?", "And for my team?", "How do I apply for a laptop for my team?"),
        ("How do I apply for a permit?", "for a visitor?", "How do I apply for a permit for a visitor?"),
        (
            "What is paid for glasses?",
            "for part-time staff?",
            "What is paid for glasses for part-time staff?",
        ),
        ("What is the rule for managers?", "And for interns?", "What is the rule for interns?"),
        ("What is the rule for managers?", "And for travel?", "What is the rule for managers for travel?"),
        # Contractions, and how something is.
        (LEAVE, "Why doesn't that work?", "Why doesn't annual leave work?"),
        (LEAVE, "Doesn’t that expire?", "Doesn’t annual leave expire?"),
        (LEAVE, "Isn't that illegal?", "Isn't annual leave illegal?"),
        (LEAVE, "Why isn't that allowed?", "Why isn't annual leave allowed?"),
        (LEAVE, "Won't that be taxed?", "Won't annual leave be taxed?"),
        (LEAVE, "Can't that rule change?", "Can't the annual leave rule change?"),
        # The topic ends before what is done with it.
        ("How many sick days are paid per year?", "Who approves it?", "Who approves sick days?"),
        ("Which holidays are paid?", "Who approves them?", "Who approves holidays?"),
        ("What costs are covered?", "Who approves them?", "Who approves costs?"),
        ("Which expenses are not covered?", "Who approves them?", "Who approves expenses?"),
        ("Is the company car taxed?", "Who pays for it?", "Who pays for company car?"),
        ("Who is the head of HR?", "And of IT?", "Who is the head of IT?"),
        ("Who is the head of security?", "And of finance?", "Who is the head of finance?"),
        (LEAVE, "And of sick leave?", "How many days of sick leave do I get?"),
        # A phrase with nothing that leads it in.
        (LEAVE, "sick leave?", "How many days of sick leave do I get?"),
        (LEAVE, "Maternity leave?", "How many days of Maternity leave do I get?"),
        (LEAVE, "And sick days?", "How many days of sick days do I get?"),
        (LEAVE, "last year", "Last year (annual leave)?"),
        (LEAVE, "And last year?", f"{LEAVE[:-1]} last year?"),
        ("How many holidays are there this year?", "next year?", "How many holidays are there next year?"),
        (LEAVE, "Contact?", "Contact (annual leave)?"),
        (LEAVE, "With or without pay?", "With or without pay (annual leave)?"),
        (LEAVE, "So?", "So (annual leave)?"),
        (CANTEEN, "And close?", "Close (canteen)?"),
        (CANTEEN, "And then?", "And then (canteen)?"),
        (CAR, "What about private use?", "Private use (company car policy)?"),
        ("Do we have company cars?", "What about private use?", "Private use (company cars)?"),
    ],
)
def test_an_english_follow_up(before: str, asked: str, expected: str) -> None:
    assert after(before, asked) == expected


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        # What happens to a topic, or is done with it.
        (年假, "没休完怎么办？", "年假没休完怎么办？"),
        (年假, "会作废吗？", "年假会作废吗？"),
        (年假, "会过期吗？", "年假会过期吗？"),
        (年假, "可以折现吗？", "年假可以折现吗？"),
        (年假, "到期后会清零吗？", "年假到期后会清零吗？"),
        (年假, "可以累计吗？", "年假可以累计吗？"),
        (年假, "可以结转到明年吗？", "年假可以结转到明年吗？"),
        (年假, "谁来审批？", "年假谁来审批？"),
        (年假, "我该找谁？", "年假我该找谁？"),
        ("住宿标准是多少？", "超标了怎么办？", "住宿标准超标了怎么办？"),
        ("报销需要哪些材料？", "谁负责审核？", "报销谁负责审核？"),
        ("报销需要哪些材料？", "多久能到账？", "报销多久能到账？"),
        ("密码有什么要求？", "忘记了怎么办？", "密码忘记了怎么办？"),
        ("密码有什么要求？", "多久更换一次？", "密码多久更换一次？"),
        ("交通费标准是多少？", "怎么报销？", "交通费标准怎么报销？"),
        ("交通费是多少？", "怎么报销？", "交通费怎么报销？"),
        ("门禁卡怎么办理？", "丢失了怎么办？", "门禁卡丢失了怎么办？"),
        ("借款怎么申请？", "被驳回了怎么办？", "借款被驳回了怎么办？"),
        ("可以远程办公吗？", "每周几天？", "远程办公每周几天？"),
        # A time or a condition is added, and exchanged for a time alone.
        ("加班费怎么算？", "周末呢？", "周末加班费怎么算？"),
        ("加班费怎么算？", "节假日呢？", "节假日加班费怎么算？"),
        ("周末加班费怎么算？", "节假日呢？", "节假日加班费怎么算？"),
        ("加班费怎么算？", "那晚上呢？", "晚上加班费怎么算？"),
        ("加班费怎么算？", "春节期间呢？", "春节期间加班费怎么算？"),
        ("加班费怎么算？", "那调休呢？", "调休怎么算？"),
        ("国庆节放假几天？", "春节呢？", "春节放假几天？"),
        ("你们的办公时间是几点到几点？", "周五呢？", "周五你们的办公时间是几点到几点？"),
        ("食堂几点开门？", "周六呢？", "周六食堂几点开门？"),
        (年假, "工作满十年的呢？", "工作满十年的，公司的年假有多少天？"),
        (年假, "那如果没用完呢？", "没用完，公司的年假有多少天？"),
        (年假, "离职后呢？", "离职后，公司的年假有多少天？"),
        (年假, "试用期内呢？", "试用期内，公司的年假有多少天？"),
        (年假, "不满一年的呢？", "不满一年的，公司的年假有多少天？"),
        (年假, "谢谢，那病假呢？", "公司的病假有多少天？"),
        (年假, "今年呢？", "今年公司的年假有多少天？"),
        (年假, "下周呢？", "下周公司的年假有多少天？"),
        (年假, "入职第一年呢？", "入职第一年，公司的年假有多少天？"),
        (年假, "这个怎么算？", "年假怎么算？"),
        (年假, "兼职呢？", "兼职公司的年假有多少天？"),
        ("婚假有几天？", "再婚的呢？", "再婚的，婚假有几天？"),
        ("婚假有几天？", "第二种情况呢？", "第二种情况，婚假有几天？"),
        ("婚假有几天？", "产假呢？", "产假有几天？"),
        # A time or a measure says no topic.
        (年假, "包括周末吗", "年假包括周末吗？"),
        (年假, "包括法定节假日吗", "年假包括法定节假日吗？"),
        (年假, "周五能休吗", "年假周五能休吗？"),
        (年假, "能分几次休", "年假能分几次休？"),
        (年假, "可以请半天吗", "年假可以请半天吗？"),
        # For whom.
        ("年假有多少天？", "实习生可以吗？", "实习生年假有多少天？"),
        ("年假可以结转吗？", "经理也可以吗", "经理年假可以结转吗？"),
        # Pointing back.
        (年假, "它会作废吗？", "年假会作废吗？"),
        (年假, "它会不会清零", "年假会不会清零？"),
        (年假, "它会过期吗", "年假会过期吗？"),
        (年假, "它贵吗", "年假贵吗？"),
        ("信息安全负责人是谁", "他会来上海吗", "信息安全负责人会来上海吗？"),
        ("信息安全负责人是谁？", "他的电话是多少？", "信息安全负责人的电话是多少？"),
        ("差旅补贴怎么发放？", "其标准是什么？", "差旅补贴标准是什么？"),
        ("差旅补贴怎么发放？", "土耳其员工申请它需要谁批准？", "土耳其员工申请差旅补贴需要谁批准？"),
        ("年假政策是什么？", "那么福利怎么样？", "福利是什么？"),
    ],
)
def test_a_chinese_follow_up(before: str, asked: str, expected: str) -> None:
    assert after(before, asked) == expected


@pytest.mark.parametrize("said", ["Yes", "That's wrong", "No, that is not right.", "不对", "是的"])
def test_a_verdict_is_no_question_of_its_own(said: str) -> None:
    history = (PastTurn(LEAVE, "An answer."), PastTurn(said, "Could you say more?"))
    assert standalone("Who approves it?", history) == "Who approves annual leave?"
