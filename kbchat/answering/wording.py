"""The sentences that an answer says in its own name, in the question's language.

A refusal speaks of the documents that the asker can search and of nothing else: it reads the same whether
what he wants is missing or hidden from him.
"""

from enum import StrEnum
from typing import Final, Literal

from kbchat.analysis import language_of

Language = Literal["en", "zh"]


class Phrase(StrEnum):
    NOT_FOUND = "not_found"
    NOT_FOUND_NEAREST = "not_found_nearest"
    NOTHING_SUPPORTS = "nothing_supports"
    ONLY_REPEATS = "only_repeats"
    ASK_BACK = "ask_back"
    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    ACKNOWLEDGED = "acknowledged"
    ABOUT = "about"
    CANNOT_REWORK = "cannot_rework"


_WORDING: Final[dict[Phrase, dict[Language, str]]] = {
    Phrase.NOT_FOUND: {
        "en": "I found no answer to this in the documents you can search.",
        "zh": "在您可以检索的文档中，没有找到这个问题的答案。",
    },
    Phrase.NOT_FOUND_NEAREST: {
        "en": "I found no answer to this in the documents you can search. "
        "The closest passages are listed as sources.",
        "zh": "在您可以检索的文档中，没有找到这个问题的答案。最接近的段落列在来源中。",
    },
    Phrase.NOTHING_SUPPORTS: {
        "en": "What the language model wrote is not shown, because no passage supports it. "
        "I found no answer to this in the documents you can search. The closest passages are listed as sources.",
        "zh": "语言模型写出的内容没有任何段落支持，因此不予显示。在您可以检索的文档中，没有找到这个问题的答案。"
        "最接近的段落列在来源中。",
    },
    Phrase.ONLY_REPEATS: {
        "en": "What the language model wrote is not shown, because it only repeats an earlier answer. "
        "I found no answer to this in the documents you can search. The closest passages are listed as sources.",
        "zh": "语言模型只是重复了之前的回答，因此不予显示。在您可以检索的文档中，没有找到这个问题的答案。"
        "最接近的段落列在来源中。",
    },
    Phrase.ASK_BACK: {
        "en": "Could you say a little more? Name the topic, the rule or the document you want to know about.",
        "zh": "可以再说具体一点吗？请说明您想了解的主题、规定或文档。",
    },
    Phrase.GREETING: {
        "en": "Hello! Ask me about your documents; every answer shows where it comes from.",
        "zh": "您好！请就您的文档向我提问，每个回答都会注明出处。",
    },
    Phrase.THANKS: {"en": "You're welcome.", "zh": "不客气。"},
    Phrase.FAREWELL: {"en": "Goodbye!", "zh": "再见！"},
    Phrase.ACKNOWLEDGED: {
        "en": "Good. Ask whenever you want to know more.",
        "zh": "好的。有其他问题可以随时问我。",
    },
    Phrase.ABOUT: {
        "en": "I answer from the documents you may read, and link each statement to its place in them.",
        "zh": "我根据您有权阅读的文档回答问题，并为每一条内容注明出处。",
    },
    Phrase.CANNOT_REWORK: {
        "en": "I quote documents word for word, so I cannot reword an answer. Ask me about something else.",
        "zh": "我只逐字引用文档来回答，因此无法改写答案。您可以继续提出其他问题。",
    },
}


def language_for(*said: str) -> Language:
    """The language to speak to somebody who said these, the latest first: "2024?" has the language of what
    came before it. English where nothing tells."""
    known = (language for language in map(language_of, said) if language != "other")
    return next(known, "en")


def wording(phrase: Phrase, language: Language) -> str:
    return _WORDING[phrase][language]
