"""What a turn does with what was said: search the documents, answer from the conversation, or ask back.

Rules first, for what is plainly no question; then a model's label probabilities; without them, search. A
missed search costs far more than a needless one, so searching needs little probability to win.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from kbchat.answering.advising import Advisor
from kbchat.answering.events import Decision
from kbchat.answering.ports import Question
from kbchat.answering.wording import Phrase
from kbchat.inference.ports import ChatMessage, Prompt

# c_useless / (c_useless + c_missed), a missed search taken as 20 times as costly as a useless one.
SEARCH_FROM: Final = 0.05
_MOST_REMARK_CHARACTERS: Final = 120


@dataclass(frozen=True, slots=True)
class Course:
    """`phrase` is what a strategy without a model says when it does not search."""

    decision: Decision
    phrase: Phrase | None = None


_SEARCH: Final = Course("retrieve")
_ASK_BACK: Final = Course("ask_back", Phrase.ASK_BACK)

_COURTESIES: Final = (
    (
        Phrase.GREETING,
        (
            r"(?:hi+|hello|hey|greetings|good (?:morning|afternoon|evening|day))"
            r"(?: (?:there|all|everyone|team|kbchat|again))*|"
            r"(?:您好|你好|大家好|哈喽|嗨|早上好|早安|上午好|中午好|下午好|晚上好|在吗|在么)+[啊呀呢]?"
        ),
    ),
    (
        Phrase.THANKS,
        (
            r"(?:(?:ok|okay|great|perfect|cool|good|nice|alright|yes|no) )*(?:many |thats great )?(?:thanks|"
            r"thank you|thx|ty|cheers|"
            r"much appreciated)(?: (?:a lot|a million|so much|very much|again|everyone|kbchat|(?:for|that) "
            r".{1,40}))*|"
            r"(?:好的?|明白了|知道了|太好了|嗯)?(?:非常|十分|多)?(?:感谢|谢谢|谢了|多谢|谢)(?:你|您|啦|了|大家|"
            r"你的(?:帮助|回答)|您的(?:帮助|回答))*|"
            r"辛苦(?:了|啦|您了|你了)"
        ),
    ),
    (
        Phrase.FAREWELL,
        (
            r"(?:good ?)?bye(?: bye)?|see you(?: later| soon| tomorrow)?|have a (?:nice|good|great) (?:day|"
            r"evening|weekend|one)|"
            r"再见|拜拜|回头见|下次见|晚安|祝你愉快"
        ),
    ),
    (
        Phrase.ACKNOWLEDGED,
        (
            r"ok|okay|great|got it|i see|understood|perfect|good|cool|nice|fine|alright|all right|very good|"
            r"well done|makes sense|"
            r"好的?|好吧|嗯+|明白了?|知道了|了解了?|懂了|可以了?|行|太好了|不错|没问题|没事了"
        ),
    ),
    (
        Phrase.ABOUT,
        (
            r"who are you|what are you|what can you do(?: for me)?|how do you work|how can you help(?: me)?|"
            r"你是谁|您是谁|你是什么|你能做什么|你可以做什么|你会什么|你能帮我什么|你有什么用|你怎么用"
        ),
    ),
)
_REWORK: Final = (
    r"(?:please |can you |could you |now )*(?:"
    r"(?:make|keep|say|write|put|explain|repeat|rephrase|reword|shorten|simplify|summari[sz]e|translate|"
    r"expand) "
    r"(?:it|that|this|these|the (?:last |above )?answer|your (?:last )?answer|the above)(?: .{1,60})?|"
    r"(?:shorter|simpler|longer|more briefly|briefer|again|in (?:english|chinese|short|bullet points|one "
    r"sentence|a table|"
    r"other words|plain english|more detail)|as a (?:table|list)|tl ?dr)(?: please)?|"
    r"(?:say|explain) (?:again|more simply|in other words))(?: please)?|"
    r"(?:请|麻烦|能不能|可以|能|帮我)?(?:再|把(?:它|这个|上面的|答案|回答)?)?(?:说|写|讲|回答|解释)?(?:得|"
    r"的)?(?:"
    r"(?:更)?(?:短|简短|简单|简洁|详细|通俗|清楚)(?:一点儿?|一些|点儿?)|换(?:个|一种)(?:说法|方式|表达)|"
    r"再说一遍|重复一遍|"
    r"(?:翻译|改写|总结|概括|归纳|缩写|整理|精简|简化|列)(?:一下|成.{1,8}|为.{1,8})?(?:上面的|这个|这段|"
    r"以上|刚才的)?(?:答案|回答|内容)?|"
    r"用(?:英文|中文|英语|表格|一句话|要点)(?:说|回答|表示|列出)?(?:一下|一遍)?)(?:吗|吧|好吗|可以吗)?"
)
_EMPTY_WORDS: Final = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "anything",
        "ask",
        "can",
        "could",
        "details",
        "do",
        "does",
        "explain",
        "for",
        "give",
        "have",
        "help",
        "how",
        "i",
        "in",
        "info",
        "information",
        "is",
        "it",
        "know",
        "like",
        "me",
        "more",
        "need",
        "of",
        "on",
        "one",
        "please",
        "question",
        "questions",
        "show",
        "some",
        "something",
        "tell",
        "that",
        "the",
        "there",
        "this",
        "to",
        "want",
        "what",
        "whats",
        "when",
        "where",
        "which",
        "who",
        "why",
        "would",
        "you",
    ]
)
_EMPTY_CHINESE: Final = re.compile(
    r"请问|帮我|帮忙|帮助|我想|想要|想|问一下|问题|一个|一下|有|个|问|为什么|什么|怎么办|怎么样|怎么|如何|"
    r"多少|哪里|哪个|谁|几|"
    r"这个|那个|它|这|那|是|的|了|吗|呢|吧|啊|呀|能|可以|需要|告诉|介绍|查询|查|我|你|您|说|关于|信息|资料|"
    r"详细|更多|一些|些"
)

_INSTRUCTIONS: Final = (
    "You route messages inside a company's document assistant. Answer with one letter only.\n"
    "A: the message asks for or depends on facts, rules or documents; they must be looked up.\n"
    "B: the message can be answered from this conversation alone, such as thanks, or shortening or "
    "translating the last "
    "answer.\n"
    "C: the message is so empty or unclear that one must ask what is meant."
)
_LABELS: Final[dict[str, Decision]] = {"A": "retrieve", "B": "converse", "C": "ask_back"}


def course_by_rules(text: str, *, has_history: bool) -> Course:
    """What the rule table says; searching is what it says of everything it does not know."""
    said = _plain(text)
    for phrase, pattern in _COURTESIES:
        if re.fullmatch(pattern, said):
            return Course("converse", phrase)
    if has_history and re.fullmatch(_REWORK, said):
        return Course("converse", Phrase.CANNOT_REWORK)
    if not has_history and _is_empty(said):
        return _ASK_BACK
    return _SEARCH if said else _ASK_BACK


async def decide(question: Question, advisor: Advisor) -> Course:
    course = course_by_rules(question.text, has_history=bool(question.history))
    if course != _SEARCH or len(question.text) > _MOST_REMARK_CHARACTERS:
        return course
    p = await advisor.choose(_routing_prompt(question), tuple(_LABELS))
    if p is None or p.get("A", 0.0) >= SEARCH_FROM:
        return course
    if p.get("B", 0.0) >= p.get("C", 0.0) and question.history:
        return Course("converse", Phrase.CANNOT_REWORK)
    return _ASK_BACK


def _routing_prompt(question: Question) -> Prompt:
    last = question.history[-1] if question.history else None
    before = (
        f"Earlier question: {last.question[:300]}\nEarlier answer: {last.answer[:300]}\n\n" if last else ""
    )
    return (
        ChatMessage("system", _INSTRUCTIONS),
        ChatMessage("user", f"{before}Message: {question.text}\n\nLetter:"),
    )


def _plain(text: str) -> str:
    """Lower case, no punctuation or symbols, single blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", " ".join(kept.split()))


def _is_empty(said: str) -> bool:
    """Nothing that could be searched for: "What is it?", 请问一下."""
    rest = _EMPTY_CHINESE.sub(" ", said)
    return all(word in _EMPTY_WORDS for word in rest.split())
