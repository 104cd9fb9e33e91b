"""The text of one paragraph of a DOCX as Word shows it, and how its XML is read."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kbchat.parsing.document import HiddenPart
from kbchat.parsing.docx_equations import linear
from kbchat.parsing.note_calls import Call, written_with_calls, written_without_calls
from kbchat.parsing.raised import Piece

if TYPE_CHECKING:
    from kbchat.parsing.docx_notes import Notes
    from kbchat.parsing.docx_styles import RunLook, Styles

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TINY_HALF_POINTS = 4
_DEEPEST = 60


def w(name: str) -> str:
    """The name of an element or attribute of WordprocessingML as lxml spells it."""
    return _W + name


def child(element: Any, name: str) -> Any:
    """The first child of that name, None when it or the element itself is missing."""
    return None if element is None else element.find(_W + name)


def children(element: Any, name: str) -> Iterator[Any]:
    return iter(element.findall(_W + name))


def value(element: Any) -> str | None:
    """The ``w:val`` of an element, None when there is none."""
    told = None if element is None else element.get(_W + "val")
    return None if told is None else str(told)


def is_on(element: Any) -> bool:
    """Whether a switch is on: it is there, and does not say that it is off."""
    return element is not None and value(element) not in ("0", "false", "off")


class ParagraphText:
    """``text`` with line breaks as \\n; ``title`` is the same without the marks of notes; ``calls`` are those of the
    notes; ``text_boxes`` are the contents of boxes anchored in it.

    Deleted and struck text and text that is not seen is left out and named in ``hidden``.
    """

    def __init__(self, paragraph: Any, styles: "Styles", notes: "Notes") -> None:
        self._paragraph = paragraph
        self._styles = styles
        self._notes = notes
        self._parts: list[Piece | Call] = []
        self._is_raised = False
        self.hidden: set[HiddenPart] = set()
        self.text_boxes: list[Any] = []
        self.pictures = 0
        self._children(paragraph, 0)
        self.text = written_with_calls(self._parts)
        self.title = written_without_calls(self._parts)
        self.calls = [part for part in self._parts if isinstance(part, Call)]

    def _children(self, element: Any, depth: int) -> None:
        if element is not None and depth < _DEEPEST:
            for inner in element:
                self._element(inner, depth + 1)

    def _element(self, element: Any, depth: int) -> None:
        tag = element.tag
        if tag == _W + "r":
            self._run(element, depth)
        elif tag in (_W + "del", _W + "moveFrom"):
            if any((text.text or "").strip() for text in element.iter(_W + "delText", _W + "t")):
                self.hidden.add(HiddenPart.TRACKED_DELETIONS)
        elif tag == _M + "oMath":
            # Word sets equations that follow each other apart.
            said = written_with_calls(self._parts[-1:])
            before = " " if said and not said[-1].isspace() else ""
            is_next = element.getprevious() is not None and element.getprevious().tag == _M + "oMath"
            self._say((before if is_next else "") + linear(element, self._said_in_equation))
        elif tag == _MC + "AlternateContent":
            self._alternative(element, depth)
        elif tag == _W + "sdt":
            self._children(child(element, "sdtContent"), depth)
        elif tag in _TRANSPARENT or (isinstance(tag, str) and tag.startswith(_M)):
            self._children(element, depth)

    def _run(self, run: Any, depth: int) -> None:
        looks = self._looks(child(run, "rPr"))
        reason = self._why_hidden(child(run, "rPr"), looks)
        before, was_raised = len(self._parts), self._is_raised
        self._is_raised = next((look.is_raised for look in looks if look.is_raised is not None), was_raised)
        for inner in run:
            self._in_run(inner, depth + 1)
        self._is_raised = was_raised
        if reason is not None:
            if written_with_calls(self._parts[before:]).strip():
                self.hidden.add(reason)
            del self._parts[before:]

    def _say(self, text: str) -> None:
        self._parts.append((text, self._is_raised))

    def _looks(self, properties: Any) -> "list[RunLook]":
        return list(self._styles.run_looks(properties, self._paragraph))

    def _said_in_equation(self, run: Any) -> str:
        text = "".join(part.text or "" for part in run.iter(_M + "t", _W + "t"))
        properties = child(run, "rPr")
        reason = self._why_hidden(properties, self._looks(properties))
        if reason is None:
            return text
        if text.strip():
            self.hidden.add(reason)
        return ""

    def _in_run(self, element: Any, depth: int) -> None:
        tag = element.tag
        if tag == _W + "t":
            self._say(element.text or "")
        elif tag in _SIGNS:
            self._say(_SIGNS[tag])
        elif tag == _W + "br":
            self._say("\n")
        elif tag == _W + "sym":
            self._say(_symbol(element))
        elif tag == _W + "ruby":
            # The words; how they are spoken stands above them, as in a page.
            self._children(child(element, "rubyBase"), depth)
        elif tag in (_W + "footnoteReference", _W + "endnoteReference"):
            call = self._notes.called(element)
            self._parts += [] if call is None else [call]
        elif tag in (_W + "drawing", _W + "pict", _W + "object"):
            self._drawing(element)
        elif tag == _MC + "AlternateContent":
            self._alternative(element, depth)

    def _alternative(self, element: Any, depth: int) -> None:
        """Two spellings of the same thing, of which one is read."""
        chosen = element.find(_MC + "Choice")
        chosen = element.find(_MC + "Fallback") if chosen is None else chosen
        if chosen is not None and depth < _DEEPEST:
            for inner in chosen:
                self._in_run(inner, depth + 1)
                self._element(inner, depth + 1)

    def _drawing(self, element: Any) -> None:
        boxes = list(element.iter(_W + "txbxContent"))
        # A box inside a box is reached through the outer one.
        inner = {id(box) for outer in boxes for box in outer.iter(_W + "txbxContent") if box is not outer}
        self.text_boxes += [box for box in boxes if id(box) not in inner]
        if not boxes:
            self.pictures += 1

    def _why_hidden(self, properties: Any, looks: "Sequence[RunLook]") -> HiddenPart | None:
        vanish = next((look.vanish for look in looks if look.vanish is not None), False)
        color = next((look.color for look in looks if look.color is not None), "auto")
        size = next((look.half_points for look in looks if look.half_points is not None), None)
        if vanish or is_on(child(properties, "specVanish")):
            return HiddenPart.HIDDEN_TEXT
        if next((look.is_struck for look in looks if look.is_struck is not None), False):
            return HiddenPart.TRACKED_DELETIONS
        if size is not None and size < _TINY_HALF_POINTS:
            return HiddenPart.TINY_TEXT
        is_white = color.upper() == "FFFFFF"
        if is_white and not any(look.is_shaded for look in looks) and not _stands_on_colour(self._paragraph):
            return HiddenPart.WHITE_TEXT
        return None


_TRANSPARENT = frozenset(
    _W + name for name in ("hyperlink", "ins", "moveTo", "smartTag", "fldSimple", "customXml", "dir", "bdo")
)
_SIGNS = {
    _W + "tab": "\t",
    _W + "ptab": "\t",
    _W + "cr": "\n",
    _W + "noBreakHyphen": "-",
}


def _symbol(element: Any) -> str:
    told = element.get(_W + "char") or ""
    try:
        code = int(told, 16)
    except ValueError:
        return ""
    return {0xF0B7: "•", 0xF0FC: "✓", 0xF0E0: "→", 0xF0A7: "▪", 0xF06F: "□", 0xF0FE: "☑", 0xF0A8: "◻"}.get(
        code, "" if 0xD800 <= code < 0xF900 or code > 0x10FFFF else chr(code)
    )


def _stands_on_colour(paragraph: Any) -> bool:
    """Whether the paragraph, a cell or a drawn box around it may have a colour: Word's tables do by style."""
    shading = child(child(paragraph, "pPr"), "shd")
    if shading is not None and (shading.get(_W + "fill") or "auto").lower() not in ("auto", "ffffff"):
        return True
    return any(around.tag in (_W + "tc", _W + "txbxContent") for around in paragraph.iterancestors())
