"""What PostgreSQL says by the code of an error: of one of Django's, the code of the one below it."""

from typing import Final

_DISK_FULL: Final = "53100"
_REFERS_TO_NOTHING: Final = "23503"


def is_full_database(error: Exception) -> bool:
    """Whether no room is left."""
    return _code(error) == _DISK_FULL


def is_removed_meanwhile(error: Exception) -> bool:
    """Whether something that a row refers to was there when it was looked at and is gone now."""
    return _code(error) == _REFERS_TO_NOTHING


def _code(error: Exception) -> object:
    return getattr(error.__cause__, "sqlstate", None)
