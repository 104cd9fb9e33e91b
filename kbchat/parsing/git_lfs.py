"""What Git LFS leaves in a file's place: a few lines that say where its bytes are. To a parser they look like text."""

import re
from typing import Final

_POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\r?\n(?:ext-\d-\w+ [^\n]{1,200}\n){0,10}"
    rb"oid sha256:[0-9a-f]{64}\r?\nsize \d{1,20}\s*"
)
_MOST_BYTES: Final = 1024
"""As its specification has it."""


def is_pointer(data: bytes) -> bool:
    return len(data) <= _MOST_BYTES and _POINTER.fullmatch(data) is not None
