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


def _noise(length: int) -> bytes:
    return b"A text.\n\n" * 600 + random.Random(7).randbytes(length)


LIGHT: Final[dict[str, Callable[[], bytes]]] = {
    "emphasis.md": lambda: b"*a **b _c __d " * 20_000,
    "stars.md": lambda: b"*" * 200_000 + b"a" + b"*" * 200_000,
    "links.md": lambda: b"[" * 100_000,
    "images.md": lambda: b"![[](" * 50_000,
    "code.md": lambda: b"".join(b"`" * n + b" " for n in range(1_500)),
    "quotes.md": lambda: b">" * 100_000 + b" a",
    "lists.md": lambda: b"".join(b" " * (2 * n) + b"- a\n" for n in range(1_000)),
    "tables.md": lambda: b"|a" * 5_000 + b"|\n" + b"|-" * 5_000 + b"|\n" + b"|x|\n" * 3_000,
    "references.md": lambda: b"".join(b"[a%d]: b\n" % n for n in range(20_000)) + b"[a] " * 20_000,
    "front matter.md": lambda: b"---\n" + b"a: &a [" + b"*a," * 20_000 + b"]\n---\ntext",
    "yaml laughs.md": lambda: (
        b"---\na0: &a0 [x,x]\n"
        + b"".join(b"a%d: &a%d [%b]\n" % (n + 1, n + 1, b",".join([b"*a%d" % n] * 10)) for n in range(9))
        + b"---\ntext"
    ),
    "deep.html": lambda: b"<html><body>" + b"<div>" * 200_000 + b"x",
    "tables.html": lambda: b"<html><body>" + b"<table><tr><td>a<td>" * 3_000,
    "spans.html": lambda: b"<html><body><table>" + b"<tr><td colspan=9999 rowspan=65534>a" * 2_000,
    "formatting.html": lambda: b"<html><body>" + b"<b><i><u>x" * 20_000,
    "attributes.html": lambda: b"<html><body " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">x",
    "entities.html": lambda: b"<html><body>" + b"&amp" * 500_000,
    "groups.rtf": lambda: b"{\\rtf1" + b"{" * 1_000_000,
    "numbers.rtf": lambda: b"{\\rtf1 " + b"\\uc999999999\\u-1\\bin999999999 " * 10_000 + b"}",
    "columns.csv": lambda: b"a," * 1_000_000 + b"a\n" + b"1\n" * 1_000,
    "quotes.csv": lambda: b'a,b\n"' + b'""x,\n' * 300_000,
    "dashes.txt": lambda: b"-" * 1_000_000 + b"\n" + b"1." * 300_000 + b"\n" + b" " * 1_000_000 + b"x",
    "numbered.txt": lambda: b"".join(b"%d.%d.%d Title\n\n" % (n, n, n) for n in range(30_000)),
    "zeros.txt": lambda: b"text\0\0\0" * 100_000,
    "broken.txt": lambda: "年假".encode() + b"\xff\xfe\xfd" * 10_000 + b" text" * 20_000,
    "surrogates.txt": lambda: b"\xff\xfe" + b"\x00\xd8\x41\x00" * 200_000,
    "noise.txt": lambda: _noise(500_000),
    "combining.txt": lambda: ("a" + "\u0301" * 300_000 + " x").encode(),
    "depth.eml": lambda: _parts(1_000),
    "attachments.eml": lambda: _attachments(10_000),
    "bombs attached.eml": lambda: _bombs_attached(90),
    "header.eml": lambda: (
        _MAIL + "X: " + "(" * 300_000 + "\nSubject: " + "=?utf-8?q?a?= " * 30_000 + "\n\nx"
    ).encode(),
    "flowed.eml": lambda: (
        _MAIL + "Content-Type: text/plain; format=flowed\n\n" + "> " * 200_000 + "a \n" * 50_000
    ).encode(),
    "pdf and page.pdf": lambda: b"<html><body>page</body></html>" + one_page_many_times(1),
    "picture and page.html": lambda: b"GIF89a/*\0\0\0*/=1;<html><body><script>1</script></body></html>",
    "page and package.html": lambda: b"<html><body>page" + word(paragraph("document")),
    "package and pdf.docx": lambda: word(paragraph("document")) + one_page_many_times(1),
}
HEAVY: Final[dict[str, Callable[[], bytes]]] = {
    "one line.csv": lambda: b"x" * (100 << 20),
    "one line.txt": lambda: b"word " * (10 << 20),
    "rows.csv": lambda: b"a,b,c\n" * 3_000_000,
    "million.html": lambda: b"<html><body>" + b"<p><b>" * 1_000_000,
    "million.md": lambda: b"- a\n" * 1_000_000,
    "deep lists.md": lambda: b"".join(b" " * (2 * n) + b"- a\n" for n in range(5_000)),
    "hash collisions.html": lambda: b"<html><body>" + b"<a href=x>" * 500_000,
    "packed.txt": lambda: zlib.compress(bytes(1 << 20)) * 100,
}
