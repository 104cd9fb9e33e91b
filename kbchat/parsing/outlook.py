"""MSG, the mails that Outlook saves, as messages like any other: headers, texts and what is attached.

Knows how Outlook keeps a message (properties in storages of a compound file), and nothing of what becomes of it.

Source: Microsoft, [MS-OXMSG] and [MS-OXPROPS].
"""

import base64
import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import olefile

from kbchat.parsing import rtf
from kbchat.parsing.characters import on_one_line
from kbchat.parsing.contract import Source
from kbchat.parsing.encoding import decode
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.mail_headers import AS_MEANT
from kbchat.parsing.outlook_rtf import unpacked

_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_SENDERS: Final = ((0x0042, (0x5D02, 0x0065)), (0x0C1A, (0x5D01, 0x0C1F)))
"""Names with addresses, best first: whom the mail is from, then who sent it for him."""
_TO, _CC = 0x0E04, 0x0E03
_SENT, _ARRIVED = 0x0039, 0x0E06
_CODE_PAGES: Final = (0x3FFD, 0x3FDE)
_ATTACHED, _ATTACHED_NAMES, _MIME_TYPE, _CONTENT_ID = 0x3701, (0x3707, 0x3704, 0x3001), 0x370E, 0x3712

_RECIPIENT_KIND, _NAME, _RECIPIENT_ADDRESSES = 0x0C15, 0x3001, (0x39FE, 0x3003)

_UNICODE, _EIGHT_BIT, _BINARY, _STORAGE = "001F", "001E", "0102", "000D"
_PROPERTIES: Final = "__properties_version1.0"
_PROPERTY: Final = struct.Struct("<HHI8s")
# Before the properties of a message, of one inside another, and of all else.
_OUTER_BYTES, _INNER_BYTES, _PART_BYTES = 32, 24, 8
_MOST_PROPERTIES: Final = 10_000
_MOST_MESSAGES_DEEP: Final = 5
_MOST_CHARACTERS: Final = 20_000
_SINCE: Final = datetime(1601, 1, 1, tzinfo=UTC)
_ENCODINGS: Final = {20127: "ascii", 28591: "iso-8859-1", 936: "gb18030", 54936: "gb18030", 65001: "utf-8"}
_AS_SHOWN: Final = HeaderRegistry(use_default_map=False)
"""Outlook keeps names as it shows them; addresses by the rules of mail they are not."""
_BROKEN: Final = (OSError, ValueError, IndexError, KeyError, struct.error, RecursionError, OverflowError)
"""What the library raises for a compound file that is none."""


def message_of(data: bytes) -> EmailMessage:
    """:raises ParseError: CORRUPT; TOO_LARGE_UNPACKED (``limit_bytes``) where streams share their bytes."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            return _Store(_File(file, len(data)), (), _OUTER_BYTES).message(0)
    except _BROKEN as error:
        raise ParseError(ParseErrorCode.CORRUPT, cause=type(error).__name__) from error


class _File:
    """The streams and storages of a compound file by their paths. All that is read is no more than the file holds."""

    def __init__(self, file: olefile.OleFileIO, size: int) -> None:
        self._file = file
        self._most = self._left = size
        self._inner: dict[tuple[str, ...], list[str]] = {}
        for *path, name in file.listdir(streams=False, storages=True):
            self._inner.setdefault(tuple(path), []).append(name)

    def storages(self, path: tuple[str, ...], prefix: str) -> list[str]:
        return [name for name in self._inner.get(path, ()) if name.startswith(prefix)]

    def stream(self, path: tuple[str, ...]) -> bytes:
        """b"" where there is none."""
        told = list(path)
        if self._file.get_type(told) != olefile.STGTY_STREAM:
            return b""
        self._left -= self._file.get_size(told)
        if self._left < 0:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_bytes=self._most)
        with self._file.openstream(told) as stream:
            data: bytes = stream.read()
        return data


class _Store:
    """The storage of a message, of one that it is for, or of an attachment, at ``path`` of the file."""

    def __init__(self, file: _File, path: tuple[str, ...], header_bytes: int, encoding: str = "") -> None:
        self._file = file
        self._path = path
        self._fixed = dict(_fixed_values(file.stream((*path, _PROPERTIES))[header_bytes:]))
        self._encoding = encoding or self._told_encoding()

    def message(self, depth: int) -> EmailMessage:
        message = EmailMessage(AS_MEANT)
        for name, text in self._headers():
            if text:
                message[name] = _AS_SHOWN(name, on_one_line(text[:_MOST_CHARACTERS]))
        bodies = [body for body in (self._plain(), self._page()) if body is not None]
        texts = [_text_part(*body) for body in bodies] or [_text_part(self._formatted(), "plain", "utf-8")]
        message.set_type("multipart/mixed")
        attachments = (part._attached(depth) for part in self._parts("__attach"))
        message.set_payload([_alternatives(texts), *attachments])
        return message

    def _headers(self) -> Iterator[tuple[str, str]]:
        yield "Subject", self._text(_SUBJECT)
        senders = (self._person(name, addresses) for name, addresses in _SENDERS)
        yield "From", next(filter(None, senders), "")
        people = list(self._parts("__recip"))
        for name, tag, kind in (("To", _TO, 1), ("Cc", _CC, 2)):
            told = [
                one._person(_NAME, _RECIPIENT_ADDRESSES)
                for one in people
                if one._number(_RECIPIENT_KIND) == kind
            ]
            yield name, ", ".join(filter(None, told)) or self._text(tag)
        yield "Date", self._date(_SENT) or self._date(_ARRIVED)

    def _person(self, name_tag: int, address_tags: tuple[int, ...]) -> str:
        """Inside an organisation an address may be a path in its directory, which means nothing to a reader."""
        name = self._text(name_tag)
        address = next((told for told in map(self._text, address_tags) if "@" in told), "")
        return f"{name} <{address}>" if name and address and name.strip("'") != address else name or address

    def _plain(self) -> tuple[bytes, str, str] | None:
        text = self._text(_BODY)
        return (text.encode("utf-8", "replace"), "plain", "utf-8") if text.strip() else None

    def _page(self) -> tuple[bytes, str, str] | None:
        """As bytes it says its encoding itself, or is in that of the message."""
        page = self._stream(_HTML, _BINARY)
        if page.strip():
            return page, "html", "" if b"charset" in page[:4096].lower() else self._encoding
        text = self._text(_HTML)
        return (text.encode("utf-8", "replace"), "html", "utf-8") if text.strip() else None

    def _formatted(self) -> bytes:
        packed = self._stream(_RTF, _BINARY)
        text = rtf.parse(Source(unpacked(packed), "")).text if packed else ""
        return text.encode("utf-8", "replace")

    def _parts(self, prefix: str) -> Iterator["_Store"]:
        for name in self._file.storages(self._path, prefix):
            yield _Store(self._file, (*self._path, name), _PART_BYTES, self._encoding)

    def _attached(self, depth: int) -> EmailMessage:
        part = EmailMessage(AS_MEANT)
        name = next(filter(None, map(self._text, _ATTACHED_NAMES)), "")
        embedded = (*self._path, f"__substg1.0_{_ATTACHED:04X}{_STORAGE}")
        if embedded[-1] in self._file.storages(self._path, embedded[-1]):
            part.set_type("message/rfc822")
            inner = _Store(self._file, embedded, _INNER_BYTES, self._encoding)
            part.set_payload([inner.message(depth + 1)] if depth < _MOST_MESSAGES_DEEP else [])
        else:
            kind = on_one_line(self._text(_MIME_TYPE)).lower()
            part.set_type(kind if kind.count("/") == 1 and kind.isascii() else "application/octet-stream")
            _fill(part, self._stream(_ATTACHED, _BINARY))
        is_picture_of_text = part.get_content_maintype() == "image" and bool(self._text(_CONTENT_ID))
        part.add_header(
            "Content-Disposition",
            "inline" if is_picture_of_text else "attachment",
            filename=on_one_line(name),
        )
        return part

    def _stream(self, tag: int, kind: str) -> bytes:
        return self._file.stream((*self._path, f"__substg1.0_{tag:04X}{kind}"))

    def _number(self, tag: int) -> int:
        return int.from_bytes(self._fixed.get(tag, b"")[:4], "little")

    def _text(self, tag: int) -> str:
        text = self._stream(tag, _UNICODE)
        if text:
            return text.decode("utf-16-le", "replace").rstrip("\0")
        data = self._stream(tag, _EIGHT_BIT).rstrip(b"\0")
        try:
            return decode(data, declared=self._encoding or None).text if data else ""
        except ParseError:
            return data.decode("latin-1")

    def _date(self, tag: int) -> str:
        """100 nanoseconds since 1601."""
        ticks = int.from_bytes(self._fixed.get(tag, b""), "little")
        return format_datetime(_SINCE + timedelta(microseconds=ticks // 10)) if ticks else ""

    def _told_encoding(self) -> str:
        for tag in _CODE_PAGES:
            if page := self._number(tag):
                return _ENCODINGS.get(page, f"cp{page}")
        return ""


def _fixed_values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The properties that are no streams, by their tags: eight bytes each."""
    whole = min(len(data) // _PROPERTY.size, _MOST_PROPERTIES) * _PROPERTY.size
    for _, tag, _, value in _PROPERTY.iter_unpack(data[:whole]):
        yield tag, value


def _text_part(data: bytes, kind: str, charset: str) -> EmailMessage:
    part = EmailMessage(AS_MEANT)
    part.set_type(f"text/{kind}")
    if charset:
        part.set_param("charset", charset)
    _fill(part, data)
    return part


def _alternatives(texts: list[EmailMessage]) -> EmailMessage:
    if len(texts) == 1:
        return texts[0]
    both = EmailMessage(AS_MEANT)
    both.set_type("multipart/alternative")
    both.set_payload([*texts])
    return both


def _fill(part: EmailMessage, data: bytes) -> None:
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.b64encode(data).decode("ascii"))
