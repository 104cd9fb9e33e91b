"""Thanks, orders to word it anew and verdicts are told from questions, whatever stands beside them."""

import pytest

from kbchat.answering.deciding import course_by_rules
from kbchat.answering.ports import PastTurn
from kbchat.answering.wording import Phrase

HISTORY = (PastTurn("How many days of leave?", "Leave is 15 days."),)


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("Hello!", Phrase.GREETING),
        ("good morning everyone", Phrase.GREETING),
        ("你好", Phrase.GREETING),
        ("您好，在吗？", Phrase.GREETING),
        ("Thanks!", Phrase.THANKS),
        ("ok great, thank you very much", Phrase.THANKS),
        ("Thanks for the help", Phrase.THANKS),
        ("谢谢", Phrase.THANKS),
        ("好的，谢谢你！", Phrase.THANKS),
        ("辛苦了", Phrase.THANKS),
        ("Bye", Phrase.FAREWELL),
        ("再见", Phrase.FAREWELL),
        ("I see.", Phrase.ACKNOWLEDGED),
        ("明白了", Phrase.ACKNOWLEDGED),
        ("What can you do?", Phrase.ABOUT),
        ("你是谁？", Phrase.ABOUT),
    ],
)
def test_courtesies_converse(said: str, phrase: Phrase) -> None:
    course = course_by_rules(said, has_history=False)
    assert (course.decision, course.phrase) == ("converse", phrase)


@pytest.mark.parametrize(
    "said",
    [
        "Make that shorter",
        "Can you summarise the answer please?",
        "translate it into Chinese",
        "In bullet points please",
        "shorter",
        "再简短一点",
        "请翻译成英文",
        "总结一下",
        "换个说法",
        "用一句话说",
    ],
)
def test_rework_needs_something_to_rework(said: str) -> None:
    assert course_by_rules(said, has_history=True).decision == "converse"
    assert course_by_rules(said, has_history=False).phrase is not Phrase.CANNOT_REWORK


@pytest.mark.parametrize(
    "said", ["???", "What is it?", "help", "I have a question", "请问一下", "怎么办？", "", "👍"]
)
def test_empty_messages_are_asked_back(said: str) -> None:
    assert course_by_rules(said, has_history=False).decision == "ask_back"


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("Thanks for that.", Phrase.THANKS),
        ("Thanks for your help!", Phrase.THANKS),
        ("Thank you for the quick answer", Phrase.THANKS),
        ("Thank you so much for explaining that", Phrase.THANKS),
        ("Great, thanks for explaining.", Phrase.THANKS),
        ("thanks that was really helpful", Phrase.THANKS),
        ("Thanks for all the info", Phrase.THANKS),
        ("Thanks for letting me know!", Phrase.THANKS),
        ("No, thanks", Phrase.THANKS),
        ("Hello! Thanks for your time.", Phrase.THANKS),
        ("Okay. Makes sense. Thank you!", Phrase.THANKS),
        ("Perfect, thanks. Bye!", Phrase.FAREWELL),
        ("Hi. What can you do?", Phrase.ABOUT),
        ("Good morning, everyone", Phrase.GREETING),
        ("Thank you in advance", Phrase.THANKS),
        ("Thank you so much, that is exactly what I needed", Phrase.THANKS),
        ("thanks for the heads up", Phrase.THANKS),
        ("Thank you for your detailed explanations", Phrase.THANKS),
        ("thanks that answers my question", Phrase.THANKS),
        ("thanks for your understanding", Phrase.THANKS),
        ("Thanks for your help with that", Phrase.THANKS),
        ("感谢您的回答。", Phrase.THANKS),
        ("好的，明白了，谢谢！", Phrase.THANKS),
        ("谢谢你的解答，再见", Phrase.FAREWELL),
        ("你好，你是谁？", Phrase.ABOUT),
        ("明白了。没问题。", Phrase.ACKNOWLEDGED),
    ],
)
def test_courtesies_in_several_clauses(said: str, phrase: Phrase) -> None:
    assert course_by_rules(said, has_history=True).phrase is phrase


@pytest.mark.parametrize("has_history", [False, True])
@pytest.mark.parametrize(
    "said",
    [
        "Thanks for that, how many sick days do I get?",
        "Thank you for the answer. Who approves it?",
        "thanks for your help, what about interns?",
        "Great, thanks for explaining. Is it paid?",
        "Thanks for the help desk number",
        "thanks for your help is sick leave paid",
        "thanks that is clear but what about interns",
        "Thank you for the info where is the form",
        "Thanks for nothing in the travel policy?",
        "Thanks for checking the parking rules",
        "Thanks for your understanding of the travel policy",
        "thanks that answers my question but who approves it",
        "thanks for the link to the form",
        "Hello, parking?",
        "Hi! Dress code",
        "Ok, and contractors?",
        "Good morning routine",
        "Bye bye party budget",
        "感谢您的回答，请问产假多少天",
        "好的，那病假呢",
        "谢谢，谁审批？",
        "你好，年假有几天",
        "多谢款待的标准是什么",
        "IT help",
        "Where is IT?",
        "Who is in IT?",
        "How do I ask IT?",
        "What is IT?",
        "IT",
        "IT?",
        "What can IT do?",
        "Tell me about IT",
        "Is there IT?",
        "I need IT",
        "Help from IT please",
        "IT 是什么？",
        "IT怎么办？",
        "有IT吗？",
    ],
)
def test_a_question_behind_a_courtesy_and_one_about_it_are_searched(said: str, has_history: bool) -> None:
    assert course_by_rules(said, has_history=has_history).decision == "retrieve"


@pytest.mark.parametrize("said", ["WHAT IS IT?", "TELL ME ABOUT IT", "what is it"])
def test_it_in_capitals_among_capitals_is_a_pronoun(said: str) -> None:
    assert course_by_rules(said, has_history=False).decision == "ask_back"


@pytest.mark.parametrize(
    "said",
    [
        "Can you put that on a corporate card?",
        "Explain this policy to me",
        "Explain that rule for interns",
        "Expand that to contractors",
        "Explain this for part-time employees",
        "Keep it confidential?",
        "Summarize this document",
        "Translate this document",
        "Make this expense claim",
        "Write this up where?",
        "Explain it for probation",
        "explain these fees",
        "put it on the expense report?",
        "Can you explain that with the rule for managers",
        "Say that to a customer?",
        "Keep that receipt?",
        "Put it in the canteen",
        "Make it a business trip",
        "Write it in the time sheet",
        "Repeat that training",
        "Explain the answer to question 3",
        "in english class",
        "Translate this document into German",
        "Translate it into practice for managers",
        "Explain it with an example contract",
        "Make it easier to understand the payslip",
        "翻译成本怎么报销",
        "整理成一个部门",
        "缩写成50字的标准是什么",
        "列为禁止事项",
        "列成公司资产",
        "总结年假政策",
        "翻译这个文件",
        "整理办公桌",
        "简化审批流程",
        "用英文写合同",
        "再详细说说病假",
    ],
)
def test_an_order_about_something_else_is_searched(said: str) -> None:
    assert course_by_rules(said, has_history=True).decision == "retrieve"


@pytest.mark.parametrize(
    "said",
    [
        "Please put that in a table",
        "Summarize it in two sentences",
        "Can you explain that to me in simple words?",
        "Translate the answer to German please",
        "Make it a bit shorter",
        "Keep it brief",
        "Write it as a bulleted list",
        "Say that again, please",
        "Explain it step by step",
        "Rephrase this in other words",
        "Explain that more simply",
        "Expand this in more detail",
        "in one sentence",
        "shorter please",
        "Can you make it less technical?",
        "Write that down as an email",
        "translate it into Swedish",
        "Translate that into Catalan please",
        "Say it in Turkish",
        "explain it with an example",
        "make it easier to understand",
        "翻译成俄语",
        "请翻译成西班牙语",
        "整理成一个表格",
        "缩写成50字",
        "改写成邮件",
        "整理成表格",
        "翻译成中文",
        "列成清单",
        "概括为三点",
        "总结成一句话吧",
    ],
)
def test_an_order_for_another_form_is_rework(said: str) -> None:
    assert course_by_rules(said, has_history=True).phrase is Phrase.CANNOT_REWORK


@pytest.mark.parametrize("has_history", [False, True])
@pytest.mark.parametrize(
    "said",
    [
        "Yes",
        "no",
        "No!",
        "yes yes",
        "That's wrong",
        "That’s not right.",
        "this is incorrect",
        "No, that's wrong",
        "Wrong",
        "not true",
        "You are wrong",
        "不对",
        "是的",
        "对的",
        "不是",
        "不是的",
        "错了",
        "这不对",
        "回答错了",
        "没有",
    ],
)
def test_a_verdict_is_asked_back(said: str, has_history: bool) -> None:
    assert course_by_rules(said, has_history=has_history).decision == "ask_back"


@pytest.mark.parametrize(
    "said",
    [
        "Yes, and interns?",
        "No, I mean from suppliers",
        "Is that wrong?",
        "right to work",
        "False alarms",
        "Is it true that leave expires?",
        "是的，那病假呢？",
        "不对外公开的文件有哪些？",
        "没有发票怎么报销？",
        "对公账户",
        "是否加班",
        "错过打卡",
        "wrong invoice",
        "no smoking",
        "yes vote",
    ],
)
def test_what_begins_like_a_verdict_is_searched(said: str) -> None:
    assert course_by_rules(said, has_history=True).decision == "retrieve"
