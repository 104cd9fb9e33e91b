"""What `manage.py run` says once web serves: where it is, and that the search model still loads."""

import time
from io import StringIO

import pytest

from kbchat.cli.first_start import Welcome
from kbchat.cli.management.commands import run
from kbchat.settings.environment import Environment
from tests.waiting import allowed


def said(monkeypatch: pytest.MonkeyPatch, loads: list[bool], until: str) -> str:
    """`loads`: what web answers, the last for good."""
    monkeypatch.setattr(run, "search_model_loads", lambda _: loads.pop(0) if len(loads) > 1 else loads[0])
    monkeypatch.setattr(run, "_LOOK_AGAIN_SECONDS", 0.01)
    out = StringIO()
    run.Command(stdout=out)._tell_where(Environment(port=8010), Welcome())
    deadline = time.monotonic() + allowed(2)
    while until not in out.getvalue() and time.monotonic() < deadline:
        time.sleep(0.01)
    return out.getvalue()


def test_that_the_model_loads_and_when_it_has_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    words = said(monkeypatch, [True, True, True, False], "is loaded")
    assert words.index("kbchat is at http://127.0.0.1:8010") < words.index("The search model still loads")
    assert words.endswith("  The search model is loaded.\n")


def test_nothing_is_said_of_a_model_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "search model" not in said(monkeypatch, [False], "Ctrl-C")
