"""A small company in the database whose rights are changed by the names that `rule_in_sets` uses too.

Changes go through the product's services where there are some, and otherwise into the rows that decide: no service
but a source's gives a grant on a document or gives it its own list, and none denies a collection; the rule knows all.
"""

from typing import Any
from uuid import UUID

from kbchat.access.granting import Principal
from kbchat.access.mirroring import MirroredReaders, mirror_readers
from kbchat.access.models import Grant, Role
from kbchat.access.viewers import viewer_of
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group, GroupInclusion, User
from kbchat.accounts.people import ensure_group, take_from_group
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, Section
from kbchat.library.collections import create_collection
from kbchat.library.deleting import delete_document
from kbchat.library.documents import document_row
from kbchat.library.moving import move_document
from kbchat.library.sections import close_section, reopen_section
from kbchat.library.sharing import give_grant, take_grant
from kbchat.library.uploading import replace, upload
from tests.company import MAX_BYTES, ingest, markdown, person
from tests.security.rule_in_sets import EVERYONE, Path, Target, collection_at
from tests.servers import as_worker

OWNER = "olga"
PEOPLE = (OWNER, "ann", "bob", "cyd", "dan")
GROUPS = ("staff", "sales", "board")
SHELVES = ("handbook", "salaries")


class RightsCompany:
    """`owner` owns both collections, is in no group, and makes the changes."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {
            name: person(f"{name}@example.com", is_administrator=name == OWNER) for name in PEOPLE
        }
        self.viewers = {name: viewer_of(user) for name, user in self.users.items()}
        self.groups: dict[str, Group] = {name: ensure_group(name) for name in GROUPS}
        self.owner: Viewer = self.viewers[OWNER]
        self.shelves = {name: create_collection(self.owner, name=name).id for name in SHELVES}
        self.documents: dict[str, UUID] = {}
        self.versions: dict[tuple[str, int], UUID] = {}

    def add_version(self, shelf: str, name: str, text: str) -> None:
        """Of a new document, or of one that is there."""
        file = markdown(text, f"{name}.md")
        if name in self.documents:
            row = replace(self.owner, self.documents[name], file, max_bytes=MAX_BYTES)
        else:
            row = upload(self.owner, self.shelves[shelf], file, max_bytes=MAX_BYTES)
            self.documents[name] = row.id
        ingest()
        row = document_row(self.owner, row.id)
        assert row.state == "ready", row
        self.versions[name, row.version_number] = row.version_id

    def delete(self, name: str) -> None:
        delete_document(self.owner, self.documents[name])

    def move(self, name: str, shelf: str) -> None:
        moved = move_document(self.owner, self.documents[name], self.shelves[shelf])
        assert moved.collection_id == self.shelves[shelf]

    def give_own_list(self, name: str, *, has_own_list: bool) -> None:
        with as_worker():
            Document.objects.filter(pk=self.documents[name]).update(has_own_list=has_own_list)

    def mirror(self, name: str, holders: set[str]) -> None:
        """As the run of a source says it."""
        readers = MirroredReaders(
            frozenset(self.groups[each].pk for each in holders - {EVERYONE}), EVERYONE in holders
        )
        with as_worker(), viewing(self.owner):
            mirror_readers(self.owner, {self.documents[name]: readers})

    def give(self, target: Target, holder: str, role: str) -> None:
        if target == collection_at(target[1]):
            give_grant(self.owner, self.shelves[target[1]], self._principal(holder), Role(role))
        else:
            Grant.objects.update_or_create(
                **self._row(target, holder), deny=False, is_from_source=False, defaults={"role": role}
            )

    def take(self, target: Target, holder: str) -> None:
        grant = Grant.objects.get(**self._row(target, holder), deny=False, is_from_source=False)
        if target == collection_at(target[1]):
            take_grant(self.owner, grant.pk)
        else:
            grant.delete()

    def deny(self, target: Target, holder: str) -> None:
        if target[0] == "section":
            close_section(self.owner, self.section(target[1], target[2]), self._principal(holder))
        else:
            Grant.objects.create(**self._row(target, holder), deny=True)

    def allow(self, target: Target, holder: str) -> None:
        denial = Grant.objects.get(**self._row(target, holder), deny=True)
        if target[0] == "section":
            reopen_section(self.owner, denial.pk)
        else:
            denial.delete()

    def enter(self, name: str, group: str) -> None:
        ensure_group(group, [self.users[name]])

    def leave(self, name: str, group: str) -> None:
        assert take_from_group(self.groups[group], [self.users[name]]) == 1

    def nest(self, included: str, container: str) -> None:
        GroupInclusion.objects.create(included=self.groups[included], container=self.groups[container])

    def take_out(self, included: str, container: str) -> None:
        GroupInclusion.objects.get(included=self.groups[included], container=self.groups[container]).delete()

    def set_active(self, name: str, *, is_active: bool) -> None:
        User.objects.filter(pk=self.users[name].pk).update(is_active=is_active)

    def section(self, name: str, path: Path) -> UUID:
        with as_worker():
            return Section.objects.get(document=self.documents[name], path=list(path)).pk

    def _principal(self, holder: str) -> Principal:
        if holder == EVERYONE:
            return Principal("everyone")
        if holder in self.groups:
            return Principal("group", self.groups[holder].pk)
        return Principal("user", self.users[holder].pk)

    def _row(self, target: Target, holder: str) -> dict[str, Any]:
        kind, name, path = target
        where: dict[str, Any] = {"collection": None, "document": None, "section": None}
        match kind:
            case "collection":
                where["collection"] = self.shelves[name]
            case "document":
                where["document"] = self.documents[name]
            case _:
                where["section"] = self.section(name, path)
        return {f"{field}_id": value for field, value in where.items()} | {
            "user": self.users.get(holder),
            "group": self.groups.get(holder),
            "everyone": holder == EVERYONE,
        }
