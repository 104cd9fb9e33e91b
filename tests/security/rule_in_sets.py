"""Who may read what, in plain sets: the rule as it stands in words, written again without a database.

    may read = (a grant on the collection, unless the document has its own list) or a grant on the document; one that a
               source gave counts only beside one on the collection;
               a denial wins, of a collection, a document or a section with all below it; owners included.
    A version that lacks a closed heading is for editors only, and never for those whom it was closed to, until an
    editor confirms it. Of versions that were there before the closing, only those lose it whom it was closed to.

It knows nothing of kbchat's code, so that the two can only agree by both being right.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

Path = tuple[str, ...]
Target = tuple[str, str, Path]
"""("collection", name, ()), ("document", name, ()) or ("section", name of its document, path)."""
EVERYONE = "everyone"
_RANK = ("reader", "editor", "owner")


def collection_at(name: str) -> Target:
    return "collection", name, ()


def document_at(name: str) -> Target:
    return "document", name, ()


def section_at(document: str, path: Path) -> Target:
    return "section", document, path


@dataclass
class ModelVersion:
    """`passages`: each heading's own words. `headings`: all, those without words too."""

    document: str
    number: int
    uploaded: int
    headings: frozenset[Path]
    passages: dict[Path, str]
    confirmed: int | None = None


@dataclass
class ModelDocument:
    collection: str
    has_own_list: bool = False
    is_deleted: bool = False
    versions: list[ModelVersion] = field(default_factory=list)


@dataclass
class Rule:
    """All that decides. `inside`: (included group, group that it is in). Moments count up."""

    people: dict[str, bool]
    """Whether each is active."""
    members: set[tuple[str, str]] = field(default_factory=set)
    inside: set[tuple[str, str]] = field(default_factory=set)
    documents: dict[str, ModelDocument] = field(default_factory=dict)
    grants: dict[tuple[Target, str], str] = field(default_factory=dict)
    denials: dict[tuple[Target, str], int] = field(default_factory=dict)
    mirrored: dict[str, set[str]] = field(default_factory=dict)
    """By document: whom its source lets read it."""
    moment: int = 0

    def tick(self) -> int:
        self.moment += 1
        return self.moment

    def reached_as(self, person: str) -> set[str]:
        """Every name under which a grant reaches him."""
        if not self.people[person]:
            return set()
        names = {person, EVERYONE} | {group for member, group in self.members if member == person}
        while more := {outer for inner, outer in self.inside if inner in names} - names:
            names |= more
        return names

    def role(self, person: str, name: str) -> str | None:
        """In a document, deleted or not."""
        document, names = self.documents[name], self.reached_as(person)
        shelf = collection_at(document.collection)
        if any(self.is_denied(names, target) for target in (shelf, document_at(name))):
            return None
        held = {self.grants.get((document_at(name), one)) for one in names}
        on_shelf = {self.grants.get((shelf, one)) for one in names}
        # A list of its own keeps out whom the collection lets in, but not those who own it.
        held |= on_shelf & {"owner"} if document.has_own_list else on_shelf
        if on_shelf - {None} and self.mirrored.get(name, set()) & names:
            held |= {"reader"}
        return max(held - {None}, key=lambda role: _RANK.index(role or ""), default=None)

    def is_denied(self, names: set[str], target: Target) -> bool:
        return any((target, one) in self.denials for one in names)

    def is_closed(self, person: str, name: str, path: Path) -> bool:
        """The heading itself, or one above it."""
        names = self.reached_as(person)
        return any(self.is_denied(names, section_at(name, path[:end])) for end in range(1, len(path) + 1))

    def has_closed_part(self, person: str, name: str) -> bool:
        names = self.reached_as(person)
        return any(kind == "section" and of == name for (kind, of, _), one in self.denials if one in names)

    def is_withheld(self, person: str, version: ModelVersion) -> bool:
        is_editor = self.role(person, version.document) in ("editor", "owner")
        for ((kind, name, path), _), closed in self.denials.items():
            if kind != "section" or name != version.document or path in version.headings:
                continue
            if version.confirmed is not None and version.confirmed > closed:
                continue
            if self.is_closed(person, name, path) or (version.uploaded > closed and not is_editor):
                return True
        return False

    def may_read(self, person: str, version: ModelVersion) -> bool:
        """At least a part of it."""
        document = self.documents[version.document]
        is_his = self.role(person, version.document) is not None and not document.is_deleted
        return is_his and not self.is_withheld(person, version)

    def readable(self, person: str) -> set[str]:
        """The words of every passage, of earlier versions too."""
        return {words for version in self.versions() for _, words in self.readable_in(person, version)}

    def readable_in(self, person: str, version: ModelVersion) -> Iterator[tuple[Path, str]]:
        if self.may_read(person, version):
            for path, words in version.passages.items():
                if not self.is_closed(person, version.document, path):
                    yield path, words

    def retrievable(self, person: str) -> set[str]:
        """The words of every passage that he is answered with today."""
        return {words for version in self.in_force() for _, words in self.readable_in(person, version)}

    def is_open_whole(self, person: str, version: ModelVersion) -> bool:
        """Its whole text and its file."""
        return self.may_read(person, version) and not self.has_closed_part(person, version.document)

    def versions(self) -> Iterator[ModelVersion]:
        for document in self.documents.values():
            yield from document.versions

    def in_force(self) -> Iterator[ModelVersion]:
        for document in self.documents.values():
            yield document.versions[-1]
