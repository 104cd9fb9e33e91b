"""Chunks: slices of the text that fit the encoder's window, whole tables, kept headings. By hand and by hypothesis."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import ChunkDraft, chunk, indexed_text
from kbchat.parsing import BlockKind, ParsedDocument, parse

COUNTER = HashEmbedder(window_tokens=60)


def parsed(text: str) -> ParsedDocument:
    return parse(text.encode(), "page.md")


def texts(document: ParsedDocument, drafts: list[ChunkDraft]) -> list[str]:
    return [document.text_of(draft.span) for draft in drafts]


def test_a_chunk_stays_in_its_section_and_carries_its_headings() -> None:
    document = parsed(
        "# Handbook\n\nWelcome.\n\n## Leave\n\n28 days.\n\nAsk early.\n\n## Sickness\n\nCall in.\n"
    )
    drafts = chunk(document, COUNTER)
    assert texts(document, drafts) == ["Welcome.", "28 days.\n\nAsk early.", "Call in."]
    assert [draft.prefix for draft in drafts] == ["Handbook", "Handbook › Leave", "Handbook › Sickness"]
    assert [document.sections[draft.section].path for draft in drafts] == [
        ("Handbook",),
        ("Handbook", "Leave"),
        ("Handbook", "Sickness"),
    ]


def test_a_heading_with_nothing_below_it_is_a_chunk_and_one_with_something_is_not() -> None:
    document = parsed("# Guide\n\n## Only a promise\n\n## Leave\n\n28 days.\n")
    assert texts(document, chunk(document, COUNTER)) == ["Only a promise", "28 days."]


def test_table_rows_stay_whole_and_later_chunks_carry_the_header() -> None:
    rows = "\n".join(f"| grade {n} | {n}000 euro a month and a bonus in May |" for n in range(12))
    document = parsed(f"# Pay\n\n| Grade | Salary |\n| --- | --- |\n{rows}\n")
    drafts = chunk(document, COUNTER)
    assert len(drafts) > 1
    assert drafts[0].prefix == "Pay"
    assert {draft.prefix for draft in drafts[1:]} == {"Pay\nGrade | Salary"}
    lines = [line for text in texts(document, drafts) for line in text.split("\n")]
    assert lines[1:] == [f"grade {n} | {n}000 euro a month and a bonus in May" for n in range(12)]


def test_what_is_too_long_is_divided_at_the_ends_of_sentences_in_both_languages() -> None:
    english = " ".join(f"Sentence number {n} says something about leave." for n in range(30))
    chinese = "".join(f"第{n}条规定说明年假如何计算。" for n in range(30))
    for text, ending in ((english, "."), (chinese, "。")):
        document = parsed(text)
        parts = texts(document, chunk(document, COUNTER))
        assert len(parts) > 3
        assert all(part.endswith(ending) for part in parts)


def test_a_word_longer_than_the_window_loses_nothing() -> None:
    document = parsed("年" * 500)
    assert "".join(texts(document, chunk(document, COUNTER))) == "年" * 500


def test_headings_too_long_for_their_share_are_shortened_from_outside() -> None:
    long = "An extremely long chapter title that goes on and on for more words than anybody would want"
    document = parsed(f"# {long}\n\n## Leave\n\n28 days.\n")
    assert [draft.prefix for draft in chunk(document, COUNTER)] == ["Leave"]


_LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)
_PAGE = st.lists(
    st.one_of(
        _LINE,
        _LINE.map("# {}".format),
        _LINE.map("### {}".format),
        _LINE.map("- {}".format),
        st.lists(_LINE, min_size=2, max_size=4).map(lambda cells: f"| {' | '.join(cells)} |"),
        st.just("| --- | --- |"),
        st.sampled_from(["公司年假政策是什么？" * 30, "word " * 200, "```\ncode\n```"]),
    ),
    min_size=1,
    max_size=15,
).map("\n\n".join)


@settings(max_examples=150, deadline=None)
@given(_PAGE)
def test_chunks_fit_keep_their_order_and_lose_nothing(page: str) -> None:
    if not page.strip():
        return
    try:
        document = parsed(page)
    except Exception:  # noqa: BLE001 (what the parser refuses is not chunked)
        return
    drafts = chunk(document, COUNTER)
    for draft in drafts:
        text = document.text_of(draft.span)
        assert text.strip()
        assert COUNTER.count_tokens([indexed_text(draft.prefix, text)])[0] <= COUNTER.window_tokens
    spans = [draft.span for draft in drafts]
    assert all(a.end <= b.start for a, b in pairwise(spans))
    held = {place for span in spans for place in range(span.start, span.end)}
    for block in document.blocks:
        if block.kind not in (BlockKind.HEADING, BlockKind.PAGE_FURNITURE):
            lost = [
                document.text[place]
                for place in range(block.span.start, block.span.end)
                if place not in held and not document.text[place].isspace()
            ]
            assert lost == [] or block.rows, f"lost {''.join(lost)!r}"
