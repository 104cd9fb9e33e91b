"""What Word, Excel and PowerPoint wrote before they wrote packages of XML: read in its newer form alone, into which
LibreOffice brings it (``converting``)."""

from kbchat.parsing import sniffing
from kbchat.parsing.contract import Source
from kbchat.parsing.document import ParsedDocument
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.older_locks import is_encrypted


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: OLDER_FORMAT (``kind``, ``save_as``, and ``is_encrypted`` where it is); PASSWORD_PROTECTED
    for an encrypted text. Sheets and slides that nobody may change are encrypted, too, by a password that every
    program knows: whether one can be read shows when it is converted."""
    media_type = sniffing.media_type_of(source.data, source.filename)
    facts = {"is_encrypted": 1} if is_encrypted(source.data, media_type) else {}
    if facts and media_type == sniffing.DOC:
        raise ParseError(ParseErrorCode.PASSWORD_PROTECTED)
    kind, save_as = sniffing.NEWER_FORMS[media_type]
    raise ParseError(ParseErrorCode.OLDER_FORMAT, kind=kind, save_as=save_as, **facts)
