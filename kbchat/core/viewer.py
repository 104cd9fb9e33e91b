"""Who asks. The first argument of every function that can return document text, a title or a count."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID


class KeyScope(StrEnum):
    """What an API key may be for. What stands under none of them is for a person who is signed in."""

    SEARCH = "search"
    ASK = "ask"
    READ_LIBRARY = "read_library"
    WRITE_LIBRARY = "write_library"


EVERY_SCOPE = frozenset(KeyScope)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in, active person. What he may read is never held here: the database reads it with each statement.

    `scopes`, `collections`: what the API key that speaks for him is narrowed to; None: not narrowed. What stands in
    other collections is as absent to him as what is hidden.
    """

    user_id: UUID
    language: str = "en"
    is_administrator: bool = False
    is_auditor: bool = False
    scopes: frozenset[KeyScope] | None = None
    collections: frozenset[UUID] | None = None

    def is_for(self, scope: KeyScope) -> bool:
        return self.scopes is None or scope in self.scopes

    @property
    def in_all_collections(self) -> "Viewer":
        """For his own limits and ids, which count whatever he came by. Never to read with."""
        return replace(self, collections=None)
