"""The package of an office document: its parts, and its dialects.

Brings those that python-docx and python-pptx do not read (strict OOXML, templates, shows and macro documents)
into the one that they read. Macros are never looked at.
"""

import io
import zipfile
from dataclasses import dataclass

from kbchat.parsing.xml_parts import attribute, children
from kbchat.parsing.zip_package import ZipPackage, checked_archive, member_beside

_WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SLIDES = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_OTHER_MAINS = {
    b"application/vnd.ms-word.document.macroEnabled.main+xml": _WORD,
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml": _WORD,
    b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml": _WORD,
    b"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml": _SLIDES,
    b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml": _SLIDES,
    b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml": _SLIDES,
    b"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml": _SLIDES,
    b"application/vnd.ms-powerpoint.template.macroEnabled.main+xml": _SLIDES,
}
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAMES = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/presentationml/main",
        b"http://schemas.openxmlformats.org/presentationml/2006/main",
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


@dataclass(frozen=True, slots=True)
class Relation:
    """From one part of a package to another: ``kind`` is the last word of its type."""

    id: str
    kind: str
    target: str


def readable_package(data: bytes) -> bytes:
    """``data``, or a copy of it in the dialect that python-docx and python-pptx read.

    :raises ParseError: as ``zip_package.opened_package``.
    """
    with checked_archive(data) as archive:
        return _translated(archive) if _is_other_dialect(archive) else data


def relations_of(package: ZipPackage, part: str = "") -> list[Relation]:
    """Of a part, or of the package itself; those that leave the package are not among them."""
    folder, _, name = part.rpartition("/")
    told = f"{folder}/_rels/{name}.rels"
    if told not in package:
        return []
    return [
        Relation(
            attribute(relation, "Id"),
            attribute(relation, "Type").rpartition("/")[2],
            member_beside(part, attribute(relation, "Target")),
        )
        for relation in children(package.root(told), "Relationship")
        if attribute(relation, "TargetMode") != "External"
    ]


def _is_other_dialect(archive: zipfile.ZipFile) -> bool:
    types = archive.read("[Content_Types].xml")
    return any(main in types for main in _OTHER_MAINS) or _STRICT in archive.read("_rels/.rels")


def _translated(archive: zipfile.ZipFile) -> bytes:
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as written:
        for member in archive.infolist():
            content = archive.read(member)
            if member.filename == "[Content_Types].xml":
                for other, main in _OTHER_MAINS.items():
                    content = content.replace(other, main)
            if member.filename.endswith((".xml", ".rels")):
                for strict, transitional in _STRICT_NAMES:
                    content = content.replace(strict, transitional)
            written.writestr(member.filename, content)
    return copy.getvalue()
