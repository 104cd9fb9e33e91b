"""What Word, Excel and PowerPoint wrote before they wrote packages of XML: read in its newer form alone, into which
LibreOffice brings it (``converting``)."""

from kbchat.parsing import sniffing
from kbchat.parsing.contract import Source
from kbchat.parsing.document import ParsedDocument
from kbchat.parsing.errors import ParseError, ParseErrorCode


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: OLDER_FORMAT (``kind``, ``save_as``)."""
    kind, save_as = sniffing.NEWER_FORMS[sniffing.media_type_of(source.data, source.filename)]
    raise ParseError(ParseErrorCode.OLDER_FORMAT, kind=kind, save_as=save_as)
