"""Files to ingest, made of real text, the same every time: Markdown as it is, pages of it, the same pages typeset as
PDF, or the pages of real PDFs."""

import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.encoding import SEED

_CHARACTERS: Final = 3000
_PARAGRAPHS: Final = 5
# A4 in points.
_WIDTH, _HEIGHT, _MARGIN = 595, 842, 60
_FONT, _BOLD, _SIZE, _LEADING = "Helvetica", "Helvetica-Bold", 9.5, 12


@dataclass(frozen=True, slots=True)
class Sizes:
    pages: int
    pages_a_document: int

    def documents(self) -> Iterator[range]:
        """The numbers of the pages of each."""
        for first in range(0, self.pages, self.pages_a_document):
            yield range(first, min(first + self.pages_a_document, self.pages))


@dataclass(frozen=True, slots=True)
class Page:
    heading: str
    paragraphs: Sequence[str]


def as_they_are(folder: Path) -> Iterator[bytes]:
    """Every Markdown file below it."""
    return (path.read_bytes() for path in sorted(folder.rglob("*.md")))


def as_markdown(folder: Path, sizes: Sizes) -> Iterator[bytes]:
    """A heading a page, below that of the document."""
    for title, pages in _documents(folder, sizes):
        parts = [f"# {title}"]
        for page in pages:
            parts += [f"## {page.heading}", *page.paragraphs]
        yield "\n\n".join(parts).encode()


def as_pdf(folder: Path, sizes: Sizes) -> Iterator[bytes]:
    """The same, each page on one of its own with the document's title above and its number below. Characters that its
    font does not have are left out."""
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    for title, pages in _documents(folder, sizes):
        file = io.BytesIO()
        canvas = Canvas(file, pagesize=(_WIDTH, _HEIGHT), invariant=True)
        for number, page in enumerate(pages, 1):
            canvas.setFont(_FONT, 8)
            canvas.drawString(_MARGIN, _HEIGHT - 40, title)
            canvas.drawCentredString(_WIDTH / 2, 30, str(number))
            canvas.setFont(_BOLD, 14)
            canvas.drawString(_MARGIN, _HEIGHT - 80, page.heading)
            written = canvas.beginText(_MARGIN, _HEIGHT - 110)
            written.setFont(_FONT, _SIZE, _LEADING)
            for paragraph in page.paragraphs:
                told = paragraph.encode("latin-1", "ignore").decode("latin-1")
                written.textLines(simpleSplit(told, _FONT, _SIZE, _WIDTH - 2 * _MARGIN))
                written.moveCursor(0, _LEADING)
            canvas.drawText(written)
            canvas.showPage()
        canvas.save()
        yield file.getvalue()


def of_pdfs(folder: Path, sizes: Sizes) -> Iterator[bytes]:
    """Those of real ones, one after another and again from the first until there are enough. What cannot be opened, and
    pages without a text, are left out."""
    import pypdfium2 as pdfium

    taken: list[tuple[pdfium.PdfDocument, int]] = []
    for path in sorted(folder.rglob("*.pdf")):
        try:
            opened = pdfium.PdfDocument(path)
        except pdfium.PdfiumError:
            continue
        taken += [
            (opened, number) for number in range(len(opened)) if opened[number].get_textpage().count_chars()
        ]
    for numbers in sizes.documents():
        made = pdfium.PdfDocument.new()
        for at in numbers:
            source, number = taken[at % len(taken)]
            made.import_pages(source, [number])
        file = io.BytesIO()
        made.save(file)
        yield file.getvalue()


def _documents(folder: Path, sizes: Sizes) -> Iterator[tuple[str, list[Page]]]:
    """Titles and pages: real text, cut anywhere between two words."""
    text = " ".join(
        " ".join(path.read_text() for path in sorted(folder.rglob("*.md"))).replace("#", "").split()
    )
    chance = random.Random(SEED)
    length = _CHARACTERS // _PARAGRAPHS

    def paragraph() -> str:
        start = text.index(" ", chance.randrange(len(text) - 2 * length)) + 1
        return text[start : text.index(" ", start + length)]

    for numbers in sizes.documents():
        yield (
            f"Document {numbers.start}",
            [Page(f"Page {number}", [paragraph() for _ in range(_PARAGRAPHS)]) for number in numbers],
        )
