"""Two walls between hostile text and the browser, each by itself before a real one: the allowlist of render/sanitise.ts
without a content policy, and the content policy without an allowlist (T34, T36-T39). What stands in their way is alive:
with neither wall it runs and calls out.
"""

import subprocess
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Dialog, Page

from kbchat.web.headers import page_policy
from tests.e2e.hostile_text import HOSTILE
from tests.e2e.recording_proxy import HOST, RecordingProxy

pytestmark = pytest.mark.e2e

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
POLICY: Final = page_policy("a" * 22)
# A policy says nothing of where a page goes: only the allowlist keeps a refresh out.
REFRESHING: Final = "http-equiv=refresh content='0;url=http"
PLAIN: Final = frozenset(
    (
        *("blockquote", "br", "code", "del", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong"),
        *("table", "tbody", "td", "th", "thead", "tr", "ul"),
    )
)
_NOTE: Final = """
  top.ran ??= [];
  top.violations ??= [];
  window.alert = () => top.ran.push(window.frameElement?.id);
  addEventListener('securitypolicyviolation', event => top.violations.push(event.effectiveDirective));
"""
_SOON_MS: Final = 500
# Everything that can be pressed, but for what leads away by its address alone.
_PRESS: Final = """root => {
  for (const one of root.querySelectorAll('*')) {
    const address = one.getAttribute('href') ?? one.getAttribute('xlink:href') ?? '';
    if (/^(http|\\/|ftp|www)/.test(address)) continue;
    one.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    one.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
  }
}"""
_SAY_SINKS: Final = """async () => {
  const node = document.createElement('div'), script = document.createElement('script');
  const sinks = {
    innerHTML: () => { node.innerHTML = '<b>x</b>'; },
    outerHTML: () => { document.body.firstChild.outerHTML = '<b>x</b>'; },
    insertAdjacentHTML: () => node.insertAdjacentHTML('beforeend', '<b>x</b>'),
    write: () => document.write('<b>x</b>'),
    parse: () => new DOMParser().parseFromString('<b>x</b>', 'text/html'),
    fragment: () => document.createRange().createContextualFragment('<b>x</b>'),
    srcdoc: () => { document.createElement('iframe').srcdoc = 'x'; },
    'script.src': () => { script.src = '/x.js'; },
    'script.text': () => { script.text = 'alert(1)'; },
    worker: () => new Worker('/x.js'),
    timer: () => setTimeout('alert(1)'),
    policy: () => trustedTypes.createPolicy('mine', {}),
    again: () => { trustedTypes.createPolicy('kbchat', {}); trustedTypes.createPolicy('kbchat', {}); },
  };
  return Object.keys(sinks).filter(name => {
    try { sinks[name](); return true; } catch { return false; }
  });
}"""


class Window:
    """A page whose only internet is the recording proxy."""

    def __init__(self, page: Page, proxy: RecordingProxy) -> None:
        self.page, self.proxy = page, proxy
        page.add_init_script(_NOTE)
        page.on("dialog", self._dismiss)
        self.asked: list[str] = []

    def show(self, html: str, **headers: str) -> None:
        self.proxy.pages["/"] = (headers, html)
        self.page.goto(f"http://{HOST}/")

    def show_side_by_side(self, texts: list[str], **headers: str) -> None:
        """Each in a frame of its own, which has the policy of the page; then everything in them is pressed."""
        frames = (
            f'<iframe id="{number}" srcdoc="{escape(text)}"></iframe>' for number, text in enumerate(texts)
        )
        self.show("".join(frames), **headers)
        self.page.evaluate(
            f"""() => {{
              for (const frame of document.querySelectorAll('iframe')) {{
                try {{ ({_PRESS})(frame.contentDocument); }} catch {{ /* it has left */ }}
              }}
            }}"""
        )
        self.settle()

    def settle(self) -> None:
        """What is to come comes soon: pictures that fail, refreshes, timers."""
        self.page.wait_for_timeout(_SOON_MS)

    def noted(self, name: str) -> list[str]:
        found: list[str] = self.page.evaluate(f"top.{name} ?? []")
        return found

    def _dismiss(self, dialog: Dialog) -> None:
        self.asked.append(dialog.message)
        dialog.dismiss()


@pytest.fixture(scope="module")
def walls() -> str:
    """The page's allowlist, and Markdown without its renderer, as one script."""
    bundled = subprocess.run(
        ["node_modules/.bin/rolldown", "tests/walls.ts", "--format", "iife", "--name", "walls"],
        cwd=FRONTEND,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return bundled.stdout


@pytest.fixture
def window(chromium: Browser) -> Iterator[Window]:
    with RecordingProxy() as proxy:
        context = chromium.new_context(proxy={"server": proxy.address, "bypass": "<-loopback>"})
        yield Window(context.new_page(), proxy)
        context.close()


def as_html(window: Window, walls: str) -> list[str]:
    """Each text as Markdown makes it when nobody looks at it."""
    window.show("<p>x</p>")
    window.page.add_script_tag(content=walls)
    found: list[str] = window.page.evaluate(
        "texts => texts.map(text => walls.marked.parse(text))", list(HOSTILE)
    )
    return found


def test_the_allowlist_alone_lets_nothing_through(window: Window, walls: str) -> None:
    window.show("<p>x</p>")
    window.page.add_script_tag(content=walls)
    left: list[dict[str, Any]] = window.page.evaluate(
        f"""async texts => {{
          const found = [];
          for (const text of texts) for (const html of [text, walls.marked.parse(text)]) {{
            const holder = document.createElement('div');
            holder.append(walls.sanitise(html));
            document.body.append(holder);
            ({_PRESS})(holder);
            for (const node of holder.querySelectorAll('*'))
              found.push([node.localName, ...node.getAttributeNames()].join(' '));
          }}
          return [...new Set(found)];
        }}""",
        list(HOSTILE),
    )
    window.settle()
    assert {str(one) for one in left} <= {*PLAIN, "ol start"}
    assert (window.proxy.called, window.asked, window.noted("ran")) == ([], [], [])
    assert window.page.url == f"http://{HOST}/"


def test_the_policy_alone_lets_nothing_run_or_call_out(window: Window, walls: str) -> None:
    texts = [html for html in as_html(window, walls) if REFRESHING not in html]
    window.show_side_by_side(texts, **{"Content-Security-Policy": POLICY, "X-DNS-Prefetch-Control": "off"})
    assert (window.proxy.called, window.asked, window.noted("ran")) == ([], [], [])
    refused = set(window.noted("violations"))
    assert refused >= {
        "script-src-elem",
        "script-src-attr",
        "style-src-elem",
        "img-src",
        "frame-src",
        "form-action",
    }


def test_without_walls_they_run_and_call_out(window: Window, walls: str) -> None:
    """A third of them, in which every kind has its share."""
    window.show_side_by_side(as_html(window, walls)[::3])
    called = {call for call in window.proxy.called if "evil.example" in call}
    assert len(set(window.noted("ran"))) > 15
    assert len(called) > 12


def test_no_program_makes_markup_or_scripts_of_text(window: Window) -> None:
    """Trusted Types: whatever forgets the allowlist throws."""
    window.show("<!doctype html><body><p>x</p>", **{"Content-Security-Policy": POLICY})
    assert window.page.evaluate(_SAY_SINKS) == []
    window.show("<!doctype html><body><p>x</p>")
    assert len(window.page.evaluate(_SAY_SINKS)) > 8
