"""The places that documents came from, as the database can keep them: in UTF-8, and short enough for its indexes."""

from hashlib import sha256
from typing import Final

from kbchat.core.errors import Invalid
from kbchat.documents.models import MOST_PATH_CHARACTERS

MOST_PATH_BYTES: Final = 2_600
"""A path is a part of keys, which have 2,704 bytes with all that stands beside it."""
_SHOWN_AT_EACH_END: Final = 100


def why_not_kept(path: str) -> Invalid | None:
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return Invalid("name_not_utf8")
    if "\0" in path:
        return Invalid("name_not_utf8")
    if len(path) > MOST_PATH_CHARACTERS:
        return Invalid("path_too_long", most=MOST_PATH_CHARACTERS)
    return Invalid("path_too_many_bytes", most=MOST_PATH_BYTES) if size > MOST_PATH_BYTES else None


def require_keepable(path: str) -> None:
    """Raises Invalid."""
    reason = why_not_kept(path)
    if reason is not None:
        raise reason


def as_kept(path: str) -> str:
    """The path itself, or, where it cannot be kept, what tells a person which one is meant."""
    if why_not_kept(path) is None:
        return path
    shown = path.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    if why_not_kept(shown) is None:
        return shown
    # Two long ones may have the same beginning and the same end.
    number = sha256(shown.encode()).hexdigest()[:8]
    return f"{shown[:_SHOWN_AT_EACH_END]}…{number}…{shown[-_SHOWN_AT_EACH_END:]}"
