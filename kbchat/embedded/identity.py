"""Who a server runs as. Postgres refuses to run as root, and nothing here creates a user."""

import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from kbchat.embedded.launcher import CAPABILITY_NUMBERS


@dataclass(frozen=True, slots=True)
class Identity:
    """An unprivileged id. `capabilities` are names of `launcher.CAPABILITY_NUMBERS` its process keeps."""

    uid: int
    gid: int
    capabilities: tuple[str, ...] = ()

    def able_to_reach(self, program: Path, folders: Iterable[Path]) -> "Identity":
        """This identity with the least capability that lets it run `program` and enter its own `folders`.

        None where the modes suffice. Below a home folder of mode 0700: to read and search past modes; to
        override them where even the program's file is closed (installed under umask 077), or where a
        container grants no less.
        """
        if self._passes(program) and all(self._enters(folder) for folder in folders):
            return self
        runnable = bool(program.stat().st_mode & stat.S_IXOTH)
        wanted = "dac_read_search" if runnable and _is_granted("dac_read_search") else "dac_override"
        return replace(self, capabilities=(wanted,))

    def _passes(self, program: Path) -> bool:
        return self._enters(program.parent) and self._may(program, stat.S_IROTH | stat.S_IXOTH)

    def _enters(self, folder: Path) -> bool:
        return all(self._may(step, stat.S_IXOTH) for step in (folder, *folder.parents))

    def _may(self, path: Path, bits: int) -> bool:
        """By owner and by everybody's rights; without groups and access lists it errs to the safe side."""
        found = path.stat()
        if found.st_uid == self.uid:
            return found.st_mode & (bits << 6) == bits << 6
        return found.st_mode & bits == bits


def _is_granted(capability: str) -> bool:
    status = Path("/proc/self/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> CAPABILITY_NUMBERS[capability] & 1)


def processes_in(folder: Path) -> list[int]:
    """Processes whose working folder is `folder`: servers that outlived their keeper."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").samefile(folder):
                found.append(int(entry.name))
        except OSError:
            # Gone in the meantime, or another user's.
            continue
    return found
