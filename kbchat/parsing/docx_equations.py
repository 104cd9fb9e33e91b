"""An equation of Word as one line of text that keeps its meaning: (x-c)/v for a fraction, x^2, a_(n+1), √2, ∑_(k=0)^n.

Knows the elements of equations (ECMA-376, part 1, 22.1); what a run in one says is asked of its caller.
"""

from collections.abc import Callable
from typing import Any, Final

_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DEEPEST: Final = 40

Said = Callable[[Any], str]


def linear(element: Any, said: Said) -> str:
    """The text of an ``m:oMath`` element; ``said`` gives the text of an ``m:r``."""
    return _Line(said).inside(element, 0)


class _Line:
    def __init__(self, said: Said) -> None:
        self._said = said

    def inside(self, element: Any, depth: int) -> str:
        if element is None or depth > _DEEPEST:
            return ""
        return "".join(self._one(inner, depth + 1) for inner in element)

    def _one(self, element: Any, depth: int) -> str:
        tag = element.tag
        if not isinstance(tag, str) or tag.endswith("Pr"):
            return ""
        name = tag.removeprefix(_M)
        if name == "r":
            return self._said(element)
        write = _WRITTEN.get(name)
        return write(self, element, depth) if write else self.inside(element, depth)

    def _part(self, element: Any, name: str, depth: int) -> str:
        return self.inside(element.find(_M + name), depth).strip()

    def _fraction(self, element: Any, depth: int) -> str:
        above, below = self._part(element, "num", depth), self._part(element, "den", depth)
        if _setting(element, "fPr", "type", "bar") == "noBar":
            return f"{_held(above)} {_held(below)}"
        return f"{_held(above)}/{_held(below)}"

    def _scripts(self, element: Any, depth: int) -> str:
        below, above = self._part(element, "sub", depth), self._part(element, "sup", depth)
        return _held(self._part(element, "e", depth)) + _scripts(below, above)

    def _limit(self, element: Any, depth: int) -> str:
        mark = "_" if element.tag == _M + "limLow" else "^"
        return f"{self._part(element, 'e', depth)}{mark}{_held(self._part(element, 'lim', depth))}"

    def _root(self, element: Any, depth: int) -> str:
        return f"{self._part(element, 'deg', depth)}√{_held(self._part(element, 'e', depth))}"

    def _sum(self, element: Any, depth: int) -> str:
        below, above = self._part(element, "sub", depth), self._part(element, "sup", depth)
        sign = _setting(element, "naryPr", "chr", "∫")
        return f"{sign}{_scripts(below, above)} {self._part(element, 'e', depth)}"

    def _function(self, element: Any, depth: int) -> str:
        of = self._part(element, "e", depth)
        return f"{self._part(element, 'fName', depth)}{'' if of.startswith('(') else ' '}{of}"

    def _brackets(self, element: Any, depth: int) -> str:
        begin, end = (
            _setting(element, "dPr", name, sign) for name, sign in (("begChr", "("), ("endChr", ")"))
        )
        held = (self.inside(one, depth).strip() for one in element.findall(_M + "e"))
        return f"{begin}{_setting(element, 'dPr', 'sepChr', '|').join(held)}{end}"

    def _matrix(self, element: Any, depth: int) -> str:
        rows = (
            ", ".join(self.inside(cell, depth).strip() for cell in row) for row in element.findall(_M + "mr")
        )
        return f"[{'; '.join(rows)}]"

    def _lines(self, element: Any, depth: int) -> str:
        return "; ".join(self.inside(line, depth).strip() for line in element.findall(_M + "e"))


_WRITTEN: Final[dict[str, Callable[[_Line, Any, int], str]]] = {
    "f": _Line._fraction,
    **dict.fromkeys(["sSup", "sSub", "sSubSup"], _Line._scripts),
    **dict.fromkeys(["limLow", "limUpp"], _Line._limit),
    "rad": _Line._root,
    "nary": _Line._sum,
    "func": _Line._function,
    "d": _Line._brackets,
    "m": _Line._matrix,
    "eqArr": _Line._lines,
}


def _scripts(below: str, above: str) -> str:
    return (f"_{_held(below)}" if below else "") + (f"^{_held(above)}" if above else "")


def _held(text: str) -> str:
    """Together, where it is more than a letter or a number."""
    is_one = len(text) <= 1 or text.replace(".", "").isdecimal()
    return text if is_one or (text.startswith("(") and _closes_last(text)) else f"({text})"


def _closes_last(text: str) -> bool:
    """Whether the bracket that opens first closes last."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _setting(element: Any, properties: str, name: str, otherwise: str) -> str:
    found = element.find(f"{_M}{properties}/{_M}{name}")
    return otherwise if found is None else found.get(f"{_M}val") or ""
