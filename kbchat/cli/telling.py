"""What went wrong as a line of a command's output."""

from collections.abc import Mapping

from kbchat.core.errors import KbchatError
from kbchat.sentences import CHINESE, ENGLISH, Fact, say


def told(code: str, facts: Mapping[str, Fact], language: str = ENGLISH) -> str:
    """The message and the next step."""
    between = "" if language == CHINESE else " "
    return between.join(words for words in say(code, facts, language) if words)


def told_error(error: KbchatError, language: str = ENGLISH) -> str:
    return told(error.code, error.facts, language)
