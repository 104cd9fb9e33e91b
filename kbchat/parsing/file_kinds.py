"""What a reader calls the formats of files, for choosing among documents by them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from kbchat.parsing import sniffing


class FileKind(StrEnum):
    PDF = "pdf"
    WORD = "word"
    SLIDES = "slides"
    SHEET = "sheet"
    WEB = "web"
    MAIL = "mail"
    BOOK = "book"
    PICTURE = "picture"
    MARKDOWN = "markdown"
    TEXT = "text"


_MEDIA_TYPES: Final[dict[FileKind, tuple[str, ...]]] = {
    FileKind.PDF: (sniffing.PDF,),
    FileKind.WORD: (sniffing.DOCX, sniffing.DOC, sniffing.ODT, sniffing.RTF),
    FileKind.SLIDES: (sniffing.PPTX, sniffing.PPT, sniffing.ODP),
    FileKind.SHEET: (sniffing.XLSX, sniffing.XLS, sniffing.XLSB, sniffing.ODS, sniffing.CSV, sniffing.TSV),
    FileKind.WEB: (sniffing.HTML,),
    FileKind.MAIL: (sniffing.EML, sniffing.MSG),
    FileKind.BOOK: (sniffing.EPUB,),
    FileKind.PICTURE: tuple(sorted(sniffing.PICTURES)),
    FileKind.MARKDOWN: (sniffing.MARKDOWN,),
    FileKind.TEXT: (sniffing.PLAIN_TEXT,),
}
KIND_OF: Final[dict[str, FileKind]] = {
    media_type: kind for kind, media_types in _MEDIA_TYPES.items() for media_type in media_types
}
"""By the media type that ``sniffing`` gives; every one that is parsed has one."""


def media_types_of(kinds: Iterable[FileKind]) -> list[str]:
    return [media_type for kind in kinds for media_type in _MEDIA_TYPES[kind]]
