"""A question or a search as somebody typed it."""

from django.conf import settings

from kbchat.core.errors import Invalid
from kbchat.core.limits import Limit, reached
from kbchat.core.typed_text import storable


def question_text(typed: str) -> str:
    """What was typed, as it can be stored. Raises Invalid."""
    question = storable(typed).strip()
    if not question:
        raise Invalid("question_empty")
    most = settings.LIMITS.most_question_characters
    if len(question) > most:
        raise reached(Limit.QUESTION_CHARACTERS, Invalid("question_too_long", most=most))
    return question
