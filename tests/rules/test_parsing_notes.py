"""Footnotes and endnotes stand in the section that calls them, whatever the format, and their marks are nobody's."""

from collections.abc import Callable, Iterable

import docx
import pytest
from docx.oxml import parse_xml

from kbchat.answering.citing import MarkerParser, Words
from kbchat.answering.facts import facts_of
from kbchat.parsing.note_calls import Call, noted, written_with_calls, written_without_calls
from kbchat.parsing.raised import Piece
from tests.rules.docx_support import W, saved, with_notes
from tests.rules.parsing_support import outline, parsed
from tests.rules.test_parsing_odf import package

NOTE = '<w:{0} w:id="{1}"><w:p><w:r><w:{0}Ref/></w:r><w:r><w:t xml:space="preserve"> {2}</w:t></w:r></w:p></w:{0}>'
OPEN_NOTE = (
    "<text:note><text:note-citation>{}</text:note-citation><text:note-body><text:p>{}</text:p></text:note-body>"
    "</text:note>"
)
SEPARATOR = '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>line</w:t></w:r></w:p></w:footnote>'


def word() -> bytes:
    document = docx.Document()
    document.add_heading("Salaries", 1).add_run()._r.append(_call(1))
    document.add_paragraph("The board").add_run()._r.append(_call(2))
    document.add_table(1, 2).cell(0, 0).paragraphs[0].add_run("500")._r.append(_call(3))
    document.add_heading("Canteen", 2)
    document.add_paragraph("Lunch is at noon.")
    with_notes(document, footnotes=SEPARATOR + _notes(["Of all.", "Closed.", "A year."]))
    return saved(document)


def _notes(told: Iterable[str], kind: str = "footnote") -> str:
    return "".join(NOTE.format(kind, number, text) for number, text in enumerate(told, 1))


def _call(number: int, kind: str = "footnote", more: str = "") -> object:
    return parse_xml(f'<w:{kind}Reference {W} w:id="{number}" {more}/>')


def open_text() -> bytes:
    cells = f"<table:table-cell><text:p>500{OPEN_NOTE.format(3, 'A year.')}</text:p></table:table-cell>"
    return package(
        "text",
        f'<text:h text:outline-level="1">Salaries{OPEN_NOTE.format(1, "Of all.")}</text:h>'
        f"<text:p>The board{OPEN_NOTE.format(2, 'Closed.')}</text:p>"
        f"<table:table><table:table-row>{cells}<table:table-cell/></table:table-row></table:table>"
        '<text:h text:outline-level="2">Canteen</text:h><text:p>Lunch is at noon.</text:p>',
    )


def rich_text() -> bytes:
    note = r"{{\super\chftn{{\footnote\pard\plain {{\super\chftn}} {}}}}}"
    return (
        rf"{{\rtf1\ansi\pard\outlinelevel0 Salaries{note.format('Of all.')}\par"
        rf"\pard The board{note.format('Closed.')}\par"
        rf"\trowd\pard\intbl 500{note.format('A year.')}\cell\cell\row"
        r"\pard\outlinelevel1 Canteen\par\pard Lunch is at noon.\par}"
    ).encode()


@pytest.mark.parametrize(("name", "made"), [("a.docx", word), ("a.odt", open_text), ("a.rtf", rich_text)])
def test_a_note_stands_at_the_end_of_the_section_that_calls_it(name: str, made: Callable[[], bytes]) -> None:
    document = parsed(made(), name)
    assert outline(document) == [
        ("heading", "Salaries"),
        ("paragraph", "The board ²"),
        ("table", "500^3"),
        ("paragraph", "¹ Of all."),
        ("paragraph", "² Closed."),
        ("paragraph", "³ A year."),
        ("heading", "Canteen"),
        ("paragraph", "Lunch is at noon."),
    ]
    assert {block.heading_path for block in document.blocks[1:6]} == {("Salaries",)}


class TestWord:
    def read(self, calls: str, **notes: str) -> list[str]:
        document = docx.Document()
        document.element.body.insert(0, parse_xml(f"<w:p {W}>{calls}</w:p>"))
        with_notes(document, **notes)
        return [text for _, text in outline(parsed(saved(document), "a.docx"))]

    def test_endnotes_have_numbers_of_their_own(self) -> None:
        calls = (
            "<w:r><w:t>a</w:t><w:endnoteReference w:id='1'/><w:t>b</w:t><w:footnoteReference w:id='1'/></w:r>"
        )
        notes = {"footnotes": _notes(["foot"]), "endnotes": _notes(["end"], "endnote")}
        assert self.read(calls, **notes) == ["a (i)b ¹", "(i) end", "¹ foot"]

    def test_a_note_with_a_mark_of_its_own_is_not_counted(self) -> None:
        calls = (
            "<w:r><w:t>a</w:t><w:footnoteReference w:id='1' w:customMarkFollows='1'/><w:t>*</w:t></w:r>"
            "<w:r><w:t>b</w:t><w:footnoteReference w:id='2'/></w:r>"
        )
        assert self.read(calls, footnotes=_notes(["* one", "two"])) == ["a*b ¹", "* one", "¹ two"]

    @pytest.mark.parametrize(
        "call",
        [
            "<w:r><w:rPr><w:vanish/></w:rPr><w:footnoteReference w:id='1'/></w:r>",
            "<w:r><w:rPr><w:strike/></w:rPr><w:footnoteReference w:id='1'/></w:r>",
            "<w:del><w:r><w:footnoteReference w:id='1'/></w:r></w:del>",
        ],
    )
    def test_a_call_that_is_not_shown_shows_no_note(self, call: str) -> None:
        assert self.read(f"<w:r><w:t>a</w:t></w:r>{call}", footnotes=_notes(["secret"])) == ["a"]

    def test_a_note_that_calls_itself_and_one_that_is_missing(self) -> None:
        again = "<w:footnote w:id='1'><w:p><w:r><w:t>x</w:t><w:footnoteReference w:id='1'/></w:r></w:p></w:footnote>"
        calls = "<w:r><w:t>a</w:t><w:footnoteReference w:id='1'/><w:footnoteReference w:id='9'/></w:r>"
        assert self.read(calls, footnotes=again) == ["a ¹", "¹ x"]


def test_marks_as_an_open_document_prints_them() -> None:
    body = f"<text:p>a{OPEN_NOTE.format('iv', 'n')} 天{OPEN_NOTE.format('12', 'n')}。</text:p>"
    assert parsed(package("text", body), "a.odt").text == "a (iv) 天¹²。\n\n(iv) n\n\n¹² n"


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["30 days", Call("1"), "."], "30 days ¹."),
        (["30 days. ", Call("1"), "Then"], "30 days. ¹Then"),
        (["500", Call("1"), " EUR"], "500^1 EUR"),
        (["500", Call("1"), Call("2")], "500^1 ²"),
        (["500", Call("*")], "500 (*)"),
        (["年假", Call("10")], "年假¹⁰"),
        ([Call("1"), "at once"], "¹at once"),
        (["own", Call(""), "*"], "own*"),
    ],
)
def test_the_mark_is_part_of_no_word_and_no_number(pieces: list[str | Call], text: str) -> None:
    line: list[Piece | Call] = [piece if isinstance(piece, Call) else (piece, False) for piece in pieces]
    assert written_with_calls(line) == text
    assert written_without_calls(line) == "".join(piece for piece in pieces if isinstance(piece, str))


def test_a_mark_that_a_model_copies_cites_no_passage_and_is_no_quantity() -> None:
    line = written_with_calls(
        [("Within 30 days", False), Call("1"), (" for 500", False), Call("2"), (" EUR", False)]
    )
    parser = MarkerParser([1, 2])
    said = [*parser.feed(line), *parser.finish()]
    assert "".join(piece.text for piece in said if isinstance(piece, Words)) == line
    assert [(str(found.value), found.unit) for found in facts_of(line).quantities] == [
        ("30", "day"),
        ("500", "eur"),
    ]


def test_a_note_that_says_nothing() -> None:
    assert noted("1", " ") == ""
