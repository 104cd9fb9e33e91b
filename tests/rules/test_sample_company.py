"""The sample company keeps its promises: the demo, the README and the browser tests all stand on it.

Text is taken out with the bare format libraries, not with kbchat.parsing: a fault there must not hide one
here.
"""

import re
import tomllib
from collections import Counter
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from selectolax.lexbor import LexborHTMLParser

COMPANY = Path(__file__).resolve().parents[2] / "deploy" / "sample_company"
MANIFEST: dict[str, Any] = tomllib.loads((COMPANY / "manifest.toml").read_text(encoding="utf-8"))
DOCUMENTS: dict[str, dict[str, Any]] = {entry["title"]: entry for entry in MANIFEST["documents"]}
COLLECTIONS: dict[str, dict[str, Any]] = {entry["slug"]: entry for entry in MANIFEST["collections"]}
GROUPS = {group["name"] for group in MANIFEST["groups"]}
FILES: list[str] = [version["file"] for entry in MANIFEST["documents"] for version in entry["versions"]]
BUILT_FROM_HTML = sorted(
    source for source in (COMPANY / "documents" / "source").iterdir() if source.suffix == ".html"
)


def decoded(path: Path) -> tuple[str, str]:
    """The text of a plain file with the name of its encoding."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("gb18030"), "gb18030"


def pdf_text(path: Path) -> str:
    pdf = pypdfium2.PdfDocument(path)
    pages = [pdf[index].get_textpage().get_text_range() for index in range(len(pdf))]
    # The running page number ("2 / 3") would stand in the middle of a sentence that crosses two pages.
    text = "\n".join(re.sub(r"\A\s*\d+ / \d+\s", "", page) for page in pages)
    # PDFium gives a hyphen at the end of a line as U+FFFE.
    return text.replace("\ufffe", "-")


def docx_text(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@cache
def bare_text(file: str) -> str:
    """The words of a file without any blanks: where a line ends is a matter of the format."""
    path = COMPANY / file
    match path.suffix:
        case ".pdf":
            text = pdf_text(path)
        case ".docx":
            text = docx_text(path)
        case ".html":
            body = LexborHTMLParser(path.read_text(encoding="utf-8")).body
            assert body is not None, file
            text = body.text()
        case _:
            text, _encoding = decoded(path)
    return bare(text)


def bare(text: str) -> str:
    return "".join(text.split())


def newest(title: str) -> str:
    file: str = DOCUMENTS[title]["versions"][-1]["file"]
    return bare_text(file)


def file_of(source: Path) -> str:
    return next(file for file in FILES if Path(file).stem == source.stem)


def kind(file: str) -> str:
    suffix = Path(file).suffix
    return f"{suffix} {decoded(COMPANY / file)[1]}" if suffix == ".txt" else suffix


def test_every_file_is_named_once_and_every_document_on_disk_is_named() -> None:
    on_disk = {
        path.relative_to(COMPANY).as_posix()
        for path in (COMPANY / "documents").rglob("*")
        if path.is_file() and "source" not in path.parts
    }
    assert Counter(FILES) == Counter(on_disk)
    assert len(DOCUMENTS) == len(MANIFEST["documents"]), "two documents share a title"


@pytest.mark.parametrize("file", FILES)
def test_file_is_small_and_has_clean_text(file: str) -> None:
    assert (COMPANY / file).stat().st_size < 300_000
    text = bare_text(file)
    assert len(text) > 200
    # Look-alike radicals, compatibility ideographs, private use replacement marks: what garbled PDFs give.
    assert re.findall("[\u2e80-\u2fdf\uf900-\ufaff\ue000-\uf8ff\ufffd\ufffe\uffff\x00]", text) == []


@pytest.mark.parametrize("source", BUILT_FROM_HTML, ids=lambda source: source.stem)
def test_built_file_says_what_its_source_says(source: Path) -> None:
    built = bare_text(file_of(source))
    blocks = LexborHTMLParser(source.read_text(encoding="utf-8")).css("h1, h2, h3, p, li, th, td")
    assert len(blocks) > 20
    assert [block.text() for block in blocks if bare(block.text()) not in built] == []


def test_formats_are_covered() -> None:
    chinese = Counter(
        kind(version["file"])
        for entry in DOCUMENTS.values()
        if entry["language"] != "en"
        for version in entry["versions"]
    )
    total = Counter(kind(file) for file in FILES)
    assert total[".pdf"] >= 3
    assert chinese[".pdf"] >= 1
    assert total[".docx"] >= 3
    assert chinese[".docx"] >= 1
    assert total[".html"] >= 2
    assert chinese[".html"] >= 1
    assert total[".md"] >= 1
    assert total[".txt gb18030"] >= 2
    assert total[".txt utf-8"] >= 1


def test_gb18030_files_are_neither_utf8_nor_all_of_the_older_gbk() -> None:
    files = [file for file in FILES if kind(file) == ".txt gb18030"]
    beyond_gbk = 0
    for file in files:
        content = (COMPANY / file).read_bytes()
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")
        source = COMPANY / "documents" / "source" / Path(file).name
        assert content.decode("gb18030").splitlines() == source.read_text(encoding="utf-8").splitlines()
        try:
            content.decode("gbk")
        except UnicodeDecodeError:
            beyond_gbk += 1
    assert beyond_gbk >= 1, "no four-byte character tells GB18030 from GBK"


def test_pdf_has_several_pages_an_outline_and_embedded_fonts() -> None:
    for file in FILES:
        if file.endswith(".pdf"):
            pdf = pypdfium2.PdfDocument(COMPANY / file)
            assert len(pdf) >= 2, file
            assert list(pdf.get_toc()), f"{file} has no outline"
            # A font that is not embedded shows Chinese only where the reader's system has one.
            assert b"/FontFile2" in (COMPANY / file).read_bytes(), file


def test_docx_has_headings_and_tables() -> None:
    for file in FILES:
        if file.endswith(".docx"):
            document = Document(str(COMPANY / file))
            styles = {paragraph.style.name for paragraph in document.paragraphs if paragraph.style}
            assert {"Heading 1", "Heading 2"} <= styles, file
            assert document.tables, file


def test_half_the_documents_are_chinese_and_one_is_traditional() -> None:
    languages = Counter(entry["language"] for entry in DOCUMENTS.values())
    assert set(languages) == {"en", "zh-hans", "zh-hant"}
    assert len(DOCUMENTS) >= 25
    assert abs(languages["en"] - languages["zh-hans"] - languages["zh-hant"]) <= 1


@pytest.mark.parametrize("title", DOCUMENTS)
def test_language_is_the_language_of_the_text(title: str) -> None:
    text = newest(title)
    share = len(re.findall("[\u4e00-\u9fff]", text)) / len(text)
    assert (share > 0.4) == (DOCUMENTS[title]["language"] != "en"), share


def test_versions_follow_each_other_and_the_newest_stays_in_force() -> None:
    replaced = 0
    for title, entry in DOCUMENTS.items():
        versions = entry["versions"]
        for older, newer in pairwise(versions):
            assert date.fromisoformat(older["effective_from"]) < date.fromisoformat(older["expires_on"]), (
                title
            )
            assert older["expires_on"] == newer["effective_from"], title
            replaced += 1
        date.fromisoformat(versions[-1]["effective_from"])
        assert "expires_on" not in versions[-1], title
    assert replaced >= 2


def test_people_and_grants_name_groups_that_exist() -> None:
    assert len(GROUPS) == 3
    people = MANIFEST["people"]
    assert len(people) == 4
    assert sum(person["is_administrator"] for person in people) == 1
    assert any(
        person["language"] == "zh-hans" and re.search("[\u4e00-\u9fff]", person["name"]) for person in people
    )
    assert any(person["groups"] == [] and not person["is_administrator"] for person in people)
    for person in people:
        assert set(person) == {"email", "name", "job", "groups", "language", "is_administrator"}
        assert set(person["groups"]) <= GROUPS, person["email"]
        assert person["email"].endswith("@example.com")
        assert person["language"] in {"en", "zh-hans"}
    for collection in COLLECTIONS.values():
        for grant in collection["grants"]:
            assert grant["role"] in {"reader", "editor", "owner"}
            assert grant.get("everyone") is True or grant["group"] in GROUPS
        assert any(grant["role"] == "owner" for grant in collection["grants"]), collection["slug"]


def test_people_of_different_groups_see_different_collections() -> None:
    readable = {
        person["email"]: {
            slug
            for slug, collection in COLLECTIONS.items()
            if any(
                grant.get("everyone") or grant.get("group") in person["groups"]
                for grant in collection["grants"]
            )
        }
        for person in MANIFEST["people"]
    }
    handbooks = {"company-handbook", "employee-handbook-shanghai"}
    assert readable["maya.adeyemi@example.com"] == handbooks
    assert readable["chen.jingyi@example.com"] == handbooks | {"human-resources"}
    assert readable["jonas.brandt@example.com"] == handbooks | {"engineering"}
    assert [email for email, slugs in readable.items() if "human-resources" in slugs] == [
        "chen.jingyi@example.com"
    ]


def test_every_document_stands_in_a_collection() -> None:
    assert {entry["collection"] for entry in DOCUMENTS.values()} == set(COLLECTIONS)


def test_there_are_eight_questions_in_each_language() -> None:
    assert Counter(question["language"] for question in MANIFEST["questions"]) == {"en": 8, "zh-hans": 8}
    assert "公司 2025 年的年假政策是什么?" in {question["text"] for question in MANIFEST["questions"]}


@pytest.mark.parametrize("question", MANIFEST["questions"], ids=lambda question: question["text"])
def test_answer_stands_in_the_newest_version(question: dict[str, Any]) -> None:
    text = newest(question["document"])
    assert bare(question["answer"]) in text
    if "superseded" in question:
        before = bare_text(DOCUMENTS[question["document"]]["versions"][-2]["file"])
        assert bare(question["superseded"]) in before
        assert bare(question["superseded"]) not in text


def test_what_is_for_human_resources_stands_nowhere_else() -> None:
    secret = [
        bare(question["answer"])
        for question in MANIFEST["questions"]
        if DOCUMENTS[question["document"]]["collection"] == "human-resources"
    ]
    assert len(secret) >= 2
    for entry in DOCUMENTS.values():
        if entry["collection"] != "human-resources":
            for version in entry["versions"]:
                assert [words for words in secret if words in bare_text(version["file"])] == [], version[
                    "file"
                ]


def test_manifest_holds_no_password() -> None:
    text = (COMPANY / "manifest.toml").read_text(encoding="utf-8")
    assert not re.search(r"(?im)[\s{,](password|secret|token)\w*\s*=", text)
