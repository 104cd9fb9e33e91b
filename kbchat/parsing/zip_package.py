"""A zip file around a document, looked at before anything in it is unpacked.

Refuses packages that would fill the memory, then gives their members by name. What the members mean is known
elsewhere. Nothing is written to disk, so a member's name is only a key.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final
from urllib.parse import unquote

from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.xml_parts import BROKEN_XML, root_of

MOST_UNPACKED_BYTES = 256 << 20
_MOST_MEMBERS = 10_000
_MOST_XML_BYTES: Final = 20 << 20
"""Of a member that is read whole: in memory it may be thirty times as large."""
_SUSPICIOUS_RATIO = 200
_SUSPICIOUS_FROM = 16 << 20
"""Real documents pack to a hundredth at the very best; small parts may, a whole large package does not."""

# The others unpack in steps of any size, and no program writes documents with them.
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

BROKEN_PACKAGE = (
    zipfile.BadZipFile,
    zlib.error,
    *BROKEN_XML,
    KeyError,
    ValueError,
    IndexError,
    NotImplementedError,
    RecursionError,
    ArithmeticError,
    EOFError,
    OSError,
)
"""What zipfile, lxml and those who read with them raise for a damaged package, or one that lacks a member. A mistake
of our own is none of these."""


class ZipPackage:
    """The members of an open package. Its methods raise what is in BROKEN_PACKAGE."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        # Names are compared as Windows compares them, where most of these files are made.
        self._names = {_plain(info.filename): info for info in archive.infolist()}

    @property
    def names(self) -> list[str]:
        return list(self._names)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._names

    def read(self, name: str) -> bytes:
        """The bytes of a member: at most as many as the directory declares."""
        return self._archive.read(self._names[_plain(name)])

    def root(self, name: str) -> Any:
        """The root element of a member.

        :raises ParseError: TOO_LARGE_UNPACKED (``limit_bytes``).
        """
        with self.open(name) as file:
            data = file.read(_MOST_XML_BYTES + 1)
        if len(data) > _MOST_XML_BYTES:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_bytes=_MOST_XML_BYTES)
        return root_of(data)

    def open(self, name: str) -> IO[bytes]:
        """A member to be read bit by bit."""
        return self._archive.open(self._names[_plain(name)])


@contextmanager
def opened_package(data: bytes) -> Iterator[ZipPackage]:
    """The package for the time of the block, in which whatever shows that it is damaged becomes a ParseError.

    :raises ParseError: TOO_LARGE_UNPACKED (``declared_bytes``) by the sizes that the package declares, which
        are also the most that unpacking gives; PASSWORD_PROTECTED for encrypted members; CORRUPT.
    """
    with checked_archive(data) as archive:
        yield ZipPackage(archive)


@contextmanager
def checked_archive(data: bytes) -> Iterator[zipfile.ZipFile]:
    """As ``opened_package``, for those who copy a package."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check(archive.infolist(), len(data))
            yield archive
    except BROKEN_PACKAGE as error:
        raise ParseError(ParseErrorCode.CORRUPT, cause=type(error).__name__) from error


def member_beside(name: str, target: str) -> str:
    """The name of the member that ``target``, written inside the member ``name``, points to."""
    target = unquote(target.partition("#")[0]).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(name), target)).lstrip("/")


def is_suspicious(declared: int, packed: int) -> bool:
    """Whether bytes that become so many when they are unpacked are a bomb rather than documents."""
    return declared > _SUSPICIOUS_FROM and declared > _SUSPICIOUS_RATIO * packed


def _check(members: list[zipfile.ZipInfo], packed: int) -> None:
    declared = sum(member.file_size for member in members)
    if declared > MOST_UNPACKED_BYTES or len(members) > _MOST_MEMBERS or is_suspicious(declared, packed):
        raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, declared_bytes=declared)
    if any(member.flag_bits & 0x1 for member in members):
        raise ParseError(ParseErrorCode.PASSWORD_PROTECTED)
    if any(member.compress_type not in _PACKINGS for member in members):
        raise NotImplementedError("packed in a way that no document is")


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
