"""Who asks. The first argument of every function that can return document text, a title or a count."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in, active person. What he may read is never held here: the database reads it with each statement."""

    user_id: UUID
    language: str = "en"
    is_administrator: bool = False
    is_auditor: bool = False
