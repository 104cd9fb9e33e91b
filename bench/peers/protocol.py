"""What the bench and a peer's process say to each other: JSON objects, one a line; passages and vectors go by files.

Plain Python and numpy: both environments read it. Knows neither kbchat nor any peer.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np

from bench.passages import Vectors

Language = Literal["english", "simple"]
"""As PostgreSQL names its text search configurations: it has none for Chinese."""
Leg = Literal["hybrid", "dense"]


@dataclass(frozen=True, slots=True)
class Passage:
    """`group`: who may read it, as a field of its metadata."""

    id: int
    text: str
    group: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a peer keeps what it is given. `database`: host, user, password and dbname, as libpq names them."""

    database: dict[str, str]
    table: str
    language: Language
    dimension: int


class Peer(Protocol):
    """One library, configured as its documentation recommends, over a table of its own."""

    def fill(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """All of it, once, with the indexes that the documentation asks for."""

    def search(
        self, question: str, vector: list[float], *, k: int, groups: Sequence[str], leg: Leg
    ) -> list[int]:
        """Ids of at most `k` passages of these groups, best first. Without groups: of all."""


@dataclass(frozen=True, slots=True)
class Open:
    """The first message to a process; it is not answered."""

    place: Place


@dataclass(frozen=True, slots=True)
class Fill:
    """Files, as `hand_over` writes them."""

    folder: str


@dataclass(frozen=True, slots=True)
class Search:
    question: str
    vector: list[float]
    k: int
    groups: list[str]
    leg: Leg


@dataclass(frozen=True, slots=True)
class Answer:
    """`seconds`: inside the library alone. `problem`: what it raised, "" where it did not."""

    seconds: float
    ids: list[int]
    problem: str = ""


Message = Open | Fill | Search | Answer
_KINDS: Final[dict[str, type[Message]]] = {kind.__name__: kind for kind in (Open, Fill, Search, Answer)}
_PASSAGES: Final = "passages.jsonl"
_VECTORS: Final = "vectors.npy"


def line_of(message: Message) -> str:
    """Without a line break inside: JSON escapes them."""
    return json.dumps({"is": type(message).__name__, **asdict(message)}) + "\n"


def message_in(line: str) -> Message:
    """Raises ValueError for what is no message: a library that writes where it should not."""
    try:
        told: dict[str, Any] = json.loads(line)
        kind = _KINDS[told.pop("is")]
        if kind is Open:
            return Open(Place(**told["place"]))
        return kind(**told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no message: {line[:200]!r}") from error


def hand_over(folder: Path, passages: Iterable[Passage], vectors: Vectors) -> None:
    """The same files to every peer; `vectors[i]` is that of passage i."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _PASSAGES).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(passage)) + "\n" for passage in passages)
    np.save(folder / _VECTORS, vectors.astype(np.float32))


def handed_over(folder: Path) -> tuple[list[Passage], Vectors]:
    # Not splitlines, which ends lines at characters that JSON holds unescaped.
    lines = (folder / _PASSAGES).read_text(encoding="utf-8").rstrip("\n").split("\n")
    return [Passage(**json.loads(line)) for line in lines], np.load(folder / _VECTORS)
