"""The beginning of a text, and what it shows: a page or a part of one, a mail, XML. Which format that makes it, with
what its name says, is judged elsewhere."""

import re
from typing import Final

HEAD_BYTES: Final = 4096
BOMS: Final = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"\xef\xbb\xbf": "utf-8-sig",
}
_PAGE: Final = re.compile(r"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_PART_OF_A_PAGE: Final = re.compile(r"<(meta|title|style|table|div|p|h[1-6])\b", re.IGNORECASE)
_ANY_TAG: Final = re.compile(r"<[a-zA-Z][^<>]*>")
_XML: Final = re.compile(r"\s*<(\?xml\s|svg\b|!doctype\s+(?!html))", re.IGNORECASE)
_MAIL_HEADER: Final = re.compile(
    r"^(from|to|subject|date|received|return-path|mime-version|message-id):", re.IGNORECASE | re.MULTILINE
)
_WEB_ARCHIVE: Final = re.compile(r"^content-type:\s*multipart/related\b", re.IGNORECASE | re.MULTILINE)


def text_head(data: bytes) -> str:
    for mark, encoding in BOMS.items():
        if data.startswith(mark):
            return data[:HEAD_BYTES].decode(encoding, "replace")
    return data[:HEAD_BYTES].replace(b"\0", b"").decode("latin-1")


def is_page(head: str) -> bool:
    return _PAGE.match(_after_prologue(head)) is not None


def is_part_of_page(head: str) -> bool:
    """As programs write it under the names of office files, which office programs open."""
    return _PART_OF_A_PAGE.match(_after_prologue(head)) is not None


def has_tag(head: str) -> bool:
    return _ANY_TAG.search(head) is not None


def is_xml(head: str) -> bool:
    return _XML.match(head) is not None


def is_web_archive(head: str) -> bool:
    """A page with its pictures in one file, as Word and browsers save it."""
    return _WEB_ARCHIVE.search(_headers(head)) is not None


def mail_headers(head: str) -> int:
    """How many of the headers that every mail has stand before the first blank line."""
    return len({name.lower() for name in _MAIL_HEADER.findall(_headers(head))})


def _headers(head: str) -> str:
    return head.replace("\r\n", "\n").split("\n\n", 1)[0]


def _after_prologue(head: str) -> str:
    """``head`` from its first element on: blanks, an XML declaration and comments are passed over."""
    head = head.lstrip()
    while head.startswith(("<?xml", "<!--")):
        _, _, head = head.partition("?>" if head.startswith("<?") else "-->")
        head = head.lstrip()
    return head
