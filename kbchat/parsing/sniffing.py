"""Which format a file is in. The content decides; the name only tells text formats apart.

Looks at bytes and at the directory of a zip file, unpacks nothing but the few bytes in which a package names its type.
"""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO

from kbchat.parsing.encoding import utf16_order
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.git_lfs import is_pointer
from kbchat.parsing.text_heads import (
    BOMS,
    HEAD_BYTES,
    has_tag,
    is_page,
    is_part_of_page,
    is_web_archive,
    is_xml,
    mail_headers,
    text_head,
)

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
CSV = "text/csv"
TSV = "text/tab-separated-values"
EML = "message/rfc822"
MSG = "application/vnd.ms-outlook"
EPUB = "application/epub+zip"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
RTF = "application/rtf"
HTML = "text/html"
MARKDOWN = "text/markdown"
PLAIN_TEXT = "text/plain"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
NEWER_FORMS = {DOC: ("DOC", "DOCX"), XLS: ("XLS", "XLSX"), PPT: ("PPT", "PPTX"), XLSB: ("XLSB", "XLSX")}
"""What they are called, and what the same programs write today."""
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
BMP = "image/bmp"
WEBP = "image/webp"
GIF = "image/gif"
PICTURES = frozenset({PNG, JPEG, TIFF, BMP, WEBP, GIF})
"""Their text is there once it was recognised."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# By the names in their directories. A mail holds other files, and a document may hold a sheet.
_OUTLOOK = "__properties_version1.0".encode("utf-16-le")
_OLDER_FORMATS = (
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
)
_PICTURE_STARTS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"II\*\x00|MM\x00\*"), TIFF),
    (re.compile(rb"BM.{4}\x00{4}", re.DOTALL), BMP),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), WEBP),
    (re.compile(rb"GIF8[79]a"), GIF),
)
_ODD_BYTES = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1b"))
_ENOUGH_BYTES = 1024 * 1024
# Archives, and what office programs wrote before they wrote archives.
_WITH_DIRECTORY = (b"PK", b"\xd0\xcf\x11\xe0")
_LONGEST_TYPE = 80

_MEMBER = b"PK\x01\x02"
_MOST_MEMBERS = 10_000
"""Counted before the directory is read, since each takes memory."""
# What zipfile raises for a damaged package, beside its own errors.
_BROKEN = (ValueError, OSError, OverflowError, RuntimeError, EOFError)

_NAMES = {
    **dict.fromkeys(["md", "markdown", "mdown", "mkd"], MARKDOWN),
    **dict.fromkeys(["htm", "html", "xhtml"], HTML),
    **dict.fromkeys(["txt", "text", "log", ""], PLAIN_TEXT),
    **dict.fromkeys(["docx", "docm", "dotx"], DOCX),
    **dict.fromkeys(["xlsx", "xlsm", "xltx"], XLSX),
    **dict.fromkeys(["pptx", "pptm", "ppsx", "potx"], PPTX),
    "pdf": PDF,
    "csv": CSV,
    "tsv": TSV,
    "eml": EML,
    "msg": MSG,
    "epub": EPUB,
    **dict.fromkeys(["odt", "ott"], ODT),
    **dict.fromkeys(["ods", "ots"], ODS),
    **dict.fromkeys(["odp", "otp"], ODP),
    "rtf": RTF,
    **dict.fromkeys(["doc", "dot"], DOC),
    **dict.fromkeys(["xls", "xlt"], XLS),
    **dict.fromkeys(["ppt", "pps", "pot"], PPT),
    "xlsb": XLSB,
    "png": PNG,
    **dict.fromkeys(["jpg", "jpeg", "jpe"], JPEG),
    **dict.fromkeys(["tif", "tiff"], TIFF),
    "bmp": BMP,
    "webp": WEBP,
    "gif": GIF,
}
# For people to read as they stand, and not made of records: read as plain text.
_MARKUPS = frozenset({"adoc", "asciidoc", "org", "rst", "textile"})
_BINARY_FORMATS = frozenset({PDF, DOCX, XLSX, PPTX, EPUB, ODT, ODS, ODP, MSG}) | PICTURES | NEWER_FORMS.keys()
_OPEN_FORMATS = frozenset({EPUB, ODT, ODS, ODP})
# Text by their bytes, but prose would be made of records: each waits for a parser of its own.
_RECORDS = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "ndjson": "application/jsonl",
    "xml": "application/xml",
    "svg": "image/svg+xml",
    "mht": "multipart/related",
    "mhtml": "multipart/related",
    "ics": "text/calendar",
    "vcf": "text/vcard",
}
_ARCHIVES = frozenset({
    "application/x-gzip", "application/gzip", "application/x-tar", "application/x-7z-compressed", "application/x-bzip2",
    "application/x-xz", "application/x-rar-compressed", "application/vnd.rar",
})  # fmt: skip
_ZIPPED = (
    ("word/", DOCX),
    ("xl/", XLSX),
    ("ppt/", PPTX),
)


def media_type_of_file(file: IO[bytes], filename: str) -> str:
    """As `media_type_of`, of an opened file, of which as much is read as it takes."""
    file.seek(0)
    head = file.read(_ENOUGH_BYTES)
    return media_type_of(head + file.read() if head.startswith(_WITH_DIRECTORY) else head, filename)


def media_type_of(data: bytes, filename: str) -> str:
    """The media type of a format that can be read: one of the constants above.

    :raises ParseError: EMPTY_FILE for no bytes or blank ones; PASSWORD_PROTECTED for an encrypted office
        file; CORRUPT for a zip file without a readable directory, TOO_LARGE_UNPACKED (``limit_parts``) for one with too
        many members; NOT_AS_NAMED (``named``) for bytes of no known kind under the name of a PDF or office file;
        ARCHIVE; FILE_IN_LFS; UNSUPPORTED_TYPE (``media_type``) for everything else.
    """
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n\x0b\x0c"):
        raise ParseError(ParseErrorCode.EMPTY_FILE)
    if is_pointer(data):
        raise ParseError(ParseErrorCode.FILE_IN_LFS)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(data)
    if data.startswith(_OLE):
        if _OUTLOOK in data:
            return MSG
        return _office_97(data, filename)
    for beginning, media_type in _PICTURE_STARTS:
        if beginning.match(data):
            return media_type
    start = data[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF-"):
        return PDF
    if start.startswith(b"{\\rtf"):
        return RTF
    if _is_binary(data):
        # Some producers write a few bytes before the header, and readers look for it in the first kilobyte.
        if b"%PDF-" in data[:1024]:
            return PDF
        raise _binary(data, filename)
    return _text_type(text_head(data), suffix_of(filename))


def named_type(filename: str) -> str | None:
    """The format that the file's name promises, None when the name says nothing."""
    suffix = suffix_of(filename)
    return _NAMES.get(suffix) or _RECORDS.get(suffix) if suffix else None


def is_markup(filename: str) -> bool:
    """Whether the name promises a text with marks that no parser knows, which is read as plain text."""
    return suffix_of(filename) in _MARKUPS


def suffix_of(filename: str) -> str:
    """The end of the name behind its last dot, in lower case, without the dot."""
    return PurePosixPath(filename.replace("\\", "/")).suffix[1:].lower()


def _zipped(data: bytes) -> str:
    if data.count(_MEMBER) > _MOST_MEMBERS:
        raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_parts=_MOST_MEMBERS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            told = _told_type(archive) if "mimetype" in names else ""
    except (zipfile.BadZipFile, zlib.error, *_BROKEN) as error:
        raise ParseError(ParseErrorCode.CORRUPT) from error
    if "[Content_Types].xml" in names:
        if "xl/workbook.bin" in names:
            return XLSB
        for folder, media_type in _ZIPPED:
            if any(name.startswith(folder) for name in names):
                return media_type
    if told in _OPEN_FORMATS:
        return told
    if told:
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type=told)
    raise ParseError(ParseErrorCode.ARCHIVE)


def _told_type(archive: zipfile.ZipFile) -> str:
    """What OpenDocument and EPUB say of themselves; a template is read as what is made from it.

    Packed in any other way it is not looked at: those unpack in steps of any size.
    """
    if archive.getinfo("mimetype").compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return ""
    with archive.open("mimetype") as file:
        return file.read(_LONGEST_TYPE).decode("ascii", "replace").strip().removesuffix("-template")


def _office_97(data: bytes, filename: str) -> str:
    if _OLE_ENCRYPTED in data:
        raise ParseError(ParseErrorCode.PASSWORD_PROTECTED)
    found = [media_type for name, media_type in _OLDER_FORMATS if name.encode("utf-16-le") in data]
    if not found:
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type="application/x-ole-storage")
    named = named_type(filename)
    return named if named in found else found[0]


def _is_binary(data: bytes) -> bool:
    """Whether the beginning holds bytes that no text holds. UTF-16 and UTF-32 are text."""
    if any(data.startswith(mark) for mark in BOMS):
        return False
    head = data[:HEAD_BYTES]
    nuls = head.count(0)
    if utf16_order(head):
        return False
    odd = len(head) - len(head.translate(None, _ODD_BYTES))
    return odd > 2 + (0 if nuls else len(head) // 20)


def _binary(data: bytes, filename: str) -> ParseError:
    """Where a name promises a format that the bytes were not recognised as, only the bytes may say what they are."""
    is_misnamed = named_type(filename) in _BINARY_FORMATS
    media_type = _binary_type(data, "" if is_misnamed else filename)
    if media_type in _ARCHIVES:
        return ParseError(ParseErrorCode.ARCHIVE)
    if media_type is None and is_misnamed:
        return ParseError(ParseErrorCode.NOT_AS_NAMED, named=suffix_of(filename).upper())
    return ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type=media_type or "application/octet-stream")


def _binary_type(data: bytes, filename: str) -> str | None:
    import puremagic

    try:
        found = puremagic.magic_string(data[: 1 << 20], filename or None)
    except (puremagic.PureError, ValueError):
        found = []
    told = (match.mime_type for match in found if match.mime_type)
    return next((media_type for media_type in told if not media_type.startswith("text/")), None)


def _text_type(head: str, suffix: str) -> str:
    if is_page(head):
        return HTML
    if suffix in _RECORDS:
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type=_RECORDS[suffix])
    named = _NAMES.get(suffix)
    if named in _BINARY_FORMATS and is_part_of_page(head):
        return HTML
    if named in _BINARY_FORMATS and is_web_archive(head):
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type=_RECORDS["mht"])
    if named in (MARKDOWN, CSV, TSV) or (named == HTML and has_tag(head)):
        return named
    if is_xml(head):
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type="application/xml")
    return EML if mail_headers(head) >= (1 if named == EML else 4) else PLAIN_TEXT
