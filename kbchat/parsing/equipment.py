"""Programs of the system that read what the parsers cannot: Tesseract and LibreOffice, where they are installed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kbchat.parsing import landlock
from kbchat.parsing.tesseract_library import Recogniser, installed

_OFFICES: Final = ("usr/lib/libreoffice", "usr/lib64/libreoffice", "opt/libreoffice*")


@dataclass(frozen=True, slots=True)
class Converter:
    """LibreOffice, by the file of its program."""

    program: Path


@dataclass(frozen=True, slots=True)
class Equipment:
    """None: it is not there, or not to be used."""

    recogniser: Recogniser | None = None
    converter: Converter | None = None


def found_equipment(*, languages: str, converts: bool) -> Equipment:
    """Looked for anew each time, so that what an operator has just installed is found. ``languages``: as Tesseract
    names them, "eng+chi_sim"; "" asks for none of it."""
    tesseract = installed()
    known = tesseract.of(languages) if tesseract else ()
    recogniser = Recogniser(tesseract, known) if tesseract and known else None
    return Equipment(recogniser, _converter() if converts else None)


def _converter() -> Converter | None:
    """It runs where Landlock bounds what it reads and writes, and nowhere else."""
    programs = (Path("/").glob(f"{folder}/program/soffice.bin") for folder in _OFFICES)
    program = next((one for found in programs for one in sorted(found)), None)
    return Converter(program) if program and landlock.is_there() else None
