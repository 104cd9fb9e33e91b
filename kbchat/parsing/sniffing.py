"""Which format a file is in. The content decides; the name only tells text formats apart.

Looks at bytes and at the directory of a zip file, unpacks nothing.
"""

import io
import re
import zipfile
from pathlib import PurePosixPath

from kbchat.parsing.encoding import utf16_order
from kbchat.parsing.errors import ParseError, ParseErrorCode

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"
MARKDOWN = "text/markdown"
PLAIN_TEXT = "text/plain"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TEXT_BOMS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"\xef\xbb\xbf": "utf-8-sig",
}
_HTML_START = re.compile(r"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_XML_START = re.compile(r"\s*<(\?xml\s|svg\b|!doctype\s+(?!html))", re.IGNORECASE)
_MAIL_HEADER = re.compile(
    r"^(from|to|subject|received|return-path|mime-version|message-id):", re.IGNORECASE | re.MULTILINE
)
_HEAD_BYTES = 4096

_NAMES = {
    **dict.fromkeys(["md", "markdown", "mdown", "mkd"], MARKDOWN),
    **dict.fromkeys(["htm", "html", "xhtml"], HTML),
    **dict.fromkeys(["txt", "text", "log", ""], PLAIN_TEXT),
    "pdf": PDF,
    "docx": DOCX,
}
# Text by their bytes, but prose would be made of records: each waits for a parser of its own.
_RECORDS = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "ndjson": "application/jsonl",
    "xml": "application/xml",
    "svg": "image/svg+xml",
    "eml": "message/rfc822",
    "mht": "multipart/related",
    "mhtml": "multipart/related",
    "ics": "text/calendar",
    "vcf": "text/vcard",
}
_ZIPPED = (
    ("word/", DOCX),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)


def media_type_of(data: bytes, filename: str) -> str:
    """One of PDF, DOCX, HTML, MARKDOWN and PLAIN_TEXT.

    :raises ParseError: EMPTY_FILE for no bytes or blank ones; PASSWORD_PROTECTED for an encrypted office
        file; CORRUPT for a zip file without a readable directory; NOT_AS_NAMED (``named``) for bytes of no known
        kind under the name of a PDF or DOCX file; UNSUPPORTED_TYPE (``media_type``) for everything else.
    """
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n\x0b\x0c"):
        raise ParseError(ParseErrorCode.EMPTY_FILE)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(data)
    if data.startswith(_OLE):
        raise _office_97(data)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return PDF
    if _is_binary(data):
        # Some producers write a few bytes before the header, and readers look for it in the first kilobyte.
        if b"%PDF-" in data[:1024]:
            return PDF
        raise _binary(data, filename)
    return _text_type(_text_head(data), suffix_of(filename))


def named_type(filename: str) -> str | None:
    """The format that the file's name promises, None when the name says nothing."""
    suffix = suffix_of(filename)
    return _NAMES.get(suffix) or _RECORDS.get(suffix) if suffix else None


def suffix_of(filename: str) -> str:
    """The end of the name behind its last dot, in lower case, without the dot."""
    return PurePosixPath(filename.replace("\\", "/")).suffix[1:].lower()


def _zipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, OverflowError, NotImplementedError) as error:
        raise ParseError(ParseErrorCode.CORRUPT) from error
    if "[Content_Types].xml" in names:
        for folder, media_type in _ZIPPED:
            if any(name.startswith(folder) for name in names):
                if media_type == DOCX:
                    return DOCX
                raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type=media_type)
    media_type = "application/zip"
    if names and names[0] == "mimetype":
        # OpenDocument and EPUB put their type first, stored, so that it stands at a fixed place.
        media_type = data[38:120].split(b"PK", 1)[0].decode("ascii", "replace")[:80]
    raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type=media_type)


def _office_97(data: bytes) -> ParseError:
    if _OLE_ENCRYPTED in data:
        return ParseError(ParseErrorCode.PASSWORD_PROTECTED)
    return ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type="application/x-ole-storage")


def _is_binary(data: bytes) -> bool:
    """Whether the beginning holds bytes that no text holds. UTF-16 and UTF-32 are text."""
    if any(data.startswith(mark) for mark in _TEXT_BOMS):
        return False
    head = data[:_HEAD_BYTES]
    nuls = head.count(0)
    if utf16_order(head):
        return False
    odd = sum(byte < 32 and byte not in b"\t\n\x0b\x0c\r\x1b" for byte in head)
    return odd > 2 + (0 if nuls else len(head) // 20)


def _binary(data: bytes, filename: str) -> ParseError:
    """Where a name promises a format that the bytes were not recognised as, only the bytes may say what they are."""
    is_misnamed = named_type(filename) in (PDF, DOCX)
    media_type = _binary_type(data, "" if is_misnamed else filename)
    if media_type is None and is_misnamed:
        return ParseError(ParseErrorCode.NOT_AS_NAMED, named=suffix_of(filename).upper())
    return ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type=media_type or "application/octet-stream")


def _binary_type(data: bytes, filename: str) -> str | None:
    import puremagic

    try:
        found = puremagic.magic_string(data[: 1 << 20], filename or None)
    except (puremagic.PureError, ValueError):
        found = []
    return next((match.mime_type for match in found if match.mime_type), None)


def _text_head(data: bytes) -> str:
    for mark, encoding in _TEXT_BOMS.items():
        if data.startswith(mark):
            return data[:_HEAD_BYTES].decode(encoding, "replace")
    return data[:_HEAD_BYTES].replace(b"\0", b"").decode("latin-1")


def _text_type(head: str, suffix: str) -> str:
    if _HTML_START.match(_after_prologue(head)):
        return HTML
    if head.startswith("{\\rtf"):
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type="application/rtf")
    if suffix in _RECORDS:
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type=_RECORDS[suffix])
    named = _NAMES.get(suffix)
    if named == MARKDOWN or (named == HTML and _ANY_TAG.search(head)):
        return named
    if _XML_START.match(head):
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type="application/xml")
    first_paragraph = head.replace("\r\n", "\n").split("\n\n", 1)[0]
    if len({name.lower() for name in _MAIL_HEADER.findall(first_paragraph)}) >= 4:
        raise ParseError(ParseErrorCode.UNSUPPORTED_TYPE, media_type="message/rfc822")
    return PLAIN_TEXT


def _after_prologue(head: str) -> str:
    """``head`` from its first element on: blanks, an XML declaration and comments are passed over."""
    head = head.lstrip()
    while head.startswith(("<?xml", "<!--")):
        _, _, head = head.partition("?>" if head.startswith("<?") else "-->")
        head = head.lstrip()
    return head
