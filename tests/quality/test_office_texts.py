"""Real files against what stands in them, as it was seen when they were opened: words, tables, columns, order.

Each names what a reader would miss first: rows whole and in their columns, columns one after the other, headings as
headings, and nothing of what is hidden. The Chinese ones are of the sample company; the office folder has none.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kbchat.parsing import BlockKind
from kbchat.parsing.sandbox import parse_sandboxed
from kbchat.settings.environment import PROJECT_ROOT
from tests.rules.parsing_support import texts

DOCLING = "docling/tests/data"
HAYSTACK = "haystack/test/test_files"
R2R = "r2r/py/core/examples"


@dataclass(frozen=True)
class Seen:
    """`said`: in this order; `rows`: whole rows of tables; `headings`: among others; `absent`: in no place."""

    path: str
    said: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    absent: tuple[str, ...] = field(default=())


SEEN = [
    Seen(
        f"{DOCLING}/pdf/sources/amt_handbook_sample.pdf",
        said=(
            "pulleys, provided the inner race of the bearing is clamped to the supporting structure",
            "The Boots self-locking nut is of one piece, all-metal construction designed to hold tight",
            "The wing type that is",
            "the most common ranges in size for No. 6 up to 1⁄4 inch",
            "Stainless Steel Self-Locking Nut",
            "increased to accommodate a fiber locking collar. This",
        ),
    ),
    Seen(
        f"{DOCLING}/pdf/sources/normal_4pages.pdf",
        said=(
            "확 진자는 9,661명, 사망자는 158명으로 나타났다",
            "이슈가 될 것으로 판단된다.",
            "통상 질병보험금에 비해",
        ),
        headings=("1 들어가며", "코로나-19 관련 보험약관상 재해보험금 지급문제 및 개선과제"),
    ),
    Seen(
        f"{R2R}/data/DeepSeek_R1.pdf",
        rows=(
            "DeepSeek-R1-Distill-Qwen-1.5B | 28.9 | 52.7 | 83.9 | 33.8 | 16.9 | 954",
            "DeepSeek-R1-Distill-Llama-8B | 50.4 | 80.0 | 89.1 | 49.0 | 39.6 | 1205",
        ),
        headings=("3.1. DeepSeek-R1 Evaluation",),
    ),
    Seen(
        f"{DOCLING}/pdf/sources/2305.03393v1-pg9.pdf",
        said=(
            "It is evident that with OTSL, our model achieves the same TED score",
            "Table 1. HPO performed in OTSL and HTML",
        ),
        headings=("5.1 Hyper Parameter Optimization", "5.2 Quantitative Results"),
    ),
    Seen(
        f"{DOCLING}/pdf/sources/redp5110_sampled.pdf",
        rows=(
            "Special register | Corresponding value",
            "USER or SESSION_USER | The effective user of the thread excluding adopted authority.",
            "CLIENT_PORT | INTEGER | Port used by the current client to communicate with the server",
        ),
    ),
    Seen(
        f"{DOCLING}/pdf/sources/table_mislabeled_as_picture.pdf",
        said=(
            "They work in parallel to State funded private practitioners",
            "23. If your country has an institutional legal aid provider",
            "26. If your country allows legal aid services through university-based student law clinics",
            "28. Are specialized legal aid services provided",
        ),
    ),
    Seen(
        f"{HAYSTACK}/pdf/sample_pdf_1.pdf",
        rows=(
            " | Column 1 | Column 2 | Column 3",
            "B | 234,523.00 | The quick brown fox jumped over the lazy dog. | 54x growth",
        ),
        headings=("A sample PDF file",),
    ),
    Seen(
        f"{DOCLING}/docx/sources/word_tables.docx",
        rows=(
            "Cell 1.0 | Merged Cell 1.1 1.2",
            "Cell 1.0 | Merged Cell 1.1 1.2 |  | Cell 1.3",
            "Cell 2.0 |  | Cell 2.2",
        ),
        headings=("Test with tables",),
    ),
    Seen(
        f"{DOCLING}/docx/sources/docx_rich_cells.docx",
        rows=("Simple cell upper left | Simple cell with bold and italic text",),
        # "strikethrough" and a "Cell 1" are struck out.
        said=(
            "This is a list: A First A Second A Third",
            "Rich cell A nested table A B C Cell 2 Cell 3",
        ),
    ),
    Seen(
        f"{DOCLING}/docx/sources/docx_list_resumed_numbering.docx",
        said=("1. First ordered item", "2. Second ordered item", "bullet one", "3. Third ordered item"),
    ),
    Seen(
        f"{DOCLING}/docx/sources/unit_test_headers_numbered.docx",
        headings=("1. Section 1", "1.1. Section 1.1", "1.2.1. Section 1.2.3", "2.1. Section 2.1"),
    ),
    Seen(
        f"{DOCLING}/docx/sources/docx_comments.docx",
        said=("This is the first paragraph that has a comment attached to it.",),
        absent=("Reviewer", "reviewer comment"),
    ),
    Seen(
        f"{DOCLING}/docx/sources/textbox.docx",
        said=(
            "Student falls ill",
            "Fever",
            "Headache",
            "A report must be submitted within 24 hours",
            "Case closed.",
        ),
    ),
    Seen(
        f"{DOCLING}/pptx/sources/powerpoint_sample.pptx",
        rows=("R1 | True | False |  | False | True | True",),
        said=(
            "With footnote",
            "A rectangle shape with this text inside.",
            "Some notes on the second slide.",
            "1. List item4",
        ),
        headings=("Test Table Slide", "Second slide title"),
    ),
    Seen(
        f"{DOCLING}/pptx/sources/pptx_chart.pptx",
        rows=(" | Freshwater Ducks | Saltwater Ducks", "2022 | 175 | 130", "Q3 | 30"),
    ),
    Seen(
        f"{DOCLING}/xlsx/sources/xlsx_07_gap_tolerance_.xlsx",
        rows=(
            "1.1 | Rated system voltage | kV | : | 130 (131 Um, 132 AC, 133 BIL)",
            "1.6 | Control voltage supply |  | : | 2 x 136V AC UPS 1 x 137V AC normal | Note 1",
            "1.11 | Ambient temp. | ºC | : | Min. -5, max. +40",
        ),
    ),
    Seen(
        f"{R2R}/supported_file_types/xlsx.xlsx",
        rows=(
            "0 | First Name | Last Name | Gender | Country | Age | Date | Id",
            "6 | Gaston | Brumm | Male | United States | 24 | 21/05/2015 | 2554",
        ),
    ),
    Seen(
        f"{DOCLING}/odf/sources/text_document_03.odt",
        rows=(
            "This is a list: A First A Second A Third | This is a formatted list: B First B Second B Third",
        ),
        headings=("Table with rich cells", "Table with nested table"),
    ),
    Seen(
        f"{DOCLING}/html/sources/wiki_duck.html",
        said=("Duck is the common name for numerous species of waterfowl in the family Anatidae.",),
        rows=("Domain: | Eukaryota", "Kingdom: | Animalia"),
        headings=("Duck",),
    ),
    Seen(
        f"{DOCLING}/html/sources/example_08.html",
        rows=("Year | Month | Revenue | Cost", " | January | $134 | $162", " |  | February | $150 | $155"),
    ),
    Seen(
        f"{DOCLING}/csv/sources/csv-comma.csv",
        said=("2 | 1Ef7b82A4CAAD10 | Preston | Lozano, Dr | Vega-Gentry | East Jimmychester | Djibouti",),
    ),
    Seen(
        f"{HAYSTACK}/msg/sample.msg",
        said=(
            "To: Sebastian Lee <sebastian.lee@deepset.ai>",
            "Here is a hyperlink of deepset's website.",
            "A sample PDF file",
        ),
        absent=("sebastian.lee+bcc",),
    ),
]


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: Path(seen.path).name)
def test_an_office_file_says_what_was_seen(shared_data: Path, seen: Seen) -> None:
    check(shared_data / "office" / seen.path, seen)


CHINESE = [
    Seen(
        "shanghai/annual-leave-shanghai-2025.pdf",
        rows=("累计工作年限 | 法定年假 | 福利年假 | 小计", "满 10 年，不满 20 年 | 10 天 | 5 天 | 15 天"),
        said=("2025 年公司的年假由法定年假、福利年假和司龄假三部分组成，全年合计最多 23 天。",),
        headings=("年假政策（上海）2025", "二、年假天数"),
    ),
    Seen(
        "shanghai/travel-expenses-shanghai-2025.docx",
        rows=("住宿（每晚上限） | 600 元 | 450 元 | 1,300 港元 | 150 欧元",),
        said=("高铁乘坐二等座；单程超过 5 小时的，可以乘坐一等座。",),
        headings=("二、事前审批", "四、住宿与补贴标准"),
    ),
    Seen(
        "hr/salary-grades-shanghai-2025.docx",
        rows=("P5 | 首席工程师、部门负责人 | 35,500 | 44,000 | 52,500 | 3 个月",),
        said=("P3 等级的月基本工资范围为 17,600 元至 26,200 元。", "试用期工资不低于转正工资的 90%。"),
    ),
    Seen(
        "shanghai/attendance-shanghai.txt",
        said=("2. 实行弹性上下班：上班时间为 8:00 至 10:00", "1. 试用期满的员工每周可以远程办公 2 天"),
        headings=("一、工作时间", "二、远程办公", "三、加班"),
    ),
]


@pytest.mark.parametrize("seen", CHINESE, ids=lambda seen: Path(seen.path).name)
def test_a_chinese_file_says_what_was_seen(seen: Seen) -> None:
    check(PROJECT_ROOT / "deploy/sample_company/documents" / seen.path, seen)


def check(path: Path, seen: Seen) -> None:
    document = parse_sandboxed(path.read_bytes(), path.name)
    reached = 0
    for words in seen.said:
        place = document.text.find(words, reached)
        assert place >= 0, (words, document.text[reached : reached + 500])
        reached = place
    rows = [document.text_of(row) for block in document.blocks for row in block.rows]
    assert [row for row in seen.rows if row not in rows] == []
    headings = texts(document, BlockKind.HEADING)
    assert [heading for heading in seen.headings if heading not in headings] == []
    assert [words for words in seen.absent if words in document.text] == []
