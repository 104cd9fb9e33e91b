"""Bytes of a file to a ParsedDocument: text, blocks, heading paths, pages and boxes.

Plain Python: knows no Django, no database and no queue. Light to import: the libraries of the formats
are loaded when a file of that format is parsed.
"""

from kbchat.parsing.document import (
    Block,
    BlockKind,
    Box,
    HiddenPart,
    ParsedDocument,
    ParseNote,
    ParseReport,
    Section,
    TextLine,
)
from kbchat.parsing.document_json import document_from, from_json, to_json
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.highlighting import boxes_of, regions_of
from kbchat.parsing.registry import parse

__all__ = [
    "Block",
    "BlockKind",
    "Box",
    "HiddenPart",
    "ParseError",
    "ParseErrorCode",
    "ParseNote",
    "ParseReport",
    "ParsedDocument",
    "Section",
    "TextLine",
    "boxes_of",
    "document_from",
    "from_json",
    "parse",
    "regions_of",
    "to_json",
]
