"""EPUB: chapters in the order of reading, under the names that the book gives them."""

from pathlib import Path

import pytest

from kbchat.parsing import ParsedDocument, ParseError, ParseErrorCode, epub, parse
from tests.rules.parsing_support import block_with, outline, parsed
from tests.rules.workbook_support import zipped


def book(chapters: dict[str, str], *, contents: str = "", **members: str | bytes) -> bytes:
    """``chapters``: the bodies by file; ``members``: a double underscore stands for the slash."""
    items = "".join(
        f'<item id="c{n}" href="text/{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in reversed(range(len(chapters))))
    manifest = f'<manifest><item id="n" href="nav.xhtml" properties="nav"/>{items}</manifest>'
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<c><rootfiles><rootfile full-path="b/book.opf"/></rootfiles></c>',
            "b/book.opf": (
                "<package><metadata xmlns:dc='d'><dc:title> The  Book </dc:title></metadata>"
                f"{manifest}<spine>{spine}</spine></package>"
            ),
            "b/nav.xhtml": f"<html><body><nav>{contents}</nav></body></html>",
            **{
                f"b/text/{name}": f'<?xml version="1.0"?><html><head><title/></head><body>{body}</body></html>'
                for name, body in chapters.items()
            },
            **{name.replace("__", "/"): content for name, content in members.items()},
        }
    )


def read(data: bytes) -> ParsedDocument:
    return parsed(data, "x.epub")


def test_chapters_come_as_the_spine_says() -> None:
    document = read(
        book({"two.xhtml": "<h1>二</h1><p>b</p>", "one.xhtml": "<h2>One</h2><h3>Part</h3><p>a</p>"})
    )
    assert outline(document) == [
        ("heading", "One"),
        ("heading", "Part"),
        ("paragraph", "a"),
        ("heading", "二"),
        ("paragraph", "b"),
    ]
    assert [block.level for block in document.blocks] == [1, 2, None, 1, None]
    assert (document.title, document.media_type) == ("The Book", "application/epub+zip")


def test_a_chapter_that_the_book_does_not_hold_is_passed_over() -> None:
    package = (
        '<package><manifest><item id="c" href="text/a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        "<spine><itemref idref='gone'/><itemref idref='c'/></spine></package>"
    )
    assert read(book({"a.xhtml": "<p>text</p>"}, **{"b__book.opf": package})).text == "text"


def test_a_chapter_in_the_encoding_that_it_declares() -> None:
    page = "<?xml version='1.0' encoding='shift_jis'?><html><body><p>年次休暇</p></body></html>"
    assert read(book({"a.xhtml": ""}, **{"b__text__a.xhtml": page.encode("shift_jis")})).text == "年次休暇"


def test_a_chapter_without_a_heading_has_its_name_from_the_contents() -> None:
    contents = '<ol><li><a href="text/a.xhtml#start">Leave &amp; pay</a></li></ol>'
    document = read(book({"a.xhtml": "<p>text</p><h1>Inner</h1><p>more</p>"}, contents=contents))
    assert block_with(document, "more").heading_path == ("Leave & pay", "Inner")


def test_older_books_name_chapters_in_another_file() -> None:
    ncx = '<ncx><navPoint><navLabel><text>Pay</text></navLabel><content src="text/a.xhtml"/></navPoint></ncx>'
    item = '<item id="t" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
    package = (
        '<package><manifest><item id="c0" href="text/a.xhtml" media-type="application/xhtml+xml"/>'
        f'{item}<spine><itemref idref="c0"/></spine></package>'
    )
    data = book({"a.xhtml": "<p>text</p>"}, **{"b__book.opf": package, "b__toc.ncx": ncx})
    assert read(data).text == "Pay\n\ntext"


def test_fonts_may_be_scrambled_and_pages_may_not() -> None:
    lock = "<e><CipherData><CipherReference URI='{}'/></CipherData></e>"
    chapters = {"a.xhtml": "<p>text</p>"}
    assert read(book(chapters, **{"META-INF__encryption.xml": lock.format("b/font.otf")})).text == "text"
    with pytest.raises(ParseError) as failure:
        parse(book(chapters, **{"META-INF__encryption.xml": lock.format("b/text/a.xhtml")}), "x.epub")
    assert failure.value.code is ParseErrorCode.PASSWORD_PROTECTED


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("META-INF__container.xml", "<c/>"),
        ("META-INF__container.xml", "<c><rootfile full-path='../../etc/passwd'/></c>"),
        ("b__book.opf", '<!DOCTYPE p [<!ENTITY a "&#x61;"><!ENTITY b "&a;&b;">]><p>&b;</p>'),
    ],
)
def test_a_broken_book_is_corrupt(member: str, content: str) -> None:
    with pytest.raises(ParseError) as failure:
        parse(book({"a.xhtml": "<p>text</p>"}, **{member: content}), "x.epub")
    assert failure.value.code is ParseErrorCode.CORRUPT


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(ParseError) as failure:
        parse(book({"a.xhtml": "x" * (40 << 20)}), "x.epub")
    assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED


def test_a_chapter_longer_than_any_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epub, "_MOST_CHAPTER_BYTES", 100)
    with pytest.raises(ParseError) as failure:
        parse(book({"a.xhtml": "x" * 100}), "x.epub")
    assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED


def test_a_real_book(shared_data: Path) -> None:
    path = shared_data / "office/docling/tests/data/epub/sources/epub_purvis_poetry.epub"
    document = parsed(path.read_bytes(), path.name)
    poem = block_with(document, "The cold storms of winter")
    assert poem.heading_path == ("The Grave of the Slave",)
    assert document.text_of(poem.span).count("\n") == 3
    assert document.title == "Poetry"
