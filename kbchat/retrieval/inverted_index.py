"""The inverted index in memory: lengths and posting lists, read from PostgreSQL as they are asked for.

The rows of indexing_embedding and indexing_posting stay the truth; this is what a process has read of them. It needs
no word when something changes, because a version never changes once it can be searched (kbchat.library.indexing_runs
publishes it whole): a version that is not known yet is read, and one that is gone is in nobody's visible set. Only a
generation that rebuilding fills comes to hold more of a version than before; it counts how often, and is read anew.
Who may see what is not kept here at all: the caller brings the visible set, asked of the database in the same
transaction and before this is read.

Row numbers follow the order of reading and mean nothing outside.
"""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from kbchat.retrieval.packed import (
    Identifiers,
    Numbering,
    array_literal,
    identifiers,
    integers,
    small_integers,
    uuids,
)
from kbchat.retrieval.visible import VisibleSet

# What was purged leaves the memory of every process within this time.
LONGEST_SECONDS: Final = 3600.0
# Eight bytes each; terms that were not asked for the longest go first.
MOST_POSTINGS: Final = 20_000_000
_MOST_GENERATIONS: Final = 2
# For more new chunks than this share of all, lists are read whole again.
_FEW: Final = 0.1

_CHUNKS: Final = """
SELECT string_agg(int8send(chunk_id), ''), string_agg(uuid_send(version_id), ''),
    string_agg(uuid_send(section_id), ''), string_agg(int4send(terms), '')
FROM indexing_embedding WHERE generation_id = %s AND version_id = ANY(%s)"""
_LANGUAGES: Final = """
SELECT language, string_agg(uuid_send(id), '') FROM documents_documentversion WHERE id = ANY(%s) GROUP BY language"""
_POSTINGS: Final = """
SELECT term, string_agg(int8send(chunk_id), ''), string_agg(int4send(frequency), '')
FROM indexing_posting WHERE generation_id = %s AND term = ANY(%s) {of_chunks} GROUP BY term"""
_OF_CHUNKS: Final = "AND chunk_id = ANY(%s::bigint[])"

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
Languages = npt.NDArray[np.object_]
"""By the number of a version."""


@dataclass(frozen=True)
class Chunks:
    """One row a chunk: its id, its length in terms, the numbers of its version and section."""

    ids: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int32]
    versions: Rows
    sections: Rows

    @classmethod
    def none(cls) -> "Chunks":
        empty = np.empty(0, dtype=np.int32)
        return cls(np.empty(0, dtype=np.int64), empty, empty, empty)

    def and_then(self, more: "Chunks") -> "Chunks":
        return Chunks(
            np.concatenate([self.ids, more.ids]),
            np.concatenate([self.lengths, more.lengths]),
            np.concatenate([self.versions, more.versions]),
            np.concatenate([self.sections, more.sections]),
        )

    def rows_of(self, ids: npt.NDArray[np.int64], *, since: int = 0) -> Rows:
        """Rows from `since` on; -1 for a chunk that is not among them."""
        of, order = self._by_id if not since else _by_id(self.ids[since:])
        if not len(of):
            return np.full(len(ids), -1, dtype=np.int32)
        places = np.minimum(np.searchsorted(of, ids), len(of) - 1)
        return np.where(of[places] == ids, order[places] + since, -1).astype(np.int32)

    @cached_property
    def _by_id(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        return _by_id(self.ids)


@dataclass(frozen=True, slots=True)
class Postings:
    """The rows that have a term, each with how often; of the first `known` rows."""

    rows: Rows
    frequencies: npt.NDArray[np.int32]
    known: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What one search sees. `visible`: rows that its statistics are made of; `eligible`: those that may be returned.
    `postings`: in the order of the terms asked for; they may have rows that are not visible. `index`: names where the
    rows have their numbers."""

    index: bytes
    chunks: Chunks
    visible: Flags
    eligible: Flags
    postings: tuple[Postings, ...]
    languages: Languages

    def languages_of(self, rows: Rows) -> list[str]:
        """Of the versions that the chunks stand in; "" where it is not known."""
        told: list[str] = self.languages[self.chunks.versions[rows]].tolist()
        return told

    def languages_present(self) -> frozenset[str]:
        """Of all that is visible."""
        versions = np.bincount(self.chunks.versions[self.visible], minlength=len(self.languages))
        return frozenset(self.languages[versions > 0].tolist())

    def basis(self) -> str:
        """Names what is visible and eligible, in this process: two readings have the same name where both are the same.
        Rows behind the last of them do not count, so that what others may read changes no name."""
        name = hashlib.blake2b(self.index, digest_size=16)
        for flags in (self.visible, self.eligible):
            name.update(hashlib.blake2b(np.packbits(flags).tobytes().rstrip(b"\0")).digest())
        return name.hexdigest()


class InvertedIndex:
    """Of one generation, that was `filled` so often before anything of it was read. Threads may share it: one at a time
    reads what is missing."""

    def __init__(self, generation_id: int, filled: int = 0) -> None:
        self.generation_id = generation_id
        self.filled = filled
        self._name = secrets.token_bytes(16)
        self._made_at = time.monotonic()
        self._reading = threading.Lock()
        self._chunks = Chunks.none()
        self._versions = Numbering()
        self._sections = Numbering()
        self._languages: Languages = np.empty(0, dtype=object)
        self._lists: OrderedDict[str, Postings] = OrderedDict()
        self._held = 0

    @property
    def is_stale(self) -> bool:
        return time.monotonic() - self._made_at > LONGEST_SECONDS

    def read(self, visible: VisibleSet, terms: Sequence[str]) -> Reading:
        """Inside the transaction that `visible` was read in, and after it: what it names is then here, too."""
        with self._reading:
            self._learn(visible.versions)
            chunks = self._chunks
            versions, excluded = self._flags_of_versions(visible)
            closed = self._sections.of(visible.closed_sections)
            is_closed = _flags(len(self._sections), closed)
            self._learn_terms(dict.fromkeys(terms))
            postings = tuple(self._lists[term] for term in terms)
            languages = self._languages
            self._forget()
        shown = versions[chunks.versions] & ~is_closed[chunks.sections]
        eligible = shown & ~excluded[chunks.versions] if excluded.any() else shown
        if len(visible.excluded_chunks):
            eligible = eligible & ~np.isin(chunks.ids, visible.excluded_chunks)
        return Reading(self._name, chunks, shown, eligible, postings, languages)

    def _flags_of_versions(self, visible: VisibleSet) -> tuple[Flags, Flags]:
        count = len(self._versions)
        return (
            _flags(count, self._versions.of(visible.versions)),
            _flags(count, self._versions.of(visible.excluded_versions)),
        )

    def _learn(self, versions: Identifiers) -> None:
        """Reads the chunks of versions that are not known yet."""
        unknown = versions[self._versions.of(versions) < 0]
        if not len(unknown):
            return
        with connection.cursor() as cursor:
            cursor.execute(_CHUNKS, [self.generation_id, uuids(unknown)])
            ids, of_versions, of_sections, lengths = cursor.fetchone()
            cursor.execute(_LANGUAGES, [uuids(unknown)])
            in_languages = cursor.fetchall()
        self._versions.add(unknown)
        self._languages = np.append(self._languages, np.full(len(unknown), "", dtype=object))
        for language, those in in_languages:
            self._languages[self._versions.of(identifiers(those))] = language
        self._sections.add(identifiers(of_sections))
        self._chunks = self._chunks.and_then(
            Chunks(
                integers(ids),
                small_integers(lengths),
                self._versions.of(identifiers(of_versions)),
                self._sections.of(identifiers(of_sections)),
            )
        )

    def _learn_terms(self, terms: Iterable[str]) -> None:
        """Reads the lists of terms that are not known yet, or of chunks that came since."""
        known = len(self._chunks.ids)
        behind: dict[int, list[str]] = {}
        for term in terms:
            if term in self._lists:
                self._lists.move_to_end(term)
                since = self._lists[term].known
            else:
                since = 0
            if since < known or term not in self._lists:
                behind.setdefault(since if known - since <= _FEW * known else 0, []).append(term)
        for since, those in behind.items():
            self._read_lists(those, since)

    def _read_lists(self, terms: list[str], since: int) -> None:
        known = len(self._chunks.ids)
        chunks = [array_literal(self._chunks.ids[since:].tolist())] if since else []
        with connection.cursor() as cursor:
            cursor.execute(
                _POSTINGS.format(of_chunks=_OF_CHUNKS if since else ""), [self.generation_id, terms, *chunks]
            )
            found = {term: (integers(ids), small_integers(often)) for term, ids, often in cursor.fetchall()}
        nothing = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))
        for term in terms:
            ids, frequencies = found.get(term, nothing)
            rows = self._chunks.rows_of(ids, since=since)
            here = rows >= 0
            rows, frequencies = rows[here], frequencies[here]
            if since:
                before = self._lists[term]
                rows = np.concatenate([before.rows, rows])
                frequencies = np.concatenate([before.frequencies, frequencies])
            self._keep(term, Postings(rows, frequencies, known))

    def _keep(self, term: str, postings: Postings) -> None:
        before = self._lists.get(term)
        self._held += len(postings.rows) - (len(before.rows) if before else 0)
        self._lists[term] = postings

    def _forget(self) -> None:
        while self._held > MOST_POSTINGS:
            _, forgotten = self._lists.popitem(last=False)
            self._held -= len(forgotten.rows)


class InvertedIndexes:
    """One of each generation that is searched: those of turns that began before a change of generation go on."""

    def __init__(self) -> None:
        self._choosing = threading.Lock()
        self._indexes: OrderedDict[int, InvertedIndex] = OrderedDict()

    def of(self, generation_id: int, filled: int = 0) -> InvertedIndex:
        """One that knows all that was there when the generation had been filled so often."""
        with self._choosing:
            index = self._indexes.get(generation_id)
            if index is None or index.is_stale or index.filled < filled:
                index = self._indexes[generation_id] = InvertedIndex(generation_id, filled)
            self._indexes.move_to_end(generation_id)
            while len(self._indexes) > _MOST_GENERATIONS:
                self._indexes.popitem(last=False)
        return index


def _flags(count: int, numbers: Rows) -> Flags:
    """True at the numbers; those below 0 are of nothing known."""
    flags = np.zeros(count, dtype=np.bool_)
    flags[numbers[numbers >= 0]] = True
    return flags


def _by_id(ids: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    order = np.argsort(ids, kind="stable")
    return ids[order], order
