"""What an operating system says of its disk."""

import errno


def is_full(error: OSError) -> bool:
    """Whether it says that no room is left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
