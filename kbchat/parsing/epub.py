"""EPUB to blocks: the chapters in the order in which they are read, each a section."""

import re
from typing import Any, Final

from kbchat.parsing import html
from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.characters import on_one_line
from kbchat.parsing.contract import Source
from kbchat.parsing.document import BlockKind, ParsedDocument
from kbchat.parsing.encoding import decode
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.sniffing import EPUB
from kbchat.parsing.xml_parts import BROKEN_XML, attribute, child, children, local_name, root_of, words_of
from kbchat.parsing.zip_package import ZipPackage, member_beside, opened_package

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_PAGES: Final = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_MOST_CHAPTER_BYTES: Final = 16 << 20
_DECLARED: Final = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""")
_DECLARED_WITHIN: Final = 400
_NAMES_NOTHING: Final = ("", "unknown")
_EMPTY_ELEMENT: Final = re.compile(r"<([a-zA-Z][\w:-]*)(\s[^<>]*)?/>")
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: TOO_LARGE_UNPACKED, PASSWORD_PROTECTED for a book that is locked, or CORRUPT."""
    with opened_package(source.data) as package:
        return _Book(package).document()


class _Book:
    def __init__(self, package: ZipPackage) -> None:
        self._package = package
        container = root_of(package.read(_CONTAINER))
        self._place = attribute(next(container.iter("{*}rootfile"), None), "full-path")
        self._root = root_of(package.read(self._place))
        self._items = {attribute(one, "id"): one for one in children(child(self._root, "manifest"), "item")}
        self._builder = DocumentBuilder()

    def document(self) -> ParsedDocument:
        labels = self._labels()
        chapters = self._chapters()
        self._check_locks(chapters)
        for place in chapters:
            self._chapter(self._package.read(place), labels.get(place, ""))
        told = on_one_line(words_of(child(child(self._root, "metadata"), "title")))
        return self._builder.finish(title="" if told.lower() in _NAMES_NOTHING else told, media_type=EPUB)

    def _chapters(self) -> list[str]:
        """Where the pages stand that are read one after the other; the table of contents is none of them."""
        found: dict[str, None] = {}
        for reference in children(child(self._root, "spine"), "itemref"):
            item = self._items.get(attribute(reference, "idref"))
            if item is None:
                continue  # readers pass over what the book names and does not hold
            is_contents = "nav" in attribute(item, "properties").split()
            if attribute(item, "media-type") in _PAGES and not is_contents:
                found[self._place_of(item)] = None
        return list(found)

    def _check_locks(self, chapters: list[str]) -> None:
        """Fonts may be scrambled; a page that is encrypted can be read by nobody without the key."""
        if _ENCRYPTION in self._package:
            root = root_of(self._package.read(_ENCRYPTION))
            locked = {member_beside("", attribute(one, "URI")) for one in root.iter("{*}CipherReference")}
            if locked.intersection(chapters):
                raise ParseError(ParseErrorCode.PASSWORD_PROTECTED)

    def _chapter(self, data: bytes, label: str) -> None:
        """Its highest headings are those of the book; one that begins without any gets its name from the contents."""
        if len(data) > _MOST_CHAPTER_BYTES:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_bytes=_MOST_CHAPTER_BYTES)
        declared = _DECLARED.match(data[:_DECLARED_WITHIN])
        encoding = declared[1].decode("ascii") if declared else "utf-8"
        text = _as_html(decode(data, declared=encoding).text)
        chapter = html.parse(Source(text.encode("utf-8", "replace"), "", "utf-8"))
        ranks = [block.level or 1 for block in chapter.blocks if block.kind is BlockKind.HEADING]
        begins_with_heading = bool(chapter.blocks) and chapter.blocks[0].kind is BlockKind.HEADING
        is_named = bool(label and chapter.blocks) and not begins_with_heading
        if is_named:
            self._builder.heading(label, 1)
        self._builder.include(chapter, below=(1 if is_named else 0) + 1 - min(ranks, default=1))

    def _labels(self) -> dict[str, str]:
        """Names of chapters by place: the contents of today's books, or those of older ones."""
        labels: dict[str, str] = {}
        for item in self._items.values():
            is_contents = "nav" in attribute(item, "properties").split()
            if is_contents or attribute(item, "media-type") == "application/x-dtbncx+xml":
                place = self._place_of(item)
                for target, label in self._entries(place):
                    labels.setdefault(member_beside(place, target), label)
        return labels

    def _entries(self, place: str) -> list[tuple[str, str]]:
        """Targets and labels in a table of contents; none where it cannot be read, since the book can do without."""
        try:
            root = root_of(self._package.read(place))
        except (KeyError, *BROKEN_XML):
            return []
        entries = []
        for entry in root.iter("{*}a", "{*}navPoint"):
            is_link = local_name(entry) == "a"
            target = attribute(entry, "href") if is_link else attribute(child(entry, "content"), "src")
            entries.append((target, on_one_line(words_of(entry if is_link else child(entry, "navLabel")))))
        return [(target, label) for target, label in entries if target and label]

    def _place_of(self, item: Any) -> str:
        return member_beside(self._place, attribute(item, "href"))


def _as_html(xhtml: str) -> str:
    """Elements that XML closes at once, closed as HTML does; else an empty title would swallow the page."""

    def closed(match: re.Match[str]) -> str:
        name, attributes = match[1], match[2] or ""
        return match[0] if name.lower() in _VOID else f"<{name}{attributes}></{name}>"

    return _EMPTY_ELEMENT.sub(closed, xhtml)
