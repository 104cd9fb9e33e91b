"""The limits by their names, and the one way to turn somebody away at one: counted, and with an error that says which.

The numbers are settings (kbchat.settings.limits), read here as Django has them.
"""

from enum import StrEnum
from typing import TypeVar

from kbchat.core.errors import KbchatError
from kbchat.core.metrics import LIMIT_REACHED


class Limit(StrEnum):
    """What is counted at /metrics under this name."""

    QUESTION_CHARACTERS = "question_characters"
    ANSWERS_AT_ONCE = "answers_at_once"
    TOKENS_A_DAY = "tokens_a_day"
    SOCKETS = "sockets"
    SOCKETS_OF_ADDRESS = "sockets_of_address"
    FRAME_BYTES = "frame_bytes"
    FRAMES_A_MINUTE = "frames_a_minute"
    FOLLOWED = "followed"
    SOCKET_IDLE = "socket_idle"
    SOCKET_SEND = "socket_send"
    HANDSHAKE = "handshake"
    UPLOAD_BYTES = "upload_bytes"
    FILES_AT_ONCE = "files_at_once"
    FILES_IN_ARCHIVE = "files_in_archive"
    BODY_BYTES = "body_bytes"
    SIGN_IN_FAILURES = "sign_in_failures"
    RESETS = "resets"
    KEY_REQUESTS = "key_requests"
    KEYS = "keys"
    KEY_DAYS = "key_days"
    GLOSSARY_ENTRIES = "glossary_entries"
    GOLDEN_QUESTIONS = "golden_questions"
    SOURCE_ITEMS = "source_items"


E = TypeVar("E", bound=KbchatError)


def reached(limit: Limit, error: E) -> E:
    """Counts it; the error is for raising or telling."""
    note_reached(limit)
    return error


def note_reached(limit: Limit) -> None:
    """Where nobody is left to be told."""
    LIMIT_REACHED.labels(limit.value).inc()
