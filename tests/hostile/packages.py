"""Packages (DOCX, XLSX, PPTX, EPUB, ODT, MSG) that become too much when they are unpacked, or whose XML does."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Final

from tests.rules.compound_file import attached, compound_file, outlook
from tests.rules.workbook_support import rows_xml, workbook, zipped

MB: Final = 1 << 20
_WORD: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES: Final = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def word(
    body: str, *, doctype: str = "", members: Mapping[str, str | bytes] | None = None, attributes: str = ""
) -> bytes:
    """A DOCX file with this inside its body."""
    document = f"{doctype}<w:document {_WORD} {attributes}><w:body>{body}</w:body></w:document>"
    return zipped(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
            f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/document.xml": document,
        }
        | dict(members or {})
    )


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def laughs(depth: int = 9) -> str:
    """A document type whose entity `l9` is a billion times as long as it looks."""
    inner = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(depth))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{inner}]>'


def _overlapping() -> bytes:
    """Each of 5,000 members is the same 1 MB: the directory names one place again and again."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("ppt/presentation.xml", bytes(MB))
        info = archive.filelist[-1]
        for number in range(5_000):
            copy = zipfile.ZipInfo(f"ppt/slides/slide{number}.xml")
            for field in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(copy, field, getattr(info, field))
            archive.filelist.append(copy)
            archive.NameToInfo[copy.filename] = copy
    return file.getvalue()


def _lying() -> bytes:
    """The directory says that the document is ten bytes long; it is 200 MB."""
    data = bytearray(word(" " * 200 * MB))
    at = data.index(b"PK\x01\x02", data.rindex(b"word/document.xml") - 60)
    struct.pack_into("<I", data, at + 24, 10)
    return bytes(data)


def _nested() -> bytes:
    """Archives in archives in archives, ten of them at each of five levels, around 10 MB of nothing."""
    inner = zipped({"0.txt": bytes(10 * MB)})
    for _ in range(5):
        inner = zipped({f"{n}.zip": inner for n in range(10)})
    return zipped({"mimetype": "application/epub+zip", "inner.zip": inner})


def _many_members() -> bytes:
    return zipped(
        {"mimetype": "application/vnd.oasis.opendocument.text"} | {str(n): b"" for n in range(20_000)}
    )


def opened(kind: str, content: str) -> bytes:
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def book(page: str) -> bytes:
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
            "<rootfile full-path='b.opf'/></rootfiles></container>",
            "b.opf": "<package xmlns='http://www.idpf.org/2007/opf'><manifest><item id='a' href='a.xhtml' "
            "media-type='application/xhtml+xml'/></manifest><spine><itemref idref='a'/></spine></package>",
            "a.xhtml": page,
        }
    )


def _repeated_cells() -> bytes:
    table = (
        "<table:table><table:table-row table:number-rows-repeated='1048576'><table:table-cell "
        "table:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell></table:table-row></table:table>"
    )
    spaces = " ".join(
        f"xmlns:{name}='urn:oasis:names:tc:opendocument:xmlns:{name}:1.0'"
        for name in ("office", "table", "text")
    )
    return opened(
        "spreadsheet",
        f"<office:document-content {spaces}><office:body><office:spreadsheet>{table}</office:spreadsheet>"
        "</office:body></office:document-content>",
    )


def _mails_in_mails() -> bytes:
    tree = outlook({0x0037: "deepest"})
    for _ in range(300):
        tree = outlook({0x0037: "in between"}) | {"__attach_version1.0_#00000000": attached("x", tree)}
    return compound_file(tree)


_FAR_CELLS: Final = (
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
)

LIGHT: Final[dict[str, Callable[[], bytes]]] = {
    "flat.docx": lambda: word(" " * 40 * MB),
    "media.xlsx": lambda: workbook({"S": "<sheetData/>"}, members={"xl/media/a.bin": bytes(40 * MB)}),
    "overlapping.pptx": _overlapping,
    "nested.epub": _nested,
    "members.odt": _many_members,
    "spaces.odt": lambda: opened("text", " " * 25 * MB),
    "dimensions.xlsx": lambda: workbook(
        {"S": f'<dimension ref="A1:XFD1048576"/><sheetData>{_FAR_CELLS}</sheetData>'}
    ),
    "strings.xlsx": lambda: workbook(
        {"S": "<sheetData><row>" + '<c t="s"><v>0</v></c>' * 16_000 + "</row></sheetData>"},
        strings=f"<si><t>{'x' * 32_000}</t></si>",
    ),
    "merged.xlsx": lambda: workbook(
        {
            "S": rows_xml(*["a"] * 5_000)
            + "<mergeCells>"
            + '<mergeCell ref="A1:XFD1048576"/>' * 5_000
            + "</mergeCells>"
        }
    ),
    "repeated.ods": _repeated_cells,
    "deep.docx": lambda: word("<w:p>" * 200_000 + "</w:p>" * 200_000),
    "deep tables.docx": lambda: word(
        "<w:tbl><w:tr><w:tc>" * 3_000 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 3_000
    ),
    "laughs.docx": lambda: word(paragraph("&l9;"), doctype=laughs()),
    "laughs.xlsx": lambda: workbook(
        {"S": '<sheetData><row><c t="s"><v>0</v></c></row></sheetData>'},
        members={"xl/sharedStrings.xml": f"{laughs()}<sst><si><t>&l9;</t></si></sst>"},
    ),
    "laughs.odt": lambda: opened("text", f"{laughs()}<a>&l9;</a>"),
    "laughs.epub": lambda: book(f"{laughs()}<html><body>&l9;</body></html>"),
    "quadratic.docx": lambda: word(
        paragraph("&a;" * 20_000), doctype=f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>'
    ),
    "attributes.docx": lambda: word("", attributes=" ".join(f'a{n}="1"' for n in range(300_000))),
    "mails.msg": _mails_in_mails,
}
HEAVY: Final[dict[str, Callable[[], bytes]]] = {
    "lying.docx": _lying,
    "cells.xlsx": lambda: workbook(
        {"S": "<sheetData>" + "<row><c><v>1</v></c></row>" * 3_000_000 + "</sheetData>"}
    ),
    "paragraphs.docx": lambda: word(paragraph("x") * 50_000),
    "page.epub": lambda: book("<html><body>" + "<div>" * 1_000_000),
}
