"""How a socket ends before its client leaves: a close code, and where somebody still listens, why."""

from kbchat.core.errors import KbchatError

SIGNED_OUT = 4401
RIGHTS_CHANGED = 4403
IDLE = 4408
TOO_LARGE = 1009
NOT_TEXT = 1003
SERVER_ERROR = 1011
TRY_LATER = 1013


class Close(Exception):
    """`because`: told in a frame before the end."""

    def __init__(self, code: int, because: KbchatError | None = None) -> None:
        self.code = code
        self.because = because
