"""Whether a page shows an element to its readers, judged by the element's own attributes.

Style sheets are not applied: a rule may hide an answer until it is clicked, and a handbook's answers must
be found. What an attribute or an inline style hides was hidden on purpose.
"""

import re

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
_ABOVE = re.compile(r"vertical-align\s*:\s*(super|text-top)", re.IGNORECASE)
_NOTE_CALLS = frozenset({"noteref", "doc-noteref"})
_SURROUNDING_TAGS = frozenset({"nav", "footer"})
_SURROUNDING_ROLES = frozenset({"navigation", "contentinfo", "banner", "search"})


def hidden_reason(node: LexborNode) -> HiddenPart | None:
    """Why a reader does not see ``node``, None when they do. Elements around it are not looked at."""
    attributes = node.attributes
    if not attributes:
        return None
    if "hidden" in attributes or (attributes.get("aria-hidden") or "").strip().lower() == "true":
        return HiddenPart.HIDDEN_TEXT
    style = attributes.get("style") or ""
    if not style:
        return None
    if _NOT_SHOWN.search(style):
        return HiddenPart.HIDDEN_TEXT
    if _TINY.search(style):
        return HiddenPart.TINY_TEXT
    if _WHITE.search(style) and not _may_stand_on_colour(node):
        return HiddenPart.WHITE_TEXT
    return None


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
    return any(call in _NOTE_CALLS for call in calls) or bool(_ABOVE.search(attributes.get("style") or ""))


def is_struck(node: LexborNode) -> bool:
    """Text that was struck out: quoting it would say the opposite of what is meant."""
    return node.tag in ("del", "s", "strike")


def _may_stand_on_colour(node: LexborNode) -> bool:
    """Whether something around white text may paint behind it: a background, or a class that could."""
    around: LexborNode | None = node
    while around is not None and around.tag not in ("body", "html"):
        attributes = around.attributes
        if (
            "bgcolor" in attributes
            or "class" in attributes
            or "background" in (attributes.get("style") or "")
        ):
            return True
        around = around.parent
    return False
