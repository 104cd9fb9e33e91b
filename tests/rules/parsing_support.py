"""What every parsed document keeps, whatever it was parsed from."""

from kbchat.parsing import Block, BlockKind, ParsedDocument, from_json, parse, to_json
from kbchat.parsing.characters import visible


def check_promises(document: ParsedDocument) -> None:
    """Fails when a document breaks a promise that later rooms rely on."""
    reached = 0
    for block in document.blocks:
        text = document.text_of(block.span)
        assert block.span.start >= reached, "blocks are in order and do not overlap"
        assert text.strip(), "no block is blank"
        assert document.text[reached : block.span.start].strip() == "", "nothing stands between blocks"
        _check_block(block, text, document)
        reached = block.span.end
    assert document.text[reached:] == "", "the text ends with its last block"
    assert visible(document.text) == (document.text, frozenset()), "nothing invisible is left"
    assert document.report.characters == len(document.text)
    assert document.title.strip()
    assert from_json(to_json(document)) == document
    _check_paths(document)
    _check_sections(document)


def _check_block(block: Block, text: str, document: ParsedDocument) -> None:
    if block.kind is BlockKind.TABLE:
        assert "\n".join(document.text_of(row) for row in block.rows) == text
    else:
        assert block.rows == ()
    assert (block.level is not None) == (block.kind in (BlockKind.HEADING, BlockKind.LIST_ITEM))
    if block.kind is BlockKind.HEADING:
        assert "\n" not in text


def _check_paths(document: ParsedDocument) -> None:
    above: list[tuple[int, str]] = []
    for block in document.blocks:
        if block.kind is BlockKind.HEADING:
            assert block.level is not None
            while above and above[-1][0] >= block.level:
                above.pop()
        assert block.heading_path == tuple(title for _, title in above)
        if block.kind is BlockKind.HEADING:
            assert block.level is not None
            above.append((block.level, document.text_of(block.span)))


def _check_sections(document: ParsedDocument) -> None:
    sections = document.sections
    assert sections[0].span.start == 0
    assert sections[0].span.end == len(document.text)
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    assert len(sections) == len(headings) + 1
    for section, heading in zip(sections[1:], headings, strict=True):
        assert section.parent is not None
        parent = sections[section.parent]
        assert parent.span.start <= section.span.start <= section.span.end <= parent.span.end
        assert parent.level < section.level
        assert section.path == (*heading.heading_path, document.text_of(heading.span))


def parsed(source: str | bytes, filename: str) -> ParsedDocument:
    """``source`` parsed, with its promises checked."""
    document = parse(source.encode() if isinstance(source, str) else source, filename)
    check_promises(document)
    return document


def outline(document: ParsedDocument) -> list[tuple[str, str]]:
    """Kind and text of each block, for comparing a whole document at a glance."""
    return [(block.kind.value, document.text_of(block.span)) for block in document.blocks]


def texts(document: ParsedDocument, kind: BlockKind) -> list[str]:
    """The texts of the blocks of one kind."""
    return [document.text_of(block.span) for block in document.blocks if block.kind is kind]


def block_with(document: ParsedDocument, part: str) -> Block:
    """The one block whose text contains ``part``."""
    found = [block for block in document.blocks if part in document.text_of(block.span)]
    assert len(found) == 1, outline(document)
    return found[0]
