"""A word of its own for every place in which something could leak, who may read which, and how a word is found.

The words stand nowhere else, so wherever one turns up, its place has leaked.
"""

import io
import random
import re
from collections.abc import Mapping
from typing import Final

from reportlab.pdfgen.canvas import Canvas

_RANDOM = random.Random(3)
_PIECE = re.compile(r'"text": ?"((?:[^"\\]|\\.)*)"')


def _word() -> str:
    return "".join(_RANDOM.choice("bdfgklmnprstvz") + _RANDOM.choice("aeiou") for _ in range(6))


_OPEN = (
    "title",
    "filename",
    "heading",
    "first_chunk",
    "last_chunk",
    "table_cell",
    "collection",
    "description",
)
_PDF = ("pdf_name", "pdf_text", "pdf_header", "pdf_footer", "pdf_title", "pdf_author")
_WHOLE_TEXT = ("front_matter", "older_version")
_CLOSED = ("closed_heading", "closed_text", "below_closed")
_OWNERS = (
    "group",
    "api_key",
    "conversation",
    "email",
    "glossary",
    "passkey",
    "golden",
    "source",
    "source_item",
    "comment",
    "handed_comment",
    "gap_comment",
    "hold",
)

CANARIES: Final[dict[str, str]] = {
    place: _word() for place in (*_OPEN, *_PDF, *_WHOLE_TEXT, *_CLOSED, *_OWNERS)
}
MAY_READ: Final[dict[str, frozenset[str]]] = {
    "owner": frozenset(CANARIES),
    "reader": frozenset((*_OPEN, *_PDF, *_WHOLE_TEXT, *_CLOSED)),
    # Whole texts and files know no sections: of a document with a closed one he gets neither.
    "denied": frozenset((*_OPEN, *_PDF)),
    "outsider": frozenset(),
    "administrator": frozenset(("group", "email", "glossary", "handed_comment", "gap_comment", "hold")),
    "revoked": frozenset(),
    "deactivated": frozenset(),
    "anonymous": frozenset(),
}
IN_PROMPTS: Final = frozenset(
    ("title", "heading", "first_chunk", "last_chunk", "table_cell", "pdf_text", *_CLOSED)
)
"""What a passage brings into a prompt: its text, and the names of its document and headings."""

FILENAME: Final = f"{CANARIES['filename']}.md"
PDF_NAME: Final = f"{CANARIES['pdf_name']}.pdf"
OLDER: Final = f"# Handbook\n\nThe former rule of the house was {CANARIES['older_version']}.\n"
HANDBOOK: Final = f"""---
author: {CANARIES["front_matter"]}
---
# Handbook {CANARIES["title"]}

The first rule of the house is {CANARIES["first_chunk"]}, says the porter.

## Allowances {CANARIES["heading"]}

| Kind of allowance | Name of the fund |
|---|---|
| Lunch allowance | {CANARIES["table_cell"]} |
| Travel allowance | Wheels |

## Board matters {CANARIES["closed_heading"]}

The vault code of the board is {CANARIES["closed_text"]}, and nobody else has it.

### Reserve fund

The reserve fund of the board is kept at the bank {CANARIES["below_closed"]}.

## Leaving

On the last day the badge is handed to the officer {CANARIES["last_chunk"]}.
"""
SEARCHED: Final = " ".join(("vault code of the board, first rule of the house,", *CANARIES.values()))
"""Words of every passage, beside all canaries."""


def pdf() -> bytes:
    """Not compressed, so that the file itself shows its words."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(595.0, 842.0), pageCompression=0)
    canvas.setTitle(CANARIES["pdf_title"])
    canvas.setAuthor(CANARIES["pdf_author"])
    for sentence in (
        f"The safe in the cellar is called {CANARIES['pdf_text']}.",
        "It opens on Mondays only.",
    ):
        canvas.setFont("Helvetica", 12)
        canvas.drawString(72, 812, f"Internal {CANARIES['pdf_header']}")
        canvas.drawString(72, 600, sentence)
        canvas.drawString(72, 30, f"Printed by {CANARIES['pdf_footer']}")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def found_in(words: Mapping[str, str], said: str | bytes) -> list[str]:
    """The places whose words stand in it, also where an answer's text comes in pieces."""
    raw = (said.decode("utf-8", "replace") if isinstance(said, bytes) else said).lower()
    pieces = "".join(_PIECE.findall(raw))
    return sorted(place for place, word in words.items() if word.lower() in raw or word.lower() in pieces)
