"""Markdown to blocks: rendered to HTML and read as HTML.

So a page gives the text that its readers see, whatever mixture of Markdown and HTML it was written in,
and what is hidden or struck out in one notation is hidden in the other. Nothing is linked or fetched.
"""

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.contract import Source
from kbchat.parsing.document import ParsedDocument, ParseNote
from kbchat.parsing.encoding import decode
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.front_matter import split_front_matter
from kbchat.parsing.html import add_html
from kbchat.parsing.html_elements import KNOWN
from kbchat.parsing.sniffing import MARKDOWN
from kbchat.parsing.templating import as_plain_markdown


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: ENCODING_UNSURE, or CORRUPT for nesting that no renderer survives."""
    decoded = decode(source.data, told=source.encoding)
    builder = DocumentBuilder()
    if decoded.broken:
        builder.note(ParseNote.UNREADABLE_CHARACTERS)
    # Before Markdown is read: an invisible character must not decide what is markup.
    front = split_front_matter(builder.seen(decoded.text))
    if not front.is_readable:
        builder.note(ParseNote.FRONT_MATTER_UNREADABLE)
    add_html(builder, _rendered(front.body))
    return builder.finish(
        title=front.title.strip() or builder.first_top_heading,
        media_type=MARKDOWN,
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
    )


def _rendered(markdown: str) -> str:
    reader = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Renderer).enable(
        ["table", "strikethrough"]
    )
    try:
        return str(reader.render(as_plain_markdown(markdown)))
    except (RecursionError, IndexError, ValueError) as error:
        raise ParseError(ParseErrorCode.CORRUPT) from error


class _Renderer(RendererHTML):
    """Prints what only looks like HTML: ``<your name>`` is for the reader to fill in."""

    def html_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return _html_or_words(tokens[idx].content)

    def html_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return _html_or_words(tokens[idx].content)


def _html_or_words(html: str) -> str:
    name = html.lstrip().lstrip("</").split(">", 1)[0].split("/", 1)[0].split(None, 1)
    is_known = (
        html.lstrip().startswith(("<!", "<?"))
        or (name and name[0].lower() in KNOWN)
        or "-" in "".join(name[:1])
    )
    return html if is_known else escapeHtml(html)
