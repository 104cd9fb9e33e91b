"""Files that ask whoever reads them for a file of the machine, or for a page of a server that counts who comes."""

from typing import Final

from tests.hostile.corpus import HostileFile
from tests.hostile.packages import book, opened, paragraph, word
from tests.hostile.pdfs import document
from tests.rules.workbook_support import rows_xml, workbook

SECRET: Final = "/etc/passwd"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def reaching_files(address: str) -> list[HostileFile]:
    """`address`: of the server, as http://host:port."""
    entities = (
        f'<!DOCTYPE x [<!ENTITY file SYSTEM "file://{SECRET}"><!ENTITY page SYSTEM "{address}/entity">'
        f'<!ENTITY % more SYSTEM "{address}/parameter"> %more;]>'
    )
    external = f'<!DOCTYPE x SYSTEM "{address}/type.dtd">'
    both = "before &file;&page; after"
    include = (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
        f'href="file://{SECRET}" parse="text"/><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
        f'href="{address}/include"/>'
    )
    page = (
        f'<html><head><base href="{address}/"><link rel=stylesheet href="{address}/a.css"><meta http-equiv=refresh '
        f'content="0;url={address}/refresh"></head><body>page<img src="{address}/a.png"><iframe src="{address}/frame">'
        f'</iframe><script src="{address}/script.js"></script><object data="file://{SECRET}"></object></body></html>'
    )
    files = {
        "entities.docx": word(paragraph(both), doctype=entities),
        "type.docx": word(paragraph("text"), doctype=external),
        "include.docx": word(paragraph("text") + include),
        "relations.docx": word(
            paragraph("text"), members={"word/_rels/document.xml.rels": _relations(address)}
        ),
        "entities.xlsx": workbook(
            {"S": '<sheetData><row><c t="s"><v>0</v></c></row></sheetData>'},
            members={"xl/sharedStrings.xml": f"{entities}<sst><si><t>{both}</t></si></sst>"},
        ),
        "relations.xlsx": workbook(
            {"S": rows_xml("a|b")}, members={"xl/worksheets/_rels/sheet1.xml.rels": _relations(address)}
        ),
        "entities.odt": opened("text", f"{entities}<office>{both}</office>"),
        "include.odt": opened("text", f"<office>{include}</office>"),
        "entities.epub": book(f"{entities}<html><body>{both}</body></html>"),
        "page.epub": book(page),
        "page.html": page.encode(),
        "page.md": f"![a]({address}/image.png)\n\n<img src='{address}/b.png'>\n\n[file](file://{SECRET})".encode(),
        "page.eml": f"From: a\nTo: b\nDate: c\nSubject: d\nContent-Type: text/html\n\n{page}".encode(),
        "body.eml": (
            "From: a\nTo: b\nDate: c\nSubject: d\n"
            f"Content-Type: message/external-body; access-type=URL; URL={address}\n\nx"
        ).encode(),
        "field.rtf": (
            rb"{\rtf1 text{\field{\*\fldinst INCLUDETEXT "
            + f'"{address}/a.rtf"'.encode()
            + rb"}{\fldrslt x}}{\*\template "
            + f"{address}/t.dot".encode()
            + rb"}\par}"
        ),
        "actions.pdf": document(
            "",
            b"",
            f"<</S/URI/URI({address}/action)>>",
            f"<</S/Launch/F({SECRET})>>",
            catalogue=f"/OpenAction 5 0 R/AA<</O 6 0 R>>/AcroForm<</XFA({address}/form)>>",
        ),
        "file.pdf": document(
            f"/XObject<</F<</Type/XObject/Subtype/Image/F({SECRET})/FFilter/None>>>>", b"/F Do"
        ),
    }
    return [HostileFile(name, lambda data=data: data) for name, data in files.items()]  # type: ignore[misc]


def _relations(address: str) -> str:
    told = "".join(
        f'<Relationship Id="x{number}" Type="{_OFFICE}/{kind}" Target="{target}" TargetMode="External"/>'
        for number, (kind, target) in enumerate(
            [
                ("image", f"{address}/image.png"),
                ("attachedTemplate", f"{address}/template.dotm"),
                ("oleObject", f"file://{SECRET}"),
                ("externalLink", f"{address}/book.xlsx"),
            ]
        )
    )
    return f'<Relationships xmlns="{_RELATIONS}">{told}</Relationships>'
