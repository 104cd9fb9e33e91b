"""EML and MSG to blocks: the subject as a heading, who wrote to whom and when, the message, and what was attached.

Attachments of formats that can be read become sections under their names; the others are told by name. Nothing that
a message points to is fetched.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Final

from kbchat.parsing import html, outlook, plain_text, registry
from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.characters import on_one_line
from kbchat.parsing.contract import Source
from kbchat.parsing.document import BlockKind, ParsedDocument, ParseNote
from kbchat.parsing.encoding import decode
from kbchat.parsing.errors import OF_THE_MACHINE, ParseError, ParseErrorCode
from kbchat.parsing.mail_headers import AS_MEANT, ODD, header
from kbchat.parsing.sniffing import EML, HTML, MSG, media_type_of

_HEADERS: Final = ("From", "To", "Cc", "Date")
_MOST_MESSAGES_DEEP: Final = 3
_MOST_PARTS_DEEP: Final = 30
_MOST_ATTACHMENTS: Final = 100
_MOST_PARTS: Final = 2_000
_MOST_BOUNDARIES: Final = 50_000
"""Lines that could part one part from the next. Both count for a mail with all mails that hang on it."""
_LONGEST_NAME: Final = 200
_COMPARED_CHARACTERS: Final = 200
_PICTURE: Final = re.compile(rb"(?i)<img\b[^<>]*>")
_ITEM_NUMBER: Final = re.compile(r"^[ \t]*\d{1,3}[.)、][ \t]+", re.MULTILINE)


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: CORRUPT, TOO_LARGE_UNPACKED, and as the parsers of what is attached."""
    builder = DocumentBuilder()
    room = _Room()
    try:
        media_type = media_type_of(source.data, source.filename)
        message = room.read(source.data, media_type)
        _Message(message, builder, room, depth=0).add()
    except (RecursionError, *ODD) as error:
        raise ParseError(ParseErrorCode.CORRUPT, cause=type(error).__name__) from error
    return builder.finish(title=header(message, "Subject"), media_type=media_type)


@dataclass(slots=True)
class _Room:
    """What a mail may have together with those that hang on it."""

    parts: int = 0
    boundaries: int = 0

    def read(self, data: bytes, media_type: str) -> EmailMessage:
        """:raises ParseError: CORRUPT; TOO_LARGE_UNPACKED (``limit_parts``)."""
        if media_type == MSG:
            return outlook.message_of(data)
        self.boundaries += data.count(b"\n--")
        if self.boundaries > _MOST_BOUNDARIES:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_parts=_MOST_BOUNDARIES)
        return BytesParser(_class=EmailMessage, policy=AS_MEANT).parsebytes(data)

    def take_part(self) -> None:
        """Raises as ``read``."""
        self.parts += 1
        if self.parts > _MOST_PARTS:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_parts=_MOST_PARTS)


class _Message:
    """One message, as a section of rank ``depth + 1``: a forwarded one stands inside another."""

    def __init__(self, message: EmailMessage, builder: DocumentBuilder, room: _Room, *, depth: int) -> None:
        self._message = message
        self._builder = builder
        self._room = room
        self._depth = depth
        self._bodies: list[EmailMessage] = []
        self._attached: list[EmailMessage] = []
        self._says: dict[EmailMessage, bool] = {}
        """Of the forms of a text that were looked at: whether there is anything to read."""

    def add(self) -> None:
        self._sort(self._message, 0)
        self._builder.heading(header(self._message, "Subject"), self._depth + 1)
        told = [f"{name}: {header(self._message, name)}" for name in _HEADERS if header(self._message, name)]
        names = [_name_of(part) for part in self._attached]
        if names:
            told.append(f"Attachments: {', '.join(names)}")
        self._builder.block(BlockKind.PARAGRAPH, "\n".join(told))
        for body in self._without_doubles():
            self._builder.include(body, below=self._depth + 1)
        for number, part in enumerate(self._attached):
            if number >= _MOST_ATTACHMENTS or not self._attachment(part):
                self._builder.unread_parts.append(_name_of(part))
                self._builder.note(ParseNote.ATTACHMENTS_NOT_READ)

    def _sort(self, part: EmailMessage, depth: int, *, is_shown: bool = True) -> None:
        """Into what is read as the message and what hangs on it. Of alternatives, the one that programs show; what
        is attached to the others is attached to the message."""
        self._room.take_part()
        if depth > _MOST_PARTS_DEEP:
            raise ValueError("parts in parts in parts")
        kind = part.get_content_type()
        if kind == "message/rfc822" or not part.is_multipart():
            if is_shown or _is_attached(part):
                self._single(part, kind)
            return
        inner = [one for one in part.get_payload() if isinstance(one, EmailMessage)]
        shown = self._shown_among(inner) if kind == "multipart/alternative" and inner else None
        for one in inner:
            self._sort(one, depth + 1, is_shown=is_shown and (shown is None or one is shown))

    def _shown_among(self, parts: Sequence[EmailMessage]) -> EmailMessage:
        """The page, alone or with what stands around it; where it is empty or a picture, the plain text; else the last,
        which is the richest."""
        for kind in ("text/html", "text/plain"):
            for part in parts:
                forms = (
                    one for one in _leaves(part) if one.get_content_type() == kind and not _is_attached(one)
                )
                if any(self._says_something(one) for one in forms):
                    return part
        return parts[-1]

    def _says_something(self, form: EmailMessage) -> bool:
        """In words: what programs write about a picture is not what the sender has written."""
        if form not in self._says:
            words = _read(form, _PICTURE.sub(b"", _content(form)))[0].text
            self._says[form] = any(character.isalnum() for character in words)
        return self._says[form]

    def _single(self, part: EmailMessage, kind: str) -> None:
        if kind in ("text/plain", "text/html") and not _is_attached(part):
            self._bodies.append(part)
        elif kind.startswith("image/"):
            self._builder.images_skipped += 1
            if part.get_content_disposition() == "attachment":
                self._attached.append(part)
        else:
            self._attached.append(part)

    def _without_doubles(self) -> Iterator[ParsedDocument]:
        """The message's texts; a plain one that a page beside it says again is left out."""
        read = [self._body(part) for part in self._bodies]
        pages = {_beginning(one) for one in read if one.media_type == HTML} - {""}
        return (one for one in read if one.media_type == HTML or _beginning(one) not in pages)

    def _attachment(self, part: EmailMessage) -> bool:
        """Adds what is attached as a section, if it can be read."""
        forwarded = self._forwarded(part)
        if forwarded is not None:
            if self._depth + 1 >= _MOST_MESSAGES_DEEP:
                return False
            _Message(forwarded, self._builder, self._room, depth=self._depth + 1).add()
            return True
        name, data = _name_of(part), _content(part)
        try:
            parser = registry.parser_of(media_type_of(data, name))
            document = parser.parse(Source(data, name))
        except ParseError as error:
            if error.code in OF_THE_MACHINE:
                raise
            return False
        self._builder.heading(name, self._depth + 2)
        self._builder.include(document, below=self._depth + 2)
        return True

    def _forwarded(self, part: EmailMessage) -> EmailMessage | None:
        """The message that is attached, whether as a message or as a file of one."""
        if part.get_content_type() == "message/rfc822":
            return _inner(part)
        data = _content(part)
        try:
            media_type = media_type_of(data, _name_of(part))
        except ParseError:
            return None
        return self._room.read(data, media_type) if media_type in (EML, MSG) else None

    def _body(self, part: EmailMessage) -> ParsedDocument:
        document, is_broken = _read(part, _content(part))
        if is_broken:
            self._builder.note(ParseNote.UNREADABLE_CHARACTERS)
        return document


def _read(part: EmailMessage, data: bytes) -> tuple[ParsedDocument, bool]:
    """The text of a part, and whether characters of it are lost. What its sender says of its encoding is believed where
    the bytes allow it; a page of which nothing is said may say it itself."""
    charset, is_page, is_broken = part.get_content_charset(), part.get_content_type() == "text/html", False
    try:
        if is_page and charset is None:
            return html.parse(Source(data, "")), False
        decoded = decode(data, declared=charset)
        text, is_broken = decoded.text, decoded.broken > 0
    except ParseError as error:
        if error.code is not ParseErrorCode.ENCODING_UNSURE:
            raise
        text, is_broken = _with_gaps(data, charset or ""), True
    if part.get_param("format") == "flowed" and not is_page:
        text = _joined(text, keeps_blanks=part.get_param("delsp") != "yes")
    source = Source(text.encode("utf-8", "replace"), "", "utf-8")
    return (html if is_page else plain_text).parse(source), is_broken


def _is_attached(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _leaves(part: EmailMessage) -> Iterator[EmailMessage]:
    return (one for one in part.walk() if isinstance(one, EmailMessage) and not one.is_multipart())


def _joined(text: str, *, keeps_blanks: bool) -> str:
    """The paragraphs of flowed text: a line that ends with a blank goes on in the next (RFC 3676)."""
    paragraphs: list[list[str]] = []
    goes_on, reached = False, 0
    for line in text.replace("\r\n", "\n").split("\n"):
        told = line.lstrip(">")
        depth = len(line) - len(told)
        told = told.removeprefix(" ")
        if not (goes_on and depth == reached):
            paragraphs.append(["> " if depth else ""])
        reached = depth
        goes_on = told.endswith(" ") and told != "-- "
        paragraphs[-1].append(told if keeps_blanks or not goes_on else told[:-1])
    return "\n".join("".join(parts) for parts in paragraphs)


def _with_gaps(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("ascii", "replace")


def _content(part: EmailMessage) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _inner(part: EmailMessage) -> EmailMessage | None:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    return inner if isinstance(inner, EmailMessage) else None


def _name_of(part: EmailMessage) -> str:
    try:
        told = part.get_filename() or ""
    except ODD:
        told = ""
    name = on_one_line(told.replace("\\", "/").rpartition("/")[2])[:_LONGEST_NAME]
    if not name and part.get_content_type() == "message/rfc822":
        inner = _inner(part)
        name = header(inner, "Subject")[:_LONGEST_NAME] if inner is not None else ""
    return name or part.get_content_type()


def _beginning(document: ParsedDocument) -> str:
    """Letters and digits, without the numbers of lists, which one form of a message may have and the other not."""
    letters = (character for character in _ITEM_NUMBER.sub("", document.text) if character.isalnum())
    return "".join(character for _, character in zip(range(_COMPARED_CHARACTERS), letters, strict=False))
