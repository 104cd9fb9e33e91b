"""DOCX: equations as a line of text that says the same."""

from pathlib import Path

import pytest

from tests.hostile.packages import word
from tests.rules.parsing_support import parsed

MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def run(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def said(equation: str) -> str:
    body = f"<w:p><m:oMath>{equation}</m:oMath></w:p>"
    return parsed(word(body, attributes=MATH), "x.docx").text


def part(name: str, inner: str) -> str:
    return f"<m:{name}>{inner}</m:{name}>"


@pytest.mark.parametrize(
    ("equation", "line"),
    [
        (part("f", part("num", run("x-c")) + part("den", run("2a"))), "(x-c)/(2a)"),
        (part("f", part("num", run("1")) + part("den", run("20"))), "1/20"),
        (part("sSup", part("e", run("x")) + part("sup", run("2"))), "x^2"),
        (part("sSub", part("e", run("a")) + part("sub", run("n+1"))), "a_(n+1)"),
        (part("sSubSup", part("e", run("a")) + part("sub", run("n")) + part("sup", run("2"))), "a_n^2"),
        (part("rad", part("deg", "") + part("e", run("b-4ac"))), "√(b-4ac)"),
        (part("rad", part("deg", run("3")) + part("e", run("8"))), "3√8"),
        (part("d", part("e", run("a") + run("+b"))), "(a+b)"),
        (part("func", part("fName", run("log")) + part("e", part("d", part("e", run("x"))))), "log(x)"),
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr>'
            + part("sub", run("k=0")) + part("sup", run("n")) + part("e", run("k")) + "</m:nary>",
            "∑_(k=0)^n k",
        ),
        (part("m", part("mr", part("e", run("1")) + part("e", run("2"))) * 2), "[1, 2; 1, 2]"),
    ],
)  # fmt: skip
def test_each_sort_of_thing(equation: str, line: str) -> None:
    assert said(equation) == line


def test_what_is_not_seen_is_not_said() -> None:
    hidden = "<m:r><w:rPr><w:vanish/></w:rPr><m:t>secret</m:t></m:r>"
    document = parsed(word(f"<w:p><m:oMath>{run('a=b')}{hidden}</m:oMath></w:p>", attributes=MATH), "x.docx")
    assert document.text == "a=b"
    assert document.report.hidden_parts == ("hidden_text",)


def test_deep_ones_end() -> None:
    assert said("<m:box><m:e>" * 60 + run("x") + "</m:e></m:box>" * 60 + run("y")) == "y"


def test_real_equations(shared_data: Path) -> None:
    folder = shared_data / "office/docling/tests/data/docx/sources"
    for name, line in (
        ("table_with_equations.docx", "x=(-b±√(b^2-4ac))/(2a)"),
        ("omml_frac_superscript.docx", "((x-c)/v)^2"),
        ("omml_multi_equation_paragraph.docx", "a=b c=d e=f"),
        ("equations.docx", "(x+a)^n=∑_(k=0)^n"),
    ):
        assert line in parsed((folder / name).read_bytes(), name).text
