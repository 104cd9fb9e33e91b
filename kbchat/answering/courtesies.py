"""Messages that are no questions, in English and Chinese: courtesies, orders to rework an answer, empty ones.

Text is expected plain: lower case, without punctuation, single blanks (see `plain`).
"""

import re
import unicodedata
from typing import Final

from kbchat.answering.wording import Phrase

_COURTESIES: Final = {
    Phrase.GREETING: (
        r"(?:hi+|hello|hey|greetings|good (?:morning|afternoon|evening|day))"
        r"(?: (?:there|all|everyone|team|kbchat|again))*|"
        r"(?:您好|你好|大家好|哈喽|嗨|早上好|早安|上午好|中午好|下午好|晚上好|在吗|在么)+[啊呀呢]?"
    ),
    Phrase.THANKS: (
        r"(?:(?:ok|okay|great|perfect|cool|good|nice|alright|yes|no) )*(?:many |thats great )?"
        r"(?:thanks|thank you|thx|ty|cheers|much appreciated)"
        r"(?: (?:a lot|a million|so much|very much|again|everyone|kbchat|(?:for|that) .{1,40}))*|"
        r"(?:好的?|明白了|知道了|太好了|嗯)?(?:非常|十分|多)?(?:感谢|谢谢|谢了|多谢|谢)"
        r"(?:你|您|啦|了|大家|[你您]的(?:帮助|回答))*|辛苦(?:了|啦|您了|你了)"
    ),
    Phrase.FAREWELL: (
        r"(?:good ?)?bye(?: bye)?|see you(?: later| soon| tomorrow)?|"
        r"have a (?:nice|good|great) (?:day|evening|weekend|one)|再见|拜拜|回头见|下次见|晚安|祝你愉快"
    ),
    Phrase.ACKNOWLEDGED: (
        r"ok|okay|great|got it|i see|understood|perfect|good|cool|nice|fine|alright|all right|very good|"
        r"well done|makes sense|"
        r"好的?|好吧|嗯+|明白了?|知道了|了解了?|懂了|可以了?|行|太好了|不错|没问题|没事了"
    ),
    Phrase.ABOUT: (
        r"who are you|what are you|what can you do(?: for me)?|how do you work|how can you help(?: me)?|"
        r"你是谁|您是谁|你是什么|你能做什么|你可以做什么|你会什么|你能帮我什么|你有什么用|你怎么用"
    ),
}
_REWORK: Final = (
    r"(?:please |can you |could you |now )*(?:"
    r"(?:make|keep|say|write|put|explain|repeat|rephrase|reword|shorten|simplify|summari[sz]e|translate|"
    r"expand) (?:it|that|this|these|the (?:last |above )?answer|your (?:last )?answer|the above)(?: "
    r".{1,60})?|"
    r"(?:shorter|simpler|longer|more briefly|briefer|again|as a (?:table|list)|tl ?dr|"
    r"in (?:english|chinese|short|bullet points|one sentence|a table|other words|plain english|more detail))|"
    r"(?:say|explain) (?:again|more simply|in other words))(?: please)?|"
    r"(?:请|麻烦|能不能|可以|能|帮我)?(?:再|把(?:它|这个|上面的|答案|回答)?)?"
    r"(?:说|写|讲|回答|解释)?(?:得|的)?(?:"
    r"更?(?:短|简短|简单|简洁|详细|通俗|清楚)(?:一点儿?|一些|点儿?)|"
    r"换(?:个|一种)(?:说法|方式|表达)|再说一遍|重复一遍|"
    r"(?:翻译|改写|总结|概括|归纳|缩写|整理|精简|简化|列)(?:一下|成.{1,8}|为.{1,8})?"
    r"(?:上面的|这个|这段|以上|刚才的)?(?:答案|回答|内容)?|"
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
    r"多少|哪里|哪个|谁|几|这个|那个|它|这|那|是|的|了|吗|呢|吧|啊|呀|能|可以|需要|告诉|介绍|查询|查|我|你|"
    r"您|说|关于|信息|资料|详细|更多|一些|些"
)


def courtesy_in(said: str) -> Phrase | None:
    """What answers `said` when it is nothing but a courtesy."""
    return next((phrase for phrase, pattern in _COURTESIES.items() if re.fullmatch(pattern, said)), None)


def orders_rework(said: str) -> bool:
    """Whether `said` asks for the last answer in another form: shorter, in Chinese, as a list."""
    return re.fullmatch(_REWORK, said) is not None


def is_empty(said: str) -> bool:
    """Whether there is nothing in `said` that could be searched for: "what is it", 请问一下."""
    return all(word in _EMPTY_WORDS for word in _EMPTY_CHINESE.sub(" ", said).split())


def plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", " ".join(kept.split()))
