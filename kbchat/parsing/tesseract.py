"""Tesseract, which recognises text in pictures.

Its library is called inside this process, by its C interface: no other process is started, and the walls around the
parsing child stay as they are.
"""

import ctypes
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import byref, c_char_p, c_float, c_int
from dataclasses import dataclass, field
from typing import Final

from kbchat.parsing.decoding import decoded
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.recognised import RecognisedPage, Word, WordLine
from kbchat.parsing.tesseract_library import Installed, Picture, loaded

ORIENTATION: Final = "osd"
"""The data by which a page that lies on its side or its head is told."""
_LINE, _WORD, _SYMBOL = 2, 3, 4
_ORIENTATION_ONLY, _WHOLE_PAGE, _ONE_LINE = 0, 3, 7
_DOWN: Final = 2
_PAGE_SECONDS: Final = 60.0
_TURNED_SECONDS: Final = 20.0
"""Of a page's time: for reading it once more the other way up."""
_LEAST_POINTS: Final = 3.0
"""What is lower is a rule, however wide: read by itself, it is stretched to the height of letters, for minutes."""
_FEW_CHARACTERS: Final = b"12"
"""From so many on, the way in which a page lies is looked for."""
_DOUBTFUL_PAGE: Final = 0.75
_DOUBTFUL_LINE: Final = 0.7
_LEAST_OF_A_LINE: Final = 0.35
"""Below this mean confidence a line is no text: specks, rules and photographs are read as letters, too."""


class Tesseract:
    """An engine with its languages loaded."""

    def __init__(self, found: Installed, languages: Sequence[str]) -> None:
        # Files are parsed side by side already: a second thread for one of them is taken from another.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        self._library, self._leptonica = loaded(found)
        self._found, self._languages = found, languages
        self._engines: dict[tuple[str, int], int] = {}
        self._engine = self._opened("+".join(languages), _WHOLE_PAGE)

    def open_all(self) -> None:
        """What is opened late otherwise, since most pages do not need it."""
        self._singles()
        self._orientation()

    def decoded(self, data: bytes, page: int | None = None) -> Picture:
        """As ``decoding.decoded``. Raises ParseError."""
        return decoded(self._leptonica, data, page)

    def read(self, picture: Picture, number: int) -> RecognisedPage:
        """Its text, as far as a minute goes. A picture that makes little sense as it lies, or whose lines run down, is
        turned as its script says, and read once more."""
        ends = time.monotonic() + _PAGE_SECONDS
        lines = self._read(picture, ends - _TURNED_SECONDS)
        degrees = self._lies_turned_by(picture) if _is_doubtful(lines) else 0
        if degrees:
            upright = picture.turned(degrees)
            try:
                others = self._read(upright, ends)
                if _mean(others) >= _mean(lines) or not _is_doubtful(others):
                    return _page(others, upright, number, degrees)
            finally:
                upright.close()
        return _page(lines, picture, number, 0)

    def _read(self, picture: Picture, ends: float) -> "list[_Line]":
        """Lines that can be believed. Of several languages a wrong one is taken for a line now and then: those that
        make little sense are read once more in each of them, until ``ends`` (by the monotonic clock)."""
        lines = self._read_by(self._engine, picture, ends)
        least = _LEAST_POINTS * picture.points_an_inch / 72
        for place, line in enumerate(lines):
            if time.monotonic() >= ends:
                break
            if _mean([line]) < _DOUBTFUL_LINE and not line.runs_down and line.bottom - line.top >= least:
                others = (
                    other
                    for engine in self._singles()
                    for other in self._read_by(engine, picture, ends, line)
                )
                lines[place] = max((line, *others), key=lambda read: _mean([read]) * read.characters)
        return [line for line in lines if _mean([line]) >= _LEAST_OF_A_LINE]

    def _read_by(
        self, engine: int, picture: Picture, ends: float, line: "_Line | None" = None
    ) -> "list[_Line]":
        """The whole picture, or what stands where ``line`` was seen."""
        self._show(engine, picture)
        if line is not None:
            margin = (line.bottom - line.top) // 6
            left, top = max(line.left - margin, 0), max(line.top - margin, 0)
            right = min(line.right + margin, picture.width)
            bottom = min(line.bottom + margin, picture.height)
            self._library.TessBaseAPISetRectangle(engine, left, top, right - left, bottom - top)
        monitor = self._library.TessMonitorCreate()
        try:
            milliseconds = max(int((ends - time.monotonic()) * 1000), 1)
            self._library.TessMonitorSetDeadlineMSecs(monitor, milliseconds)
            failed = self._library.TessBaseAPIRecognize(engine, monitor)
        finally:
            self._library.TessMonitorDelete(monitor)
        return [] if failed else list(self._lines(engine, picture))

    def _lies_turned_by(self, picture: Picture) -> int:
        """The degrees by which it has to be turned clockwise, as far as its script tells."""
        orientation = self._orientation()
        if orientation is None:
            return 0
        degrees, script = c_int(), c_char_p()
        sure, of_script = c_float(), c_float()
        self._show(orientation, picture)
        is_found = self._library.TessBaseAPIDetectOrientationScript(
            orientation, byref(degrees), byref(sure), byref(script), byref(of_script)
        )
        return (360 - degrees.value) % 360 if is_found else 0

    def _lines(self, engine: int, picture: Picture) -> "Iterator[_Line]":
        """What an engine has read, in reading order."""
        with self._iterator(engine) as iterator:
            line: _Line | None = None
            while iterator:
                if line is None or self._library.TessPageIteratorIsAtBeginningOf(iterator, _LINE):
                    if line is not None:
                        yield line
                    line = self._begun(iterator, picture)
                if not line.words or self._library.TessPageIteratorIsAtBeginningOf(iterator, _WORD):
                    sure = self._library.TessResultIteratorConfidence(iterator, _WORD) / 100
                    line.words.append(_Seen(min(max(sure, 0.0), 1.0)))
                left, _, right, _ = self._box(iterator, _SYMBOL)
                sides = (line.left, line.right) if line.runs_down else (left, right)
                line.words[-1].add(self._text(iterator), *sides, picture.width, runs_down=line.runs_down)
                if not self._library.TessResultIteratorNext(iterator, _SYMBOL):
                    break
            if line is not None:
                yield line

    @contextmanager
    def _iterator(self, engine: int) -> Iterator[int | None]:
        iterator = self._library.TessBaseAPIGetIterator(engine)
        try:
            yield iterator
        finally:
            if iterator:
                self._library.TessResultIteratorDelete(iterator)

    def _begun(self, iterator: int, picture: Picture) -> "_Line":
        """The line that begins here, without its words."""
        left, top, right, bottom = self._box(iterator, _LINE)
        left, top = min(max(left, 0), picture.width - 1), min(max(top, 0), picture.height - 1)
        right, bottom = min(max(right, left + 1), picture.width), min(max(bottom, top + 1), picture.height)
        size, direction, unused = c_int(), c_int(), [c_int() for _ in range(7)]
        others = [byref(one) for one in unused]
        self._library.TessResultIteratorWordFontAttributes(iterator, *others[:6], byref(size), others[6])
        self._library.TessPageIteratorOrientation(
            iterator, others[0], byref(direction), others[1], byref(c_float())
        )
        if direction.value == _DOWN:
            return _Line(left, top, right, bottom, right - left, runs_down=True)
        points = size.value * picture.points_an_inch // 72
        is_told = 0 < points <= 3 * (bottom - top)
        return _Line(left, top, right, bottom, points if is_told else bottom - top, runs_down=False)

    def _box(self, iterator: int, level: int) -> tuple[int, int, int, int]:
        sides = [c_int() for _ in range(4)]
        self._library.TessPageIteratorBoundingBox(iterator, level, *(byref(side) for side in sides))
        left, top, right, bottom = (side.value for side in sides)
        return left, top, right, bottom

    def _text(self, iterator: int) -> str:
        told = self._library.TessResultIteratorGetUTF8Text(iterator, _SYMBOL)
        if not told:
            return ""
        try:
            text = ctypes.string_at(told).decode("utf-8", "replace")
        finally:
            self._library.TessDeleteText(told)
        return "".join(
            sign for sign in text if sign.isprintable() and not sign.isspace() and sign != "\ufffd"
        )

    def _show(self, engine: int, picture: Picture) -> None:
        self._library.TessBaseAPISetImage2(engine, picture.handle)
        self._library.TessBaseAPISetSourceResolution(engine, picture.points_an_inch)

    def _singles(self) -> list[int]:
        """Each language by itself, where there are several."""
        languages = self._languages if len(self._languages) > 1 else ()
        return [self._opened(language, _ONE_LINE) for language in languages]

    def _orientation(self) -> int | None:
        has_data = ORIENTATION in self._found.languages
        return self._opened(ORIENTATION, _ORIENTATION_ONLY) if has_data else None

    def _opened(self, languages: str, mode: int) -> int:
        if (languages, mode) not in self._engines:
            engine = self._library.TessBaseAPICreate()
            folder = os.fsencode(self._found.folder)
            if self._library.TessBaseAPIInit3(engine, folder, languages.encode("ascii")):
                raise ParseError(ParseErrorCode.CRASHED, cause="tesseract")
            self._library.TessBaseAPISetPageSegMode(engine, mode)
            self._library.TessBaseAPISetVariable(engine, b"min_characters_to_try", _FEW_CHARACTERS)
            self._engines[languages, mode] = int(engine)
        return self._engines[languages, mode]


@dataclass(slots=True)
class _Seen:
    """A word as it is read, character by character."""

    confidence: float
    text: str = ""
    edges: list[int] = field(default_factory=list)

    def add(self, text: str, left: int, right: int, width: int, *, runs_down: bool) -> None:
        """Places that a network guesses may overlap a little: here each begins where the one before it ends. Of a line
        that runs down, any part claims the whole."""
        if not text:
            return
        if not self.edges:
            self.edges.append(min(max(left, 0), width))
        if runs_down:
            self.edges += [(right, left)[(len(self.edges) - 1 + part) % 2] for part in range(len(text))]
        else:
            right = min(max(right, self.edges[-1]), width)
            self.edges[-1] = min(max(self.edges[-1], left), right)
            start = self.edges[-1]
            self.edges += [start + (right - start) * part // len(text) for part in range(1, len(text) + 1)]
        self.text += text


@dataclass(slots=True)
class _Line:
    left: int
    top: int
    right: int
    bottom: int
    size: int
    runs_down: bool
    words: list[_Seen] = field(default_factory=list)

    @property
    def characters(self) -> int:
        return sum(len(word.text) for word in self.words)


def _mean(lines: Sequence[_Line]) -> float:
    """Confidence over all characters; 0 without any."""
    characters = sum(line.characters for line in lines)
    sure = sum(word.confidence * len(word.text) for line in lines for word in line.words)
    return sure / characters if characters else 0.0


def _is_doubtful(lines: Sequence[_Line]) -> bool:
    down = sum(line.characters for line in lines if line.runs_down)
    return _mean(lines) < _DOUBTFUL_PAGE or 2 * down > sum(line.characters for line in lines)


def _page(lines: Sequence[_Line], picture: Picture, number: int, turned: int) -> RecognisedPage:
    return RecognisedPage(
        number=number,
        width=picture.width,
        height=picture.height,
        points_an_inch=picture.points_an_inch,
        confidence=round(_mean(lines), 3),
        lines=tuple(
            WordLine(
                line.top,
                line.bottom,
                line.size,
                tuple(Word(word.text, tuple(word.edges)) for word in line.words if word.text),
            )
            for line in lines
        ),
        turned=turned,
    )
