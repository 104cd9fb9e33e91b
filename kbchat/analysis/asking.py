"""What makes a sentence a question and says nothing of its matter: how long, how many, whose, may I.

Left out of questions alone, and not of documents: "几天" (how many days) stands in no text that says how many, and yet
weighs as much as the rarest word of the question. On XQuAD, whose formal questions have few of these, BM25 finds as
much without them (MRR@10 of each half: Chinese .955 and .965, before .955 and .964; English .964 and .967, before
.966 and .966); how people ask at work has many.
"""

import re
from typing import Final

# Words that ask and say nothing of the matter: no source repeats them. Not within another word: how-to, can't, and in
# Chinese 自我, 我国, 网吧, 吗啡.
_ASKING: Final = re.compile(
    r"(?<![\w-])(?:how much time|how (?:many|much|long|often|far|soon|early|late|old|big|large|quickly|fast|"
    r"frequently)|how|what (?:kinds?|types?|sorts?) of|(?:can|could|would|will) you|tell me|please|"
    r"may|might|must|can|could|shall|should|would|will|does|do|did|"
    r"(?:get|take|need|want|know|find|mean|happen)s?|per)(?![\w'’-])|"
    r"请问|是什么意思|什么意思|是什么|有哪些|有什么|什么时候|什么样|什么|何时|多久|多长时间|多长|"
    r"有?(?:多少|几(?=\s*[个天次小周年月日元种位名点人]))\s*(?:个?工作日|个?小时|个月|天|日|次|元|种|位|名|"
    r"人|个)?|"
    r"怎么办|怎么样|怎么|怎样|如何|为什么|为何|哪里|哪儿|哪些|哪个|哪位|哪|谁|"
    r"是否|能否|可否|能不能|可不可以|是不是|有没有|会不会|要不要|应该|可以|需要|我们|你们|"
    r"(?<!自)我(?![国方])|吗(?![啡丁])|呢(?![绒子])|(?<![网酒贴氧])吧(?!台)|[你您么]",
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
