"""axe finds nothing on any page, in either theme, in either language, on desktop and the narrowest phone; no page shows
a word of the other language, and none runs over its edges, nor where everything is twice as large."""

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Language, Visit
from tests.e2e.foreign_words import foreign_words
from tests.e2e.stage import ADMINISTRATOR, Stage
from tests.e2e.tour import at_the_door, inside
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
ROUTER = FRONTEND / "src" / "shell" / "router.svelte.ts"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SETTLED = """Promise.all(document.getAnimations()
  .filter(one => one.effect.getComputedTiming().endTime !== Infinity)
  .map(one => one.finished.catch(() => null)))"""
_RUN = """async rules => {
  const found = await axe.run(document, { runOnly: rules });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 200)).join(' | ')}`);
}"""
# Every theme, language and width once; colours know no language, and names no theme.
LOOKS: tuple[tuple[Language, Literal["light", "dark"], int], ...] = (
    ("en", "light", 1440),
    ("zh-hans", "dark", 320),
)


class Examination:
    """Collects what axe finds, page by page."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self.violations: list[str] = []

    def examine(self, name: str) -> None:
        page = self._visitor.page
        # A fading element has no colour of its own yet.
        page.evaluate(_SETTLED)
        self.violations += [f"{name}: {line}" for line in page.evaluate(_RUN, _RULES)]
        self.violations += [f"{name}: {over} px too wide" for over in self._overflows() if over > 0]

    def _overflows(self) -> list[int]:
        """As it is, and at a zoom of 200 %: half as many pixels of CSS, each way."""
        page, size = self._visitor.page, self._visitor.page.viewport_size
        assert size is not None
        found = [self._visitor.widest_overflow()]
        if size["width"] > 2 * 320:
            page.set_viewport_size({"width": size["width"] // 2, "height": size["height"] // 2})
            found.append(self._visitor.widest_overflow())
            page.set_viewport_size(size)
        return found


def page_at(address: str) -> str:
    """As src/shell/router.svelte.ts calls it."""
    _, first, *_, last = [*urlsplit(address).path.split("/"), ""][:5]
    if last in {"passages", "changes"}:
        return last
    return {"": "chat", "c": "chat", "d": "document", "nothing": "unknown"}.get(first, first)


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_no_page_has_a_violation(
    visit: Visit, quoting: Stage, language: Language, theme: Literal["light", "dark"], width: int
) -> None:
    """U43, U44, U47; and no page is left out."""
    door = visit(language=language, theme=theme, width=width, script=AXE)
    visitor = visit(ADMINISTRATOR, language, theme=theme, width=width, script=AXE)
    violations, seen = [], set()
    for window, tour in ((door, at_the_door(door)), (visitor, inside(visitor, quoting, language))):
        examination = Examination(window)
        for name in tour:
            examination.examine(name)
            violations += [f"{name}: {words!r}" for words in foreign_words(window.page, language)]
            seen.add(page_at(window.page.url))
        violations += examination.violations
    assert not violations, "\n".join(violations)
    assert seen == set(re.findall(r"\| \{ page: '(\w+)'", ROUTER.read_text()))
