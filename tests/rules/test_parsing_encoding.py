"""Characters of text files: certain where the file says so, guessed where it is clear, asked otherwise."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.parsing import ParseError, ParseErrorCode, parse
from kbchat.parsing.encoding import decode, load_for, utf16_order

LEAVE = "员工累计工作已满一年不满十年的，年休假五天。"
LEAVE_TRADITIONAL = "員工請特別休假應於三日前提出申請。"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("年假 leave".encode(), "utf-8"),
        ("年假 leave".encode("utf-8-sig"), "utf-8"),
        ("年假 leave".encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + "年假 leave".encode("utf-16-be"), "utf-16-be"),
        ("年假 leave".encode("utf-32"), "utf-32-le"),
    ],
)
def test_certain_encodings_are_certain(data: bytes, encoding: str) -> None:
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.confidence) == ("年假 leave", encoding, 1.0)


def test_utf16_without_a_mark() -> None:
    decoded = decode("Leave policy: 年假".encode("utf-16-le"))
    assert (decoded.text, decoded.encoding) == ("Leave policy: 年假", "utf-16-le")


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    [
        f"第一条\n{LEAVE}\n",
        f"規定\n{LEAVE_TRADITIONAL}\n",
        "休暇規程\n従業員は年に二十日の休暇を取得できる。\n",
        "휴가 규정은 다음과 같다.",
        "Отпуск работника: 28 дней.\n",
    ],
)
def test_utf16_without_a_mark_in_other_scripts(text: str, order: str) -> None:
    document = parse(text.encode(order), "note.txt")
    assert document.report.encoding == order
    assert document.text.split() == text.split()


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"\x00\x4e\x01\x00" * 40,
        "年假\0政策\n".encode("gbk"),
        "年假\0政策\n".encode(),
        bytes((7 * place * place + 13) % 251 for place in range(2000)),
    ],
)
def test_what_is_no_writing_is_no_utf16(data: bytes) -> None:
    assert utf16_order(data) is None


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("休暇規程\n従業員は休暇を取得できる。\n", "iso2022_jp", "iso2022-jp"),
        (f"第一条\n{LEAVE}\n", "hz", "hz"),
    ],
)
def test_alphabets_that_marks_begin(text: str, encoding: str, name: str) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, name)


def test_braces_behind_a_tilde_are_no_marks() -> None:
    assert decode(rb"\~{abcd~} and ~{nope~}").encoding == "utf-8"


POLISH = (
    "Każdy pracownik ma prawo do dwudziestu sześciu dni urlopu wypoczynkowego rocznie. Wniosek należy złożyć co "
    "najmniej czternaście dni wcześniej. Przełożony zatwierdza urlop w ciągu trzech dni. Święta są dodatkowo płatne.\n"
)
FRENCH = "Règlement intérieur. Chaque salarié bénéficie de vingt-cinq jours de congés payés par an.\n"
GERMAN = "Der Urlaub beträgt dreißig Tage für Müller. Die Verträge gelten für alle.\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (POLISH, "iso8859-2"),
        (FRENCH, "cp850"),
        (FRENCH, "mac_roman"),
        (GERMAN, "cp850"),
        (GERMAN, "mac_roman"),
    ],
)
def test_words_that_no_language_has_are_asked(text: str, encoding: str) -> None:
    with pytest.raises(ParseError) as failure:
        decode((text * 3).encode(encoding))
    assert failure.value.code is ParseErrorCode.ENCODING_UNSURE


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (POLISH, "cp1250"),
        (FRENCH, "cp1252"),
        (GERMAN, "cp1252"),
        (
            "„Wer fragt…antwortet‚ so‘ – 5 § 3 Abs. 2±1, Škoda, Œuvre, ŠKODA: gilt für Müller und alle Verträge.",
            "cp1252",
        ),
    ],
)
def test_words_that_are_some_are_read(text: str, encoding: str) -> None:
    assert decode((text * 3).encode(encoding)).text == text * 3


@pytest.mark.parametrize("text", ["年假政策", "加班费", "请假流程", "公司 2025 年的年假政策是什么?", LEAVE])
def test_short_simplified_files(text: str) -> None:
    decoded = decode(text.encode("gbk"))
    assert (decoded.text, decoded.encoding) == (text, "gb18030")
    assert 0.5 < decoded.confidence < 1


@pytest.mark.parametrize("text", ["加班費", "公司請假規定", LEAVE_TRADITIONAL])
def test_short_traditional_files(text: str) -> None:
    decoded = decode(text.encode("big5"))
    assert (decoded.text, decoded.encoding) == (text, "cp950")


def test_traditional_text_in_gb18030() -> None:
    assert decode(LEAVE_TRADITIONAL.encode("gb18030")).text == LEAVE_TRADITIONAL


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Employees’ leave – 15 days “paid”", "cp1252"),
        ("Überstunden müssen genehmigt werden", "cp1252"),
        ("Отпуск работника составляет двадцать восемь календарных дней в году", "cp1251"),
        ("年次有給休暇は労働基準法に基づき付与されます。", "shift_jis"),
        ("年次有給休暇は労働基準法に基づき付与されます。", "euc_jp"),
        ("연차 휴가는 근로기준법에 따라 부여됩니다. 대한민국", "euc_kr"),
    ],
)
def test_other_languages_are_not_taken_for_chinese(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("data", ["Zażółć gęślą jaźń".encode("iso8859-2"), "ñ".encode("cp1252"), b"\xd0\xc5"])
def test_what_stays_unclear_is_asked(data: bytes) -> None:
    with pytest.raises(ParseError) as failure:
        parse(data, "note.txt")
    assert failure.value.code is ParseErrorCode.ENCODING_UNSURE
    assert failure.value.facts["candidates"]


def test_the_answer_is_believed() -> None:
    data = "Zażółć gęślą jaźń".encode("iso8859-2")
    document = parse(data, "note.txt", encoding="iso8859-2")
    assert document.text == "Zażółć gęślą jaźń"
    assert document.report.encoding_confidence == 1.0


@pytest.mark.parametrize("told", ["utf-8", "klingon-8", "base64"])
def test_an_impossible_answer_is_asked_again(told: str) -> None:
    with pytest.raises(ParseError) as failure:
        decode("年假政策年假政策".encode("gbk"), told=told)
    assert failure.value.code is ParseErrorCode.ENCODING_UNSURE


def test_one_flipped_byte_does_not_cost_the_file() -> None:
    data = (LEAVE * 20).encode()
    document = parse(data[:301] + b"\xff" + data[301:], "note.txt")
    assert document.report.encoding == "utf-8"
    assert document.text.startswith(LEAVE)
    assert "unreadable_characters" in document.report.notes


def test_a_file_cut_in_a_character() -> None:
    assert decode((LEAVE * 20).encode("gbk")[:-1]).text.startswith(LEAVE * 19)


@given(st.binary(max_size=200))
def test_any_bytes_give_text_or_a_question(data: bytes) -> None:
    code = None
    try:
        decoded = decode(data)
        assert 0 < decoded.confidence <= 1
    except ParseError as error:
        code = error.code
    assert code in (None, ParseErrorCode.ENCODING_UNSURE)


@given(st.binary(max_size=50))
def test_loading_ahead_never_fails(data: bytes) -> None:
    load_for(data, told="klingon-8")


@pytest.mark.parametrize(
    ("folder", "encoding", "length", "share"),
    [
        ("xquad-zh", "gb18030", 8, 0.9),
        ("xquad-zh", "gb18030", 60, 0.99),
        ("drcd-dev", "cp950", 8, 0.9),
        ("drcd-dev", "cp950", 60, 0.99),
        ("drcd-dev", "gb18030", 60, 0.99),
    ],
)
def test_snippets_of_real_text(
    shared_data: Path, folder: str, encoding: str, length: int, share: float
) -> None:
    """Cut out of real articles: nearly all are read, and hardly one of them wrongly."""
    right = wrong = asked = 0
    with (shared_data / "ir" / folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in list(lines)[:240]:
            snippet = json.loads(line)["text"][10 : 10 + length]
            try:
                data = snippet.encode(encoding)
            except UnicodeEncodeError:
                continue
            try:
                is_right = decode(data).text == snippet
            except ParseError:
                asked += 1
            else:
                right += is_right
                wrong += not is_right
    assert right >= share * (right + wrong + asked)
    assert wrong <= 0.01 * (right + wrong + asked)
