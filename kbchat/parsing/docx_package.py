"""The zip file around a DOCX, looked at before anything in it is unpacked.

Refuses packages that would fill the memory, and brings the two dialects that python-docx does not read
(strict OOXML, templates and macro documents) into the one that it reads. Macros are never looked at.
"""

import io
import zipfile
import zlib

from kbchat.parsing.errors import ParseError, ParseErrorCode

MOST_UNPACKED_BYTES = 256 << 20
_MOST_MEMBERS = 10_000
_SUSPICIOUS_RATIO = 200
_SUSPICIOUS_FROM = 16 << 20
"""Real documents pack to a hundredth at the very best; small parts may, a whole large package does not."""

_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, EOFError, NotImplementedError)

_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_OTHER_MAINS = (
    b"application/vnd.ms-word.document.macroEnabled.main+xml",
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
)
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAMES = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships/metadata/core-properties",
        b"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)


def readable_package(data: bytes) -> bytes:
    """``data``, or a copy of it in the dialect that python-docx reads.

    :raises ParseError: TOO_LARGE_UNPACKED (``declared_bytes``) by the sizes that the package declares, which
        are also the most that unpacking gives; PASSWORD_PROTECTED for encrypted members; CORRUPT.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check(members, len(data))
            if _is_other_dialect(archive):
                return _translated(archive)
            return data
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
    ) as error:
        raise ParseError(ParseErrorCode.CORRUPT, cause=type(error).__name__) from error


def _check(members: list[zipfile.ZipInfo], packed: int) -> None:
    declared = sum(member.file_size for member in members)
    is_bomb = declared > _SUSPICIOUS_FROM and declared > _SUSPICIOUS_RATIO * packed
    if declared > MOST_UNPACKED_BYTES or len(members) > _MOST_MEMBERS or is_bomb:
        raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, declared_bytes=declared)
    if any(member.flag_bits & 0x1 for member in members):
        raise ParseError(ParseErrorCode.PASSWORD_PROTECTED)


def _is_other_dialect(archive: zipfile.ZipFile) -> bool:
    types = archive.read("[Content_Types].xml")
    return any(main in types for main in _OTHER_MAINS) or _STRICT in archive.read("_rels/.rels")


def _translated(archive: zipfile.ZipFile) -> bytes:
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as written:
        for member in archive.infolist():
            content = archive.read(member)
            if member.filename == "[Content_Types].xml":
                for other in _OTHER_MAINS:
                    content = content.replace(other, _MAIN)
            if member.filename.endswith((".xml", ".rels")):
                for strict, transitional in _STRICT_NAMES:
                    content = content.replace(strict, transitional)
            written.writestr(member.filename, content)
    return copy.getvalue()
