"""What every source of documents is: something that lists what it holds, gives each thing's bytes, and may say who may
read it.

A kind of source is one file with one class, named in `kbchat.sources.kinds`. None of them knows the database, people,
or what becomes of a file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import IO, ClassVar, Final, Protocol, Self

from kbchat.sources.access_file import Permissions

Place = Mapping[str, str]
"""Where a source is, by the names of its kind's fields."""


UNANSWERED: Final = frozenset({"source_unreachable", "source_host_unknown", "source_certificate_refused"})
"""Codes of what is wrong with the source as a whole and not with one of its items."""


@dataclass(frozen=True, slots=True)
class Item:
    """`path` tells it apart within its source. While `mark` stays, so do its bytes; "": only fetching tells. Pictures
    are listed wherever they are, whether or not anybody reads them: what is listed is not gone."""

    path: str
    mark: str = ""
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """`passed_over`: how many things are no documents by their names. Not `is_complete`: a part could not be listed, so
    nothing follows from what is missing. `revision` names all of it at once, where the source has such a name."""

    items: Sequence[Item]
    passed_over: int = 0
    is_complete: bool = True
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`validator`: what to show when the item is fetched again, so that only other bytes are sent."""

    filename: str
    validator: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the operator lets sources reach: folders below `roots`, and `origins` ("https://docs.example.com") on public
    addresses or in `networks`. A file has at most `most_bytes`, a listing at most `most_items`. `reads_pictures`: text
    is recognised in them here. `is_over`: whether nobody waits any more for what is read."""

    roots: tuple[Path, ...] = ()
    origins: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    most_bytes: int = 200 * 1024 * 1024
    most_items: int = 100_000
    reads_pictures: bool = False
    is_over: Callable[[], bool] = lambda: False


class Source(Protocol):
    """Used by one run and closed by it. Every method raises Unavailable where the source does not answer, and Invalid
    where what it says cannot be used."""

    mirrors: ClassVar[bool]
    """Whether a document goes where its item has gone; otherwise what was taken in stays."""
    knows_readers: ClassVar[bool]
    """Whether it can say who may read what."""
    fields: ClassVar[Mapping[str, bool]]
    """Of its place, by name; True: it must be there."""
    secrets: ClassVar[frozenset[str]]
    """Those of the fields that nobody is ever told again."""

    @classmethod
    def at(cls, place: Place, surroundings: Surroundings) -> Self:
        """Looks at nothing yet but what it is told. Raises Invalid for a place that it may not read."""
        ...

    def listing(self, known_revision: str) -> Listing | None:
        """None: nothing has changed since that revision."""
        ...

    def glimpse(self, seconds: float) -> bool | None:
        """Whether something is there that may be a document, by a look of about so long at its beginning; None: that
        does not tell. Nothing is kept of it."""
        ...

    def fetch(self, item: Item, validator: str, into: IO[bytes]) -> Fetched | None:
        """Writes the bytes. None: they are those for which `validator` was given."""
        ...

    def permissions(self) -> Permissions:
        """Who may read which item, by its path; asked after `listing`, so that what was listed is not newer. Raises
        Invalid("source_access_missing") where the source does not say it."""
        ...

    def close(self) -> None: ...
