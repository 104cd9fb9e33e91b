"""Files with passwords: the owner alone reads them, from the first byte on."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, with mode 0600."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with open(unfinished, "x", encoding="utf-8", opener=_owner_only) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
