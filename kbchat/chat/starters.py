"""Questions to begin with, made from titles and headings of what a person may read, in his language where he reads any.

A question is only worth offering if its document answers it: it names the document and a heading whose words come up
in the text below.
"""

import re
from typing import Final, Literal

from kbchat.analysis import content_words
from kbchat.core.viewer import Viewer
from kbchat.retrieval.outlines import Outline, Part, outlines

_Language = Literal["en", "zh"]

_MOST = 4
_DOCUMENTS_LOOKED_AT = 20
_DEEPEST = 2
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
_PATTERNS: Final[dict[_Language, str]] = {
    "en": "What does “{title}” say about {heading}?",
    "zh": "《{title}》对“{heading}”有什么规定？",
}
_ALONE: Final[dict[_Language, str]] = {
    "en": "What are the rules on {heading}?",
    "zh": "{heading}有哪些规定？",
}
"""For a document that is all of one part: its heading is its title."""
_LENGTHS: Final[dict[_Language, range]] = {"en": range(4, 61), "zh": range(2, 21)}
_LONGEST_TITLE: Final[dict[_Language, int]] = {"en": 70, "zh": 35}


def starters(viewer: Viewer) -> list[str]:
    """At most four questions, each from another document, the newest first; [] where he can read nothing."""
    spoken: _Language = "zh" if viewer.language.startswith("zh") else "en"
    other: _Language = "en" if spoken == "zh" else "zh"
    return _questions(viewer, spoken) or _questions(viewer, other)


def _questions(viewer: Viewer, language: _Language) -> list[str]:
    found: dict[str, str] = {}
    for outline in outlines(viewer, language, most=_DOCUMENTS_LOOKED_AT):
        title = outline.title.strip()
        question = _question(outline, title, language)
        if question and title not in found:
            found[title] = question
    return list(found.values())[:_MOST]


def _question(outline: Outline, title: str, language: _Language) -> str:
    """About the heading that tells most; "" where none tells enough."""
    if _GLOSSARY.search(title) or len(title) > _LONGEST_TITLE[language]:
        return ""
    is_flat = all(len(part.heading_path) <= 1 for part in outline.parts)
    told = [(topic, part.text) for part in outline.parts if (topic := _topic(part, language))]
    topic, worth = max(
        ((topic, _worth(topic, text, "" if is_flat else title)) for topic, text in told),
        key=lambda found: found[1],
        default=("", 0),
    )
    if not worth:
        return ""
    pattern = _ALONE if title in topic else _PATTERNS
    return pattern[language].format(title=title, heading=_inside_a_sentence(topic, outline))


def _topic(part: Part, language: _Language) -> str:
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
