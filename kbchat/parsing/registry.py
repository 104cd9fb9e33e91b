"""The door of the room: bytes in, ParsedDocument or ParseError out.

A format's library is loaded when a file of that format comes, never before: most processes parse nothing. The one
that children are forked from (``nursery``) loads all of them.
"""

import dataclasses
from importlib import import_module
from pathlib import PurePosixPath
from typing import cast

from kbchat.parsing import sniffing
from kbchat.parsing.characters import on_one_line, visible
from kbchat.parsing.contract import FormatParser, Source
from kbchat.parsing.document import ParsedDocument, ParseNote

PARSERS = {
    sniffing.PDF: "kbchat.parsing.pdf",
    sniffing.DOCX: "kbchat.parsing.docx",
    sniffing.XLSX: "kbchat.parsing.xlsx",
    sniffing.PPTX: "kbchat.parsing.pptx",
    sniffing.CSV: "kbchat.parsing.delimited",
    sniffing.TSV: "kbchat.parsing.delimited",
    **dict.fromkeys([sniffing.EML, sniffing.MSG], "kbchat.parsing.mail"),
    sniffing.EPUB: "kbchat.parsing.epub",
    **dict.fromkeys([sniffing.ODT, sniffing.ODS, sniffing.ODP], "kbchat.parsing.odf"),
    sniffing.RTF: "kbchat.parsing.rtf",
    sniffing.HTML: "kbchat.parsing.html",
    sniffing.MARKDOWN: "kbchat.parsing.markdown",
    sniffing.PLAIN_TEXT: "kbchat.parsing.plain_text",
    **dict.fromkeys(sniffing.PICTURES, "kbchat.parsing.pictures"),
    **dict.fromkeys(sniffing.NEWER_FORMS, "kbchat.parsing.older_office"),
}


def parse(data: bytes, filename: str, *, encoding: str | None = None) -> ParsedDocument:
    """Reads a file of any supported format, in this process and without limits.

    For files from people use ``sandbox.parse_sandboxed``. ``encoding`` is a person's answer to
    ENCODING_UNSURE and is believed; formats that carry their own encoding ignore it.

    :raises ParseError: for whatever keeps the file from becoming a document.
    """
    source = Source(data, filename, encoding)
    return finished(parser_of(sniffing.media_type_of(data, filename)).parse(source), source)


def finished(document: ParsedDocument, source: Source) -> ParsedDocument:
    """A parser's document with what the file's name adds: a title, or a note that the name is wrong."""
    named = sniffing.named_type(source.filename)
    notes = set(document.report.notes)
    if named is not None and named != document.media_type:
        notes.add(ParseNote.NAME_DISAGREES_WITH_CONTENT)
    elif named is None and document.media_type == sniffing.PLAIN_TEXT and sniffing.suffix_of(source.filename):
        notes.add(ParseNote.READ_AS_PLAIN_TEXT)
    return dataclasses.replace(
        document,
        title=document.title or title_from(source.filename),
        report=dataclasses.replace(document.report, notes=tuple(sorted(notes))),
    )


def parser_of(media_type: str) -> FormatParser:
    """The parser of a media type that ``sniffing`` gives; loads its library."""
    return cast("FormatParser", import_module(PARSERS[media_type]))


def title_from(filename: str) -> str:
    """The file's name without folders and ending, as the title of a document that names none."""
    stem = PurePosixPath(filename.replace("\\", "/")).stem
    return on_one_line(visible(stem.replace("_", " "))[0]) or "?"
