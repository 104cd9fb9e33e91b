"""Texts (Markdown, HTML, RTF, CSV, EML, plain) that cost whoever reads them too much, and files that are two things."""

import base64
import random
import zlib
from collections.abc import Callable
from typing import Final

from tests.hostile.packages import paragraph, word
from tests.hostile.pdfs import one_page_many_times

_MAIL: Final = "From: a@b\nTo: c@d\nDate: x\nSubject: S\nMIME-Version: 1.0\n"


def _parts(depth: int) -> bytes:
    opened = "".join(f"Content-Type: multipart/mixed; boundary=B{n}\n\n--B{n}\n" for n in range(depth))
    return f"{_MAIL}{opened}\nx".encode()


def _attachments(count: int) -> bytes:
    part = "--B\nContent-Disposition: attachment; filename=a.txt\n\nx\n"
    return f"{_MAIL}Content-Type: multipart/mixed; boundary=B\n\n{part * count}--B--".encode()


def _bombs_attached(count: int) -> bytes:
    bomb = base64.encodebytes(word(" " * (15 << 20))).decode()
    part = f"--B\nContent-Disposition: attachment; filename=a.docx\nContent-Transfer-Encoding: base64\n\n{bomb}\n"
    return f"{_MAIL}Content-Type: multipart/mixed; boundary=B\n\n{part * count}--B--".encode()


def _flowed(count: int) -> bytes:
    words = "> " * 4 * count + "a \n" * count
    return f"{_MAIL}Content-Type: text/plain; format=flowed\n\n{words}".encode()


def _yaml_laughs() -> bytes:
    levels = (b"a%d: &a%d [%b]\n" % (n + 1, n + 1, b",".join([b"*a%d" % n] * 10)) for n in range(9))
    return b"---\na0: &a0 [x,x]\n" + b"".join(levels) + b"---\ntext"


def _long(count: int) -> dict[str, Callable[[], bytes]]:
    """Files that cost more the longer they are: `count` is about how many times something stands in them."""
    return {
        "emphasis.md": lambda: b"*a **b _c __d " * count,
        "stars.md": lambda: b"*" * 10 * count + b"a" + b"*" * 10 * count,
        "links.md": lambda: b"[" * 10 * count,
        "images.md": lambda: b"![[](" * count,
        "code.md": lambda: b"".join(b"`" * n + b" " for n in range(count // 20)),
        "quotes.md": lambda: b">" * 10 * count + b" a",
        "lists.md": lambda: b"".join(b" " * (2 * n) + b"- a\n" for n in range(count // 5)),
        "tables.md": lambda: b"|a" * count + b"|\n" + b"|-" * count + b"|\n" + b"|x|\n" * (count // 10),
        "references.md": lambda: b"".join(b"[a%d]: b\n" % n for n in range(count)) + b"[a] " * count,
        "aliases.md": lambda: b"---\na: &a [" + b"*a," * count + b"]\n---\ntext",
        "deep.html": lambda: b"<html><body>" + b"<div>" * 40 * count + b"x",
        "tables.html": lambda: b"<html><body>" + b"<table><tr><td>a<td>" * count,
        "spans.html": lambda: b"<html><body><table>" + b"<tr><td colspan=9999 rowspan=65534>a" * count,
        "formatting.html": lambda: b"<html><body>" + b"<b><i><u>x" * count,
        "paragraphs.html": lambda: b"<html><body>" + b"<p><b>" * 10 * count,
        "attributes.html": lambda: (
            b"<html><body " + b" ".join(b"a%d=1" % n for n in range(40 * count)) + b">x"
        ),
        "links.html": lambda: b"<html><body>" + b"<a href=x>" * 10 * count,
        "entities.html": lambda: b"<html><body>" + b"&amp" * count,
        "groups.rtf": lambda: b"{\\rtf1" + b"{" * 200 * count,
        "numbers.rtf": lambda: b"{\\rtf1 " + b"\\uc999999999\\u-1\\bin999999999 " * count + b"}",
        "columns.csv": lambda: b"a," * 200 * count + b"a\n" + b"1\n" * count,
        "quotes.csv": lambda: b'a,b\n"' + b'""x,\n' * count,
        "dashes.txt": lambda: b"-" * 10 * count + b"\n" + b"1." * count + b"\n" + b" " * 200 * count + b"x",
        "numbered.txt": lambda: b"".join(b"%d.%d.%d Title\n\n" % (n, n, n) for n in range(count // 10)),
        "zeros.txt": lambda: b"text\0\0\0" * 10 * count,
        "broken.txt": lambda: "年假".encode() + b"\xff\xfe\xfd" * count + b" text" * count,
        "surrogates.txt": lambda: b"\xff\xfe" + b"\x00\xd8\x41\x00" * count,
        "noise.txt": lambda: b"A text.\n\n" * 600 + random.Random(7).randbytes(100 * count),
        "combining.txt": lambda: ("a" + "\u0301" * 10 * count + " x").encode(),
        "depth.eml": lambda: _parts(count),
        "attachments.eml": lambda: _attachments(count),
        "bombs.eml": lambda: _bombs_attached(count // 500),
        "header.eml": lambda: (
            f"{_MAIL}X: {'(' * 60 * count}\nSubject: {'=?utf-8?q?a?= ' * count}\n\nx".encode()
        ),
        "flowed.eml": lambda: _flowed(count),
    }


LIGHT: Final[dict[str, Callable[[], bytes]]] = _long(2_000) | {
    "laughs.md": _yaml_laughs,
    "pdf and page.pdf": lambda: b"<html><body>page</body></html>" + one_page_many_times(1),
    "picture and page.html": lambda: b"GIF89a/*\0\0\0*/=1;<html><body><script>1</script></body></html>",
    "page and package.html": lambda: b"<html><body>page" + word(paragraph("document")),
    "package and pdf.docx": lambda: word(paragraph("document")) + one_page_many_times(1),
    "packed.txt": lambda: zlib.compress(bytes(1 << 20)) * 100,
}
HEAVY: Final[dict[str, Callable[[], bytes]]] = {
    f"long {name}": make for name, make in _long(20_000).items()
} | {
    "one line.csv": lambda: b"x" * (100 << 20),
    "rows.csv": lambda: b"a,b,c\n" * 3_000_000,
    "million.md": lambda: b"- a\n" * 1_000_000,
}
