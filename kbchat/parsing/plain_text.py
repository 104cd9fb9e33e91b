"""Plain text to blocks: paragraphs by blank lines, list items by their marks, and careful headings.

A text file says nothing about its structure, so a line is a heading only when it is numbered, underlined
or in capitals and stands where a heading stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.characters import is_unspaced, joint
from kbchat.parsing.contract import Source
from kbchat.parsing.document import BlockKind, ParsedDocument, ParseNote
from kbchat.parsing.encoding import decode
from kbchat.parsing.list_marks import list_mark
from kbchat.parsing.numbered_headings import numbered_rank
from kbchat.parsing.sniffing import PLAIN_TEXT

_UNDERLINE = re.compile(r"(=|-|~|\^|\*)\1{2,}\s*")
_RULE = re.compile(r"\s*([-=_*~#+.—─]\s*){3,}\s*")
_PARAGRAPH_INDENT = re.compile(r"\u3000{1,2}|[ ]{2,8}|\t")
_TERMINAL = tuple("。！？；：.!?:;”」』…")
_WRAP_WIDTH = 50
_WRAP_WIDTH_CHINESE = 25
_LONGEST_IN_CAPITALS = 60
_LONGEST_TITLE = 60
_NOT_IN_TITLES = (*_TERMINAL, ",", "，", "、")
_RANK_OF_TITLE = 0
_WIDEST_WRAPPED = 160
"""Nobody breaks lines this late by hand: where one is longer, each line is a paragraph."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """``level`` is a heading's rank or a list item's depth."""

    kind: BlockKind
    text: str
    level: int | None = None


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: ENCODING_UNSURE."""
    decoded = decode(source.data, told=source.encoding)
    builder = DocumentBuilder()
    if decoded.broken:
        builder.note(ParseNote.UNREADABLE_CHARACTERS)
    groups = list(_groups(builder.seen(decoded.text.replace("\f", "\n\n"))))
    pieces = [piece for group in groups for piece in _pieces(group)]
    if _begins_with_title(groups):
        pieces[0] = _Piece(BlockKind.HEADING, groups[0][0], _RANK_OF_TITLE)
    # Ranks are only comparable; the document's own headings are levels 1, 2, 3 without holes.
    ranks = sorted({piece.level or 0 for piece in pieces if piece.kind is BlockKind.HEADING})
    for piece in pieces:
        if piece.kind is BlockKind.HEADING:
            builder.heading(piece.text, ranks.index(piece.level or 0) + 1)
        else:
            builder.block(piece.kind, piece.text, level=piece.level)
    return builder.finish(
        title=pieces[0].text if pieces and _may_name_all(pieces[0]) else "",
        media_type=PLAIN_TEXT,
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
    )


def _groups(text: str) -> Iterator[list[str]]:
    """Runs of lines without a blank line between them."""
    group: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            group.append(line.rstrip())
        elif group:
            yield group
            group = []
    if group:
        yield group


def _begins_with_title(groups: list[list[str]]) -> bool:
    """Whether the first line stands alone above the rest like the name of the whole."""
    if len(groups) < 3 or len(groups[0]) > 1:
        return False
    line = groups[0][0].strip()
    is_plain = list_mark(line) is None and numbered_rank(line, stands_alone=True) is None
    has_words = sum(character.isalpha() for character in line) >= 0.5 * len(line)
    return is_plain and has_words and len(line) <= _LONGEST_TITLE and not line.endswith(_NOT_IN_TITLES)


def _may_name_all(first: _Piece) -> bool:
    """A heading with a number names one part of several."""
    return first.kind is BlockKind.HEADING and numbered_rank(first.text, stands_alone=True) is None


def _pieces(group: list[str]) -> Iterator[_Piece]:
    if len(group) == 1 and _RULE.fullmatch(group[0]):
        return
    headings, lines = _leading_headings(group)
    for title, rank in headings:
        yield _Piece(BlockKind.HEADING, title, rank)
    for piece in _parts(lines):
        rank_of_number = numbered_rank(piece.text, stands_alone=False)
        if piece.kind is BlockKind.PARAGRAPH and rank_of_number is not None:
            yield _Piece(BlockKind.HEADING, piece.text, rank_of_number)
        else:
            yield piece


def _leading_headings(group: list[str]) -> tuple[list[tuple[str, int]], list[str]]:
    """The headings that a group begins with, and the rest of it."""
    if len(group) >= 3 and _UNDERLINE.fullmatch(group[0]) and _UNDERLINE.fullmatch(group[2]):
        group = group[1:]
    if len(group) >= 2 and _UNDERLINE.fullmatch(group[1]) and _may_be_title(group[0]):
        return [(group[0], 1 if group[1].startswith(("=", "*")) else 2)], group[2:]
    if len(group) == 1:
        rank = numbered_rank(group[0], stands_alone=True)
        if rank is None and _is_in_capitals(group[0]):
            rank = 2
        if rank is not None:
            return [(group[0], rank)], []
    return [], group


def _may_be_title(line: str) -> bool:
    return len(line) <= 100 and not line.strip().endswith(tuple("。.，,；;")) and "|" not in line


def _is_in_capitals(line: str) -> bool:
    line = line.strip()
    if len(line) > _LONGEST_IN_CAPITALS or line.endswith((".", ",", ";")):
        return False
    letters = [character for character in line if character.isalpha()]
    return len(letters) >= 4 and all(character.isupper() for character in letters)


def _parts(lines: list[str]) -> Iterator[_Piece]:
    """Paragraphs and list items of a group, each with its wrapped lines joined."""
    open_lines: list[str] = []
    kind = BlockKind.PARAGRAPH
    level: int | None = None
    width = max((len(line) for line in lines), default=0)
    is_unwrapped = width > _WIDEST_WRAPPED
    for line in lines:
        item = _item(line)
        if item or (open_lines and (is_unwrapped or _begins_paragraph(open_lines[-1], line, kind))):
            if open_lines:
                yield _Piece(kind, _joined(open_lines, width, kind), level)
            kind, level = (BlockKind.LIST_ITEM, item[1]) if item else (BlockKind.PARAGRAPH, None)
            open_lines = [item[0] if item else line]
        else:
            open_lines.append(line)
    if open_lines:
        yield _Piece(kind, _joined(open_lines, width, kind), level)


def _item(line: str) -> tuple[str, int] | None:
    """The text and depth of a list item; the mark of a bullet goes, a number stays."""
    mark = list_mark(line)
    if mark is None or numbered_rank(line, stands_alone=False) is not None:
        return None
    return line[mark.text_start :], 1 + min(mark.indent // 2, 8)


def _begins_paragraph(before: str, line: str, kind: BlockKind) -> bool:
    """Whether ``line`` begins a new paragraph although no blank line stands before it."""
    if (
        numbered_rank(line, stands_alone=False) is not None
        or numbered_rank(before, stands_alone=False) is not None
    ):
        return True
    is_chinese = is_unspaced(before[-1]) or is_unspaced(line.lstrip()[:1])
    if is_chinese:
        return before.endswith(_TERMINAL) or (line.startswith("\u3000") and kind is BlockKind.PARAGRAPH)
    starts_indented = bool(_PARAGRAPH_INDENT.match(line)) and not before.startswith((" ", "\t"))
    return starts_indented and kind is BlockKind.PARAGRAPH


def _joined(lines: list[str], width: int, kind: BlockKind) -> str:
    """Lines broken at the margin become one; shorter lines keep their break, as in an address."""
    text = lines[0].strip()
    for before, line in pairwise(lines):
        wraps_at = _WRAP_WIDTH_CHINESE if is_unspaced(before[-1]) else _WRAP_WIDTH
        was_full = len(before) >= max(0.7 * width, wraps_at * 0.7) and width >= wraps_at
        text += (
            joint(text, line.strip()) if was_full or kind is BlockKind.LIST_ITEM else "\n"
        ) + line.strip()
    return text
