"""Messages that are no questions, in English and Chinese: courtesies, orders to rework an answer, empty ones.

Patterns match what is plain: lower case, without punctuation, single blanks (see `plain`).
"""

import re
import unicodedata
from typing import Final

from kbchat.answering.wording import Phrase

# What may follow thanks; anything else may be a question: "thanks for that, how many sick days do I get?".
_FOR: Final = (
    r"(?:that|this|it|everything|letting me know|telling me|getting back to me|taking the time|"
    r"looking into (?:it|this|that))|"
    r"(?:explain|clarify|help|answer|check|shar|look|ask|confirm)ing(?: (?:that|this|it|me|up|to me|for me))*|"
    r"(?:(?:all|the|your|this|that|these|a|such) )*"
    r"(?:(?:very|really|quick|prompt|great|good|kind|clear|detailed|thorough|helpful|useful|nice) )*"
    r"(?:help|support|assistance|time|patience|efforts?|answers?|reply|replies|responses?|explanations?|"
    r"clarifications?|confirmation|info|information|details?|advice|tips?|hints?|links?|pointers?|updates?|heads up|"
    r"understanding|kindness|guidance|suggestions?|feedback|insights?|summary|overview)"
    r"(?: (?:with|on) (?:that|this|it))?"
)
_THAT: Final = (
    r"that(?:s| is| was| has| really)* (?:(?:very|really|so|a) )*"
    r"(?:helps?|helped|helpful|useful|great|perfect|clear|good|enough|all|it|great help|big help|makes sense|"
    r"(?:just |exactly )?what i (?:need|needed|wanted|was looking for)|(?:answers|answered) (?:all )?my questions?|"
    r"all i (?:need|needed|wanted)(?: to know)?|clears (?:it|that|things) up)"
)
# The first one found in a message answers it.
_COURTESIES: Final = {
    Phrase.ABOUT: (
        r"who are you|what are you|what can you do(?: for me)?|how do you work|how can you help(?: me)?|"
        r"你是谁|您是谁|你是什么|你能做什么|你可以做什么|你会什么|你能帮我什么|你有什么用|你怎么用"
    ),
    Phrase.FAREWELL: (
        r"(?:good ?)?bye(?: bye)?|see you(?: later| soon| tomorrow)?|"
        r"have a (?:nice|good|great) (?:day|evening|weekend|one)|再见|拜拜|回头见|下次见|晚安|祝你愉快"
    ),
    Phrase.THANKS: (
        r"(?:(?:ok|okay|great|perfect|cool|good|nice|alright|yes|no) )*(?:many |thats great )?"
        r"(?:thanks|thank you|thx|ty|cheers|much appreciated)"
        rf"(?: (?:a lot|a million|so much|very much|again|in advance|everyone|kbchat|for (?:{_FOR})|{_THAT}))*|"
        r"(?:好的?|明白了|知道了|太好了|嗯)?(?:非常|十分|多)?(?:感谢|谢谢|谢了|多谢|谢)"
        r"(?:你|您|啦|了|大家|[你您]的(?:帮助|回答|解答|解释))*|辛苦(?:了|啦|您了|你了)"
    ),
    Phrase.GREETING: (
        r"(?:hi+|hello|hey|greetings|good (?:morning|afternoon|evening|day))"
        r"(?: (?:there|all|everyone|team|kbchat|again))*|"
        r"(?:您好|你好|大家好|哈喽|嗨|早上好|早安|上午好|中午好|下午好|晚上好|在吗|在么)+[啊呀呢]?"
    ),
    Phrase.ACKNOWLEDGED: (
        r"ok|okay|great|got it|i see|understood|perfect|good|cool|nice|fine|alright|all right|very good|"
        r"well done|makes sense|"
        r"好的?|好吧|嗯+|明白了?|知道了|了解了?|懂了|可以了?|行|太好了|不错|没问题|没事了"
    ),
}
# Up to the end of a clause behind which another one follows.
_CLAUSE: Final = re.compile(r"([^.!?;,。！？；，…\n]*)[.!?;,。！？；，…]+\s*(?=\S)")
# The tail of an order is a form, a language or a politeness: whatever has another object is a question.
_SHAPE: Final = (
    r"(?:(?:an?|one|two|three|four|five|\d+|a few|single|short|simple|bulleted|numbered) )*"
    r"(?:table|list|bullet points?|bullets|bullet list|sentences?|paragraphs?|words|lines|summary|email|letter|memo|"
    r"nutshell)"
)
# Those that are asked for most; behind "translate it into" any other is one, too.
_LANGUAGE: Final = (
    r"(?:(?:simple|plain|simplified|traditional|brazilian) )?(?:english|chinese|mandarin|cantonese|german|french|"
    r"spanish|italian|portuguese|dutch|polish|russian|japanese|korean|swedish|norwegian|danish|finnish|turkish|arabic|"
    r"ukrainian|czech|hungarian|romanian|greek|hebrew|hindi|thai|vietnamese|indonesian|malay)"
)
_FORM: Final = (
    rf"(?:in|into|to|as|with) {_SHAPE}|"
    rf"(?:in|into|to) {_LANGUAGE}|"
    r"(?:with|using) (?:(?:an?|one|two|some|a few|more) )?(?:\w+ )?examples?|"
    r"(?:easier|simpler) to (?:understand|read|follow)|"
    r"in (?:laymans terms|short|brief|other words|your own words|detail|more detail|less detail|"
    r"(?:simple|simpler|plain|easier) (?:words|terms|language))|"
    r"(?:(?:much|even|a bit|a little) )*(?:shorter|longer|simpler|clearer|briefer|(?:more|less) "
    r"(?:brief|briefly|concise|concisely|detailed|formal|simple|simply|clearly|technical))|"
    r"again|once more|one more time|step by step|tl ?dr"
)
_POLITE: Final = r"please|for me|to me|now|a bit|a little|up|down"
_PLAINLY: Final = r"short|simple|brief|concise|formal|informal|briefly|simply|clearly|differently|further"
_CHINESE_FORM: Final = (
    r"(?:简体|繁体)?(?:中文|英文|英语|汉语|德语|德文|法语|法文|日语|日文|韩语|韩文)|"
    r"(?:一?[个张份封段] ?)?(?:表格?|列表|清单|要点|提纲|大纲|邮件|摘要)|"
    r" ?(?:[一二两三四五六七八九十百几]+|\d+) ?(?:句话|段话|点|条|段|个?字)(?:以内|左右)?"
)
_ANSWER: Final = r"(?:it|that|this|these|the (?:last |above )?answer|your (?:last )?answer|the above)"
_REWORK: Final = (
    r"(?:please |can you |could you |would you |now )*(?:"
    r"(?:make|keep|say|write|put|explain|repeat|rephrase|reword|shorten|simplify|summari[sz]e|translate|"
    rf"expand) {_ANSWER}"
    rf"(?: (?:{_FORM}|{_SHAPE}|{_PLAINLY}|{_POLITE}))*|"
    rf"translate {_ANSWER} into \w+(?: (?:{_POLITE}))*|"
    rf"(?:(?:say|explain) )?(?:{_FORM})(?: (?:{_POLITE}))*)|"
    r"(?:请|麻烦|能不能|可以|能|帮我)?(?:再|把(?:它|这个|上面的|答案|回答)?)?"
    r"(?:说|写|讲|回答|解释)?(?:得|的)?(?:"
    r"更?(?:短|简短|简单|简洁|详细|通俗|清楚)(?:一点儿?|一些|点儿?)|"
    r"换(?:个|一种)(?:说法|方式|表达)|再说一遍|重复一遍|"
    rf"(?:翻译[成为][\u4e00-\u9fff]{{1,4}}[语文]|"
    rf"(?:翻译|改写|总结|概括|归纳|缩写|整理|精简|简化|列)(?:一下|[成为](?:{_CHINESE_FORM}))?)"
    r"(?:上面的|这个|这段|以上|刚才的)?(?:答案|回答|内容)?|"
    r"用(?:英文|中文|英语|表格|一句话|要点)(?:说|回答|表示|列出)?(?:一下|一遍)?)(?:吗|吧|好吗|可以吗)?"
)
# Neither asks anything nor says what should be another way.
_VERDICT: Final = (
    r"(?:(?:yes|yeah|yep|no|nope|nah|sorry) ?)+|"
    r"(?:(?:yes|no|sorry|but) )*(?:(?:thats|that is|this is|its|it is|that was|youre|you are) )?"
    r"(?:(?:not|quite|completely|totally|simply|just) )*(?:wrong|right|correct|incorrect|true|false|not it)|"
    r"(?:是|对|不|不是|不对|错|没有|有)(?:的|了|啊|吧)?|(?:这|那|你说的?|回答)(?:是)?(?:不对|错的?|错了|对的?)(?:的|吧)?|说错了|答错了"
)
_NAMED_IT: Final = re.compile(r"(?<![A-Za-z])IT(?![A-Za-z])")
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


def courtesy_in(text: str) -> Phrase | None:
    """What answers `text` when it is nothing but courtesies, each clause of it."""
    whole = _courtesy(plain(text))
    if whole:
        return whole
    clauses = [plain(clause) for clause in re.split(r"[.!?;,。！？；，…\n]+", text)]
    found = [_courtesy(clause) for clause in clauses if clause]
    return next((phrase for phrase in _COURTESIES if phrase in found), None) if all(found) else None


def without_courtesies(text: str) -> str:
    """`text` from the first clause on that is no courtesy: "Thanks. And for interns?" → "And for interns?"."""
    rest = text.strip()
    while (clause := _CLAUSE.match(rest)) and _courtesy(plain(clause[1])):
        rest = rest[clause.end() :]
    return rest


def _courtesy(said: str) -> Phrase | None:
    return next((phrase for phrase, pattern in _COURTESIES.items() if re.fullmatch(pattern, said)), None)


def orders_rework(said: str) -> bool:
    """Whether `said` asks for the last answer in another form: shorter, in Chinese, as a list."""
    return re.fullmatch(_REWORK, said) is not None


def is_verdict(said: str) -> bool:
    """Whether `said` only agrees or disagrees: "yes", "that's wrong", 不对."""
    return re.fullmatch(_VERDICT, said) is not None


def is_empty(text: str) -> bool:
    """Whether nothing in `text` could be searched for: "what is it", 请问一下. IT is a department."""
    if _NAMED_IT.search(text) and not is_shouted(text):
        return False
    return all(word in _EMPTY_WORDS for word in _EMPTY_CHINESE.sub(" ", plain(text)).split())


def is_shouted(text: str) -> bool:
    """Whether all is in capitals, so that IT may be "it"; IT alone is not."""
    return text.isupper() and len(re.findall(r"[A-Z]+", text)) > 1


def plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", " ".join(kept.split()))
