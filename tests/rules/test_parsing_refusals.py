"""What is not parsed says why with a code, whatever the file; and the content decides what a file is."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.parsing import ParseError, ParseErrorCode, parse
from tests.rules.parsing_support import check_promises, parsed
from tests.rules.workbook_support import rows_xml, workbook

OTHER_TYPES = {
    **dict.fromkeys([".json"], ParseErrorCode.UNSUPPORTED_TYPE),
    **dict.fromkeys([".doc", ".xls", ".ppt"], ParseErrorCode.OLDER_FORMAT),
}


def code(data: bytes, filename: str) -> ParseErrorCode:
    with pytest.raises(ParseError) as failure:
        parse(data, filename)
    return failure.value.code


@pytest.mark.parametrize(
    "data", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", b"\xff\xfe", b"\0\0\0"]
)
def test_blank_files_are_empty(data: bytes) -> None:
    for name in ("x.txt", "x.md", "x.pdf", "x.docx", "x.html"):
        assert code(data, name) is ParseErrorCode.EMPTY_FILE


@pytest.mark.parametrize("name", ["handbook.pdf", "sheet.xlsx", "notes.md", "notes.txt", "data"])
def test_what_git_lfs_leaves_in_a_file_s_place_is_not_taken_for_it(name: str) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d7a' * 16}\nsize 1234567\n"
    assert code(pointer.encode(), name) is ParseErrorCode.FILE_IN_LFS
    assert parsed(f"It begins like this:\n\n{pointer}", "about-lfs.md").media_type == "text/markdown"


def zipped(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "filename", "media_type"),
    [
        (b'{"a": 1}', "x.json", "application/json"),
        (b"<?xml version='1.0'?><a>text</a>", "x.txt", "application/xml"),
        (b"<svg xmlns='x'><script>alert(1)</script></svg>", "x.svg", "image/svg+xml"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "x.doc", None),
        (bytes(range(256)) * 20, "x.txt", None),
    ],
)
def test_other_types_are_named(data: bytes, filename: str, media_type: str | None) -> None:
    with pytest.raises(ParseError) as failure:
        parse(data, filename)
    assert failure.value.code is ParseErrorCode.UNSUPPORTED_TYPE
    if media_type is not None:
        assert failure.value.facts["media_type"] == media_type


@pytest.mark.parametrize(
    "data", [zipped(a="b"), b"\x1f\x8b\x08" + bytes(range(200)), b"7z\xbc\xaf\x27\x1c" + bytes(99)]
)
def test_archives_are_told_to_be_archives(data: bytes) -> None:
    for name in ("x.txt", "x.pdf", "x.zip", "x"):
        assert code(data, name) is ParseErrorCode.ARCHIVE


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "x.png"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "x.pdf"),
        (b"GIF89a" + bytes(100), "x.docx"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(200)), "scan.jpeg"),
        (b"II*\x00" + bytes(range(200)), "scan.tiff"),
    ],
)
def test_pictures_are_told_to_be_pictures(data: bytes, name: str) -> None:
    assert code(data, name) is ParseErrorCode.PICTURE


@pytest.mark.parametrize(
    ("name", "kind", "save_as"),
    [
        ("r2r/py/core/examples/supported_file_types/doc.doc", "DOC", "DOCX"),
        ("r2r/py/core/examples/supported_file_types/xls.xls", "XLS", "XLSX"),
        ("r2r/py/core/examples/supported_file_types/ppt.ppt", "PPT", "PPTX"),
    ],
)
def test_older_formats_are_told_what_to_save_them_as(
    shared_data: Path, name: str, kind: str, save_as: str
) -> None:
    with pytest.raises(ParseError) as failure:
        parse((shared_data / "office" / name).read_bytes(), "without an ending")
    assert failure.value.code is ParseErrorCode.OLDER_FORMAT
    assert failure.value.facts == {"kind": kind, "save_as": save_as}


def test_a_binary_workbook_is_an_older_format() -> None:
    assert code(zipped(**{"[Content_Types].xml": "<x/>", "xl__workbook.bin": "x"}), "x.xlsx") is (
        ParseErrorCode.OLDER_FORMAT
    )


@pytest.mark.parametrize("name", ["x.pdf", "X.PDF", "x.docx", "x.xlsx", "x.pptx"])
def test_bytes_of_no_known_kind_are_not_what_their_name_says(name: str) -> None:
    with pytest.raises(ParseError) as failure:
        parse(bytes(range(256)) * 20, name)
    assert failure.value.code is ParseErrorCode.NOT_AS_NAMED
    assert failure.value.facts == {"named": name.rpartition(".")[2].upper()}


def test_encrypted_office_files() -> None:
    data = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    assert code(data, "x.docx") is ParseErrorCode.PASSWORD_PROTECTED


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500])
def test_broken_packages(data: bytes) -> None:
    assert code(data, "x.docx") is ParseErrorCode.CORRUPT


def test_a_package_that_says_its_type_in_broken_data() -> None:
    for packing in (zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", packing) as archive:
            archive.writestr("mimetype", "application/epub+zip" * 9)
        data = bytearray(file.getvalue())
        data[47:60] = b"\xff" * 13
        assert code(bytes(data), "x.epub") in (ParseErrorCode.CORRUPT, ParseErrorCode.ARCHIVE)


def test_a_package_of_more_members_than_anybody_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZipFile", None)  # too late to ask once the directory is read
    assert code(b"PK\x03\x04" + b"PK\x01\x02" * 10_001, "x.docx") is ParseErrorCode.TOO_LARGE_UNPACKED


class TestContentDecides:
    def test_a_workbook_named_as_a_document(self) -> None:
        document = parsed(workbook({"S": rows_xml("a|b")}), "report.docx")
        assert document.report.notes == ("name_disagrees_with_content",)

    def test_a_docx_that_is_html(self) -> None:
        document = parsed("<html><body><p>Saved by a web tool</p></body></html>", "report.docx")
        assert (document.text, document.media_type) == ("Saved by a web tool", "text/html")
        assert document.report.notes == ("name_disagrees_with_content",)

    @pytest.mark.parametrize(
        "start", ["", "<meta charset=utf-8>", "\ufeff<!-- x --><style>td { color: red }</style>"]
    )
    def test_a_sheet_that_is_the_table_of_a_page(self, start: str) -> None:
        table = "<table border=1><tr><th>Item<th>Limit<tr><td>Hotel<td>120</table>"
        document = parsed(f"{start}{table}", "export.xls")
        assert (document.text, document.media_type) == ("Item | Limit\nHotel | 120", "text/html")
        assert parsed(f"{start}{table}", "notes.txt").media_type == "text/plain"

    def test_a_page_that_word_saved_in_one_file(self) -> None:
        page = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\n\r\n<p>Travel</p>--B--"
        with pytest.raises(ParseError) as failure:
            parse(page.encode(), "policy.doc")
        assert failure.value.code is ParseErrorCode.UNSUPPORTED_TYPE
        assert failure.value.facts == {"media_type": "multipart/related"}
        mail = f"From: a@b.c\r\nTo: b@c.d\r\nSubject: x\r\n{page}"
        assert parsed(mail, "mail.eml").media_type == "message/rfc822"

    def test_a_text_that_is_html(self) -> None:
        html = "\ufeff <!-- x --> <!-- y --><!DOCTYPE html><p>one</p>"
        assert parsed(html, "x.txt").text == "one"

    def test_a_page_named_text_that_only_talks_of_html(self) -> None:
        assert parsed("We write <html> by hand.", "x.txt").media_type == "text/plain"

    def test_a_page_without_a_tag_is_text(self) -> None:
        assert parsed("one\n\ntwo", "x.html").media_type == "text/plain"

    def test_a_pdf_that_is_text(self) -> None:
        document = parsed("just text", "x.pdf")
        assert document.report.notes == ("name_disagrees_with_content",)

    def test_unknown_text_is_read_and_noted(self) -> None:
        assert parsed("Title\n=====\n", "x.rst").report.notes == ("read_as_plain_text",)

    def test_markdown_is_told_by_its_name(self) -> None:
        assert parsed("*a*", "A.MD").text == "a"
        assert parsed("*a*", "a.txt").text == "*a*"

    @pytest.mark.parametrize(
        "name", ["../../etc/x.txt", "C:\\x.txt", "x" * 300, "a\u202etxt.exe", "", "\0.txt", "."]
    )
    def test_odd_names_only_name(self, name: str) -> None:
        document = parsed("text", name)
        assert document.text == "text"
        assert "/" not in document.title
        assert "\u202e" not in document.title


def test_a_polyglot_is_one_thing() -> None:
    """PDF readers accept a header behind other bytes: what begins as HTML is HTML and never both."""
    document = parsed("<html><body>shown %PDF-1.7 </body></html>", "x.pdf")
    assert document.media_type == "text/html"


@pytest.mark.parametrize("family", ["docling", "haystack", "r2r"])
def test_every_real_file_is_a_document_or_a_code(shared_data: Path, family: str) -> None:
    """Odd and broken ones among them. Types that are not supported are refused as such."""
    codes: dict[Path, ParseErrorCode | None] = {}
    for path in sorted((shared_data / "office" / family).rglob("*")):
        if not path.is_file() or path.stat().st_size > 1_000_000:
            continue
        try:
            check_promises(parse(path.read_bytes(), path.name))
            codes[path] = None
        except ParseError as error:
            codes[path] = error.code
    for path, given_code in codes.items():
        is_refused = given_code in (ParseErrorCode.UNSUPPORTED_TYPE, ParseErrorCode.OLDER_FORMAT)
        assert (OTHER_TYPES.get(path.suffix) or not is_refused) in (given_code, True), path
    assert len(codes) > 20


@given(
    st.binary(max_size=300),
    st.sampled_from(["x.txt", "x.md", "x.html", "x.pdf", "x.docx", "x.csv", "x.eml", "x"]),
)
def test_any_bytes_are_a_document_or_a_code(data: bytes, filename: str) -> None:
    try:
        check_promises(parse(data, filename))
    except ParseError as error:
        json.dumps(dict(error.facts))


@given(
    st.sampled_from([b"PK\x03\x04", b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
    st.binary(max_size=200),
)
def test_any_bytes_behind_a_signature_are_a_code(signature: bytes, data: bytes) -> None:
    with pytest.raises(ParseError):
        parse(signature + data, "x")
