"""Documents that workers read: waited for, and what became of each."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from kbchat.cli.telling import told as said
from kbchat.core.viewer import Viewer
from kbchat.library.documents import DocumentRow, document_rows, unfinished_documents

_LEAST_POLL_SECONDS = 0.3
_POLL_SECONDS_A_DOCUMENT = 0.001


@dataclass(frozen=True, slots=True)
class Result:
    """Names by how they ended; `failed` with the reason, as a sentence."""

    ready: list[str]
    without_passages: list[str]
    failed: dict[str, str]
    lost: list[str]

    @classmethod
    def of_none(cls) -> Self:
        return cls([], [], {}, [])

    def take(self, other: Self) -> None:
        """What became of others."""
        self.ready.extend(other.ready)
        self.without_passages.extend(other.without_passages)
        self.failed.update(other.failed)
        self.lost.extend(other.lost)

    def lines(self) -> Iterator[str]:
        """Of what did not become searchable as it should."""
        for name in self.without_passages:
            yield f"  empty    {name}: ready, with no passages"
        for name, reason in self.failed.items():
            yield f"  failed   {printable(name)}: {reason}"
        for name in self.lost:
            yield f"  lost     {name}: the document is gone"

    def counted(self) -> str:
        empty = len(self.without_passages)
        return (
            f"{len(self.ready) + empty} ready ({empty} of them without passages), {len(self.failed)} failed, "
            f"{len(self.lost)} lost."
        )


def wait_until_done(
    viewer: Viewer,
    names: Mapping[UUID, str],
    *,
    told: Callable[[int], object],
    look_after: Callable[[], None],
) -> Result:
    """`names`: of each document that is waited for. `told` hears how many are done; `look_after` is called while
    waiting and may raise."""
    waiting = set(names)
    while waiting := unfinished_documents(viewer, waiting):
        told(len(names) - len(waiting))
        look_after()
        # By how many wait: a look at ten thousand is work, too.
        time.sleep(_LEAST_POLL_SECONDS + len(waiting) * _POLL_SECONDS_A_DOCUMENT)
    told(len(names))
    return _result({row.id: row for row in document_rows(viewer, names)}, names, viewer.language)


def printable(name: str) -> str:
    """With an escape for each byte of a name that is not in UTF-8."""
    return name.encode(errors="backslashreplace").decode()


def _result(rows: Mapping[UUID, DocumentRow], names: Mapping[UUID, str], language: str) -> Result:
    result = Result.of_none()
    for document_id, name in sorted(names.items(), key=lambda item: item[1]):
        row = rows.get(document_id)
        if row is None:
            result.lost.append(name)
        elif row.state in ("failed", "rejected", "cancelled"):
            result.failed[name] = said(row.problem_code, row.problem_facts, language)
        elif row.passages == 0:
            result.without_passages.append(name)
        else:
            result.ready.append(name)
    return result
