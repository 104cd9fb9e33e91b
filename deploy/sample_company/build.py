"""Build the PDF, DOCX and GB18030 documents of the sample company from documents/source.

Run it after a change in documents/source, and commit what it wrote:

    python deploy/sample_company/build.py

It needs Chromium (found on PATH or named by CHROMIUM), python-docx, selectolax, and the fonts Liberation Sans
(SIL Open Font License) and WenQuanYi Micro Hei (Apache 2.0, or GPL 3 with the font exception); in Debian
chromium, fonts-liberation and fonts-wqy-microhei. Both licences allow embedding. The Chinese font must have
TrueType outlines: Chromium turns OpenType/CFF fonts such as Noto Sans CJK into Type 3 fonts, several times as
large.

The program itself reads only the built files; it must not know this script.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as DocxDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from selectolax.lexbor import LexborHTMLParser, LexborNode

DOCUMENTS = Path(__file__).resolve().parent / "documents"
SOURCES = DOCUMENTS / "source"

#: source file -> built file; the suffix of the built file decides how it is built.
BUILT = {
    "travel-expenses-2025.html": "handbook/travel-expenses-2025.pdf",
    "it-security-handbook.html": "handbook/it-security-handbook.pdf",
    "onboarding-guide.html": "handbook/onboarding-guide.docx",
    "annual-leave-shanghai-2025.html": "shanghai/annual-leave-shanghai-2025.pdf",
    "travel-expenses-shanghai-2025.html": "shanghai/travel-expenses-shanghai-2025.docx",
    "salary-bands-2025.html": "hr/salary-bands-2025.docx",
    "salary-grades-shanghai-2025.html": "hr/salary-grades-shanghai-2025.docx",
    "tw300-manual.html": "engineering/tw300-manual.pdf",
    "annual-leave-shanghai-2024.txt": "shanghai/annual-leave-shanghai-2024.txt",
    "attendance-shanghai.txt": "shanghai/attendance-shanghai.txt",
    "procurement-shanghai.txt": "shanghai/procurement-shanghai.txt",
}

#: Written into every built file, so that a rebuild of an unchanged source changes no byte that says when.
BUILD_TIME = datetime(2025, 6, 2, 8, 0, 0, tzinfo=UTC)

PRINT_STYLE = """
@page { size: A4; margin: 20mm 20mm 22mm;
  @bottom-center { content: counter(page) " / " counter(pages); font: 9pt "Liberation Sans"; } }
body { font: 10.5pt/1.5 "Liberation Sans", "WenQuanYi Micro Hei"; }
:lang(zh) body { font-family: "WenQuanYi Micro Hei"; }
h1, h2, h3 { color: #14405c; break-after: avoid; line-height: 1.25; font-weight: bold; }
h1 { font-size: 20pt; } h2 { font-size: 14pt; margin-top: 1.4em; } h3 { font-size: 12pt; }
/* The Chinese font has one weight; a bold made up from it would be embedded as shapes. */
:lang(zh) h1, :lang(zh) h2, :lang(zh) h3, :lang(zh) th { font-weight: normal; }
table { border-collapse: collapse; width: 100%; margin: .8em 0; }
th, td { border: 0.5pt solid #8aa; padding: 3pt 6pt; text-align: left; vertical-align: top; }
th { background: #e3eef3; } tr { break-inside: avoid; }
"""


def main() -> int:
    """Build everything; the exit status is 0 only when every file was written."""
    for source_name, target_name in BUILT.items():
        source, target = SOURCES / source_name, DOCUMENTS / target_name
        match target.suffix:
            case ".pdf":
                write_pdf(source, target)
            case ".docx":
                write_docx(source, target)
            case ".txt":
                write_gb18030(source, target)
            case other:
                raise ValueError(f"no way to build {other} ({target_name})")
        print(f"{target_name}  {target.stat().st_size:,} bytes")
    return 0


def write_gb18030(source: Path, target: Path) -> None:
    """Write the text as an old Windows editor would: GB18030 with CRLF line ends."""
    target.write_bytes(
        "\r\n".join(source.read_text(encoding="utf-8").splitlines()).encode("gb18030") + b"\r\n"
    )


def write_pdf(source: Path, target: Path) -> None:
    """Print the page with Chromium: embedded font subsets, real text, tags and an outline."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise FileNotFoundError("Chromium is missing; install it (Debian: chromium) or name it in CHROMIUM")
    # Chromium refuses its sandbox to root; the only page opened is our own.
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder, "page.html"), Path(folder, "page.pdf")
        html = source.read_text(encoding="utf-8")
        page.write_text(html.replace("</head>", f"<style>{PRINT_STYLE}</style></head>"), encoding="utf-8")
        subprocess.run(
            [
                chromium,
                "--headless=new",
                "--disable-gpu",
                f"--user-data-dir={folder}/profile",
                *as_root,
                "--no-pdf-header-footer",
                "--generate-pdf-document-outline",
                f"--print-to-pdf={printed}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        # Same length as before, so the offsets in the cross-reference table stay right.
        stamp = BUILD_TIME.strftime("(D:%Y%m%d%H%M%S+00'00')").encode()
        target.write_bytes(re.sub(rb"\(D:\d{14}\+00'00'\)", stamp, printed.read_bytes()))


def write_docx(source: Path, target: Path) -> None:
    """Write headings, paragraphs, lists and tables with Word's own styles."""
    page = LexborHTMLParser(source.read_text(encoding="utf-8"))
    if page.body is None or page.root is None:
        raise ValueError(f"{source.name} has no body")
    if len(page.css("ol")) > 1:
        # python-docx would go on counting where the first list ended.
        raise ValueError(f"{source.name} has more than one numbered list")
    document = Document()
    _set_fonts(document)
    title = page.css_first("title")
    document.core_properties.title = title.text(strip=True) if title else source.stem
    document.core_properties.author = "Linden & Harbor"
    document.core_properties.language = page.root.attributes.get("lang") or ""
    document.core_properties.created = document.core_properties.modified = BUILD_TIME
    for node in _children(page.body):
        _add(document, node)
    document.save(str(target))
    _fix_archive_times(target)


def _set_fonts(document: DocxDocument) -> None:
    """Name a Chinese font beside the Latin one; without it Word picks one by the reader's system."""
    for name, size in (("Normal", 10.5), ("Heading 1", 20), ("Heading 2", 14), ("Heading 3", 12)):
        style = document.styles[name]
        style.font.name, style.font.size = "Liberation Sans", Pt(size)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), "WenQuanYi Micro Hei")
        if name != "Normal":
            style.font.color.rgb = RGBColor(0x14, 0x40, 0x5C)


def _add(document: DocxDocument, node: LexborNode) -> None:
    match node.tag:
        case "h1" | "h2" | "h3":
            document.add_heading(_text(node), level=int(node.tag[1]))
        case "p":
            document.add_paragraph(_text(node))
        case "ul" | "ol":
            style = "List Bullet" if node.tag == "ul" else "List Number"
            for item in _children(node):
                document.add_paragraph(_text(item), style=style)
        case "table":
            _add_table(document, [[_text(cell) for cell in row.css("th, td")] for row in node.css("tr")])
        case other:
            raise ValueError(f"no Word form for <{other}>")


def _add_table(document: DocxDocument, rows: list[list[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Light Grid Accent 1")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    # The first row is repeated on every page and is what a reader of the file knows as the table's head.
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.add_paragraph()


def _children(node: LexborNode) -> Iterator[LexborNode]:
    return node.iter(include_text=False)


def _text(node: LexborNode) -> str:
    """Text with the source's line breaks folded; between two Chinese characters a break leaves no blank."""
    folded = " ".join(node.text(deep=True).split())
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])", "", folded)


def _fix_archive_times(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, date_time=BUILD_TIME.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


if __name__ == "__main__":
    sys.exit(main())
