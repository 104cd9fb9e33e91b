"""Whether a page shows a message of the catalogue that is not in use, or what no message ever says."""

import re
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.e2e.conftest import Language

_CATALOGUES: Final = Path(__file__).resolve().parents[2] / "frontend" / "src" / "i18n"
_OTHERS: Final[dict[Language, str]] = {"en": "*zh.ts", "zh-hans": "*en.ts"}
_MESSAGE: Final = re.compile(r"'((?:[^'\\]|\\.)+)'")
_NO_MESSAGE: Final = re.compile(r"undefined|\[object |NaN|Invalid Date")
# All that is read or read aloud, but what says of itself that it is in another language.
_SHOWN: Final = """[...document.querySelectorAll('body, body *')]
  .filter(one => !one.closest('[lang]:not(html), script, noscript'))
  .flatMap(one => [
    ...['aria-label', 'title', 'placeholder', 'alt'].map(name => one.getAttribute(name)),
    ...[...one.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data),
  ])
  .filter(Boolean).map(text => text.trim())"""


def foreign_words(page: Page, language: Language) -> list[str]:
    """In English a message is foreign with one Chinese character; in Chinese with two English words."""
    foreign = _messages(language)
    shown: list[str] = page.evaluate(_SHOWN)
    return sorted({text for text in shown if text in foreign or _NO_MESSAGE.search(text)})


def _messages(language: Language) -> set[str]:
    is_foreign = re.compile(r"[\u4e00-\u9fff]" if language == "en" else r"[A-Za-z]{2,} [A-Za-z]{2,}")
    return {
        message.replace("\\'", "'")
        for file in _CATALOGUES.glob(_OTHERS[language])
        for message in _MESSAGE.findall(file.read_text(encoding="utf-8"))
        if is_foreign.search(message)
    }
