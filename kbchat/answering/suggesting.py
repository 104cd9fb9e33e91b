"""Questions worth asking of a document, made from its title and headings.

One is only worth offering if the document answers it: it names the document and a heading whose words come up in the
text below.
"""

import re
from typing import Final

from kbchat.analysis import content_words
from kbchat.answering.wording import Language
from kbchat.retrieval.port import Outline, Part

_DEEPEST: Final = 2
_NUMBERING: Final = re.compile(
    r"^(?:第[一二三四五六七八九十百\d]+[章节条部分篇]+|[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[)）]"
    r"|(?:chapter|section|part)\s+(?:\d+|[ivxlc]+)\b[.:]?|\d{1,2}(?:(?:\.\d+)+[.)、．]?|[.)、．]))\s*",
    re.IGNORECASE,
)
_TOO_GENERAL: Final = re.compile(
    r"(?:an? |the )?(?:introduction|overview|summary|(?:short|long) version|contents|purpose|scope|background|context"
    r"|general|contacts?|appendix|faq|questions|definitions|references|history|notes|about|readme|changelog|resources"
    r"|links|status|decisions?|consequences|alternatives|rejected|roles|afterwards)"
    r"|(?:before|after|from|in|on|at|with|without|during|what changed|why)\b(?!-).*"
    r"|概述|简介|目录|附录|总则|附则|前言|引言|背景|目的|范围|适用范围|定义|说明|备注|参考资料|联系方式|联系人|修订记录"
    r"|常见问题|产品概述|.*要点|.*(?:相比|对比)的?变化|[聯联][絡络系]",
    re.IGNORECASE,
)
_GLOSSARY: Final = re.compile(
    r"\b(?:glossary|abbreviations?|acronyms?|terminology)\b|术语|缩略|缩写|詞彙|词汇", re.IGNORECASE
)
_PATTERNS: Final[dict[Language, str]] = {
    "en": "What does “{title}” say about {heading}?",
    "zh": "《{title}》对“{heading}”有什么规定？",
}
_ALONE: Final[dict[Language, str]] = {
    "en": "What are the rules on {heading}?",
    "zh": "{heading}有哪些规定？",
}
"""For a document that is all of one part: its heading is its title."""
_LENGTHS: Final[dict[Language, range]] = {"en": range(4, 61), "zh": range(2, 21)}
_LONGEST_TITLE: Final[dict[Language, int]] = {"en": 70, "zh": 35}


def questions_about(outline: Outline, language: Language) -> list[str]:
    """One for each heading that tells enough, the most telling first; [] where none does."""
    title = outline.title.strip()
    if _GLOSSARY.search(title) or len(title) > _LONGEST_TITLE[language]:
        return []
    is_flat = all(len(part.heading_path) <= 1 for part in outline.parts)
    topics = {topic: part for part in outline.parts if (topic := _topic(part, language))}
    worth = {topic: _worth(topic, part.text, "" if is_flat else title) for topic, part in topics.items()}
    return [
        (_ALONE if title in topic else _PATTERNS)[language].format(
            title=title, heading=_inside_a_sentence(topic, outline)
        )
        for topic in sorted(filter(worth.__getitem__, worth), key=lambda topic: -worth[topic])
    ]


def _topic(part: Part, language: Language) -> str:
    """The heading without its number; "" where it is too general, or too deep to be told without those above it."""
    if not 1 <= len(part.heading_path) <= _DEEPEST:
        return ""
    topic = _NUMBERING.sub("", part.heading_path[-1].strip()).strip(" :：.。")
    if len(topic) not in _LENGTHS[language] or topic[-1] in "?？" or topic.isupper():
        return ""
    return "" if _TOO_GENERAL.fullmatch(topic) or _GLOSSARY.search(topic) else topic


def _worth(topic: str, text: str, title: str) -> int:
    """0 for what the text will not be found to answer, 4 for several words beside the title that all come up in it."""
    asked = set(content_words(topic)) - set(content_words(title))
    found = asked & set(content_words(text))
    if not asked or 2 * len(found) < len(asked):
        return 0
    return 1 + 2 * (found == asked) + (len(set(content_words(topic))) > 1)


def _inside_a_sentence(topic: str, outline: Outline) -> str:
    """With a small first letter, where the document writes its first word so in any form: then it is no name."""
    first = re.match(r"[A-Z][a-z]+\b", topic)
    written_small = " ".join(word for part in outline.parts for word in re.findall(r"\b[a-z]+", part.text))
    if first and set(content_words(first[0])) <= set(content_words(written_small)):
        return topic[0].lower() + topic[1:]
    return topic
