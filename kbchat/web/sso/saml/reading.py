"""XML from elsewhere, read so that it can bring nothing about. Knows no SAML beyond its names."""

import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from lxml import etree

from kbchat.web.sso.proofs import ProofRefused

Element = Any
"""lxml ships no types."""

NAMES: Final = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
MOST_CHARACTERS: Final = 256 * 1024
"""Of a message as it is sent. A person in a thousand groups fits."""
_PARSER_OPTIONS: Final = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
}


def tag(name: str) -> str:
    """As lxml writes it: tag("saml:Issuer")."""
    space, _, local = name.partition(":")
    return f"{{{NAMES[space]}}}{local}"


def read_message(message: bytes) -> Element:
    """Always as UTF-8, whatever it says of itself. "<!" begins a document type, with which entities come, a comment, or
    a section of text, in which readers differ about what a text is: none of them is needed. Raises ProofRefused."""
    if b"<!" in message:
        raise ProofRefused(reason="more than elements")
    try:
        return etree.fromstring(message, etree.XMLParser(**_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ProofRefused(reason="no XML") from error


def read_file(content: bytes) -> Element:
    """What an operator has laid down; with comments, which are left out. Raises ValueError."""
    try:
        return etree.fromstring(
            content, etree.XMLParser(**_PARSER_OPTIONS, remove_comments=True, remove_pis=True)
        )
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def decoded(sent: str) -> bytes:
    """Raises ProofRefused."""
    if not 0 < len(sent) <= MOST_CHARACTERS:
        raise ProofRefused(reason="size")
    try:
        return b64decode(re.sub(r"\s", "", sent), validate=True)
    except ValueError as error:
        raise ProofRefused(reason="no base64") from error


def only(parent: Element, name: str) -> Element:
    """Its one child of that name. Raises ProofRefused."""
    found = parent.findall(name, NAMES)
    if len(found) != 1:
        raise ProofRefused(reason=f"{len(found)} times {name}")
    return found[0]


def every(parent: Element, path: str) -> Iterator[Element]:
    yield from parent.iterfind(path, NAMES)


def text_of(element: Element) -> str:
    """As it is, spaces too. Raises ProofRefused where there is more in it: its text is only what comes before that."""
    if len(element):
        raise ProofRefused(reason="more than text")
    return str(element.text or "")


def time_of(element: Element, name: str) -> datetime | None:
    """Raises ProofRefused for what is no time of a known zone."""
    written = element.get(name)
    if written is None:
        return None
    try:
        read = datetime.fromisoformat(written)
    except ValueError as error:
        raise ProofRefused(reason=name) from error
    if read.tzinfo is None:
        raise ProofRefused(reason=name)
    return read
