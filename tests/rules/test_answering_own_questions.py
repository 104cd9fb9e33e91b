"""A question of its own is left as it was typed, in both languages, whatever it follows."""

import pytest

from kbchat.analysis import language_of
from kbchat.answering.ports import PastTurn
from kbchat.answering.rewriting import standalone
from tests.rules.follow_up_support import LEAVE, after, 年假

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


@pytest.mark.parametrize("said", ["Yes", "That's wrong", "No, that is not right.", "不对", "是的"])
def test_a_verdict_is_no_question_of_its_own(said: str) -> None:
    history = (PastTurn(LEAVE, "An answer."), PastTurn(said, "Could you say more?"))
    assert standalone("Who approves it?", history) == "Who approves annual leave?"
