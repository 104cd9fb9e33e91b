"""Workbooks as their XML, so that each test says what stands in the file."""

import io
import zipfile
from collections.abc import Mapping

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def rows_xml(*rows: str) -> str:
    """Rows of cells: values separated by `|`, "" for no cell; a number is a number, all else is text."""
    told = []
    for number, row in enumerate(rows, 1):
        cells = [_cell(number, column, value.strip()) for column, value in enumerate(row.split("|"))]
        told.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f"<sheetData>{''.join(told)}</sheetData>"


def _cell(row: int, column: int, value: str) -> str:
    place = f"{chr(65 + column)}{row}"
    if not value:
        return ""
    try:
        float(value)
    except ValueError:
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def workbook(
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    formats: tuple[str, ...] = (),
    styles: str = "",
    strings: str = "",
    settings: str = "",
    members: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """``sheets``: the XML inside each. ``formats``: codes of the styles 1, 2, …, or ``styles``: the XML of all;
    ``strings``: `si` elements."""
    states = states or {}
    numbered = list(enumerate(sheets, 1))
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" state="{states.get(name, "visible")}" r:id="r{number}"/>'
        for number, name in numbered
    )
    relations = [(f"r{number}", "worksheet", f"worksheets/sheet{number}.xml") for number, _ in numbered]
    relations += [("s", "styles", "styles.xml"), ("t", "sharedStrings", "sharedStrings.xml")]
    codes = "".join(
        f'<numFmt numFmtId="{200 + place}" formatCode="{code}"/>' for place, code in enumerate(formats)
    )
    numbered_styles = "".join(f'<xf numFmtId="{200 + place}"/>' for place in range(len(formats)))
    styles = styles or f"<numFmts>{codes}</numFmts><cellXfs><xf/>{numbered_styles}</cellXfs>"
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations_xml([("w", "officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": f'{_HEAD}<workbook {_MAIN} xmlns:r="{_OFFICE}">{settings}<sheets>{listed}</sheets>'
            "</workbook>",
            "xl/_rels/workbook.xml.rels": relations_xml(relations),
            "xl/styles.xml": f"<styleSheet {_MAIN}>{styles}</styleSheet>",
            "xl/sharedStrings.xml": f"<sst {_MAIN}>{strings}</sst>",
            **{
                f"xl/worksheets/sheet{number}.xml": f"{_HEAD}<worksheet {_MAIN}>{sheets[name]}</worksheet>"
                for number, name in numbered
            },
            **(members or {}),
        }
    )


def relations_xml(relations: list[tuple[str, str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in relations
    )
    return f"<Relationships {_RELATIONS}>{told}</Relationships>"
