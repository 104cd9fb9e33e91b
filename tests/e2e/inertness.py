"""Whether hostile text stays text in a window: nothing runs, nothing leaves, and of an answer's markup only what the
page's own renderer makes is ever there, not even for a moment."""

from typing import Any, Final

from playwright.sync_api import Dialog, Page

# `marks`: every kind of element, with its attributes, that was ever part of an answer. Kept over a reload.
_NOTE: Final = """
(() => {
  const notes = JSON.parse(sessionStorage.getItem('notes') ?? '{"ran": [], "refused": [], "marks": []}');
  const known = Object.fromEntries(Object.keys(notes).map(name => [name, new Set(notes[name])]));
  const keep = (name, what) => {
    if (known[name].has(what)) return;
    known[name].add(what);
    notes[name].push(what);
    sessionStorage.setItem('notes', JSON.stringify(notes));
  };
  for (const name of ['alert', 'confirm', 'prompt', 'open', 'print']) window[name] = () => keep('ran', name);
  addEventListener('securitypolicyviolation', event => keep('refused', event.effectiveDirective));
  const look = one => {
    if (one.matches('[data-testid=answer] *'))
      keep('marks', [one.localName, ...one.getAttributeNames().sort()].join(' '));
  };
  new MutationObserver(changes => changes.forEach(change => {
    if (change.type === 'attributes') look(change.target);
    for (const node of change.addedNodes)
      if (node instanceof Element) [node, ...node.querySelectorAll('*')].forEach(look);
  })).observe(document, { childList: true, subtree: true, attributes: true });
})()"""
MARKS: Final = frozenset(
    (
        # Markdown's own.
        *(
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "ol",
            "ol start",
            "p",
            "pre",
        ),
        *("strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
        # The page's: citations, flags, what scrolls, what is copied, and the block around each.
        *(
            "button aria-label class data-citation type",
            "button class type",
            "div",
            "div class",
            "div class tabindex",
        ),
        *("pre tabindex", "span aria-label class role title", "span class", "strong class title"),
    )
)
# What no part of the page ever is, whoever wrote what is shown in it.
_FOREIGN: Final = """() => {
  const found = [];
  const never = 'iframe,frame,frameset,object,embed,portal,applet,base,area,audio,video,track,source,template,math,'
    + 'marquee,foreignObject,meta[http-equiv],form[action],[formaction],[srcdoc],[srcset],[ping],[background],[is]';
  for (const one of document.querySelectorAll('script,link,img')) {
    const { origin, pathname } = new URL(one.src || one.href, 'http://nowhere.test');
    if (origin !== location.origin || !pathname.startsWith('/static/app/')) found.push(one.outerHTML);
  }
  for (const one of document.querySelectorAll(never)) found.push(one.outerHTML);
  for (const one of document.querySelectorAll('*'))
    for (const { name, value } of one.attributes)
      if (/^on/i.test(name) || /script:|data:|url\\(/i.test(value) && !/title|label|placeholder|value/.test(name))
        found.push(`${one.localName} ${name}=${value}`);
  const names = 'search|library|permissions|golden|generations|sources|feedback|gaps|insights|audit|people|glossary'
    + '|sessions|security|system|retention';
  const pages = `|[?].*|(c|d|print)/.+|(${names})([/?].*)?`;
  const files = 'api/v1/(versions/[^/]+/original|conversations/[^/]+/(markdown|json)([?].*)?)';
  const ours = new RegExp(`^(#main|/(${pages}|${files}))$`);
  for (const link of document.querySelectorAll('a, area'))
    if (!ours.test(link.getAttribute('href') ?? '') || link.origin !== location.origin) found.push(link.outerHTML);
  if (!(document.getElementById('app') instanceof HTMLDivElement)) found.push('#app is something else');
  return found;
}"""


class Inertness:
    """Watches a window from its first page on."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._faults: list[str] = []
        page.add_init_script(_NOTE)
        page.on("dialog", self._dismiss)
        page.on("popup", lambda popup: self._faults.append(f"a window: {popup.url}"))
        page.on("download", lambda download: self._faults.append(f"a download: {download.url}"))
        page.on("worker", lambda worker: self._faults.append(f"a worker: {worker.url}"))

    def faults(self) -> list[str]:
        """Everything that was ever wrong, and what is wrong now."""
        notes: dict[str, Any] = self._page.evaluate("JSON.parse(sessionStorage.getItem('notes') ?? '{}')")
        strange = [mark for mark in notes.get("marks", ()) if mark not in MARKS]
        found: list[str] = self._page.evaluate(_FOREIGN)
        return [*self._faults, *notes.get("ran", ()), *notes.get("refused", ()), *strange, *found]

    def saw_an_answer(self) -> bool:
        found: bool = self._page.evaluate(
            "JSON.parse(sessionStorage.getItem('notes') ?? '{}').marks?.length > 3"
        )
        return found

    def press(self, selector: str) -> None:
        """All of it that is no button, no link and no box that is ticked, each of which does what it is there for: what
        links there may be is looked at by `faults`."""
        self._page.evaluate(
            """selector => {
              const click = () => new MouseEvent('click', { bubbles: true });
              for (const one of document.querySelectorAll(`:is(${selector}) *`))
                if (!one.closest('button, a, label, input')) one.dispatchEvent(click());
            }""",
            selector,
        )

    def _dismiss(self, dialog: Dialog) -> None:
        self._faults.append(f"a dialog: {dialog.message}")
        dialog.dismiss()
