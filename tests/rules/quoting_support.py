"""A small library, and what is quoted of it."""

from kbchat.answering.events import AnswerEvent, ValueLit
from kbchat.answering.quoting import choose
from kbchat.answering.showing import quoted
from kbchat.answering.weighing import Weighing, weigh
from kbchat.inference.ports import Embedder
from kbchat.inference.scripted import HashEmbedder
from kbchat.retrieval.port import Passage
from tests.rules.answering_support import PIN, VIEWER, MemoryRetriever, passage, text_of

LEAVE = passage(
    "Full-time employees in Hamburg receive 30 working days of paid annual leave in 2025. The statutory "
    "minimum for "
    "a five-day week is 20 days; the other 10 days are granted by the company.\n\n"
    "Days worked | Annual leave 2025 | Of which statutory\n5 | 30 days | 20 days\n4 | 24 days | 16 days\n"
    "3 | 18 days | 12 days",
    title="Annual leave policy",
    headings=("How much leave you have",),
    number=1,
)


CARRY = passage(
    "Up to 5 unused days are carried over to the next year automatically. They must be taken by 31 March.",
    title="Annual leave policy",
    headings=("Carrying leave over",),
    number=2,
    start=900,
)


ZH = passage(
    "年假天数\n\n2024 年公司的年假由法定年假和福利年假两部分组成，全年合计最多 18 天。\n\n"
    "1. 法定年假：累计工作满 1 年不满 10 年的，5 天；满 10 年不满 20 年的，10 天。\n"
    "2. 福利年假每人每年 3 天，入职满 1 年后方可使用。",
    title="年假政策（上海）",
    headings=("年假天数",),
    number=3,
)


ZH_REQUEST = passage(
    "在人事系统 Pier 中提交年假申请，最小单位为 1 天。不超过 3 天的，提前 5 个工作日申请，由直属经理审批。",
    title="年假政策（上海）",
    headings=("申请与审批",),
    number=4,
    start=400,
)


OFFICE = passage(
    "How do I get a visitor badge?\n\nVisitors sign in at the front desk. Please bring along:\n\nan "
    "identity card\n\n"
    "the name of your host\n\nThe canteen is open from 11:30 to 14:00.",
    title="Office guide",
    number=5,
)


LIBRARY = [LEAVE, CARRY, ZH, ZH_REQUEST, OFFICE]


def weighed(question: str, passages: list[Passage], embedder: Embedder | None = None) -> Weighing:
    retriever = MemoryRetriever(passages)
    retrieval = retriever.retrieve(VIEWER, question, PIN, limit=8)
    return weigh(question, retrieval, PIN, embedder or HashEmbedder())


def answer(question: str, passages: list[Passage] | None = None) -> list[AnswerEvent]:
    weighing = weighed(question, passages or LIBRARY)
    numbers = {found.chunk_id: number for number, found in enumerate(weighing.passages, 1)}
    return list(quoted(choose(question, weighing), weighing.passages, numbers))


def lit(events: list[AnswerEvent]) -> list[str]:
    text = text_of(events)
    return [text[e.range.start : e.range.end] for e in events if isinstance(e, ValueLit)]
