"""MSG: who wrote what to whom, in any code page, with what is attached; and files that are made to harm."""

import struct
from pathlib import Path

import pytest

from kbchat.parsing import ParsedDocument, ParseError, ParseErrorCode, outlook_rtf, parse
from kbchat.parsing.outlook_rtf import unpacked
from tests.rules.compound_file import Tree, attached, compound_file, outlook, properties
from tests.rules.parsing_support import block_with, outline, parsed
from tests.rules.workbook_support import rows_xml, workbook

SUBJECT, BODY, SENDER, SENDER_ADDRESS = 0x0037, 0x1000, 0x0C1A, 0x5D01
LEAVE = {SUBJECT: "年假", BODY: "每年二十八天。", SENDER: "王小明"}


def read(tree: Tree) -> ParsedDocument:
    return parsed(compound_file(tree), "mail.msg")


def failure(data: bytes) -> ParseErrorCode:
    with pytest.raises(ParseError) as error:
        parse(data, "mail.msg")
    return error.value.code


class TestMessages:
    @pytest.mark.parametrize("code_page", [None, 936])
    def test_texts_in_any_encoding(self, code_page: int | None) -> None:
        document = read(outlook(LEAVE, code_page=code_page))
        assert outline(document) == [
            ("heading", "年假"),
            ("paragraph", "From: 王小明"),
            ("paragraph", "每年二十八天。"),
        ]
        assert (document.title, document.media_type) == ("年假", "application/vnd.ms-outlook")

    def test_whoever_it_went_to_has_name_and_address(self) -> None:
        recipients: Tree = {
            f"__recip_version1.0_#0000000{place}": {
                "__properties_version1.0": properties({0x0C15: kind}, header_bytes=8),
                "__substg1.0_3001001F": name.encode("utf-16-le"),
                "__substg1.0_39FE001F": address.encode("utf-16-le"),
            }
            for place, (kind, name, address) in enumerate(
                [
                    (1, "Smith, John", "j@x.com"),
                    (1, "张三", "z@x.com"),
                    (2, "Doe", "d@x.com"),
                    (3, "Boss", "b@x.com"),
                ]
            )
        }
        told = read(outlook({SENDER: "Ann", SENDER_ADDRESS: "a@x.com", BODY: "x"}) | recipients).text
        assert (
            told == "From: Ann <a@x.com>\nTo: Smith, John <j@x.com>, 张三 <z@x.com>\nCc: Doe <d@x.com>\n\nx"
        )

    def test_people_that_only_their_names_tell(self) -> None:
        told = read(
            outlook({SENDER: "Ann", SENDER_ADDRESS: "/O=X/CN=ANN", 0x0E04: "Smith, John; Doe", BODY: "x"})
        )
        assert told.text == "From: Ann\nTo: Smith, John; Doe\n\nx"

    def test_the_day_it_was_sent(self) -> None:
        sent = properties({0x0039: 133_535_000_000_000_000}, kind=0x0040)
        assert "Date: 2024-02-27 09:33+00:00" in read(outlook(LEAVE) | {"__properties_version1.0": sent}).text

    def test_a_page_says_once_what_the_text_beside_it_says(self) -> None:
        page = '<html><head><meta charset="gb2312"></head><p>每年二十八天。</p></html>'.encode("gb18030")
        assert read(outlook(LEAVE, **{"__substg1.0_10130102": page})).text.count("二十八") == 1

    def test_a_mail_with_formatted_text_alone(self) -> None:
        rtf = rb"{\rtf1\ansi Nobody \b may\b0  leave.\par}"
        packed = struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf
        assert (
            read(outlook({SUBJECT: "S"}, **{"__substg1.0_10090102": packed})).text == "S\n\nNobody may leave."
        )

    def test_one_that_says_nothing(self) -> None:
        assert read(outlook({SUBJECT: "Hello"})).text == "Hello"


class TestAttachments:
    def test_each_is_a_section_under_its_name(self) -> None:
        sheet = workbook({"Leave": rows_xml("Grade|Days", "A|15")})
        tree = outlook(LEAVE) | {
            "__attach_version1.0_#00000000": attached("制度.xlsx", sheet),
            "__attach_version1.0_#00000001": attached("run.exe", b"MZ\0\1\2" * 99),
        }
        document = read(tree)
        assert block_with(document, "A | 15").heading_path == ("年假", "制度.xlsx", "Leave")
        assert document.report.unread_parts == ("run.exe",)
        assert "Attachments: 制度.xlsx, run.exe" in document.text

    def test_a_forwarded_message_is_a_section(self) -> None:
        inner = outlook({SUBJECT: "Inner", BODY: "Inside."})
        inner["__properties_version1.0"] = properties({}, header_bytes=24)
        document = read(outlook(LEAVE) | {"__attach_version1.0_#00000000": attached("Inner", inner)})
        assert block_with(document, "Inside.").heading_path == ("年假", "Inner")

    def test_a_saved_mail_that_hangs_on_another(self) -> None:
        saved = compound_file(outlook({SUBJECT: "Saved", BODY: "Inside."}))
        document = read(outlook(LEAVE) | {"__attach_version1.0_#00000000": attached("saved.msg", saved)})
        assert block_with(document, "Inside.").heading_path == ("年假", "Saved")


class TestHostile:
    def test_messages_in_messages_end(self) -> None:
        tree = outlook({SUBJECT: "deepest"})
        for number in range(20):
            tree = outlook({SUBJECT: f"level {number}"}) | {
                "__attach_version1.0_#00000000": attached("x", tree)
            }
        document = read(tree)
        assert "level 18" in document.text
        assert "deepest" not in document.text
        assert len(document.report.unread_parts) == 1

    def test_streams_that_share_their_bytes(self) -> None:
        """Each says that it is as large as the file."""
        tree = outlook(LEAVE) | {
            f"__attach_version1.0_#{number:08}": attached(f"{number}.txt", b"x" * 100_000)
            for number in range(3)
        }
        data = bytearray(compound_file(tree))
        assert b"x" * 100_000 in data
        size = struct.pack("<Q", 100_000)
        starts = [at for at in range(0, len(data), 128) if data[at + 120 : at + 128] == size]
        assert len(starts) == 3
        for at in starts:
            data[at + 116 : at + 128] = data[starts[0] + 116 : starts[0] + 120] + struct.pack("<Q", 200_000)
        assert failure(bytes(data)) in (ParseErrorCode.TOO_LARGE_UNPACKED, ParseErrorCode.CORRUPT)

    def test_cut_anywhere_it_is_a_document_or_a_code(self) -> None:
        data = compound_file(
            outlook(LEAVE) | {"__attach_version1.0_#00000000": attached("a.txt", b"x" * 9000)}
        )
        for end in range(600, len(data), 777):
            try:
                parse(data[:end], "mail.msg")
            except ParseError as error:
                assert error.code in (ParseErrorCode.CORRUPT, ParseErrorCode.UNSUPPORTED_TYPE)  # noqa: PT017

    def test_a_chain_of_sectors_without_an_end(self) -> None:
        data = bytearray(compound_file(outlook({BODY: "x" * 9000})))
        table = int.from_bytes(data[76:80], "little")
        for place in range(4):
            struct.pack_into("<I", data, 512 * (table + 1) + 4 * place, place)
        try:
            parse(bytes(data), "mail.msg")
        except ParseError as error:
            assert error.code is ParseErrorCode.CORRUPT  # noqa: PT017


class TestPackedText:
    def test_the_example_of_its_description(self) -> None:
        """[MS-OXRTFCP], 4.1."""
        data = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
        assert unpacked(bytes.fromhex(data)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"

    def test_what_it_would_become_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(ParseError) as error:
            unpacked(struct.pack("<II4sI", 20, 1 << 31, b"LZFu", 0) + b"\xff" * 20)
        assert error.value.code is ParseErrorCode.TOO_LARGE_UNPACKED
        endless = struct.pack("<II4sI", 20, 1000, b"LZFu", 0) + b"\xff" + b"\x00\x0f" * 4000
        assert len(unpacked(endless)) <= 1000
        monkeypatch.setattr(outlook_rtf, "_MOST_BYTES", 999)
        with pytest.raises(ParseError):
            unpacked(endless)

    @pytest.mark.parametrize("data", [b"", b"x" * 15, struct.pack("<II4sI", 9, 9, b"none", 0)])
    def test_what_is_none(self, data: bytes) -> None:
        with pytest.raises(ParseError):
            unpacked(data)


class TestRealFiles:
    """What was read is what was seen when the file was opened."""

    def test_a_mail_with_a_pdf(self, shared_data: Path) -> None:
        path = shared_data / "office/haystack/test/test_files/msg/sample.msg"
        document = parsed(path.read_bytes(), path.name)
        assert "Cc: sebastian.lee+cc@deepset.ai\nDate: 2025-02-17 10:19" in document.text
        assert "sebastian.lee+bcc" not in document.text
        assert document.text.count("This is an example email") == 1
        assert block_with(document, "B | 234,523.00").heading_path[:2] == (
            "This is a Subject",
            "sample_pdf_1.pdf",
        )

    def test_a_mail_of_eight_bit_text(self, shared_data: Path) -> None:
        path = shared_data / "office/r2r/py/core/examples/supported_file_types/msg.msg"
        document = parsed(path.read_bytes(), path.name)
        assert "From: John Doe <jdoes@someserver.com>\nTo: sales@bitdaddys.com" in document.text
        assert document.text.endswith("Sincerely,\nJohn Doe\nSome Server Company")
