"""What the styles of an OpenDocument file say: what a paragraph is, what is hidden, how lists and chapters are
numbered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kbchat.parsing.printed_numbers import printed_number
from kbchat.parsing.xml_parts import attribute_of_any, child, children, local_name

_DEEPEST_STYLE: Final = 12
_FORMS: Final = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_MOST_ITEMS: Final = 32_767
OUTLINE: Final = "Outline"
"""What the numbering of chapters is called among the styles of lists."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the text of an element is set."""

    is_raised: bool = False
    is_struck: bool = False


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    before: str
    after: str
    start: int
    shown: int
    """How many levels are printed, its own the last."""


class Styles:
    """Those of the whole file. ``roots``: of its content and of its named styles."""

    def __init__(self, *roots: Any) -> None:
        self._styles: dict[str, Any] = {}
        self._lists: dict[str, dict[int, _Level]] = {}
        for root in roots:
            for style in root.iter("{*}style"):
                self._styles.setdefault(attribute_of_any(style, "name"), style)
            for told in root.iter("{*}list-style"):
                self._lists.setdefault(attribute_of_any(told, "name"), dict(_levels(told)))
            for told in root.iter("{*}outline-style"):
                self._lists[OUTLINE] = dict(_levels(told))

    def names(self, element: Any) -> list[str]:
        """The names of an element's style and of those that it is made from, as a person knows them."""
        return [
            attribute_of_any(style, "name").replace("_20_", " ").lower()
            for style in self._chain(attribute_of_any(element, "style-name"))
        ]

    def told(self, element: Any, properties: str, name: str) -> str:
        """What an element's style, or the first above that says it, says; "" where none does."""
        for style in self._chain(attribute_of_any(element, "style-name")):
            value = attribute_of_any(child(style, properties), name)
            if value:
                return value
        return ""

    def hides(self, element: Any) -> bool:
        return self.told(element, "text-properties", "display") == "none"

    def look(self, element: Any, around: Look) -> Look:
        """``around``: of what the element stands in. It is raised by a word, or by a part of the letters' height."""
        if not attribute_of_any(element, "style-name"):
            return around
        position = self.told(element, "text-properties", "text-position")
        raises = position.startswith("super") or (position[:1].isdecimal() and not position.startswith("0%"))
        line = self.told(element, "text-properties", "text-line-through-style")
        return Look(around.is_raised or raises, line != "none" if line else around.is_struck)

    def is_chapter(self, heading: Any) -> bool:
        """Whether a heading is numbered like chapters: no style says that it is in another list, or in none."""
        if attribute_of_any(heading, "is-list-header") == "true":
            return False
        for style in self._chain(attribute_of_any(heading, "style-name")):
            told = [value for key, value in style.items() if key.endswith("}list-style-name")]
            if told:
                return str(told[0]) == OUTLINE
        return True

    def place_of(self, told: str, list_style: str, depth: int) -> int:
        """Of an item that is given the number ``told``, from 0."""
        level = self._lists.get(list_style, {}).get(depth)
        return int(told) - (level.start if level else 1)

    def label(self, list_style: str, numbers: Sequence[int]) -> str:
        """What is printed before an item, with a blank; "" for a bullet. ``numbers``: of the items around it and its
        own, from 0."""
        levels = self._lists.get(list_style, {})
        level = levels.get(len(numbers))
        if level is None:
            return ""
        told = [
            printed_number(min(levels[depth].start + number, _MOST_ITEMS), levels[depth].form)
            for depth, number in enumerate(numbers, 1)
            if depth > len(numbers) - level.shown and depth in levels
        ]
        return f"{level.before}{'.'.join(told)}{level.after} "

    def _chain(self, name: str) -> Iterator[Any]:
        for _ in range(_DEEPEST_STYLE):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            name = attribute_of_any(style, "parent-style-name")


def _levels(told: Any) -> Iterator[tuple[int, _Level]]:
    for level in children(told):
        form = attribute_of_any(level, "num-format")
        if local_name(level).endswith(("level-style-number", "outline-level-style")) and form:
            chinese = "chineseCounting" if form[0] in "一壹" else "decimal"
            yield (
                int(attribute_of_any(level, "level") or 1),
                _Level(
                    _FORMS.get(form, chinese),
                    attribute_of_any(level, "num-prefix"),
                    attribute_of_any(level, "num-suffix"),
                    int(attribute_of_any(level, "start-value") or 1),
                    max(int(attribute_of_any(level, "display-levels") or 1), 1),
                ),
            )
