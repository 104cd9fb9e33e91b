"""Who changes people and groups, as the audit trail is told."""

from dataclasses import dataclass
from uuid import UUID

from kbchat.audit.models import AuditAction
from kbchat.audit.recording import Fact, record


@dataclass(frozen=True, slots=True)
class Actor:
    """An administrator, or the person himself; or the directory, by its token; or neither: a command."""

    person_id: UUID | None = None
    directory_id: UUID | None = None

    def record(self, action: AuditAction, /, **subject: Fact) -> None:
        """As `kbchat.audit.recording.record`, last in the transaction."""
        by_directory: dict[str, Fact] = {"directory": self.directory_id} if self.directory_id else {}
        record(self.person_id, action, **subject, **by_directory)


COMMAND = Actor()
