"""A scanner that knows the test file of the antivirus industry alone (EICAR), for development and tests."""

from typing import IO, Final

from kbchat.scanning.port import ScannerUnavailable, ScanResult, Verdict

# In two parts, so that no scanner takes this file for it.
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class ScriptedScanner:
    """Implements port.MalwareScanner. `most_bytes`: how far it looks."""

    def __init__(self, *, most_bytes: int = 1_000_000) -> None:
        self.is_there = True
        self._most_bytes = most_bytes

    def scan(self, file: IO[bytes]) -> ScanResult:
        self._require()
        data = file.read(self._most_bytes + 1)
        if len(data) > self._most_bytes:
            return ScanResult(Verdict.NOT_LOOKED_THROUGH)
        if EICAR in data:
            return ScanResult(Verdict.INFECTED, "Eicar-Test-Signature")
        return ScanResult(Verdict.CLEAN)

    def version(self) -> str:
        self._require()
        return "scripted"

    def _require(self) -> None:
        if not self.is_there:
            raise ScannerUnavailable("away")
