"""DOCX as a package: its dialects, and what is broken, encrypted or made to harm."""

import io
import zipfile
from pathlib import Path

import docx
import pytest

from kbchat.parsing import ParseError, ParseErrorCode, parse
from tests.rules.docx_support import W, repacked, saved
from tests.rules.parsing_support import parsed


class TestPackages:
    def test_the_strict_dialect(self, shared_data: Path) -> None:
        folder = shared_data / "office/docling/tests/data/docx/sources"
        strict, transitional = (
            parsed((folder / name).read_bytes(), name) for name in ("Strict.docx", "Transitional.docx")
        )
        assert strict.text == transitional.text != ""

    def test_templates_and_macro_documents(self) -> None:
        data = saved(docx.Document())
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            types = archive.read("[Content_Types].xml").decode()
        document = docx.Document()
        document.add_paragraph("body")
        macro = types.replace(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        )
        assert macro != types
        assert parsed(repacked(saved(document), **{"[Content_Types]_xml": macro}), "x.docm").text == "body"

    def test_a_bomb_is_refused_before_it_is_unpacked(self) -> None:
        copy = io.BytesIO()
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("word/document.xml", b"0" * (20 << 20))
        with pytest.raises(ParseError) as failure:
            parse(copy.getvalue(), "bomb.docx")
        assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED
        assert failure.value.facts["declared_bytes"] > 20 << 20

    def test_encrypted_members(self) -> None:
        document = docx.Document()
        document.add_paragraph("x")
        data = bytearray(saved(document))
        for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = data.find(mark)
            while at >= 0:
                data[at + flag] |= 1
                at = data.find(mark, at + 4)
        with pytest.raises(ParseError) as failure:
            parse(bytes(data), "x.docx")
        assert failure.value.code is ParseErrorCode.PASSWORD_PROTECTED

    def test_an_entity_brings_no_file_in(self) -> None:
        xml = (
            '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            f"<w:document {W}><w:body><w:p><w:r><w:t>a&x;b</w:t></w:r></w:p></w:body></w:document>"
        )
        assert "root" not in parsed(repacked(saved(docx.Document()), word__document_xml=xml), "x.docx").text

    @pytest.mark.parametrize("xml", ["", "<not closed", "<other/>", "<?xml version='1.0'?>\0"])
    def test_a_broken_body_is_corrupt(self, xml: str) -> None:
        with pytest.raises(ParseError) as failure:
            parse(repacked(saved(docx.Document()), word__document_xml=xml), "x.docx")
        assert failure.value.code is ParseErrorCode.CORRUPT

    def test_cut_anywhere_it_is_a_code(self) -> None:
        document = docx.Document()
        document.add_paragraph("x")
        data = saved(document)
        for end in range(30, len(data) - 1, 1499):
            with pytest.raises(ParseError) as failure:
                parse(data[:end], "x.docx")
            assert failure.value.code is ParseErrorCode.CORRUPT
