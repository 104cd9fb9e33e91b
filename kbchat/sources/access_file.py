"""The file beside a source's documents that says who may read which of them. Its first rule that fits decides; what no
rule fits, and what cannot be understood, is for nobody.

TOML, because in it a key that is written twice is an error and a group that is called `no` is a name.
"""

import fnmatch
import re
import tomllib
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kbchat.core.errors import Invalid

ACCESS_FILE: Final = ".kbchat-access.toml"
MOST_ACCESS_BYTES: Final = 1024 * 1024
_MOST_RULES: Final = 1000
_MOST_GROUPS: Final = 200
_MOST_CHARACTERS: Final = 1000
_ANY_FOLDERS: Final = "**"


@dataclass(frozen=True, slots=True)
class Readers:
    """`groups`: by name. `everyone`: whoever reads the collection."""

    groups: frozenset[str] = frozenset()
    everyone: bool = False


NOBODY: Final = Readers()


@dataclass(frozen=True, slots=True)
class AccessRule:
    """`pattern`: a path's parts; None stands for any number of folders."""

    pattern: tuple[re.Pattern[str] | None, ...]
    readers: Readers

    def fits(self, parts: Sequence[str]) -> bool:
        # All places of the pattern that may have been reached: no pattern takes long, whoever wrote it.
        at = self._onwards({0})
        for part in parts:
            at = self._onwards({after for place in at for after in self._after(place, part)})
        return len(self.pattern) in at

    def _after(self, place: int, part: str) -> Collection[int]:
        if place == len(self.pattern):
            return ()
        expected = self.pattern[place]
        if expected is None:
            return (place,)
        return (place + 1,) if expected.match(part) else ()

    def _onwards(self, places: set[int]) -> set[int]:
        for place, expected in enumerate(self.pattern):
            if expected is None and place in places:
                places.add(place + 1)
        return places


@dataclass(frozen=True, slots=True)
class Permissions:
    rules: tuple[AccessRule, ...] = ()

    def readers_of(self, path: str) -> Readers:
        parts = _parts(path)
        return next((rule.readers for rule in self.rules if rule.fits(parts)), NOBODY)

    @property
    def groups(self) -> frozenset[str]:
        """All that it names."""
        return frozenset().union(*(rule.readers.groups for rule in self.rules))


_Name = Annotated[str, Field(min_length=1, max_length=200)]


class _WrittenRule(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    path: Annotated[str, Field(min_length=1, max_length=_MOST_CHARACTERS)]
    groups: Annotated[list[_Name], Field(max_length=_MOST_GROUPS)] | None = None
    everyone: bool = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> "_WrittenRule":
        if (self.groups is None) != self.everyone:
            raise ValueError("either groups or everyone")
        return self


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    rule: Annotated[list[_WrittenRule], Field(max_length=_MOST_RULES)]


def permissions_in(content: bytes) -> Permissions:
    """Raises Invalid for a file of which anything cannot be understood: half a rule might let too many read."""
    try:
        written = _Written.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except (ValidationError, ValueError, RecursionError) as error:
        raise Invalid("source_access_unusable") from error
    return Permissions(tuple(_rule(each) for each in written.rule))


def _rule(written: _WrittenRule) -> AccessRule:
    # "a/" is all that stands below a.
    whole = f"{written.path}{_ANY_FOLDERS}" if written.path.endswith("/") else written.path
    pattern = tuple(
        None if part == _ANY_FOLDERS else re.compile(fnmatch.translate(part)) for part in _parts(whole)
    )
    return AccessRule(pattern, Readers(frozenset(written.groups or ()), written.everyone))


def _parts(path: str) -> list[str]:
    # One letter may be written in two ways, and a rule is to fit both.
    return [part for part in unicodedata.normalize("NFC", path).split("/") if part]
