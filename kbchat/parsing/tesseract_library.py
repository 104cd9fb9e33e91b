"""Tesseract's library and Leptonica's, which decodes pictures: where they are on this machine, and their calls.

Sources: tesseract/capi.h and leptonica/allheaders.h of the versions 4 and 5.
"""

import ctypes
import re
from ctypes import POINTER, byref, c_char_p, c_float, c_int, c_size_t, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# The library with the one that decodes pictures, by the names that Debian, Fedora and others give them.
_LIBRARIES: Final = (
    ("libtesseract.so.5", ("libleptonica.so.6", "liblept.so.5")),
    ("libtesseract.so.4", ("liblept.so.5",)),
)
_LIBRARY_FOLDERS: Final = ("usr/lib/*-linux-gnu*", "usr/lib64", "usr/lib", "usr/local/lib")
_DATA_FOLDERS: Final = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
_LANGUAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_USUAL_POINTS_AN_INCH: Final = 200
_PLAUSIBLE_POINTS_AN_INCH: Final = range(70, 1201)


@dataclass(frozen=True, slots=True)
class Installed:
    """Tesseract as it is on this machine, with the languages (such as ``chi_sim``) that it has data for."""

    library: str
    decoders: tuple[str, ...]
    folder: Path
    languages: frozenset[str]

    def of(self, wanted: str) -> tuple[str, ...]:
        """Those of ``wanted`` ("eng+chi_sim") that are there, in that order."""
        return tuple(language for language in wanted.split("+") if language in self.languages)

    def to_json(self) -> dict[str, Any]:
        return {
            "library": self.library,
            "decoders": list(self.decoders),
            "folder": str(self.folder),
            "languages": sorted(self.languages),
        }

    @staticmethod
    def from_json(told: dict[str, Any]) -> "Installed":
        return Installed(
            told["library"], tuple(told["decoders"]), Path(told["folder"]), frozenset(told["languages"])
        )


@dataclass(frozen=True, slots=True)
class Recogniser:
    """What text is recognised with: Tesseract and the languages that it is asked for, the likeliest first."""

    engine: Installed
    languages: tuple[str, ...]


def installed() -> Installed | None:
    """Looked for anew each time, so that what an operator has just installed is found."""
    for library, decoders in _LIBRARIES:
        if not any(any(Path("/").glob(f"{folder}/{library}")) for folder in _LIBRARY_FOLDERS):
            continue
        for folder in map(Path, _DATA_FOLDERS):
            found = frozenset(
                file.stem for file in folder.glob("*.traineddata") if _LANGUAGE.fullmatch(file.stem)
            )
            if found:
                return Installed(library, decoders, folder, found)
    return None


class Picture:
    """A decoded picture in Leptonica's hands."""

    def __init__(self, leptonica: ctypes.CDLL, handle: int) -> None:
        self._leptonica, self.handle = leptonica, handle
        self.width = leptonica.pixGetWidth(handle)
        self.height = leptonica.pixGetHeight(handle)
        told = leptonica.pixGetXRes(handle)
        self.points_an_inch = told if told in _PLAUSIBLE_POINTS_AN_INCH else _USUAL_POINTS_AN_INCH

    def turned(self, degrees: int) -> "Picture":
        """Clockwise, by a multiple of 90."""
        picture = Picture(self._leptonica, self._leptonica.pixRotateOrth(self.handle, degrees // 90))
        picture.points_an_inch = self.points_an_inch
        return picture

    def mirrored(self) -> "Picture":
        """Left and right exchanged."""
        picture = Picture(self._leptonica, self._leptonica.pixFlipLR(None, self.handle))
        picture.points_an_inch = self.points_an_inch
        return picture

    def png(self, *, most_width: int) -> bytes:
        """Made smaller where it is wider. Raises MemoryError where that cannot be had."""
        share = min(most_width / self.width, 1.0)
        # A line of one point is grey where two become one.
        grey = self._leptonica.pixConvertTo8Or32(self.handle, _A_COPY, 0)
        smaller = self._leptonica.pixScale(grey, share, share)
        written, size = c_void_p(), c_size_t()
        try:
            if not smaller or self._leptonica.pixWriteMemPng(byref(written), byref(size), smaller, 0.0):
                raise MemoryError
            return ctypes.string_at(written, size.value)
        finally:
            self._leptonica.lept_free(written)
            for one in (grey, smaller):
                self._leptonica.pixDestroy(byref(c_void_p(one)))

    def close(self) -> None:
        self._leptonica.pixDestroy(byref(c_void_p(self.handle)))


def loaded(found: Installed) -> tuple[ctypes.CDLL, ctypes.CDLL]:
    """Tesseract's library and Leptonica's. Raises OSError."""
    library = ctypes.CDLL(found.library)
    leptonica = next(filter(None, map(_tried, found.decoders)), None)
    if leptonica is None:
        raise OSError("Tesseract without Leptonica")
    for owner, calls in ((library, _of_tesseract()), (leptonica, _of_leptonica())):
        for name, result, arguments in calls:
            call = getattr(owner, name)
            call.restype, call.argtypes = result, arguments
    leptonica.setMsgSeverity(_SILENT)
    return library, leptonica


def _tried(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


_A_COPY: Final = 1
_SILENT: Final = 6
"""What Leptonica would say is about a stranger's file."""
_Call = tuple[str, Any, list[Any]]
"""A function's name, its result and its arguments."""


def _of_tesseract() -> list[_Call]:
    engine = iterator = picture = monitor = text = c_void_p
    numbers, shares = POINTER(c_int), POINTER(c_float)
    return [
        ("TessBaseAPICreate", engine, []),
        ("TessBaseAPISetVariable", c_int, [engine, c_char_p, c_char_p]),
        ("TessBaseAPIInit3", c_int, [engine, c_char_p, c_char_p]),
        ("TessBaseAPISetPageSegMode", None, [engine, c_int]),
        ("TessBaseAPISetImage2", None, [engine, picture]),
        ("TessBaseAPISetSourceResolution", None, [engine, c_int]),
        ("TessBaseAPISetRectangle", None, [engine, c_int, c_int, c_int, c_int]),
        ("TessBaseAPIRecognize", c_int, [engine, monitor]),
        ("TessBaseAPIDetectOrientationScript", c_int, [engine, numbers, shares, POINTER(c_char_p), shares]),
        ("TessMonitorCreate", monitor, []),
        ("TessMonitorSetDeadlineMSecs", None, [monitor, c_int]),
        ("TessMonitorDelete", None, [monitor]),
        ("TessBaseAPIGetIterator", iterator, [engine]),
        ("TessResultIteratorDelete", None, [iterator]),
        ("TessResultIteratorNext", c_int, [iterator, c_int]),
        ("TessResultIteratorConfidence", c_float, [iterator, c_int]),
        ("TessResultIteratorGetUTF8Text", text, [iterator, c_int]),
        ("TessResultIteratorWordFontAttributes", c_void_p, [iterator, *[numbers] * 8]),
        ("TessPageIteratorOrientation", None, [iterator, *[numbers] * 3, shares]),
        ("TessPageIteratorIsAtBeginningOf", c_int, [iterator, c_int]),
        ("TessPageIteratorBoundingBox", c_int, [iterator, c_int, *[numbers] * 4]),
        ("TessDeleteText", None, [text]),
    ]


def _of_leptonica() -> list[_Call]:
    picture, numbers = c_void_p, POINTER(c_int)
    return [
        ("setMsgSeverity", c_int, [c_int]),
        ("pixReadHeaderMem", c_int, [c_char_p, c_size_t, *[numbers] * 6]),
        ("readHeaderMemTiff", c_int, [c_char_p, c_size_t, c_int, *[numbers] * 7]),
        ("pixReadMem", picture, [c_char_p, c_size_t]),
        ("pixReadMemTiff", picture, [c_char_p, c_size_t, c_int]),
        ("pixGetWidth", c_int, [picture]),
        ("pixGetHeight", c_int, [picture]),
        ("pixGetXRes", c_int, [picture]),
        ("pixRotateOrth", picture, [picture, c_int]),
        ("pixFlipLR", picture, [picture, picture]),
        ("pixConvertTo8Or32", picture, [picture, c_int, c_int]),
        ("pixScale", picture, [picture, c_float, c_float]),
        ("pixWriteMemPng", c_int, [POINTER(c_void_p), POINTER(c_size_t), picture, c_float]),
        ("lept_free", None, [c_void_p]),
        ("pixDestroy", None, [POINTER(c_void_p)]),
    ]
