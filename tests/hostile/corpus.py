"""Files that are made to harm whoever reads them. Made from these functions each time, never kept."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class HostileFile:
    """`is_heavy`: making or reading it takes seconds, so that it belongs to the slow tests."""

    name: str
    make: Callable[[], bytes]
    is_heavy: bool = False

    def __str__(self) -> str:
        return self.name


def hostile_files() -> list[HostileFile]:
    """All of them that reach for nothing outside; those that do are in `reaching`."""
    from tests.hostile import packages, pdfs, texts

    return [
        HostileFile(name, make, is_heavy)
        for module in (packages, pdfs, texts)
        for is_heavy, files in ((False, module.LIGHT), (True, module.HEAVY))
        for name, make in files.items()
    ]
