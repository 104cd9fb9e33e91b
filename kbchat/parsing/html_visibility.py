"""Whether a page shows its readers an element, or the text inside it, judged by attributes.

Size and colour are inherited: of the elements around a text the nearest that says something of them counts. Style
sheets are not applied: a rule may hide an answer until it is clicked, and a handbook's answers must be found. What an
attribute or an inline style hides was hidden on purpose.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from kbchat.parsing.document import HiddenPart

_NOT_SHOWN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0(\.0*)?\s*(;|!|$)", re.IGNORECASE
)
_TINY = re.compile(r"font-size\s*:\s*(0*[01]?(\.\d+)?(px|pt)|0(\.\d*)?(em|rem|%)?)\s*(;|!|$)", re.IGNORECASE)
_WHITE = re.compile(
    r"(^|[;\s])color\s*:\s*(white|#fff|#ffffff|transparent|rgba?\(\s*255\s*,\s*255\s*,\s*255\b[^)]*\))\s*(;|!|$)",
    re.IGNORECASE,
)
_NO_DECLARATIONS = re.compile(
    r"""/\*.*?(?:\*/|\Z)|"[^"]*"|'[^']*'|url\([^)]*(?:\)|\Z)""", re.IGNORECASE | re.DOTALL
)
# What is no size of its own (em, %, inherit) takes the size around it times something; nothing stays nothing.
_SIZE = re.compile(
    r"(?:^|;)\s*font(?:-size)?\s*:[^;(]*?(?<![\w.%/-])"
    r"(?:(?P<number>\d*\.?\d+)(?P<unit>px|pt|pc|cm|mm|in|q|rem|vw|vh)|x{0,3}-?(?:small|large)|medium)(?![\w-])",
    re.IGNORECASE,
)
_SMALLEST = {"px": 2.0, "pt": 2.0}
_COLOUR = re.compile(
    r"(?:^|;)\s*color\s*:\s*(?:#[0-9a-f]{3,8}|(?:rgb|hsl)a?\([^);]*\)|windowtext|black|silver|gr[ae]y|maroon|red|purple"
    r"|fuchsia|green|lime|olive|yellow|navy|blue|teal|aqua|orange|initial)\s*(?:;|!|$)",
    re.IGNORECASE,
)
_STRUCK = re.compile(r"text-decoration(?:-line)?\s*:[^;]{0,200}\bline-through\b", re.IGNORECASE)
_ABOVE = re.compile(r"vertical-align\s*:\s*(super|text-top)", re.IGNORECASE)
_NOTE_CALLS = frozenset({"noteref", "doc-noteref"})
_SURROUNDING_TAGS = frozenset({"nav", "footer"})
_SURROUNDING_ROLES = frozenset({"navigation", "contentinfo", "banner", "search"})


@dataclass(frozen=True, slots=True)
class Looks:
    """How text looks, as far as the elements around it say. ``is_white``: and nothing may be painted behind it."""

    is_tiny: bool = False
    is_white: bool = False
    may_be_on_colour: bool = False

    @property
    def hides(self) -> HiddenPart | None:
        """Why a reader does not see such text, None when they do."""
        if self.is_tiny:
            return HiddenPart.TINY_TEXT
        return HiddenPart.WHITE_TEXT if self.is_white else None


def looks_inside(node: LexborNode, around: Looks) -> Looks:
    """How text inside ``node`` looks; ``around``: how it would outside. A page's body says nothing of it, since style
    sheets paint behind all."""
    attributes = node.attributes
    if not attributes or node.tag == "body":
        return around
    style = _style_of(node)
    is_painted = "bgcolor" in attributes or "background" in style
    may_be_on_colour = around.may_be_on_colour or is_painted or "class" in attributes
    if _WHITE.search(style):
        is_white = not may_be_on_colour
    else:
        is_white = around.is_white and not is_painted and not _COLOUR.search(style)
    return Looks(_is_tiny(style, around), is_white, may_be_on_colour)


def hidden_reason(node: LexborNode) -> HiddenPart | None:
    """Why a reader sees nothing of ``node``, whatever its parts say, or None. Elements around it are not looked at."""
    attributes = node.attributes
    if not attributes:
        return None
    if "hidden" in attributes or (attributes.get("aria-hidden") or "").strip().lower() == "true":
        return HiddenPart.HIDDEN_TEXT
    return HiddenPart.HIDDEN_TEXT if _NOT_SHOWN.search(_style_of(node)) else None


def is_surrounding(node: LexborNode) -> bool:
    """Navigation, footers and banners: around the content, the same on every page."""
    role = (node.attributes.get("role") or "").strip().lower()
    return node.tag in _SURROUNDING_TAGS or role in _SURROUNDING_ROLES


def is_raised(node: LexborNode) -> bool:
    """What is set above the line, or calls a note, which its style sheet sets there."""
    attributes = node.attributes
    if node.tag == "sup" or not attributes:
        return node.tag == "sup"
    calls = f"{attributes.get('epub:type') or ''} {attributes.get('role') or ''}".split()
    return any(call in _NOTE_CALLS for call in calls) or bool(_ABOVE.search(_style_of(node)))


def is_struck(node: LexborNode) -> bool:
    """Text that was struck out: quoting it would say the opposite of what is meant."""
    return node.tag in ("del", "s", "strike") or bool(_STRUCK.search(_style_of(node)))


def _is_tiny(style: str, around: Looks) -> bool:
    if _TINY.search(style):
        return True
    size = _SIZE.search(style)
    if size is None:
        return around.is_tiny
    return size["number"] is not None and float(size["number"]) < _SMALLEST.get(size["unit"].lower(), 0.01)


def _style_of(node: LexborNode) -> str:
    """An element's own style, without comments, and without texts and addresses, which may look like any style."""
    style = node.attributes.get("style") or ""
    return _NO_DECLARATIONS.sub("", style) if style else ""
