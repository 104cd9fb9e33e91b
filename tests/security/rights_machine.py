"""Random changes of rights, done in the database and in plain sets; after each, all ways to a passage are compared.

After every step everybody searches. The other ways (fetching, whole texts, files, outlines, explanations, and what
`rights_answers` adds) are tried by one person after another, since each costs some milliseconds.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from kbchat.access.explaining import ALLOWING, FORBIDDING
from kbchat.access.readership import readership
from kbchat.chat.sources import original_file, source_content
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.library.sections import confirm_version, explain_reading
from kbchat.retrieval.outlines import outlines
from tests.security.rights_answers import LIMIT, OTHERS, Answers
from tests.security.rights_beginning import DOCUMENTS, PATHS, SHAPES
from tests.security.rights_company import GROUPS, OWNER, PEOPLE, SHELVES
from tests.security.rule_in_sets import (
    EVERYONE,
    Path,
    Target,
    collection_at,
    document_at,
    section_at,
)

HOLDERS = (*OTHERS, *GROUPS)
ROLES = ("reader", "editor", "owner")

some = st.sampled_from


class Rights(Answers):
    # What changes

    @rule(name=some((*SHELVES, *DOCUMENTS)), holder=some((*HOLDERS, EVERYONE)), role=some(ROLES))
    def give(self, name: str, holder: str, role: str) -> None:
        target = self._target(name)
        if target is not None and self._may_be_named(holder):
            self.company.give(target, holder, role)
            self.rule.grants[target, holder] = role

    @rule(chosen=st.integers(0, 99))
    def take(self, chosen: int) -> None:
        given = sorted(key for key in self.rule.grants if key[1] != OWNER)
        if given:
            target, holder = given[chosen % len(given)]
            self.company.take(target, holder)
            del self.rule.grants[target, holder]

    @rule(name=some((*SHELVES, *DOCUMENTS)), holder=some(HOLDERS))
    def deny(self, name: str, holder: str) -> None:
        target = self._target(name)
        if target is not None:
            self._deny(target, holder)

    @rule(name=some(DOCUMENTS), path=some(PATHS), holder=some(HOLDERS))
    def close(self, name: str, path: Path, holder: str) -> None:
        document = self.rule.documents.get(name)
        versions = document.versions if document and not document.is_deleted else []
        if any(path in version.headings for version in versions):
            self._deny(section_at(name, path), holder)

    @rule(chosen=st.integers(0, 99))
    def allow(self, chosen: int) -> None:
        denied = sorted(key for key in self.rule.denials if self._is_open_to_change(key[0]))
        if denied:
            target, holder = denied[chosen % len(denied)]
            self.company.allow(target, holder)
            del self.rule.denials[target, holder]

    @rule(name=some(OTHERS), group=some(GROUPS))
    def enter(self, name: str, group: str) -> None:
        self.company.enter(name, group)
        self.rule.members.add((name, group))

    @rule(chosen=st.integers(0, 99))
    def leave(self, chosen: int) -> None:
        if self.rule.members:
            name, group = sorted(self.rule.members)[chosen % len(self.rule.members)]
            self.company.leave(name, group)
            self.rule.members.remove((name, group))

    @rule(included=some(GROUPS), container=some(GROUPS))
    def nest_or_take_out(self, included: str, container: str) -> None:
        if included == container:
            return
        if (included, container) in self.rule.inside:
            self.company.take_out(included, container)
        else:
            self.company.nest(included, container)
        self.rule.inside ^= {(included, container)}

    @rule(name=some(DOCUMENTS), shelf=some(SHELVES), shape=some(SHAPES))
    def write(self, name: str, shelf: str, shape: tuple[Path, ...]) -> None:
        """A new document, or a new version of it."""
        document = self.rule.documents.get(name)
        if document is None or not document.is_deleted:
            self.state.write(name, shelf, shape)

    @rule(shape=some(SHAPES))
    def write_the_rules_anew(self, shape: tuple[Path, ...]) -> None:
        """The document with a closed part, more often than others."""
        self.write(DOCUMENTS[0], SHELVES[0], shape)

    @rule(name=some(DOCUMENTS), who=some(PEOPLE))
    def confirm(self, name: str, who: str) -> None:
        document = self.rule.documents.get(name)
        if document is None:
            return
        version = document.versions[-1]
        viewer, row = self.company.viewers[who], self.company.versions[name, version.number]
        if not self.rule.may_read(who, version):
            with pytest.raises(NotFound):
                confirm_version(viewer, row)
        elif self.rule.role(who, name) == "reader":
            with pytest.raises(NotAllowed):
                confirm_version(viewer, row)
        else:
            confirm_version(viewer, row)
            version.confirmed = self.rule.tick()

    @rule(name=some(DOCUMENTS[1:]))
    def delete(self, name: str) -> None:
        document = self.rule.documents.get(name)
        if document and not document.is_deleted:
            self.company.delete(name)
            document.is_deleted = True

    @rule(name=some(DOCUMENTS), shelf=some(SHELVES))
    def move(self, name: str, shelf: str) -> None:
        document = self.rule.documents.get(name)
        if document and not document.is_deleted:
            self.company.move(name, shelf)
            document.collection = shelf

    @rule(name=some(DOCUMENTS), has_own_list=st.booleans())
    def give_own_list(self, name: str, has_own_list: bool) -> None:
        if name in self.rule.documents:
            self.company.give_own_list(name, has_own_list=has_own_list)
            self.rule.documents[name].has_own_list = has_own_list

    @rule(name=some(DOCUMENTS), holders=st.sets(some((*GROUPS, EVERYONE))))
    def mirror(self, name: str, holders: set[str]) -> None:
        """A source says anew who reads the document."""
        document = self.rule.documents.get(name)
        if document is None or document.is_deleted:
            return
        self.company.mirror(name, holders)
        if self.rule.role(OWNER, name) == "owner":
            document.has_own_list = True
            self.rule.mirrored[name] = holders

    @rule(name=some(OTHERS), is_active=st.booleans())
    def set_active(self, name: str, is_active: bool) -> None:
        self.company.set_active(name, is_active=is_active)
        self.rule.people[name] = is_active

    # What is compared

    @invariant()
    def everybody_is_answered_with_what_is_his(self) -> None:
        self.steps += 1
        for who in PEOPLE:
            passages = self.retrieved(who)
            self.found |= {one.text: one for one in passages}
            assert sorted(one.text for one in passages) == sorted(self.rule.retrievable(who)), who
            fetched = self.retriever.fetch(
                self.company.viewers[who], [one.chunk_id for one in self.found.values()]
            )
            assert {one.text for one in fetched} == self.rule.readable(who) & self.found.keys(), who

    @invariant()
    def whole_texts_and_files_are_open_where_no_part_is_closed(self) -> None:
        who = self.next_person()
        version = self._next(list(self.rule.versions()))
        row = self.company.versions[version.document, version.number]
        for read in (source_content, original_file):
            if self.rule.is_open_whole(who, version):
                read(self.company.viewers[who], row)
            else:
                with pytest.raises(NotFound):
                    read(self.company.viewers[who], row)

    @invariant()
    def what_stands_around_a_passage_comes_with_the_whole_text_alone(self) -> None:
        who = self.next_person()
        whole = {
            self.company.versions[version.document, version.number]
            for version in self.rule.versions()
            if self.rule.is_open_whole(who, version)
        }
        found = [one for one in self.found.values() if one.text in self.rule.readable(who)]
        told = self.retriever.around(self.company.viewers[who], [one.chunk_id for one in self.found.values()])
        assert told.keys() == {one.chunk_id for one in found if one.version_id in whole}, who

    @invariant()
    def passages_of_one_readership_are_read_by_the_same_people(self) -> None:
        readers: dict[str, set[str]] = {}
        for one in self.found.values():
            who = [name for name in PEOPLE if one.text in self.rule.readable(name)]
            place = (one.version_id, one.heading_path)
            named = {readership(self.company.viewers[name], [place]) for name in {*who[:1], *who[-1:]}}
            assert len(named) <= 1, (who, one)
            for name in named:
                assert readers.setdefault(name, set(who)) == set(who), one

    @invariant()
    def outlines_hold_what_is_his(self) -> None:
        who = self.next_person()
        told = [
            part.text for one in outlines(self.company.viewers[who], "en", most=LIMIT) for part in one.parts
        ]
        assert sorted(told) == sorted(self.rule.retrievable(who)), who

    @invariant()
    def the_explainer_agrees(self) -> None:
        who = self.next_person()
        words = self._next(sorted(self.rule.retrievable(OWNER)))
        if words is not None:
            passage = self.found[words]
            told = explain_reading(self.company.owner, f"{who}@example.com", passage.version_id, passage.span)
            rules = {reason.rule for reason in told.reasons}
            assert told.can_read == (words in self.rule.retrievable(who)), (who, told)
            assert told.can_read == (bool(rules & ALLOWING) and not rules & FORBIDDING), (who, told)

    def _target(self, name: str) -> Target | None:
        if name in SHELVES:
            return collection_at(name)
        return document_at(name) if name in self.rule.documents else None

    def _next(self, several: Sequence[Any]) -> Any:
        return several[self.steps // len(PEOPLE) % len(several)] if several else None

    def _may_be_named(self, holder: str) -> bool:
        """Whoever is not active is neither given nor denied anything."""
        return self.rule.people.get(holder, True)

    def _is_open_to_change(self, target: Target) -> bool:
        """Of a deleted document nothing is closed or opened."""
        return target[0] != "section" or not self.rule.documents[target[1]].is_deleted

    def _deny(self, target: Target, holder: str) -> None:
        if (target, holder) not in self.rule.denials and self._may_be_named(holder):
            self.company.deny(target, holder)
            self.rule.denials[target, holder] = self.rule.tick()
