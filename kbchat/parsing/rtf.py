"""RTF to blocks: paragraphs, headings, lists and tables as Word shows them. Objects and links are never followed."""

import re
from dataclasses import replace
from typing import Any, Final

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.contract import Source
from kbchat.parsing.document import BlockKind, HiddenPart, ParsedDocument
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.note_calls import Call, noted, written_with_calls, written_without_calls
from kbchat.parsing.raised import Piece
from kbchat.parsing.rtf_state import SWITCHES, State, Table
from kbchat.parsing.rtf_tokens import Kind, Token, tokens
from kbchat.parsing.sniffing import RTF

_SYMBOLS: Final = "symbols"
"""Of a font whose letters are pictures."""
_CHARSETS: Final = {
    2: _SYMBOLS,
    77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_CHARACTERS: Final = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ", "~": " ", "_": "-",
    "\\": "\\", "{": "{", "}": "}",
}  # fmt: skip
_KEPT: Final = {
    "listtext": "label", "pntext": "label", "title": "title", "stylesheet": "styles", "footnote": "footnote",
    "fonttbl": "fonts",
}  # fmt: skip
_HIDING: Final = {
    **dict.fromkeys(["header", "headerl", "headerr", "headerf"], HiddenPart.HEADERS_AND_FOOTERS),
    **dict.fromkeys(["footer", "footerl", "footerr", "footerf"], HiddenPart.HEADERS_AND_FOOTERS),
    "annotation": HiddenPart.COMMENTS,
}
_BREAKS: Final = frozenset({"par", "\n", "\r", "sect", "page", "cell", "row", "nestcell", "nestrow"})
"""What ends a paragraph or a cell; a line that ends behind a backslash does too."""
_NO_TEXT: Final = frozenset({
    "colortbl", "info", "pict", "object", "fldinst", "filetbl", "revtbl", "xe", "tc", "rxe", "atnid", "atnauthor",
    "bkmkstart", "bkmkend", "nonshppict",
})  # fmt: skip
_HEADING: Final = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_MOST_GROUPS: Final = 5_000
_MOST_TOKENS: Final = 4_000_000


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: TOO_LARGE_UNPACKED; CORRUPT for a file that ends too early or is nested beyond reason."""
    reading = _Reading()
    try:
        for number, token in enumerate(tokens(source.data.lstrip())):
            if number > _MOST_TOKENS:
                raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_tokens=_MOST_TOKENS)
            reading.take(token)
            if reading.is_over:
                return reading.document()
    except (ValueError, OverflowError) as error:
        raise ParseError(ParseErrorCode.CORRUPT, cause=type(error).__name__) from error
    raise ParseError(ParseErrorCode.CORRUPT)


class _Reading:
    def __init__(self) -> None:
        self._builder = DocumentBuilder()
        self._states: list[State] = []
        self._state = State()
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._styles: dict[int, str] = {}
        self._texts: dict[str, list[Piece | Call]] = {}
        self._bytes = bytearray()
        self._passed_over = 0
        self._table = Table()
        self._calls = 0
        self._number = ""
        """Of the note that is read, "" for one whose mark is among the text."""
        self._called: list[str] = []
        """The notes of the paragraph or cell that is read."""
        self._notes: list[str] = []
        """Those that wait for the end of their section."""
        self.is_over = False

    def take(self, token: Token) -> None:
        if token.kind is Kind.BYTES:
            self._characters(token.data)
            return
        self._decode()
        if token.kind is Kind.BEGIN:
            if len(self._states) > _MOST_GROUPS:
                raise ValueError("groups in groups in groups")
            self._states.append(self._state)
        elif token.kind is Kind.END:
            self._end_group()
        else:
            self._word(token.word, token.number)

    def document(self) -> ParsedDocument:
        self._end_paragraph()
        self._end_table()
        self._end_section()
        return self._builder.finish(title=self._taken("title").strip(), media_type=RTF)

    def _end_group(self) -> None:
        ended = self._state
        self._state = self._states.pop() if self._states else ended
        if ended.place == "styles":
            name = self._taken("styles").strip(" ;")
            if name and ended.style is not None:
                self._styles[ended.style] = name
        elif ended.place == "footnote" != self._state.place:
            self._called.append(noted(self._number, self._taken("footnote")))
            self._number = ""
        self.is_over = not self._states

    def _word(self, word: str, number: int | None) -> None:
        if word in _BREAKS:
            if not self._state.place and self._state.reason is None:
                self._break(word)
            elif self._state.place == "footnote":
                self._write("\n")
        elif word in _CHARACTERS:
            self._write(_CHARACTERS[word])
        elif word == "u" and number is not None:
            self._write(chr(number % 0x10000))
            self._passed_over = self._state.after_unicode
        elif word == "chftn":
            self._count_note()
        elif word == "*":
            self._change(place=self._state.place or "unknown")
        elif word in ("upr", "ud"):
            self._pair(word)
        elif word == "shptxt" or word in _KEPT or word in _HIDING or word in _NO_TEXT:
            self._destination(word)
        else:
            self._property(word, number)

    def _destination(self, word: str) -> None:
        """Where the text of this group goes: into the document, kept aside, or nowhere."""
        if self._state.place == "upr":
            return
        if word == "pict" and self._state.place != "nonshppict":
            self._builder.images_skipped += 1
        if word == "shptxt":
            self._change(place="")
        elif self._state.place in _NO_TEXT and word not in _KEPT:
            return
        elif word in _HIDING:
            self._change(place=word, reason=_HIDING[word])
        elif word == "footnote":
            self._change(place=word, reason=self._state.why_left_out)
        else:
            self._change(place=_KEPT.get(word, word))

    def _pair(self, word: str) -> None:
        """The first group of a pair is for programs that know no Unicode."""
        if word == "upr":
            self._change(place=word, around=self._state.place)
        elif self._state.place == "upr":
            self._change(place=self._state.around)

    def _count_note(self) -> None:
        """The number of a note, which the program that shows it counts: where it is called, and before its text. The
        call does not say whether it is of a footnote or an endnote, so they are counted together."""
        if self._state.place == "footnote":
            self._number = str(self._calls)
        elif not self._state.place and self._state.why_left_out is None:
            self._calls += 1
            self._texts.setdefault("", []).append(Call(str(self._calls)))

    def _property(self, word: str, number: int | None) -> None:
        if word == "pard":
            self._change(level=None, style=None, list_depth=0, is_in_table=False)
        elif word == "plain":
            self._change(is_raised=False, **dict.fromkeys(SWITCHES.values(), False))
        elif word in SWITCHES:
            self._change(**{SWITCHES[word]: number != 0})
        elif word in ("super", "up", "sub", "dn", "nosupersub"):
            self._change(is_raised=word in ("super", "up") and number != 0)
        elif word == "intbl":
            self._change(is_in_table=True)
        elif word in ("trowd", "trhdr"):
            self._table.is_head = word == "trhdr"
        elif number is not None:
            self._measure(word, number)

    def _measure(self, word: str, number: int) -> None:
        """A property that is nothing without its number."""
        if word == "outlinelevel":
            self._change(level=number + 1 if 0 <= number < 9 else None)
        elif word == "s":
            self._change(style=number)
        elif word == "ls" and number:
            self._change(list_depth=max(self._state.list_depth, 1))
        elif word == "ilvl":
            self._change(list_depth=min(max(number, 0), 8) + 1)
        elif word == "uc":
            self._change(after_unicode=max(number, 0))
        elif word in ("f", "deff"):
            self._change(font=number)
        elif word == "fcharset" and self._state.font is not None and number in _CHARSETS:
            self._fonts[self._state.font] = _CHARSETS[number]
        elif word == "ansicpg":
            self._encoding = "gb18030" if number == 936 else f"cp{number}"

    def _change(self, **properties: Any) -> None:
        self._state = replace(self._state, **properties)

    def _characters(self, data: bytes) -> None:
        passed = min(self._passed_over, len(data))
        self._passed_over -= passed
        self._bytes += data[passed:]

    def _decode(self) -> None:
        if self._bytes:
            data = bytes(self._bytes)
            self._bytes.clear()
            encoding = self._fonts.get(
                self._state.font if self._state.font is not None else -1, self._encoding
            )
            if encoding == _SYMBOLS and self._state.place == "label":
                self._write("•")
                data = b""
            try:
                text = data.decode(encoding, "replace")
            except (LookupError, OSError):  # of no encoding, or of one that was not loaded
                text = data.decode("cp1252", "replace")
            self._write(text)
        self._passed_over = 0

    def _write(self, text: str) -> None:
        reason = self._state.why_left_out
        if reason is not None:
            if text.strip():
                self._builder.hide(reason)
        elif self._state.place in ("", "label", "title", "styles", "footnote"):
            self._texts.setdefault(self._state.place, []).append((text, self._state.is_raised))

    def _break(self, word: str) -> None:
        table = self._table
        if word.endswith("cell"):
            table.cells.append(self._taken(""))
            self._taken("label")
            self._keep_notes()
        elif word.endswith("row"):
            if table.cells:
                table.heads += table.is_head and table.heads == len(table.rows)
                table.rows.append(table.cells)
                table.cells = []
        elif self._state.is_in_table:
            self._write("\n")
        else:
            self._end_table()
            self._end_paragraph()

    def _end_table(self) -> None:
        table, self._table = self._table, Table()
        if table.rows:
            self._builder.table(table.rows, header_rows=table.heads)
        for cell in table.cells:
            self._builder.block(BlockKind.PARAGRAPH, cell)

    def _end_section(self) -> None:
        """The notes that were called in it: they hold conditions of what it says, and who may not read it may not read
        them."""
        for note in self._notes:
            self._builder.block(BlockKind.PARAGRAPH, note)
        self._notes.clear()

    def _keep_notes(self) -> None:
        self._notes += self._called
        self._called.clear()

    def _end_paragraph(self) -> None:
        state = self._state
        named = _HEADING.fullmatch(self._styles.get(state.style if state.style is not None else -1, ""))
        level = int(named[1]) if named else state.level
        text = self._taken("", with_calls=level is None).strip()
        label = self._taken("label").strip()
        is_numbered = any(character.isalnum() for character in label)
        if is_numbered:
            text = f"{label} {text}" if text else ""
        if level is not None and text:
            self._end_section()
            self._builder.heading(text, level)
        elif label or state.list_depth:
            self._builder.block(BlockKind.LIST_ITEM, text, level=max(state.list_depth, 1))
        else:
            self._builder.block(BlockKind.PARAGRAPH, text)
        self._keep_notes()

    def _taken(self, place: str, *, with_calls: bool = True) -> str:
        """What was written there; characters beyond the first plane come as two halves."""
        pieces = self._texts.pop(place, [])
        text = written_with_calls(pieces) if with_calls else written_without_calls(pieces)
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
