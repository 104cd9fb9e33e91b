"""ParsedDocument to JSON and back: stored beside the version, and the answer of the sandboxed child.

What comes back from the child is not trusted: reading checks every type, and making the ParsedDocument
checks the rest, so that a captured parser cannot hand over a document with impossible spans.
"""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, TypeVar

from kbchat.core.text import Span
from kbchat.parsing.document import Block, BlockKind, Box, ParsedDocument, ParseReport, TextLine

FORMAT = 1
"""Number of this layout, written into every document; another number is refused."""

T = TypeVar("T")


def to_json(document: ParsedDocument) -> str:
    """The document as one JSON object; equal documents give equal JSON."""
    report = document.report
    told = {
        "format": FORMAT,
        "text": document.text,
        "title": document.title,
        "media_type": document.media_type,
        "pages": document.pages,
        "blocks": [_block_to_json(block) for block in document.blocks],
        "lines": [_line_to_json(line) for line in document.lines],
        "report": {
            "characters": report.characters,
            "tables": report.tables,
            "images_skipped": report.images_skipped,
            "empty_pages": list(report.empty_pages),
            "pictured_pages": list(report.pictured_pages),
            "encoding": report.encoding,
            "encoding_confidence": report.encoding_confidence,
            "hidden_parts": list(report.hidden_parts),
            "notes": list(report.notes),
            "unread_parts": list(report.unread_parts),
            "recognised_pages": list(report.recognised_pages),
            "recognised_characters": report.recognised_characters,
            "recognition_confidence": report.recognition_confidence,
        },
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_json(data: str | bytes) -> ParsedDocument:
    """The document that ``to_json`` wrote.

    :raises ValueError: when ``data`` is not such a document.
    """
    try:
        return document_from(json.loads(data))
    except RecursionError as error:
        raise ValueError("not a parsed document") from error


def document_from(told: object) -> ParsedDocument:
    """As ``from_json``, for JSON that was read already.

    :raises ValueError: when ``told`` is not such a document.
    """
    try:
        if _of(dict, told)["format"] != FORMAT:
            raise ValueError("another format of parsed documents")
        return _document(_of(dict, told))
    except (KeyError, IndexError, TypeError, binascii.Error) as error:
        raise ValueError("not a parsed document") from error


def _document(told: dict[str, Any]) -> ParsedDocument:
    return ParsedDocument(
        text=_of(str, told["text"]),
        title=_of(str, told["title"]),
        media_type=_of(str, told["media_type"]),
        pages=_optional(int, told["pages"]),
        blocks=_each(_block_from_json, told["blocks"]),
        lines=_each(_line_from_json, told["lines"]),
        report=_report(_of(dict, told["report"])),
    )


def _report(told: dict[str, Any]) -> ParseReport:
    return ParseReport(
        characters=_of(int, told["characters"]),
        tables=_of(int, told["tables"]),
        images_skipped=_of(int, told["images_skipped"]),
        empty_pages=_each(_whole_number, told["empty_pages"]),
        pictured_pages=_each(_whole_number, told.get("pictured_pages", [])),
        encoding=_optional(str, told["encoding"]),
        encoding_confidence=_optional(float, told["encoding_confidence"]),
        hidden_parts=_each(_string, told["hidden_parts"]),
        notes=_each(_string, told["notes"]),
        unread_parts=_each(_string, told.get("unread_parts", [])),
        recognised_pages=_each(_whole_number, told.get("recognised_pages", [])),
        recognised_characters=_of(int, told.get("recognised_characters", 0)),
        recognition_confidence=_optional(float, told.get("recognition_confidence")),
    )


def _block_to_json(block: Block) -> dict[str, Any]:
    # Most blocks have few of these: what is missing is left out, which halves the size.
    told: dict[str, Any] = {"kind": block.kind.value, "span": [block.span.start, block.span.end]}
    if block.heading_path:
        told["path"] = list(block.heading_path)
    if block.level is not None:
        told["level"] = block.level
    if block.page is not None:
        told["page"] = block.page
    if block.boxes:
        told["boxes"] = [[box.page, box.left, box.top, box.right, box.bottom] for box in block.boxes]
    if block.rows:
        told["rows"] = [[row.start, row.end] for row in block.rows]
        told["header_rows"] = block.header_rows
    return told


def _block_from_json(told: Any) -> Block:
    told = _of(dict, told)
    return Block(
        kind=BlockKind(told["kind"]),
        span=_span(told["span"]),
        heading_path=_each(_string, told.get("path", [])),
        level=_optional(int, told.get("level")),
        page=_optional(int, told.get("page")),
        boxes=_each(_box, told.get("boxes", [])),
        rows=_each(_span, told.get("rows", [])),
        header_rows=_of(int, told.get("header_rows", 0)),
    )


def _line_to_json(line: TextLine) -> list[Any]:
    edges = base64.b64encode(line.edges).decode("ascii")
    return [line.span.start, line.span.end, line.page, line.top, line.bottom, edges]


def _line_from_json(told: Any) -> TextLine:
    start, end, page, top, bottom, edges = _of(list, told)
    return TextLine(
        span=_span([start, end]),
        page=_of(int, page),
        top=_of(float, top),
        bottom=_of(float, bottom),
        edges=base64.b64decode(_of(str, edges), validate=True),
    )


def _box(told: Any) -> Box:
    page, left, top, right, bottom = _of(list, told)
    return Box(_of(int, page), _of(float, left), _of(float, top), _of(float, right), _of(float, bottom))


def _span(told: Any) -> Span:
    start, end = _of(list, told)
    return Span(_of(int, start), _of(int, end))


def _string(told: Any) -> str:
    return _of(str, told)


def _whole_number(told: Any) -> int:
    return _of(int, told)


def _each(read: Callable[[Any], T], told: Any) -> tuple[T, ...]:
    return tuple(read(one) for one in _of(list, told))


def _optional(kind: type[T], told: Any) -> T | None:
    return None if told is None else _of(kind, told)


def _of(kind: type[T], told: Any) -> T:
    if kind is float and type(told) is int:
        told = float(told)  # JSON writes 1.0 and 1 alike in other hands
    if type(told) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return told
