"""What a window loads before anybody asks anything: little script, sent compressed, and the words of one language."""

import pytest
from playwright.sync_api import Response, expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR, HR_MANAGER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

# Scripts as they are sent, whether the page names them, imports them or fetches them for later.
_MOST_BYTES = 90_000
_CATALOGUES: dict[Language, str] = {"en": "/assets/en-", "zh-hans": "/assets/zh-"}
# Every text that was ever there, not only what is there in the end.
_NOTE_TEXTS = """
window.texts = [];
new MutationObserver(changes => {
  for (const change of changes) for (const node of change.addedNodes) window.texts.push(node.textContent);
}).observe(document, { childList: true, subtree: true });
"""


def scripts_of(visitor: Visitor, shown: str) -> list[Response]:
    """All that are there once `shown` is and nothing more comes."""
    found: list[Response] = []
    visitor.page.on(
        "response",
        lambda response: found.append(response) if response.url.endswith((".js", ".mjs")) else None,
    )
    visitor.open()
    expect(visitor.page.locator(shown).first).to_be_visible()
    visitor.page.wait_for_load_state("networkidle")
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("email", "shown"), [(None, "form"), (ADMINISTRATOR, ".starters button")], ids=("sign-in", "chat")
)
def test_the_first_page_loads_at_most_90_kilobytes_of_script(
    visit: Visit, language: Language, email: str | None, shown: str
) -> None:
    scripts = scripts_of(visit(email, language), shown)
    sizes = {one.url.rpartition("/")[2]: int(one.headers["content-length"]) for one in scripts}
    assert sum(sizes.values()) <= _MOST_BYTES, sizes
    # What is shorter than its own compression is sent as it is.
    plain = [one.url for one in scripts if one.headers.get("content-encoding") != "gzip"]
    assert not [url for url in plain if sizes[url.rpartition("/")[2]] > 1000]
    catalogues = [other for other, path in _CATALOGUES.items() if any(path in one.url for one in scripts)]
    assert catalogues == [language]


def test_whoever_reads_chinese_is_shown_no_english_first(visit: Visit) -> None:
    """U47: where the browser was last used in another language, too."""
    visitor = visit(HR_MANAGER, "zh-hans")
    visitor.page.add_init_script("localStorage.setItem('kbchat.language', 'en')")
    visitor.page.add_init_script(_NOTE_TEXTS)
    visitor.open()
    expect(visitor.page.get_by_role("heading", name="想了解什么？")).to_be_visible()
    texts = "\n".join(filter(None, visitor.page.evaluate("window.texts")))
    assert "新对话" in texts
    assert not [words for words in ("New chat", "Library", "What would you like") if words in texts]
