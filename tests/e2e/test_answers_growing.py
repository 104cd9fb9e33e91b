"""What a reader sees while an answer grows: never raw Markdown, never a number that means nothing, never a jump."""

import re
from itertools import pairwise
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ENGINEER, Stage
from tests.e2e.test_answers_streaming import LONG, QUESTIONS, script

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("generating")]

MARKDOWN: Final = """Annual leave in Hamburg is **thirty working days** [1].

| Rule | Days of leave |
|---|---|
| Full-time **staff** in Hamburg | 30 [1] |
| Everybody else | a *share* of it [1] |

1. First ask your `manager` about leave [1].
2. Then ask for **leave** in the [calendar](http://nowhere.test/x) [1].

```text
leave **is** code here
```

Annual leave ends here [1]."""

# Every frame: what of the answer is text, outside of code.
_EACH_FRAME: Final = """() => {
  window.frames_seen = new Set();
  window.numbers_seen = [];
  const look = () => {
    const answer = document.querySelector('[data-testid=answer]');
    if (answer) {
      const copy = answer.cloneNode(true);
      for (const code of copy.querySelectorAll('pre, code, .cite, .support-flag')) code.remove();
      window.frames_seen.add(copy.textContent);
      window.numbers_seen.push([...answer.querySelectorAll('.cite')].map(one => one.textContent).join(' '));
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.mark.parametrize("seed", [1, 2])
def test_u4_markdown_is_never_seen_raw_while_it_grows(generating: Stage, visit: Visit, seed: int) -> None:
    """U4: cut anywhere, in every frame: no asterisks, bars, hashes, back-ticks or brackets of links and citations."""
    script(generating, MARKDOWN, tokens_per_second=25, cut_by=seed)
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.page.evaluate(_EACH_FRAME)
    visitor.ask(QUESTIONS["en"])
    expect(visitor.answer()).to_be_visible(timeout=30_000)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    seen = visitor.page.evaluate("[...window.frames_seen]")
    # It grew before the eyes, however few frames a busy machine draws.
    assert len(seen) > 5
    assert [text for text in seen if re.search(r"\*|\||`|\[|^#|---", text)] == []
    expect(visitor.answer().locator("table tbody tr")).to_have_count(2)
    expect(visitor.answer().locator("strong").first).to_have_text("thirty working days")


def test_u17_a_number_follows_its_claim_and_never_changes(generating: Stage, visit: Visit) -> None:
    """U17: once it is there it stays, with the same number, behind the sentence that it supports."""
    script(generating, LONG["en"], tokens_per_second=80)
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.page.evaluate(_EACH_FRAME)
    visitor.ask(QUESTIONS["en"])
    expect(visitor.answer()).to_be_visible(timeout=30_000)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    seen = [numbers.split() for numbers in visitor.page.evaluate("window.numbers_seen")]
    for earlier, later in pairwise(seen):
        assert later[: len(earlier)] == earlier
    assert len(seen[-1]) > 20
    text = visitor.answer().evaluate(
        "node => { for (const one of node.querySelectorAll('.cite')) one.replaceWith('⟦' + one.textContent + '⟧');"
        " return node.textContent }"
    )
    sentences = re.findall(
        r"Rule (\d+) speaks of annual leave in Hamburg\s*⟦1⟧\s*\.|Hamburg\s*\.\s*⟦1⟧", text
    )
    assert len(sentences) == len(seen[-1])


def test_u22_a_number_that_no_passage_has_is_never_shown(generating: Stage, visit: Visit) -> None:
    """U22: neither as a citation nor as text, while it streams or afterwards; every other one opens its passage."""
    script(
        generating,
        "Dragons have sixty days [99]. It is asked of the manager [1][42]. Leave ends [0] in March [1, 77].",
        tokens_per_second=40,
        cut_by=3,
    )
    visitor = visit(ENGINEER)
    visitor.open()
    visitor.page.evaluate(_EACH_FRAME)
    visitor.ask(QUESTIONS["en"])
    expect(visitor.answer()).to_be_visible(timeout=30_000)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=30_000)
    shown = " ".join(visitor.page.evaluate("[...window.frames_seen]"))
    for invented in ("99", "42", "77", "[0"):
        assert invented not in shown
    assert set(visitor.answer().locator(".cite").all_inner_texts()) == {"1"}
    visitor.citation(1).click()
    expect(visitor.page.locator("[role=complementary].panel mark").first).to_be_visible()


def test_u24_what_no_source_supports_is_marked_and_said(generating: Stage, visit: Visit) -> None:
    """U24: the sentence itself, and a line below that says what the mark means."""
    script(
        generating,
        "A full-time employee in Hamburg has 30 working days of annual leave [1]. "
        "The canteen in Oslo serves 777 kinds of soup [1].",
    )
    visitor = visit(ENGINEER)
    visitor.open()
    answer = visitor.ask_and_wait(QUESTIONS["en"])
    expect(answer.locator(".unsupported").first).to_contain_text("777 kinds of soup")
    expect(answer.get_by_role("img", name="No source supports this sentence")).to_be_visible()
    expect(visitor.page.get_by_text("wavy underline are not supported")).to_be_visible()
    expect(answer.locator(".unsupported", has_text="30 working days")).to_have_count(0)


def test_u10_scrolling_up_stops_following_until_the_reader_jumps(generating: Stage, visit: Visit) -> None:
    """U10: what is read stays where it is while more comes."""
    script(generating, LONG["en"] * 3, tokens_per_second=60)
    visitor = visit(ENGINEER, height=420)
    visitor.open()
    visitor.ask(QUESTIONS["en"])
    log = visitor.page.get_by_role("log")
    visitor.page.wait_for_function("() => document.querySelector('[role=log]')?.scrollTop > 150")
    log.hover()
    visitor.page.mouse.wheel(0, -140)
    latest = visitor.page.get_by_role("button", name="Jump to latest")
    expect(latest).to_be_visible()
    before = log.evaluate("node => [node.scrollTop, node.scrollHeight]")
    visitor.page.wait_for_function(
        "height => document.querySelector('[role=log]').scrollHeight > height + 40", arg=before[1]
    )
    assert log.evaluate("node => node.scrollTop") == before[0]
    latest.click()
    expect(latest).to_have_count(0)
    expect(visitor.answer()).to_have_attribute("aria-busy", "false", timeout=60_000)
    assert log.evaluate("node => node.scrollHeight - node.scrollTop - node.clientHeight") < 60
