"""Encrypted files of Office 97 to 2003: their reason is the password, never damage."""

import struct

import pytest

from kbchat.parsing import ParseError, ParseErrorCode, parse
from kbchat.parsing.sandbox import parse_sandboxed
from tests.rules.compound_file import Tree, compound_file


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


BEGIN, PASS, END = record(0x0809, bytes(16)), record(0x002F, bytes(54)), record(0x000A)
WRITE_PROTECTED = record(0x0086)


def doc(flags: int) -> Tree:
    return {"WordDocument": struct.pack("<5HH", 0xA5EC, 0x00C1, 0, 0x0409, 0, flags).ljust(5000, b"\0")}


def xls(*records: bytes, name: str = "Workbook") -> Tree:
    return {name: b"".join(records)}


def ppt(token: int) -> Tree:
    user = struct.pack("<HHIII", 0, 0x0FF6, 0x18, 0x14, token) + bytes(20)
    return {"Current User": user, "PowerPoint Document": bytes(100)}


ENCRYPTED: dict[str, Tree] = {
    "rc4.doc": doc(0x0100),
    "xor.doc": doc(0x8100),
    "rc4.xls": xls(BEGIN, PASS, END),
    "protected.xls": xls(BEGIN, WRITE_PROTECTED, PASS, END),
    "excel5.xls": xls(BEGIN, PASS, END, name="Book"),
    "rc4.ppt": ppt(0xF3D1C4DF),
}
PLAIN: dict[str, Tree] = {
    "plain.doc": doc(0x0200),
    "short.doc": {"WordDocument": b"\xec\xa5"},
    # Of a sheet, not of the workbook.
    "plain.xls": xls(BEGIN, END, BEGIN, PASS, END),
    "endless.xls": xls(BEGIN, *[record(1)] * 2000, PASS),
    "cut.xls": xls(BEGIN, struct.pack("<HH", 0x0031, 60000)),
    "plain.ppt": ppt(0xE391C05F),
    "half.ppt": {"PowerPoint Document": bytes(100)},
}


def refusal(name: str, tree: Tree) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(compound_file(tree), name)
    return caught.value


@pytest.mark.parametrize("name", ENCRYPTED)
def test_it_is_told_from_the_file_itself(name: str) -> None:
    error = refusal(name, ENCRYPTED[name])
    if name.endswith(".doc"):
        assert (error.code, error.facts) == (ParseErrorCode.PASSWORD_PROTECTED, {})
    else:
        # Perhaps by the password that every program knows.
        assert (error.code, error.facts["is_encrypted"]) == (ParseErrorCode.OLDER_FORMAT, 1)


@pytest.mark.parametrize("name", PLAIN)
def test_nothing_else_is_taken_for_it(name: str) -> None:
    error = refusal(name, PLAIN[name])
    assert (error.code, "is_encrypted" in error.facts) == (ParseErrorCode.OLDER_FORMAT, False)


def test_it_is_told_in_the_sandbox_too() -> None:
    with pytest.raises(ParseError) as caught:
        parse_sandboxed(compound_file(ENCRYPTED["rc4.doc"]), "x.doc")
    assert caught.value.code is ParseErrorCode.PASSWORD_PROTECTED


def test_a_package_of_today_that_is_encrypted() -> None:
    tree: Tree = {"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(100)}
    for name in ("a.docx", "a.xlsx", "a.pptx", "a.doc"):
        assert refusal(name, tree).code is ParseErrorCode.PASSWORD_PROTECTED
