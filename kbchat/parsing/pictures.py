"""A picture as a document: the text that was recognised in it, in its place. A TIFF may have many pages.

Decodes nothing: that is done where the text is recognised.
"""

import struct
from typing import Final

from kbchat.parsing import sniffing
from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.contract import Source
from kbchat.parsing.document import ParsedDocument, ParseNote
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.printed_pages import write_pages
from kbchat.parsing.recognised_lines import recognised_flow

_MOST_PAGES: Final = 2_000
_ENTRY_BYTES: Final = 12


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: PICTURE (``pages``) as long as not all of its pages were looked at, NO_TEXT_RECOGNISED
    (``pages``) where none has a text."""
    media_type = sniffing.media_type_of(source.data, source.filename)
    pages = pages_of(source.data, media_type)
    if not source.recognised.keys() >= set(range(1, pages + 1)):
        raise ParseError(ParseErrorCode.PICTURE, pages=pages)
    flows = [recognised_flow(source.recognised[number]) for number in range(1, pages + 1)]
    empty = [flow.page for flow in flows if not flow.items]
    if len(empty) == pages:
        raise ParseError(ParseErrorCode.NO_TEXT_RECOGNISED, pages=pages)
    builder = DocumentBuilder()
    if empty:
        builder.note(ParseNote.PAGES_WITHOUT_TEXT)
    write_pages(builder, flows)
    return builder.finish(
        title=builder.first_top_heading,
        media_type=media_type,
        pages=pages,
        empty_pages=empty,
        recognised=source.recognised,
    )


def pages_of(data: bytes, media_type: str) -> int:
    """Pages of a TIFF by its chain of directories, as far as it is whole and leads on; 1 of any other picture."""
    if media_type != sniffing.TIFF:
        return 1
    order = "<" if data.startswith(b"II") else ">"
    seen: set[int] = set()
    try:
        (place,) = struct.unpack_from(f"{order}I", data, 4)
        while place and place not in seen and len(seen) < _MOST_PAGES:
            (entries,) = struct.unpack_from(f"{order}H", data, place)
            seen.add(place)
            (place,) = struct.unpack_from(f"{order}I", data, place + 2 + _ENTRY_BYTES * entries)
    except struct.error:
        pass
    return max(len(seen), 1)
