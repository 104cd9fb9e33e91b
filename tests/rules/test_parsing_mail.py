"""EML: what a mail says, what it carries, and what of it is never taken for text."""

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest

from kbchat.parsing import BlockKind, ParsedDocument, ParseError, parse
from tests.rules.parsing_support import block_with, outline, parsed, texts
from tests.rules.workbook_support import rows_xml, workbook


def message(subject: str = "Leave", body: str = "Fifteen days.") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ana <ana@example.org>", "Bo <bo@example.org>", subject
    mail["Date"] = "Fri, 01 Mar 2024 09:30:00 +0800"
    mail.set_content(body)
    return mail


def attach(mail: EmailMessage, data: bytes, name: str, kind: str = "application/octet-stream") -> None:
    maintype, subtype = kind.split("/")
    mail.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)


def read(mail: EmailMessage, name: str = "mail.eml") -> ParsedDocument:
    return parsed(mail.as_bytes(), name)


class TestMessages:
    def test_subject_people_date_and_text(self) -> None:
        document = read(message())
        assert outline(document) == [
            ("heading", "Leave"),
            (
                "paragraph",
                "From: Ana <ana@example.org>\nTo: Bo <bo@example.org>\nDate: 2024-03-01 09:30+08:00",
            ),
            ("paragraph", "Fifteen days."),
        ]
        assert (document.title, document.media_type) == ("Leave", "message/rfc822")
        assert read(message(), "mail.txt").media_type == "message/rfc822"

    @pytest.mark.parametrize("charset", ["gb18030", "utf-8", "big5"])
    def test_chinese_in_headers_and_body(self, charset: str) -> None:
        mail = message(subject="年假通知")
        mail.set_content("年假為十五天。\n\n請提前申請。", charset=charset, cte="base64")
        document = read(mail)
        assert document.title == "年假通知"
        assert document.text.endswith("年假為十五天。\n\n請提前申請。")

    def test_of_two_forms_the_one_that_is_shown(self) -> None:
        mail = message(body="Only in the plain form.")
        mail.add_alternative(
            "<table><tr><th>Grade<th>Days<tr><td>A<td>15</table><p style='display:none'>hidden order</p>"
            "<script>alert(1)</script><img src='http://tracker.example/x.gif'>",
            subtype="html",
        )
        document = read(mail)
        assert ("table", "Grade | Days\nA | 15") in outline(document)
        assert "plain form" not in document.text
        assert "order" not in document.text
        assert document.report.hidden_parts == ("hidden_text",)

    @pytest.mark.parametrize(
        "page",
        [
            "<html><head><title>Leave</title><style>p { color: red }</style></head><body><p>&nbsp;</p></body></html>",
            '<p><img src="cid:1" alt="A picture of a letter"></p>',
            "<p style='display:none'>hidden order</p>",
        ],
    )
    def test_where_the_page_says_nothing_the_plain_form_is_read(self, page: str) -> None:
        mail = message(body="Only in the plain form.")
        mail.add_alternative(page, subtype="html")
        attach(mail, b"The plan.", "plan.txt")
        document = read(mail)
        assert texts(document, BlockKind.PARAGRAPH)[1:] == ["Only in the plain form.", "The plan."]
        mail = message(body=" ")
        mail.add_alternative('<p><img src="cid:1" alt="A letter"></p>', subtype="html")
        assert texts(read(mail), BlockKind.PARAGRAPH)[1:] == ["A letter"], "better than nothing"

    def test_the_same_text_twice_is_read_once(self) -> None:
        source = (
            "From: a@b\nSubject: S\nContent-Type: multipart/mixed; boundary=B\n\n"
            "--B\nContent-Type: text/plain\n\nThe same words.\n\n"
            "--B\nContent-Type: text/html\n\n<p>The <b>same</b> words.\n\n"
            "--B\nContent-Type: text/plain\n\nOther words.\n\n--B--\n"
        )
        assert texts(parsed(source, "x.eml"), BlockKind.PARAGRAPH)[1:] == ["The same words.", "Other words."]

    def test_what_chinese_programs_write_into_headers(self) -> None:
        coded = base64.b64encode("陶喆的通知".encode("gbk")).decode()
        percented = "".join(f"%{byte:02x}" for byte in "陶喆.bin".encode("gbk"))
        source = (
            f"From: =?gb2312?B?{coded}?= <a@b>\nSubject: 年假通知：员工请假\n"
            "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: application/octet-stream\n"
            f"Content-Disposition: attachment; filename*=gb2312''{percented}\n\nxyz\n--B--\n"
        )
        document = parsed(source.encode("gbk"), "x.eml")
        assert document.title == "年假通知：员工请假"
        assert "From: 陶喆的通知 <a@b>" in document.text
        assert "Attachments: 陶喆.bin" in document.text

    @pytest.mark.parametrize("charset", ["hz-gb-2312", "utf-7"])
    def test_encodings_made_of_ascii(self, charset: str) -> None:
        head = f"From: a@b\nSubject: S\nContent-Type: text/plain; charset={charset}\n\n".encode()
        assert parsed(head + "年假为十五天。".encode(charset), "x.eml").text.endswith("年假为十五天。")

    def test_a_page_that_says_its_encoding_itself(self) -> None:
        head = b"From: a@b\nSubject: S\nContent-Type: text/html\n\n"
        page = "<meta charset=shift_jis><p>年次有給休暇。".encode("shift_jis")
        assert parsed(head + page, "x.eml").text.endswith("年次有給休暇。")

    def test_characters_that_cannot_be_read_are_told(self) -> None:
        source = b"From: a@b\nSubject: S\nContent-Type: text/plain; charset=utf-8\n\n\xd0\xc5"
        assert parsed(source, "x.eml").report.notes == ("unreadable_characters",)

    def test_the_page_deep_among_alternatives_and_what_hangs_beside_it(self) -> None:
        source = (
            "From: a@b\nSubject: S\nContent-Type: multipart/alternative; boundary=A\n\n"
            "--A\nContent-Type: multipart/mixed; boundary=P\n\n--P\n\nOnly plain.\n"
            "--P\nContent-Disposition: attachment; filename=plan.txt\n\nThe plan.\n--P--\n"
            "--A\nContent-Type: multipart/mixed; boundary=B\n\n"
            "--B\nContent-Type: multipart/related; boundary=C\n\n"
            "--C\nContent-Type: text/html\n\n<p>The page.\n--C--\n--B--\n--A--\n"
        )
        document = parsed(source, "x.eml")
        assert "The page." in document.text
        assert "Only plain." not in document.text
        assert block_with(document, "The plan.").heading_path == ("S", "plan.txt")

    def test_texts_without_words_are_no_doubles(self) -> None:
        source = (
            "From: a@b\nSubject: S\nContent-Type: multipart/mixed; boundary=B\n\n"
            "--B\nContent-Type: text/html\n\n<p>→\n--B\nContent-Type: text/plain\n\n※\n"
            "--B\nContent-Type: text/html\n\n<p>2024\n--B\nContent-Type: text/plain\n\n2025\n--B--\n"
        )
        assert texts(parsed(source, "x.eml"), BlockKind.PARAGRAPH)[1:] == ["→", "※", "2024", "2025"]

    @pytest.mark.parametrize(
        ("settings", "told"), [("", "One two three.\n\nFour."), ("; delsp=yes", "One twothree.\n\nFour.")]
    )
    def test_flowed_text_is_joined(self, settings: str, told: str) -> None:
        head = f"From: a@b\nSubject: S\nContent-Type: text/plain; format=flowed{settings}\n\n"
        assert parsed(head + "One two \nthree.\n\nFour.\n", "x.eml").text.endswith(told)

    def test_an_encoding_that_nobody_knows(self) -> None:
        source = b"From: a@b\nSubject: S\nContent-Type: text/plain; charset=x-none\n\ncaf\xe9 or \xff\xfe\x81 not\n"
        assert "caf" in parsed(source, "x.eml").text

    def test_a_page_named_eml_without_any_header_is_text(self) -> None:
        assert parsed("just a note", "x.eml").media_type == "text/plain"


class TestAttachments:
    def test_what_can_be_read_is_a_section_under_its_name(self) -> None:
        mail = message()
        attach(mail, workbook({"Days": rows_xml("Grade|Days", "A|15")}), "days.xlsx")
        attach(mail, b"# Rules\n\nAsk first.", "rules.md")
        document = read(mail)
        assert block_with(document, "Grade").heading_path == ("Leave", "days.xlsx", "Days")
        assert block_with(document, "Grade").header_rows == 1
        assert block_with(document, "Ask first").heading_path == ("Leave", "rules.md", "Rules")
        assert "Attachments: days.xlsx, rules.md" in document.text
        assert document.report.unread_parts == ()

    def test_what_cannot_be_read_is_told_by_name(self) -> None:
        mail = message()
        attach(mail, b"\x89PNG\r\n\x1a\n" + bytes(200), "picture.png", "image/png")
        attach(mail, b"MZ\x00\x01\x02" * 99, "../../run\u202e.exe")
        attach(mail, b"PK\x03\x04 broken", "a.docx")
        document = read(mail)
        assert document.report.unread_parts == ("picture.png", "run.exe", "a.docx")
        assert document.report.notes == ("attachments_not_read",)
        assert document.blocks[-1].heading_path == ("Leave",)

    def test_pictures_in_the_text_are_counted_and_no_attachments(self) -> None:
        mail = message()
        mail.add_alternative("<p>Look: <img src='cid:x'></p>", subtype="html")
        page = mail.get_payload()[1]
        page.add_related(b"\x89PNG", "image", "png", cid="<x>")
        report = read(mail).report
        assert (report.unread_parts, report.images_skipped) == ((), 2)

    def test_a_forwarded_message_is_a_section(self) -> None:
        mail, inner = message("Fwd"), message("Inner", "Inside.")
        attach(inner, b"told there", "note.txt")
        mail.add_attachment(inner)
        document = read(mail)
        assert block_with(document, "Inside.").heading_path == ("Fwd", "Inner")
        assert block_with(document, "told there").heading_path == ("Fwd", "Inner", "note.txt")


class TestHostile:
    @pytest.mark.parametrize("as_file", [False, True])
    def test_messages_in_messages_end(self, *, as_file: bool) -> None:
        mail = message("deepest")
        for number in range(6):
            outer = message(f"level {number}")
            if as_file:
                attach(outer, mail.as_bytes(), "inner.eml")
            else:
                outer.add_attachment(mail)
            mail = outer
        document = read(mail)
        assert "level 3" in document.text
        assert "deepest" not in document.text
        assert len(document.report.unread_parts) == 1

    def test_more_attachments_than_anybody_sends(self) -> None:
        parts = "".join(
            f'--B\nContent-Disposition: attachment; filename="{n}.txt"\n\nx\n' for n in range(150)
        )
        document = parsed(
            f"From: a@b\nSubject: S\nContent-Type: multipart/mixed; boundary=B\n\n{parts}--B--", "x.eml"
        )
        assert len(document.report.unread_parts) == 50

    def test_more_parts_than_anybody_sends(self) -> None:
        head = "From: a@b\nSubject: S\nContent-Type: multipart/mixed; boundary=B\n\n"
        assert parsed_or_code(head + "--B\n\nx\n" * 60_000) == "too_large_unpacked"

    @pytest.mark.parametrize("times", [1, 30])
    def test_more_parts_than_a_mail_and_those_on_it_have(self, times: int) -> None:
        inner = "From: a@b\nTo: a@b\nDate: x\nSubject: S\nContent-Type: multipart/mixed; boundary=C\n\n"
        parts = inner + "--C\n\nx\n" * (2_100 // times)
        attached = (
            "--B\nContent-Disposition: attachment; filename=x.eml\nContent-Transfer-Encoding: base64\n\n"
        )
        attached += base64.encodebytes(parts.encode()).decode()
        head = "From: a@b\nSubject: S\nContent-Type: multipart/mixed; boundary=B\n\n"
        assert parsed_or_code(head + attached * times + "--B--\n") == "too_large_unpacked"

    def test_parts_in_parts_in_parts(self) -> None:
        opened = "".join(f"Content-Type: multipart/mixed; boundary=B{n}\n\n--B{n}\n" for n in range(300))
        assert parsed_or_code(f"From: a@b\nSubject: S\n{opened}\nx") == "corrupt"

    @pytest.mark.parametrize(
        "headers",
        [
            "Subject: " + "=?utf-8?q?" + "a" * 90_000,
            "Subject: " + "(" * 15_000,
            "Subject: \x01",
            "Subject: S\nDate: never",
            "Subject: S\nFrom: <<<>>> , ;:@\nTo: =?x?y?z?=",
            "Subject: S\nContent-Type: ;;;===",
            "Subject: S\nContent-Type: text/plain" + "; a=(b" * 30_000,
            "Subject: S\nContent-Type: text/plain; charset=\"\x80\"; name*0*=utf-8''%",
            "Subject: S\nContent-Transfer-Encoding: base64\nContent-Type: text/html",
        ],
    )
    def test_headers_that_follow_no_rule(self, headers: str) -> None:
        assert parsed_or_code(f"From: a@b\n{headers}\n\nwords") in ("read", "corrupt")


def parsed_or_code(source: str) -> str:
    try:
        parse(source.encode(), "x.eml")
    except ParseError as error:
        return error.code.value
    return "read"


class TestRealFiles:
    """What was read is what was seen when the file was opened."""

    def test_a_text_attachment(self, shared_data: Path) -> None:
        path = shared_data / "office/docling/tests/data/email/sources/eml_with_attachment.eml"
        document = parsed(path.read_bytes(), path.name)
        assert block_with(document, "dummy content").heading_path == ("Email with Attachment", "test.txt")

    def test_the_same_summary_in_two_forms(self, shared_data: Path) -> None:
        path = shared_data / "office/r2r/py/core/examples/supported_file_types/eml.eml"
        document = parsed(path.read_bytes(), path.name)
        assert document.text.count("Sarah") == 1
        assert ("list_item", "Sarah: Prepare detailed product roadmap") in outline(document)
