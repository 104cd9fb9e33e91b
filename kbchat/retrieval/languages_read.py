"""Which languages an encoder reads, asked of the encoder itself: what is written on its label says little, and one that
reads none of the question's words finds all passages alike.

Twenty questions of everyday work stand beside the statements that answer them, in English and in Chinese, without a
content word in common: who does not read finds the right one of twenty about as often as chance has it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from kbchat.inference.ports import Embedder
from kbchat.retrieval.calibration import UNFITTED_DENSE_WEIGHT

_READS_FROM: Final = 0.6
"""Of the mean reciprocal rank, which chance brings to .18. Measured on 2026-11-23 (English, Chinese, English question
with Chinese statement, the other way round): all-MiniLM-L6-v2 .89 .20 .36 .24, all-mpnet-base-v2 .95 .23 .44 .31,
m3e-small (made for Chinese) .31 .78 .53 .44, Google's multilingual sentence encoder v3 .79 .76 .97 .74."""


class _Topic(NamedTuple):
    question: str
    statement: str


_ENGLISH: Final = (
    _Topic(
        "How do I get my money back for the train?",
        "Travel costs are reimbursed when receipts are handed in.",
    ),
    _Topic("Whom do I call when my computer is broken?", "The help desk repairs laptops from nine to five."),
    _Topic("May my dog come along to work?", "Pets are not allowed in our buildings."),
    _Topic("When is lunch served?", "The canteen is open from 11:30 to 14:00."),
    _Topic(
        "I have the flu, what must I do?", "Whoever is ill informs the manager and brings a doctor's note."
    ),
    _Topic("How long is a newcomer tested?", "Probation lasts six months."),
    _Topic("How much time off does a mother get after giving birth?", "Maternity leave is fourteen weeks."),
    _Topic("How safe does my login have to be?", "Passwords have at least twelve characters."),
    _Topic("What if there is smoke in the corridor?", "In case of fire leave the house at once."),
    _Topic("Where do I leave my car?", "The garage is for employees with a badge."),
    _Topic("How do I quit?", "Three months' notice is needed to end the employment contract."),
    _Topic("When does my pay arrive?", "Salaries are transferred on the twenty-fifth."),
    _Topic("May I work from my sofa?", "Two days a week can be spent in the home office."),
    _Topic("Who pays for language lessons?", "The employer bears the fees of approved courses."),
    _Topic("What do I do with old batteries?", "Hazardous waste goes into the red container."),
    _Topic("How is the meeting room reserved?", "Spaces are booked in the shared calendar."),
    _Topic("What if a customer is furious?", "Complaints are answered politely within a day."),
    _Topic("Can I talk with a newspaper?", "Only the press office speaks to journalists."),
    _Topic("How do we keep files from getting lost?", "A backup of all servers is made every night."),
    _Topic(
        "Can I accept a bottle of wine from a supplier?", "Gifts worth more than thirty euros are declined."
    ),
)
_CHINESE: Final = (
    _Topic("坐火车的钱怎么要回来？", "差旅费用在提交票据后报销。"),
    _Topic("电脑坏了找谁？", "服务台九点至五点维修笔记本。"),
    _Topic("能带狗来上班吗？", "大楼内禁止宠物入内。"),
    _Topic("中午几点开饭？", "食堂营业时间为 11:30 至 14:00。"),
    _Topic("得了流感该做什么？", "生病的员工须通知主管并出具医生证明。"),
    _Topic("新人要考察多久？", "试用期为六个月。"),
    _Topic("生孩子可以休息几天？", "产假为十四周。"),
    _Topic("登录要多安全才行？", "密码至少十二个字符。"),
    _Topic("走廊冒烟了怎么办？", "发生火灾时立即撤离。"),
    _Topic("自驾的话停哪儿？", "地下车库供持有工牌的员工使用。"),
    _Topic("不想干了怎么走？", "解除劳动合同须提前三个月通知。"),
    _Topic("工资什么时候到账？", "薪酬于每月二十五日发放。"),
    _Topic("可以在沙发上干活吗？", "每周有两天允许居家办公。"),
    _Topic("学外语谁出钱？", "经批准的课程由公司承担费用。"),
    _Topic("旧电池丢哪？", "危险废物放入红色容器。"),
    _Topic("怎么预定会议室？", "请在共享日历中登记所用空间。"),
    _Topic("客户发火了怎么处理？", "投诉须在一日内礼貌答复。"),
    _Topic("能跟报社聊聊吗？", "仅新闻办公室可与记者交谈。"),
    _Topic("资料怎样才不会丢？", "每晚备份全部服务器。"),
    _Topic("合作方送的红酒能收吗？", "价值超过三十欧元的礼品须谢绝。"),
)
_TOPICS: Final[Mapping[str, tuple[_Topic, ...]]] = {"en": _ENGLISH, "zh": _CHINESE}


def weights_by_reading(embedder: Embedder) -> dict[str, float]:
    """Of the dense leg, for an encoder that nothing was fitted for: none where it does not read, so that words decide
    there. By language of the question, and by pair where it does not see from the one to the other. Blocking. Raises
    ModelUnavailable."""
    found = found_by(embedder)
    own = {language: UNFITTED_DENSE_WEIGHT if found[language] >= _READS_FROM else 0.0 for language in _TOPICS}
    return own | {pair: 0.0 for pair in found.keys() - own.keys() if found[pair] < _READS_FROM}


def found_by(embedder: Embedder) -> dict[str, float]:
    """Mean reciprocal rank of the right statement among all of a language, by language of the question, and by pair
    where the statement's is another ("zh-en": Chinese question, English statement). Blocking. Raises
    ModelUnavailable."""
    asked = {name: embedder.embed_queries([each.question for each in own]) for name, own in _TOPICS.items()}
    said = {name: embedder.embed_documents([each.statement for each in own]) for name, own in _TOPICS.items()}
    found = {}
    for question, questions in asked.items():
        for statement, statements in said.items():
            cosines = questions @ statements.T
            # What is as near stands before it: one that finds all alike finds nothing.
            ranks = (cosines >= np.diag(cosines)[:, None]).sum(axis=1)
            name = question if question == statement else f"{question}-{statement}"
            found[name] = float((1 / ranks).mean())
    return found
