"""What an operating system, or a database, says of its disk."""

import errno
from typing import Final

_DISK_FULL: Final = "53100"


def is_full(error: OSError) -> bool:
    """Whether it says that no room is left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def is_full_database(error: Exception) -> bool:
    """Whether PostgreSQL says so: of an error of Django's, by the code of the one below it."""
    return getattr(error.__cause__, "sqlstate", None) == _DISK_FULL
