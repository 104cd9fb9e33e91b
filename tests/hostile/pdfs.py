"""PDF files whose objects are too many, too large, or lead back to themselves."""

import zlib
from collections.abc import Callable
from typing import Final

_PAGE: Final = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<{}>>>>"


def pdf(*objects: bytes | str, size: int | None = None, extra: bytes = b"") -> bytes:
    """Objects 1, 2, … with a table of their places."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, held in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, held.encode("latin-1") if isinstance(held, str) else held)
    table = len(out)
    out += extra + b"xref\n0 %d\n0000000000 65535 f \n" % (size or len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (size or len(places) + 1, table)
    return bytes(out)


def stream(data: bytes, entries: str = "") -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries.encode(), len(data), data)


def document(
    resources: str, content: bytes, *more: bytes | str, entries: str = "", catalogue: str = ""
) -> bytes:
    """One page that draws `content`; `more` are the objects from 5 on."""
    return pdf(
        f"<</Type/Catalog/Pages 2 0 R{catalogue}>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _PAGE.format(resources),
        stream(content, entries),
        *more,
    )


def _zeros(count: int, *, times: int = 1) -> bytes:
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(count >> 20)) + packer.flush()
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return data


def _in_itself() -> bytes:
    form = "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>"
    return document("/XObject<</F 5 0 R>>", b"/F Do", stream(b"/F Do /F Do", form))


def _doubling() -> bytes:
    """Each of 30 forms draws the next one ten times."""
    forms = [
        stream(
            b"/F Do " * 10 if number < 34 else b"BT /A 9 Tf (x) Tj ET",
            f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F {number + 1} 0 R>>>>",
        )
        for number in range(5, 35)
    ]
    return document("/XObject<</F 5 0 R>>", b"/F Do", *forms)


def _pages_in_circles() -> bytes:
    return pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 2 0 R]/Count 999999999/Parent 3 0 R>>",
        "<</Type/Pages/Kids[2 0 R 3 0 R]/Count 999999999/Parent 2 0 R>>",
    )


def one_page_many_times(times: int) -> bytes:
    return pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{'3 0 R ' * times}]/Count {times}>>",
        _PAGE.format("/Font<</A<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"),
        stream(b"BT /A 12 Tf 72 700 Td (Everybody has leave.) Tj ET"),
    )


def _image(filter_name: str, data: bytes, *, side: int = 10_000) -> bytes:
    image = (
        f"/Type/XObject/Subtype/Image/Width {side}/Height {side}/ColorSpace/DeviceGray/BitsPerComponent 8"
        f"/Filter/{filter_name}"
    )
    return document("/XObject<</I 5 0 R>>", b"600 0 0 800 0 0 cm /I Do", stream(data, image))


def _every_character() -> bytes:
    """A table that makes of each code a long text, for all codes at once."""
    ranges = f"<0000> <FFFF> <{'0041' * 500}>\n" * 100
    table = "begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 100 beginbfrange "
    table += f"{ranges} endbfrange endcmap"
    font = (
        "<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[<</Type/Font"
        "/Subtype/CIDFontType2/BaseFont/A/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>]>>"
    )
    text = b"BT /A 1 Tf 72 700 Td <" + b"0041" * 20_000 + b"> Tj ET"
    return document("/Font<</A 5 0 R>>", text, font, stream(table.encode()))


def _many_letters(times: int) -> bytes:
    text = b"BT /A 1 Tf 1 0 0 1 10 700 Tm " + b"(aaaaaaaaaaaaaaaaaaaa) Tj " * times + b"ET"
    return document(
        "/Font<</A<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>",
        zlib.compress(text),
        entries="/Filter/FlateDecode",
    )


def _many_lines(times: int) -> bytes:
    """A page that is ruled like a table of a million cells."""
    lines = b"".join(b"0 %d m 600 %d l S %d 0 m %d 800 l S\n" % (n, n, n, n) for n in range(times))
    return document("", zlib.compress(lines), entries="/Filter/FlateDecode")


def _deep_array(depth: int) -> bytes:
    return document("", b"", "[" * depth + "]" * depth)


LIGHT: Final[dict[str, Callable[[], bytes]]] = {
    "in itself.pdf": _in_itself,
    "circles.pdf": _pages_in_circles,
    "table.pdf": lambda: pdf(
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>", size=2_000_000_000
    ),
    "image.pdf": lambda: _image("FlateDecode", _zeros(100 << 20)),
    "jbig2.pdf": lambda: _image("JBIG2Decode", bytes.fromhex("000000003000010000001380") + b"\xff" * 4_000),
    "jpx.pdf": lambda: _image("JPXDecode", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 4_000, side=2_000_000_000),
    "characters.pdf": _every_character,
    "arrays.pdf": lambda: _deep_array(200_000),
    "cut.pdf": lambda: one_page_many_times(50)[:-200],
    "length.pdf": lambda: one_page_many_times(1).replace(b"/Length 54", b"/Length 99999999999"),
}
HEAVY: Final[dict[str, Callable[[], bytes]]] = {
    "doubling.pdf": _doubling,
    "objects.pdf": lambda: pdf(
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>", *["<<>>"] * 1_000_000
    ),
    "pages.pdf": lambda: one_page_many_times(20_000),
    "deflated.pdf": lambda: document("", _zeros(1 << 30), entries="/Filter/FlateDecode"),
    "deflated twice.pdf": lambda: document(
        "", _zeros(8 << 30, times=2), entries="/Filter[/FlateDecode/FlateDecode]"
    ),
    "letters.pdf": lambda: _many_letters(50_000),
    "ruled.pdf": lambda: _many_lines(100_000),
}
