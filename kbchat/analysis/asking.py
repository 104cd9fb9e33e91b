"""What makes a sentence a question and says nothing of its matter: how long, how many, whose, may I.

Left out of questions alone, and not of documents: "几天" (how many days) stands in no text that says how many, and yet
weighs as much as the rarest word of the question. On XQuAD, whose formal questions have few of these, BM25 finds as
much without them (MRR@10 of each half: Chinese .955 and .965, before .955 and .964; English .964 and .967, before
.966 and .966); how people ask at work has many.
"""

import re
from typing import Final

# What is counted: not where it begins another word (多少人民币, 几种子公司), which is told from what may follow it
# (几个人, 多少人才能, 几次数据).
_MEASURE: Final = (
    r"个?工作日(?![志报程])|个?小时|个月(?![薪饼])|"
    r"天(?!然|气|花板|猫|津(?!贴)|使(?!用)|线(?![上下]))|"
    r"日(?![志常期程历语本薪元]|用品|报(?![到销]))|"
    r"次(?!品|级|数(?!据))|"
    r"元(?!素|件|器件|旦|宵|数据)|"
    r"种(?!子(?![公项类网产模])|植|族|类(?![型别]))|"
    r"位(?!置|于|数(?![学据]))|"
    r"名(?!额(?!外)|单(?![身亲独])|片|字|称(?!职)|义(?![工务])|牌)|"
    r"人(?!民|员|力|均|次|类|物|脸|寿|事(?![先后假])|工(?!作)|才(?![能可算够会有行])|数(?!据))|"
    r"个(?!性化|体户|税(?![号务])|人[信所电简账资隐])"
)
# Words that ask and say nothing of the matter: no source repeats them. Not within another word: how-to, can't, and in
# Chinese 办理, 任何, 申请, 自我, 我国, 迷你, 网吧, 吗啡.
_ASKING: Final = re.compile(
    r"(?<![\w-])(?:how much time|how (?:many|much|long|often|far|soon|early|late|old|big|large|quickly|fast|"
    r"frequently)|how|what (?:kinds?|types?|sorts?) of|(?:can|could|would|will) you|tell me|please|"
    r"may|might|must|can|could|shall|should|would|will|does|do|did|"
    r"(?:get|take|need|want|know|find|mean|happen)s?|per)(?![\w'’-])|"
    r"(?<![申邀])请问(?!卷)|是什么意思|什么意思|是什么|有哪些|有什么|什么时候|什么样(?![本品式板])|什么|"
    r"(?<!任)何时|多久|多长时间|(?<![很许更])多长|"
    rf"有?(?:多少|几(?=\s*[个天次小周年月日元种位名点人]))\s*(?:{_MEASURE})?|"
    r"怎么办(?![理公事])|怎么样(?![本品式板])|怎么|怎样|如何|为什么|为何|"
    r"哪里|哪儿|哪些|哪个(?!性化)|哪位(?!置)|哪(?![怕吒])|谁|"
    r"是否|能否|可否|能不能|可不可以|是不是|有没有|会不会|要不要|"
    r"(?<![对相])应该|(?<![许认])可以|需要|我们|你们|"
    r"(?<!自)我(?![国方])|吗(?![啡丁啉替])|(?<!毛)呢(?![绒子料喃])|(?<![网酒贴氧书茶])吧(?![台椅])|"
    r"(?<!迷)你|[您么]",
    re.IGNORECASE,
)
# After one of these a capital begins no sentence.
_WITHIN_A_SENTENCE: Final = re.compile(r"[\w,(/&]\s?\Z")


def matter_of(question: str) -> str:
    """`question` without the words that only ask; the question itself where nothing else is left.

    Names stay that look like such a word: CAN, GET, May. Where everything is in capitals, or each word begins with
    one, none is told from the others, and none stays.
    """
    has_names = not (question.isupper() or question.istitle())

    def kept(found: re.Match[str]) -> str:
        return found[0] if has_names and _is_name(found) else " "

    rest = " ".join(_ASKING.sub(kept, question).split())
    return rest if re.search(r"\w", rest) else question


def _is_name(found: re.Match[str]) -> bool:
    word = found[0]
    if not word.isalpha():
        return False
    before = found.string[max(found.start() - 2, 0) : found.start()]
    return word.isupper() or (word.istitle() and _WITHIN_A_SENTENCE.search(before) is not None)
