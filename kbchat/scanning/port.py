"""What looks for malware in a file before anything reads it. Plain Python: no Django, no parser."""

from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Protocol


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    NOT_LOOKED_THROUGH = "not_looked_through"
    """It is larger, or deeper, than the scanner looks: nothing is said of the rest."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """`name`: what the scanner calls what it found; "" otherwise."""

    verdict: Verdict
    name: str = ""


class ScannerUnavailable(Exception):
    """The scanner did not answer, or could not scan: nothing is known of the file."""


class MalwareScanner(Protocol):
    """Threads and processes may share it."""

    def scan(self, file: IO[bytes]) -> ScanResult:
        """From where `file` stands to its end. Raises ScannerUnavailable."""
        ...

    def version(self) -> str:
        """What the scanner says of itself. Raises ScannerUnavailable."""
        ...
