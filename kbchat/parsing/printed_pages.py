"""Pages as they are printed, written into a document: furniture, paragraphs, headings and tables, each in its place.

For every format whose text has places on pages, whether a file says where they are or they were recognised.
"""

from collections.abc import Iterable, Iterator, Sequence

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.pdf_furniture import Flow, mark_furniture
from kbchat.parsing.pdf_headings import Outline, body_size, levels_of, looks_like_heading
from kbchat.parsing.pdf_lines import Line
from kbchat.parsing.pdf_paragraphs import Leading, Paragraph, paragraphs_of
from kbchat.parsing.pdf_tables import Table
from kbchat.parsing.pdf_typesetting import Typesetter

_Part = Paragraph | Table | Line


def write_pages(
    builder: DocumentBuilder, flows: Sequence[Flow], outline: Iterable[tuple[int, str, int]] = ()
) -> None:
    """All of ``flows``, whose furniture is found here. ``outline``: (page, title, level) of the file's own contents."""
    mark_furniture(flows)
    leading = Leading({flow.page: list(flow.lines) for flow in flows})
    parts = [part for flow in flows for part in _parts(flow, leading)]
    levels = _levels(parts, flows, leading, Outline(outline))
    typesetter = Typesetter(builder, _words_of(flows))
    for position, (flow, part) in enumerate(parts):
        if isinstance(part, Table):
            typesetter.table(part, flow)
        elif isinstance(part, Line):
            _hide(part, builder)
            typesetter.furniture(part, flow)
        else:
            for line in part.lines:
                _hide(line, builder)
            typesetter.paragraph(part, flow, levels.get(position))


def _levels(
    parts: Sequence[tuple[Flow, _Part]], flows: Sequence[Flow], leading: Leading, outline: Outline
) -> dict[int, int]:
    lines = [list(flow.lines) for flow in flows]
    body = body_size(lines)
    weights = [(len(line.text), line.bold) for page in lines for line in page]
    is_bold_body = sum(n for n, bold in weights if bold) > 0.5 * sum(n for n, _ in weights)
    headings = {}
    for position, (flow, part) in enumerate(parts):
        if isinstance(part, Paragraph):
            told = outline.level_of(flow.page, part.text)
            usual = leading.of(part.size, flow.page)
            if told or looks_like_heading(part, body, is_bold_body=is_bold_body, leading=usual):
                headings[position] = (part, told)
    return levels_of(headings)


def _hide(line: Line, builder: DocumentBuilder) -> None:
    for part in line.hidden:
        builder.hide(part)


def _parts(flow: Flow, leading: Leading) -> Iterator[tuple[Flow, _Part]]:
    """Paragraphs, tables and furniture lines of a page in order."""
    run: list[Line] = []
    for item in flow.items:
        if isinstance(item, Line) and id(item) not in flow.furniture:
            run.append(item)
            continue
        yield from ((flow, paragraph) for paragraph in paragraphs_of(run, flow.page, leading))
        run = []
        yield flow, item
    yield from ((flow, paragraph) for paragraph in paragraphs_of(run, flow.page, leading))


def _words_of(flows: Sequence[Flow]) -> frozenset[str]:
    """The words of the document with a hyphen or without, to judge a hyphen at a line's end by."""
    return frozenset(
        word.strip(".,;:()[]“”\"'").casefold()
        for flow in flows
        for line in flow.lines
        for word in line.text.split()
    )
