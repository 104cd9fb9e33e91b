"""What recognises text in the tests: the real Tesseract, installed where rights allow; and scans drawn for them."""

import io
from collections.abc import Callable
from functools import partial
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from kbchat.parsing.tesseract_library import Recogniser, installed
from tests.browser import FONTS, chinese_font, has_chinese_fonts
from tests.system_packages import can_install, install_missing, told_missing

LANGUAGES: Final = "eng+chi_sim"
_PACKAGES: Final = {"tesseract-ocr": "eng", "tesseract-ocr-chi-sim": "chi_sim"}
_SIZE, _LEFT, _TOP = 40, 150, 300
SCAN: Final = (1240, 1000)
"""Width and height in points, at 150 an inch."""

ENGLISH: Final = ("Every employee has fifteen days of annual leave.", "Five of them may be carried over.")
CHINESE: Final = ("年假共有十五天，其中五天可以结转到下一年。", "请假应当提前两周以书面形式提出。")


def ensure_recognition(say: Callable[[str], None]) -> str:
    """Why text recognition cannot be tested, or "" when it can."""
    if can_install() and (missing_packages() or not has_chinese_fonts()):
        packages: dict[str, Callable[[], object]] = {name: partial(_is_there, name) for name in _PACKAGES}
        install_missing(packages | {FONTS: has_chinese_fonts}, "the tests of text recognition", say)
    return why_not_recognised()


def why_not_recognised() -> str:
    return told_missing([*missing_packages(), *([] if has_chinese_fonts() else [FONTS])])


def _is_there(package: str) -> bool:
    return package not in missing_packages()


def missing_packages() -> list[str]:
    found = installed()
    languages = found.languages if found else frozenset()
    return [package for package, language in _PACKAGES.items() if language not in languages]


def recogniser() -> Recogniser:
    found = installed()
    assert found is not None
    return Recogniser(found, found.of(LANGUAGES))


def scan(*lines: str, turned: int = 0) -> Image.Image:
    """Printed lines as a grey picture, turned counterclockwise by so many degrees."""
    page = Image.new("L", SCAN, 255)
    drawing = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        drawing.text((_LEFT, _TOP + 2 * _SIZE * number), line, font=_font(line), fill=0)
    return page.rotate(turned, expand=True)


def as_file(kind: str, *pages: Image.Image) -> bytes:
    """`kind`: "PDF" and "TIFF" take several pages, "PNG" and others one."""
    file = io.BytesIO()
    first, *others = (page.copy() for page in pages)
    several = {"save_all": True, "append_images": others} if others else {}
    first.save(file, kind, resolution=150, **several)
    return file.getvalue()


def photograph(upright: Image.Image, orientation: int, kind: str = "JPEG") -> bytes:
    """As a camera keeps it that was held so (Exif's 1 to 8), with the note of how."""
    way_back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    held = upright.transpose(way_back[orientation]) if orientation in way_back else upright
    noted = Image.Exif()
    noted[0x0112] = orientation
    file = io.BytesIO()
    held.save(file, kind, exif=noted, dpi=(150, 150))
    return file.getvalue()


def _font(text: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if text.isascii():
        return ImageFont.load_default(_SIZE)
    return ImageFont.truetype(str(chinese_font()), _SIZE)
